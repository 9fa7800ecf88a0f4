"""Message creation: POST /api/v1/app/{app_id}/msg, from the handler to the task queue."""

from pytest_flowcorpus import Flow


def flow_message_creation(flow: Flow) -> None:
    flow.request("""
        Notes from the call with the payments customer.

        They publish from inside their checkout, one API call per event. It must not wait for any subscriber,
        and two hundred subscribers must not cost it more round trips than one; most tenants have none, and for
        those nothing should be queued. A 2xx means: stored and, if anyone subscribes, on its way. The payload
        arrives byte for byte.

        An event may carry an id of theirs; a second one with it in the same tenant is a conflict. A tenant's
        first event may bring the tenant along. Only the account's token may publish, never one for a tenant's
        portal.

        The hard part: we will not read the subscribers from Postgres for every event, and whatever we keep
        elsewhere may disappear at any time. Being slower then is fine, missing one is not. A change of
        subscribers may be noticed about half a minute late.

        They want to see tests: one call reaching three subscribers, the conflict, a tenant created by its
        event.
    """)

    endpoint = flow.file("v1/endpoints/message.rs")
    endpoint.extract("use")
    raw_payload = endpoint.extract("RawPayload")
    message_in = endpoint.extract("MessageIn")
    message_payload = endpoint.extract("MessageIn::payload")
    update_model = endpoint.extract("<MessageIn as ModelIn>::update_model")
    to_message_out = endpoint.extract("MessageOut::from_msg_and_payload")
    create_message = endpoint.extract("create_message")
    create_message_inner = endpoint.extract("create_message_inner")
    validate_uid = endpoint.extract("validate_create_app_uid")

    create_app = flow.file("v1/endpoints/application.rs").extract("create_app_from_app_in")

    organization = flow.file("core/permissions.rs").extract(
        "<Organization as FromRequestParts<AppState>>::from_request_parts"
    )

    message_app = flow.file("core/message_app.rs")
    cached_app = message_app.extract("CreateMessageApp")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    invalidate = message_app.extract("CreateMessageApp::invalidate")
    layered_fetch = message_app.extract("CreateMessageApp::layered_fetch")
    filtered_endpoints = message_app.extract("CreateMessageApp::filtered_endpoints")
    cached_endpoint = message_app.extract("CreateMessageEndpoint")
    key_def = message_app.extract("kv_def!(AppEndpointKey)")
    cache_key = message_app.extract("AppEndpointKey::new")

    cache = flow.file("core/cache/mod.rs")
    cache_schedule = cache.extract("RETRY_SCHEDULE")
    cache_get = cache.extract("CacheBehavior::get")
    cache_set = cache.extract("CacheBehavior::set")

    retry_run = flow.file("core/retry.rs").extract("Retry::run")

    application = flow.file("db/models/application.rs")
    secure_find = application.extract("Entity::secure_find")
    find_application = application.extract("Entity::secure_find_by_id_or_uid")

    message_row = flow.file("db/models/message.rs").extract("Model")
    content_row = flow.file("db/models/messagecontent.rs").extract("Model")

    queue = flow.file("queue/mod.rs")
    queue_schedule = queue.extract("RETRY_SCHEDULE")
    should_retry = queue.extract("should_retry")
    batch = queue.extract("MessageTaskBatch")
    new_batch = queue.extract("MessageTaskBatch::new_task")
    queue_task = queue.extract("QueueTask")
    producer = queue.extract("TaskQueueProducer")
    send = queue.extract("SvixOmniProducer::send")

    error = flow.file("error.rs")
    on_conflict = error.extract("http_error_on_conflict")
    from_db = error.extract("<Error as From<DbErr>>::from")
    from_transaction = error.extract("<Error as From<TransactionError<Error>>>::from")
    into_response = error.extract("<Error as IntoResponse>::into_response")

    flow.think(
        """
        Message and task have to be there before the answer, but Postgres and the queue share no transaction, so
        one of them comes first. If the task came first, a worker could take it before the row is visible, and a
        message refused as a conflict would leave a task behind. So `create_message_inner` loads the listeners,
        commits the message and only then, if anyone listens, calls `send` of the `TaskQueueProducer`.
    """,
        covers=["orchestration"],
    )
    assert layered_fetch in create_message_inner.calls
    assert ".transaction(|txn| {" in create_message_inner
    assert filtered_endpoints in create_message_inner.calls
    assert producer in create_message_inner.mentions
    assert queue_task in producer.mentions
    assert send in create_message_inner.calls
    assert to_message_out in create_message_inner.calls
    steps = ["layered_fetch", "transaction", "send", "from_msg_and_payload"]
    assert [call.name for call in create_message_inner.calls if call.name in steps] == steps

    flow.think(
        """
        `permissions::OrganizationWithApplication` would load the application, but it runs before the body is
        parsed, so it would answer 404 to an event that brings a new application. `create_message` therefore
        takes `permissions::Organization`, whose `from_request_parts` answers 403 to a portal token, and hands
        its `org_id` to `create_message_inner`. That looks the application up by `secure_find_by_id_or_uid`,
        which builds on `secure_find` and so finds neither a deleted application nor another organisation's. An
        application found by the path wins over the body's. With neither, the answer is `HttpError::not_found`.
        With only the body's, `validate_create_app_uid` holds its uid against the path (422), and
        `create_app_from_app_in` commits it in a transaction of its own, before the message.
    """,
        covers=["boundaries", "errors"],
    )
    assert "core/permissions.rs::OrganizationWithApplication" not in create_message.mentions
    assert "core/permissions.rs::Organization" in create_message.mentions
    flow.hop(create_message, organization, via="permissions::Organization")
    assert "error.rs::HttpError::permission_denied" in organization.calls
    assert find_application not in organization.calls
    assert create_message_inner in create_message.calls
    assert find_application not in create_message.calls
    assert find_application in create_message_inner.calls
    assert secure_find in find_application.calls
    assert "Column::Deleted.eq(false)" in secure_find
    assert "Column::OrgId.eq(org_id)" in secure_find
    assert "(_, Some(app_from_path_param)) => app_from_path_param" in create_message_inner
    assert "error.rs::HttpError::not_found" in create_message_inner.calls
    assert validate_uid in create_message_inner.calls
    assert "error.rs::HttpError::unprocessable_entity" in validate_uid.calls
    assert create_app in create_message_inner.calls
    assert ".transaction(|txn| {" in create_app

    flow.think(
        """
        The listeners are needed for every message and change rarely, so we cache them: one `CreateMessageApp`
        per application, under an `AppEndpointKey`, the key type that `kv_def` binds to this value. The
        application row we still read each time: the path may hold a uid where the key needs the id, and a
        deleted application must take no more messages. We pass the row to `layered_fetch`, so a miss adds only
        BEGIN, one SELECT in `fetch_from_pg_by_model`, a cache write and ROLLBACK.

        A handler that changes an endpoint can delete the entry by `CreateMessageApp::invalidate`. That cannot
        be relied on, so an entry lives for 30 seconds from its write, and reading does not extend that.
    """,
        covers=["performance", "orchestration"],
    )
    assert cached_app in key_def.mentions
    assert cache_key in layered_fetch.calls
    assert layered_fetch not in create_message.calls
    assert layered_fetch in create_message_inner.calls
    assert "Some(app.clone())" in create_message_inner
    assert "pg.begin()" in layered_fetch
    assert fetch_from_pg in layered_fetch.calls
    assert "db/models/endpoint.rs::Entity::secure_find" in fetch_from_pg.calls
    assert "application::Entity" not in fetch_from_pg
    assert cache_set in layered_fetch.calls
    assert "commit" not in layered_fetch
    assert cache_key in invalidate.calls
    assert "core/cache/mod.rs::CacheBehavior::delete" in invalidate.calls
    assert "Duration::from_secs(30)" in create_message_inner

    flow.think(
        """
        If the cache fails, the listeners must still be found. In `layered_fetch` only `if let Ok(Some(cma))` is
        a hit. An error, or a value that does not decode, falls through to Postgres like a miss, and `let _ =
        cache.set` ignores a failed write. The caller is told nothing and waits longer: for the query and, in
        `CacheBehavior::get` and `CacheBehavior::set` each, for up to four attempts, each as slow as the cache
        makes it, with the pauses of the cache's `RETRY_SCHEDULE` between. Only `Retry::run` warns. A value of
        another release that decodes but means something else would be taken for a hit; against that,
        `AppEndpointKey::new` puts a version into the key, which we must raise by hand.
    """,
        covers=["errors"],
    )
    assert cache_get in layered_fetch.calls
    assert "if let Ok(Some(cma)) = cache.get" in layered_fetch
    assert "let _ = cache.set" in layered_fetch
    assert "core/retry.rs::run_with_retries" in cache_get.calls
    assert cache_schedule in cache_get.mentions
    assert "core/retry.rs::run_with_retries" in cache_set.calls
    assert cache_schedule in cache_set.mentions
    assert "from_millis(40)" in cache_schedule
    assert 'warn!("Retrying after error: {e}")' in retry_run
    assert "_v3_" in cache_key

    flow.think(
        """
        `filtered_endpoints` clones every `CreateMessageEndpoint` that matches, although we only ask whether the
        result `is_empty`; that costs memory, not a query. If nobody matches, nothing is queued; else we send
        one `QueueTask::MessageBatch`, and the worker's `process_queue_task_inner` filters again. A
        `MessageTask` per endpoint would mean one send per endpoint inside the request.
        `MessageTaskBatch::new_task` takes no payload: if the queue held a copy, a payload deleted from Postgres
        could still be delivered.

        With listeners, a cache hit and no idempotency key, a message for an existing application sends one
        SELECT, one cache read, BEGIN, two INSERTs, COMMIT and one send. These counts do not grow with the
        listeners; the size of the cached value does.
    """,
        covers=["performance", "boundaries"],
    )
    assert cached_endpoint in filtered_endpoints.mentions
    assert ".cloned()" in filtered_endpoints
    assert filtered_endpoints in create_message_inner.calls
    assert ".is_empty()" in create_message_inner
    assert new_batch in create_message_inner.calls
    assert "queue/mod.rs::QueueTask::MessageBatch" in new_batch.mentions
    flow.hop(
        create_message_inner,
        "worker.rs::process_queue_task_inner",
        via="SvixOmniConsumer::receive_all",
    )
    assert "queue/mod.rs::MessageTask::new_task" not in create_message_inner.calls
    assert "payload" not in batch

    flow.think(
        """
        Receivers must get the payload as it was written, and parsing and printing JSON changes spacing and the
        order of keys. `RawPayload` in `MessageIn` therefore keeps the text, and `MessageIn::payload` copies its
        bytes, or those of `raw_payload` where the caller sets one, for `messagecontent::Model`. `update_model`
        puts uid, event type, channels and expiration into the row of `message::Model`, which stays when expiry
        deletes the content. One transaction inserts both rows. `from_msg_and_payload` builds the answer from
        them without another query. It prints the payload anew, so the answer may differ in spacing and order.
    """,
        covers=["boundaries"],
    )
    assert raw_payload in message_in.mentions
    assert message_payload in create_message_inner.calls
    assert "self.payload.0.get().as_bytes()" in message_payload
    assert "raw_payload.as_bytes()" in message_payload
    assert "db/models/messagecontent.rs::ActiveModel::new" in create_message_inner.calls
    assert create_message_inner.calls.named("insert")
    flow.hop(create_message_inner, content_row, via="messagecontent::ActiveModel::insert")
    assert "payload: Vec<u8>" in content_row
    assert message_in in create_message_inner.mentions
    assert create_message_inner.calls.named("into")
    flow.hop(create_message_inner, update_model, via="Into::into")
    assert "model.uid = Set(uid)" in update_model
    assert "legacy_payload" not in update_model
    flow.hop(create_message_inner, message_row, via="message::ActiveModel::insert")
    assert to_message_out in create_message_inner.calls
    assert message_row in to_message_out.mentions
    assert "serde_json::from_slice(&p)" in to_message_out

    flow.think(
        """
        A look-up for the event id would cost a query and decide nothing; the unique index on application and
        `uid` does: `http_error_on_conflict` turns a unique violation in `msg.insert(txn)` into
        `HttpError::conflict`. `fn from(value: TransactionError<Error>)` hands it on. In `into_response` only
        `ErrorType::Http` keeps its status; anything else becomes a line in the error log and a bare 500. So
        does a unique violation on the content row, no fault of the caller: `fn from(err: DbErr)` makes it
        `ErrorType::Conflict`, despite its name no 409. So does a `send` that gives up: `should_retry` accepts
        `ErrorType::Queue`, and the queue's `RETRY_SCHEDULE` allows three retries. The message stays stored,
        without a task; the 500 does not say so.
    """,
        covers=["errors"],
    )
    assert on_conflict in create_message_inner.calls
    assert "msg.insert(txn).await.map_err(http_error_on_conflict)?" in create_message_inner
    assert "error.rs::HttpError::conflict" in on_conflict.calls
    assert "msg_content.insert(txn).await?" in create_message_inner
    assert create_message_inner.calls.named(from_db)
    assert "error.rs::Error::conflict" in from_db.calls
    assert "error.rs::HttpError::conflict" not in from_db.calls
    assert create_message_inner.calls.named(from_transaction)
    assert "TransactionError::Transaction(crate_err) => crate_err" in from_transaction
    flow.hop(create_message, into_response, via="IntoResponse::into_response")
    assert "error.rs::ErrorType::Http" in into_response.mentions
    assert "error.rs::ErrorType::Conflict" not in into_response.mentions
    assert "INTERNAL_SERVER_ERROR, Json(json!({}))" in into_response
    assert "core/retry.rs::run_with_retries" in send.calls
    assert should_retry in send.calls
    assert "error.rs::ErrorType::Queue" in should_retry.mentions
    assert queue_schedule in send.mentions
    assert "from_millis(40)" in queue_schedule

    flow.think(
        """
        `test_multiple_endpoints` reaches three receivers by one call; they parse the body, so its bytes stay
        unchecked. `test_message_conflict` wants the 409, `test_create_message_with_application` the created and
        the existing application, the 404 and both 422s. The tests count no tasks, and their cache never fails.
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
        The doc comment of `create_message` (v1/endpoints/message.rs:332-333) promises uniqueness of the eventId
        for a day and across the environment. The index (migrations/20220123205937_initial.up.sql:74) is on
        app_id and uid: per application, and for as long as the row lives.
    """)
    flow.defect("""
        `MessageOut::from_msg_and_payload` (v1/endpoints/message.rs:220) parses the stored bytes as JSON. A
        `raw_payload` that is not JSON is accepted and delivered, but the 202 shows the payload as expired and
        an error is logged.
    """)
    flow.defect("""
        `create_message_inner` ignores `force_endpoint` when it asks whether anyone listens
        (v1/endpoints/message.rs:440-443), and the worker narrows to that endpoint only after the filter
        (worker.rs:935-943). `send_example` (v1/endpoints/endpoint/mod.rs:868-888) answers 200, but an endpoint
        that has channels, that is disabled, or whose event types leave out the one sent, gets nothing.
    """)
    flow.defect("""
        On a miss `CreateMessageApp::layered_fetch` begins a transaction for one SELECT and keeps it, with its
        connection, until `cache.set` has returned (core/message_app.rs:98-115). While Redis fails, each request
        holds a Postgres connection through up to four attempts and 70 ms of waits.
    """)
    flow.defect("""
        With an `idempotency-key` header a failed `cache.set` answers a bare 500 after the message is committed
        and queued (core/idempotency.rs:337-338), which the client cannot tell from the 500 that means that
        nothing was done (170-177).
    """)
