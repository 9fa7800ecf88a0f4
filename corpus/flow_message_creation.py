"""Message creation: POST /api/v1/app/{app_id}/msg, from the handler to the task queue."""

from pytest_flowcorpus import Flow


def flow_message_creation(flow: Flow) -> None:
    flow.request("""
        Notes from the integration call with the payments customer, as agreed.

        They publish an event from inside their checkout, so the call that takes it must need no more round
        trips for a tenant with forty subscribers than for one with a single subscriber (most have none), let
        alone wait for any of them. When we answer 2xx, the event is ours: stored, on its way, and received by
        everyone exactly as the bytes they gave us. They may put an event id of their own on it, and repeating
        that id within a tenant must come back as a conflict, not as a second webhook. A tenant's first event
        may bring the tenant along; they refuse to make a setup call first. Only the account's own token may
        publish, never one handed out for a tenant's portal.

        What makes this awkward: we will not read the subscribers from Postgres for every event, and yet losing
        the cache may make us slower but must not lose anything. Done when it holds for the tenant of forty and
        the tenant of none, and when the preview button can publish to one subscriber by the same code.
    """)

    endpoint = flow.file("v1/endpoints/message.rs")
    endpoint.extract("use")
    endpoint.extract("RawPayload")
    endpoint.extract("MessageIn")
    raw_body = endpoint.extract("MessageIn::payload")
    update_model = endpoint.extract("<MessageIn as ModelIn>::update_model")
    endpoint.extract("MessageOut::from_msg_and_payload")
    create_message = endpoint.extract("create_message")
    create_message_inner = endpoint.extract("create_message_inner")

    message_app = flow.file("core/message_app.rs")
    message_app.extract("CreateMessageApp")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    layered_fetch = message_app.extract("CreateMessageApp::layered_fetch")
    filtered_endpoints = message_app.extract("CreateMessageApp::filtered_endpoints")
    message_app.extract("CreateMessageEndpoint")
    message_app.extract("kv_def!(AppEndpointKey)")
    cache_key = message_app.extract("AppEndpointKey::new")

    application = flow.file("db/models/application.rs")
    secure_find = application.extract("Entity::secure_find")
    find_application = application.extract("Entity::secure_find_by_id_or_uid")

    message = flow.file("db/models/message.rs")
    message.extract("Model")
    new_message = message.extract("<ActiveModel as ActiveModelBehavior>::new")

    messagecontent = flow.file("db/models/messagecontent.rs")
    messagecontent.extract("Model")
    messagecontent.extract("ActiveModel::new")

    queue = flow.file("queue/mod.rs")
    retry_schedule = queue.extract("RETRY_SCHEDULE")
    should_retry = queue.extract("should_retry")
    batch = queue.extract("MessageTaskBatch")
    queue.extract("MessageTaskBatch::new_task")
    queue.extract("QueueTask")
    queue.extract("TaskQueueProducer")
    queue.extract("SvixOmniProducer")
    send = queue.extract("SvixOmniProducer::send")

    error = flow.file("error.rs")
    error.extract("http_error_on_conflict")
    from_transaction = error.extract("<Error as From<TransactionError<Error>>>::from")
    into_response = error.extract("<Error as IntoResponse>::into_response")

    flow.think(
        """
        The response may wait for no subscriber, so the call stops where delivery starts: rows in Postgres, a
        task on the queue. The two share no transaction, and one must go first. A task that overtakes its row
        can only fail in the worker that takes it, so `create_message_inner` commits and then calls `send`, and
        no Postgres connection waits for the broker. An outbox would close the gap between them; every message
        would pay for it with one more insert, a delete and a poller, to survive a broker that is away for
        longer than a few retries. We turn it down and let a failed `send` be a failed request.
    """,
        covers=["orchestration"],
    )
    assert ".transaction(|txn| {" in create_message_inner
    assert ".send(" in create_message_inner

    flow.think(
        """
        `permissions::OrganizationWithApplication` could load the application for the handler, but it answers
        404 before the body is parsed, and the body may bring the application along. So `create_message` asks
        only for `permissions::Organization`, which refuses portal tokens, and leaves the lookup to
        `create_message_inner`. There `secure_find_by_id_or_uid`, built on `secure_find`, sees neither another
        organisation's application nor a deleted one; both read as `HttpError::not_found` unless the body brings
        one for `create_app_from_app_in`. One that exists wins over the body's. Knowing no extractor, the inner
        function also serves the preview button, with a `force_endpoint` and without the echo of `with_content`.
    """,
        covers=["boundaries"],
    )
    assert "permissions::Organization { org_id }" in create_message
    assert "Entity" not in create_message
    assert "permissions" not in create_message_inner
    assert "(_, Some(app_from_path_param)) => app_from_path_param" in create_message_inner
    assert "Self::secure_find(org_id)" in find_application
    assert "Column::Deleted.eq(false)" in secure_find

    flow.think(
        """
        Who listens is asked for every message and seldom changes: a `CreateMessageApp` per application, cached
        under the `AppEndpointKey` that `kv_def` ties to this type. The application row we do read each time:
        the path may hold a uid where the key wants an id, and a deleted tenant has to stop at once. Handed to
        `layered_fetch` as `app`, it leaves a miss with one query, the endpoints in `fetch_from_pg_by_model`,
        and a hit with none. Reads do not extend the 30 seconds, so these bound how long a lost race with an
        invalidation can hide a new subscriber.
    """,
        covers=["performance", "orchestration"],
    )
    assert "Some(app.clone())" in create_message_inner
    assert "Duration::from_secs(30)" in create_message_inner
    assert "application::Entity" not in fetch_from_pg

    flow.think(
        """
        With the cache gone the subscribers must still be found. In `layered_fetch` only `if let Ok(Some(cma))`
        counts as a hit; an error, or a value that no longer decodes, falls through to Postgres, and
        `let _ = cache.set` drops a failed write. The caller is not told; the message costs a query more, and
        whatever the cache client spends on retries. What that cannot catch is another release's JSON that
        decodes and means something else, hence the version that `AppEndpointKey::new` formats into the key.
    """,
        covers=["errors"],
    )
    assert "if let Ok(Some(cma)) = cache.get" in layered_fetch
    assert "let _ = cache.set" in layered_fetch
    assert "_v3_" in cache_key

    flow.think(
        """
        For the tenant without subscribers `filtered_endpoints` comes back empty and nothing is queued. It hands
        out clones of `CreateMessageEndpoint`, secret and headers included, because the worker, which asks again
        at delivery, needs its own; to us, who only look at `is_empty`, they are waste, but no round trip, and
        the rule stands once. Otherwise one `QueueTask::MessageBatch` goes out, however many listen:
        `MessageTaskBatch::new_task` packs two ids, `force_endpoint` and a `trigger_type`. A `MessageTask` per
        endpoint would be forty sends inside the request. Nor does the body travel: expunged from Postgres, it
        would live on in the broker. `TaskQueueProducer`, the `SvixOmniProducer` of a `QueueTask`, hides which
        broker that is.
    """,
        covers=["performance", "boundaries"],
    )
    assert ".is_empty()" in create_message_inner
    assert ".cloned()" in filtered_endpoints
    assert "MessageTask::new_task" not in create_message_inner
    assert "payload" not in batch

    flow.think(
        """
        Receivers get the bytes that were posted: `RawPayload` keeps the JSON as text, and `MessageIn::payload`
        copies it out before `update_model` consumes the rest. They go into `messagecontent::Model`; what we
        filter and page by stays in `message::Model`, so that expiry can delete content and leave the message.
        `legacy_payload`, for rows older than the split, stays unset. One reading of the clock in
        `ActiveModelBehavior`'s `new` gives `created_at` and the time in the id;
        `messagecontent::ActiveModel::new` repeats id and `expiration` of the row just inserted. Two inserts,
        one transaction, and `from_msg_and_payload` answers from what they return.
    """,
        covers=["boundaries", "performance"],
    )
    assert "self.payload.0.get().as_bytes()" in raw_body
    assert "legacy_payload" not in update_model
    assert "MessageId::new(timestamp.into(), None)" in new_message

    flow.think(
        """
        Looking for the event id first costs a query and lets two racing requests both find nothing; the unique
        index on application and `uid` decides. In our transaction only `msg.insert(txn)` goes through
        `http_error_on_conflict`: a duplicate there is the customer's and becomes `HttpError::conflict`, one on
        the content row would be ours and stays a 500. `fn from(value: TransactionError<Error>)` lets the inner
        error out untouched, or the 409 would be lost. `into_response` gives that a debug line; whatever is not
        `ErrorType::Http` is logged as an error and leaves as a 500 with an empty object. So does a `send` that
        has failed four times, as `should_retry` and the 70 ms of `RETRY_SCHEDULE` allow: the caller is not told
        that the row exists.
    """,
        covers=["errors"],
    )
    assert "msg.insert(txn).await.map_err(http_error_on_conflict)?" in create_message_inner
    assert "msg_content.insert(txn).await?" in create_message_inner
    assert "TransactionError::Transaction(crate_err) => crate_err" in from_transaction
    assert "INTERNAL_SERVER_ERROR, Json(json!({}))" in into_response
    assert "RETRY_SCHEDULE" in send
    assert "ErrorType::Queue(_)" in should_retry
    assert "from_millis(40)" in retry_schedule

    flow.think(
        """
        `test_message_conflict` will pin the 409, `test_create_message_with_application` the tenant that comes
        along, `test_multiple_endpoints` one call and three receivers, `test_msg_channels_filter` the attempts
        per message. `test_endp_deletion` sees a 202 and then silence, but not why: the worker filters too, so
        only a producer that counts would notice tasks queued in vain. Another way to subscribe by event type or
        channel touches `CreateMessageEndpoint` and `filtered_endpoints`, not the handler.
    """,
        covers=["testing"],
    )

    flow.defect("""
        `create_message_inner` fails after its commit if `send` gives up (v1/endpoints/message.rs:455). A caller
        who repeats the request with the same eventId is then told 409, which reads as "we have it", while no
        task was queued and nothing will queue one by itself.
    """)
    flow.defect("""
        Two concurrent first messages that both carry `application`: the one whose `create_app_from_app_in`
        loses (v1/endpoints/application.rs:332, index on org_id and uid) gets a 409 that its caller cannot tell
        from the one for a repeated eventId, and its message is not stored.
    """)
    flow.defect("""
        The doc comment of `create_message` (v1/endpoints/message.rs:332) promises uniqueness of the eventId for
        a day and across the environment. The index (migrations/20220123205937_initial.up.sql:74) is on app_id
        and uid: per application, and for as long as the row lives.
    """)
    flow.defect("""
        `MessageOut::from_msg_and_payload` (v1/endpoints/message.rs:220) parses the stored bytes as JSON. A
        `raw_payload` that is not JSON is accepted and delivered, but the 202 shows the payload as expired and
        an error is logged.
    """)
