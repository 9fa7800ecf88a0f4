"""Endpoint recovery: POST …/endpoint/{endpoint_id}/recover, from the handler to the attempts of the worker."""

from pytest_flowcorpus import Flow


def flow_endpoint_recovery(flow: Flow) -> None:
    flow.request("""
        The runbook page for "customer's certificate expired, two days of deliveries bounced" is still a SQL
        export and a shell loop around the single-message resend. Last Thursday somebody's VPN dropped at 2,300
        of 6,000 messages, and after the restart the customer had those 2,300 orders twice.

        Can this become one call on the endpoint: from when, and optionally until when? What failed in that time
        goes out again; what got through in that time is left alone. It goes to this endpoint and to none of the
        tenant's others, even if this one no longer subscribes to the event type. Customers will make the call
        themselves, some for thousands of messages: it must not stay open until the last one is queued, and I
        want to know what the largest call costs Postgres. A receiver that is still broken must not go through a
        whole retry schedule again. More than two weeks at once gets refused, in a way their tooling can show
        next to the right field.

        Done: take a message that is out of retries. After a call that covers it, its attempt list is one
        longer; after a call that starts later, it is not.
    """)

    recovery = flow.file("v1/endpoints/endpoint/recovery.rs")
    recovery.extract("use")
    bulk_recover = recovery.extract("bulk_recover_failed_messages")
    recover_out = recovery.extract("RecoverOut")
    handler = recovery.extract("recover_failed_webhooks")

    recover_in = flow.file("v1/endpoints/endpoint/mod.rs").extract("RecoverIn")
    permitted = flow.file("core/permissions.rs").extract(
        "<Application as FromRequestParts>::from_request_parts"
    )
    start_id = flow.file("core/types/mod.rs").extract("BaseId::start_id")

    endpoints = flow.file("db/models/endpoint.rs")
    find_endpoints = endpoints.extract("Entity::secure_find")
    find_by_id_or_uid = endpoints.extract("Entity::secure_find_by_id_or_uid")

    attempts = flow.file("db/models/messageattempt.rs")
    attempt_row = attempts.extract("Model")
    find_by_msg = attempts.extract("Entity::secure_find_by_msg")
    find_by_endpoint = attempts.extract("Entity::secure_find_by_endpoint")

    queue = flow.file("queue/mod.rs")
    retry_schedule = queue.extract("RETRY_SCHEDULE")
    message_task = queue.extract("MessageTask")
    new_task = queue.extract("MessageTask::new_task")
    message_task_batch = queue.extract("MessageTaskBatch")
    send = queue.extract("SvixOmniProducer::send")

    worker = flow.file("worker.rs")
    handle_failed = worker.extract("handle_failed_dispatch")
    dispatch = worker.extract("dispatch_message_task")
    process_task = worker.extract("process_queue_task")
    process_task_inner = worker.extract("process_queue_task_inner")

    message_app = flow.file("core/message_app.rs")
    cached_app = message_app.extract("CreateMessageApp")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    layered_fetch = message_app.extract("CreateMessageApp::layered_fetch")
    filtered_endpoints = message_app.extract("CreateMessageApp::filtered_endpoints")

    flow.think(
        """
        The worker turns away a scheduled `MessageTask` whose message is out of retries:
        `process_queue_task_inner` finds the latest attempt through `secure_find_by_msg`, reads one with neither
        `next_attempt` nor `msg_dest_id` as `MessageStatus::Fail`, and `dispatch_message_task` returns without
        sending. A task marked `MessageAttemptTriggerType::Manual` is let through, and if its delivery fails,
        `handle_failed_dispatch` records the attempt and schedules no other. So a recovery queues one manual
        `MessageTask::new_task` for each row that it selects.
        """,
        covers=["orchestration"],
    )
    assert find_by_msg in process_task_inner.calls
    assert "Column::MsgId" in find_by_msg
    assert "None => MessageStatus::Fail" in process_task_inner
    assert dispatch in process_task_inner.calls
    assert "msg_task.trigger_type != MessageAttemptTriggerType::Manual" in dispatch
    assert handle_failed in dispatch.calls
    assert "msg_task.trigger_type == MessageAttemptTriggerType::Manual" in handle_failed
    assert send in bulk_recover.calls
    assert new_task in bulk_recover.calls
    assert "core/types/mod.rs::MessageAttemptTriggerType::Manual" in bulk_recover.mentions
    assert "queue/mod.rs::QueueTask::MessageV1" in new_task.mentions
    assert "queue/mod.rs::QueueTask::MessageV1" in process_task_inner.mentions

    flow.think(
        """
        A `MessageTaskBatch` with `force_endpoint` set would reach the same endpoint, and more cheaply: for a
        batch the worker skips the query for the latest attempt, which a manual task does not need. That is up
        to ten thousand queries a call. But `force_endpoint` is an `Option`, and `None` means every endpoint
        that `filtered_endpoints` returns: for a manual task all live ones, whatever they subscribe to. The
        `endpoint_id` of a `MessageTask` cannot be left out. For a call that nobody supervises we want that from
        the compiler, and pay one short query beside each HTTP request.
        """,
        covers=["boundaries"],
    )
    assert "queue/mod.rs::QueueTask::MessageBatch" in process_task_inner.mentions
    assert "force_endpoint: Option<EndpointId>" in message_task_batch
    assert filtered_endpoints in process_task_inner.calls
    assert "trigger_type == MessageAttemptTriggerType::Manual" in filtered_endpoints
    assert "endpoint_id: EndpointId" in message_task
    assert message_task_batch not in bulk_recover.mentions

    flow.think(
        """
        The handler has loaded the `endpoint::Model` and could send its URL and keys along in each task. But a
        task may wait, and a URL that is corrected meanwhile has to count. So a task carries ids, and the worker
        reads the configuration through `layered_fetch`. The tasks of a call read the application's cached
        `CreateMessageApp`, at most thirty seconds old. On a hit, a dispatched task costs Postgres three
        statements as a rule: the message with its content, the latest attempt, the insert of the new one. For
        the largest call that is thirty thousand, besides the hundred selects of its own loop. A miss adds a
        transaction for the application and, in `fetch_from_pg_by_model`, the endpoints from `secure_find`;
        without a cache every task is a miss. A hit still decodes the whole application from JSON and clones all
        its live endpoints to use one.
        """,
        covers=["performance", "boundaries"],
    )
    assert "db/models/endpoint.rs::Model" not in message_task.mentions
    assert layered_fetch in process_task_inner.calls
    assert layered_fetch not in bulk_recover.calls
    assert cached_app in process_task_inner.mentions
    assert "Duration::from_secs(30)" in process_task_inner
    assert "pg.begin()" in layered_fetch
    assert "db/models/application.rs::Entity::secure_find_by_id" in layered_fetch.calls
    assert fetch_from_pg in layered_fetch.calls
    assert find_endpoints in fetch_from_pg.calls
    assert "core/cache/mod.rs::CacheBehavior::get" in layered_fetch.calls
    assert filtered_endpoints in process_task_inner.calls
    assert "force_endpoint" not in filtered_endpoints
    assert "Some(endp_id) => endp_id == &endpoint.id" in process_task_inner

    flow.think(
        """
        An endpoint that the worker finds disabled or deleted is not in `filtered_endpoints`, and the task ends
        in `Ok` without an attempt. An expired payload (`tracing::warn!`) and a missing application
        (`tracing::info!`) end in `Ok` too. A failed query leaves `process_queue_task_inner` as `Err`;
        `process_queue_task` logs it, and its caller nacks the task. An error of `dispatch_message_task` is
        wrapped in an `Error::generic` and takes the same way; it can come after the request was sent: if
        inserting the attempt fails and the task comes back, the receiver is called again. An unreadable cache
        is only a miss to `layered_fetch`.
        """,
        covers=["errors"],
    )
    assert "!endpoint.disabled && !endpoint.deleted" in filtered_endpoints
    assert "payload has most likely expired" in process_task_inner
    assert process_task_inner in process_task.calls
    assert 'tracing::error!("{e}")' in process_task
    assert dispatch in process_task_inner.calls
    assert "error.rs::Error::generic" in process_task_inner.calls
    assert "Some dispatches failed unexpectedly" in process_task_inner
    assert "worker.rs::make_http_call" in dispatch.calls
    assert "attempt.insert(*db).await?" in handle_failed
    assert "if let Ok(Some(cma)) = cache.get" in layered_fetch

    flow.think(
        """
        `messageattempt::Model` has no application, so `secure_find_by_endpoint` accepts the id of any tenant's
        endpoint, and the worker takes the application from the message's row. Unchecked, the leaked id of
        another tenant's endpoint would resend that tenant's messages to that tenant's receiver. So we check
        first. `from_request_parts` of `permissions::Application` finds the application within the caller's
        organisation; `check_app_is_permitted` refuses a token made for another application, so customers can
        call with their own. `recover_failed_webhooks` finds the endpoint by `secure_find_by_id_or_uid` under
        `app.id`, and `bulk_recover_failed_messages` takes that row, not the id in the path.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert "app_id" not in attempt_row
    assert find_by_endpoint in bulk_recover.calls
    assert "app_id" not in find_by_endpoint
    assert "msg.app_id.clone()" in process_task_inner
    assert "core/permissions.rs::Application" in handler.mentions
    flow.hop(handler, permitted, via="permissions::Application")
    assert "db/models/application.rs::Entity::secure_find_by_id_or_uid" in permitted.calls
    assert "secure_find_by_id_or_uid(permissions.org_id()" in permitted
    assert "core/permissions.rs::Permissions::check_app_is_permitted" in permitted.calls
    assert find_by_id_or_uid in handler.calls
    assert "secure_find_by_id_or_uid(app.id.clone(), endpoint_id)" in handler
    assert bulk_recover in handler.calls
    assert "db/models/endpoint.rs::Model" in bulk_recover.mentions
    assert find_by_id_or_uid not in bulk_recover.calls

    flow.think(
        """
        The caller can only be told what is known before `tokio::spawn`. The handler fills in an `until` that
        `RecoverIn` lacks, then checks the window: `HttpError::unprocessable_entity` with a `loc` that ends in
        `since`. Five minutes of slack allow for the client's clock. An unknown or deleted endpoint is
        `HttpError::not_found`, a failing look-up a 500. Otherwise the answer is 202 and a `RecoverOut` that
        says `Running`; later errors do not reach the caller. `send` retries along its `RETRY_SCHEDULE`. A task
        that still cannot be queued, or a failed query, ends the loop with one `tracing::error!`; what was
        queued by then stays queued. A restart ends the loop too, and nothing resumes it; a repeated call
        without `until` leaves out what has got through since.
        """,
        covers=["errors", "orchestration"],
    )
    assert "tokio::spawn" in handler
    assert find_by_endpoint not in handler.calls
    assert send not in handler.calls
    assert recover_in in handler.mentions
    assert "until: Option<DateTime<Utc>>" in recover_in
    assert "until.unwrap_or_else(Utc::now)" in handler
    assert "error.rs::HttpError::unprocessable_entity" in handler.calls
    assert "Duration::days(14) + Duration::minutes(5)" in handler
    assert find_endpoints in find_by_id_or_uid.calls
    assert "Column::Deleted.eq(false)" in find_endpoints
    assert "error.rs::HttpError::not_found" in handler.calls
    assert recover_out in handler.mentions
    assert "v1/endpoints/endpoint/recovery.rs::BackgroundTaskStatus::Running" in handler.mentions
    assert send in bulk_recover.calls
    assert "core/retry.rs::run_with_retries" in send.calls
    assert retry_schedule in send.mentions
    assert "tracing::error!" in handler
    assert "tokio::spawn" not in bulk_recover

    flow.think(
        """
        `test_recovery_expected_retry_counts` uses a receiver that always answers 500 and a `retry_schedule` of
        two, so a message ends with three attempts. A call with `since` after the message must leave three, one
        with `since` before it must make them four. As nothing announces the end, the test polls the list until
        the count fits; an attempt that comes after that may go unnoticed.
        `test_recovery_should_fail_if_start_time_too_old` asks for three weeks and expects 422. Neither covers
        messages that got through, or more failures than the loop reads at a time.
        """,
        covers=["testing"],
    )

    flow.think(
        """
        Attempt ids start with their time, so `MessageAttemptId::start_id` turns the window into bounds on the
        id, and the index on endpoint, status and id can serve them. The index lacks the message id. To pick one
        row per message (`distinct_on`) and drop messages that got through (`not_in_subquery`), a round may read
        all the window's failures and, each time anew, its successes. `BATCH_SIZE` keeps at most a hundred rows,
        with the receivers' responses, in memory; `RECOVER_LIMIT` ends the loop after ten thousand tasks, a
        hundred rounds, because live deliveries wait in the same queue.
        """,
        covers=["performance"],
    )
    assert start_id in bulk_recover.calls
    assert "distinct_on([messageattempt::Column::MsgId])" in bulk_recover
    assert "messageattempt::Column::MsgId.not_in_subquery" in bulk_recover
    assert "const BATCH_SIZE: u64 = 100" in bulk_recover
    assert "const RECOVER_LIMIT: u64 = 10_000" in bulk_recover

    flow.defect("""
        `bulk_recover_failed_messages` orders its rows by message id (recovery.rs:43) but resumes after the
        attempt id of the last one (recovery.rs:59, 64). From the second round on, messages whose failures all
        have lower ids are skipped, and messages of earlier rounds with later failures come up again. Which of a
        message's failures `distinct_on` returns, and so where the next round resumes, is left to Postgres,
        since nothing orders the rows within a message.
    """)
    flow.defect("""
        The failures that `bulk_recover_failed_messages` selects include messages still on their retry schedule
        (recovery.rs:41). If the manual resend of one fails, `handle_failed_dispatch` writes an attempt without
        `next_attempt` (worker.rs:582); the scheduled task then finds that one as the latest, reads it as `Fail`
        (worker.rs:867) and is dropped by `dispatch_message_task` (worker.rs:745-755): a failed recovery ends
        the retries that were left.
    """)
    flow.defect("""
        The subquery of `bulk_recover_failed_messages` looks for successes inside the window only
        (recovery.rs:51-52): a message that was delivered after an explicit `until` is sent again.
    """)
    flow.defect("""
        `handle_successful_dispatch` returns the failed cache delete of `process_endpoint_success` through `?`
        after the row of the delivery is stored (worker.rs:116, 468-470), so the task is nacked. If a manual one
        comes back, the stored success does not stop it, since `dispatch_message_task` lets it through whatever
        the status (worker.rs:745-746): the receiver gets the message again and a second success is recorded.
    """)
    flow.defect("""
        `recover_failed_webhooks` checks only that the window is not too long (recovery.rs:125). One whose
        `until` lies before `since` is answered with 202 and finds nothing; with an `until` in the future, later
        rounds can pick up the failures of the tasks that earlier rounds put on the queue.
    """)
    flow.defect("""
        `recover_failed_webhooks` does not look at the endpoint's `disabled` (recovery.rs:137-140): for one that
        was switched off after its outage the answer is 202, up to ten thousand tasks are queued, and
        `process_queue_task_inner` ends each of them without a delivery and says nothing of it in the log
        (worker.rs:935-974).
    """)
    flow.defect("""
        At `RECOVER_LIMIT` the loop stops as if it were finished (recovery.rs:81): neither the answer nor the
        log says that failures remain.
    """)
    flow.defect("""
        The `QueueBackgroundTaskId` that `recover_failed_webhooks` returns (recovery.rs:150) is stored nowhere,
        and no route asks for it: the status in `RecoverOut` can never be seen to change.
    """)
    flow.defect("""
        The task that `recover_failed_webhooks` spawns runs in no span and its error line prints the error alone
        (recovery.rs:144-146), so the log does not say whose recovery broke off.
    """)
