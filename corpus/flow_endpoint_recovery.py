"""Endpoint recovery: POST …/endpoint/{endpoint_id}/recover, from the handler to each second delivery."""

from pytest_flowcorpus import Flow


def flow_endpoint_recovery(flow: Flow) -> None:
    flow.request("""
        The runbook page for "customer's certificate expired, two days of deliveries bounced" is still a SQL
        export and a shell loop around the single-message resend. Last Thursday it ran from somebody's laptop,
        the VPN dropped at 2,300 of 6,000, and after the restart the customer had those 2,300 orders twice.

        Can this become one call on the endpoint: from when, and optionally until when? It sends again what
        failed in that time and never got through, each message once, to this endpoint and to none of the
        tenant's others, even if its filters were narrowed since. Customers will call it themselves, so nobody
        is watching: thousands of messages must neither hold the request open nor cost us the endpoint's
        configuration from Postgres one by one, and a receiver that is still broken must not go through a whole
        retry schedule again. More than two weeks at once gets refused, in a way their tooling can show next to
        the right field.

        Done: after a call that covers a message out of retries, its attempt list is one longer; after a call
        that starts later, it is not.
    """)

    recovery = flow.file("v1/endpoints/endpoint/recovery.rs")
    recovery.extract("use")
    bulk_recover = recovery.extract("bulk_recover_failed_messages")
    recovery.extract("RecoverOut")
    handler = recovery.extract("recover_failed_webhooks")

    recover_in = flow.file("v1/endpoints/endpoint/mod.rs").extract("RecoverIn")
    flow.file("core/types/mod.rs").extract("BaseId::start_id")

    attempts = flow.file("db/models/messageattempt.rs")
    attempt_row = attempts.extract("Model")
    find_by_msg = attempts.extract("Entity::secure_find_by_msg")
    find_by_endpoint = attempts.extract("Entity::secure_find_by_endpoint")

    queue = flow.file("queue/mod.rs")
    retry_schedule = queue.extract("RETRY_SCHEDULE")
    should_retry = queue.extract("should_retry")
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
    message_app.extract("CreateMessageApp")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    layered_fetch = message_app.extract("CreateMessageApp::layered_fetch")
    filtered_endpoints = message_app.extract("CreateMessageApp::filtered_endpoints")

    flow.think(
        """
        Seen from the worker, a recovery is the very thing it is built to refuse. Once the schedule is
        exhausted, `process_queue_task_inner` finds the latest attempt through `secure_find_by_msg`, sees no
        `next_attempt` on it and calls the delivery `MessageStatus::Fail`; `dispatch_message_task` goes on for
        `Pending` and `Sending` alone, unless the task says `MessageAttemptTriggerType::Manual`. The same word
        makes `handle_failed_dispatch` record a failure and schedule nothing after it. So we need no new kind of
        work: one `MessageTask::new_task` for each message, marked manual, and a worker left as it is.
        """,
        covers=["orchestration"],
    )
    assert "secure_find_by_msg(msg.id.clone())" in process_task_inner
    assert "Column::MsgId" in find_by_msg
    assert "None => MessageStatus::Fail" in process_task_inner
    assert "msg_task.trigger_type != MessageAttemptTriggerType::Manual" in dispatch
    assert "msg_task.trigger_type == MessageAttemptTriggerType::Manual" in handle_failed
    assert "MessageTask::new_task" in bulk_recover
    assert "MessageAttemptTriggerType::Manual" in bulk_recover
    assert "QueueTask::MessageV1" in new_task

    flow.think(
        """
        A `MessageTaskBatch` with its `force_endpoint` set is tempting: for that variant the worker assumes
        `Sending` and spares the query for the latest attempt, ten thousand of them in the largest call. But the
        field is an `Option`, and `None` there means every endpoint of the application. Manual also walks past
        event types and channels in `filtered_endpoints`, so one forgotten `Some` would pour a single receiver's
        backlog over all of the tenant's others. A `MessageTask` cannot be built without its `endpoint_id`. We
        pay the query.
        """,
        covers=["boundaries"],
    )
    assert "force_endpoint: Option<EndpointId>" in message_task_batch
    assert "endpoint_id: EndpointId" in message_task
    assert "MessageTaskBatch" not in bulk_recover
    assert "trigger_type == MessageAttemptTriggerType::Manual" in filtered_endpoints

    flow.think(
        """
        What the worker lacks is the endpoint as configured now, not as it was when the message failed. One
        select by id per task would be fresher; but all tasks of a call share an application, which is one cache
        entry for thirty seconds, so they go through `layered_fetch` like any delivery. A task that hits costs
        Postgres three statements: message with payload, latest attempt, new attempt. One that misses adds a
        transaction, which reads the application and, in `fetch_from_pg_by_model`, its undeleted endpoints. The
        price of the shared `CreateMessageApp`: manual lets every live endpoint through, and all are cloned
        before the worker keeps the one that equals `force_endpoint`. Handing that id down would save copies and
        no round trip, and `core` would learn what one task aims at when it need only say who may receive.
        """,
        covers=["performance", "boundaries"],
    )
    assert "CreateMessageApp::layered_fetch" in process_task_inner
    assert "Duration::from_secs(30)" in process_task_inner
    assert "Some(endp_id) => endp_id == &endpoint.id" in process_task_inner
    assert "pg.begin()" in layered_fetch
    assert "endpoint::Entity::secure_find(app.id.clone())" in fetch_from_pg
    assert "force_endpoint" not in filtered_endpoints

    flow.think(
        """
        Reading it that late settles who still counts. An endpoint deleted or disabled while its tasks wait no
        longer comes out of `filtered_endpoints` once the cached copy knows, and the task is done without a
        dispatch; an expired payload is a `tracing::warn!`, a missing application a `tracing::info!`, both `Ok`
        too. None is worth a redelivery. A database error is: it leaves `process_queue_task_inner` as `Err`,
        `process_queue_task` logs it and passes it on, and the queue gets a nack. A cache that cannot be read is
        neither: `layered_fetch` takes that for a miss. The API user hears none of this, only their receiver's
        refusals: one attempt each.
        """,
        covers=["errors"],
    )
    assert "!endpoint.disabled && !endpoint.deleted" in filtered_endpoints
    assert "payload has most likely expired" in process_task_inner
    assert 'tracing::error!("{e}")' in process_task
    assert "if let Ok(Some(cma)) = cache.get" in layered_fetch
    assert "let _ = cache.set" in layered_fetch

    flow.think(
        """
        The way in must be stricter than the way out. `messageattempt::Model` has a `msg_id` and an `endp_id`
        but no application, so `secure_find_by_endpoint` takes any id at its word; were the path's text to reach
        it, a guessed id would replay a stranger's traffic. `recover_failed_webhooks` therefore resolves that
        text under `app.id` and hands `bulk_recover_failed_messages` the `endpoint::Model` it found.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert "app_id" not in attempt_row
    assert "app_id" not in find_by_endpoint
    assert "secure_find_by_id_or_uid(app.id.clone(), endpoint_id)" in handler
    assert "endp: endpoint::Model" in bulk_recover

    flow.think(
        """
        Refusals have to come before the spawn. The limit spans two fields of `RecoverIn` and the clock, so the
        handler owns it: `HttpError::unprocessable_entity` with a `loc` that ends in `since`, then
        `HttpError::not_found`. We could also count the failures and return the number, but it would promise
        what only the worker can decide, payload by payload; `RecoverOut` just says `Running`. Behind
        `tokio::spawn` the answer is gone: `send` sits out what `should_retry` takes for a queue error along
        `RETRY_SCHEDULE`, seventy milliseconds in all; what remains, like a failed query, ends the loop in
        `tracing::error!`. A restart loses the rest as well. The cure for both is to call again with an open
        end: what got through by then is a success in the window.
        """,
        covers=["errors", "orchestration"],
    )
    assert "until: Option<DateTime<Utc>>" in recover_in
    assert "Duration::days(14) + Duration::minutes(5)" in handler
    assert "tokio::spawn" in handler
    assert "tokio::spawn" not in bulk_recover
    assert "tracing::error!" in handler
    assert "ErrorType::Queue(_)" in should_retry
    assert "Duration::from_millis(40)" in retry_schedule
    assert "should_retry" in send

    flow.think(
        """
        Attempt ids sort by time. `MessageAttemptId::start_id` turns `since` and `until` into bounds on the
        primary key, and endpoint, status and id make the key of one index. A round loads `BATCH_SIZE` rows,
        whole, with the responses in them: one per message by `distinct_on`, the delivered ones taken out by
        `not_in_subquery` where a lookup per message would be thousands. `RECOVER_LIMIT` makes the largest call
        a hundred queries and ten thousand sends awaited in turn, with one batch in memory. A missing `until` is
        fixed before the spawn, so the loop does not chase the failures that its own tasks go on to write.
        """,
        covers=["performance"],
    )
    assert "const BATCH_SIZE: u64 = 100" in bulk_recover
    assert "const RECOVER_LIMIT: u64 = 10_000" in bulk_recover
    assert "distinct_on([messageattempt::Column::MsgId])" in bulk_recover
    assert "until.unwrap_or_else(Utc::now)" in handler

    flow.think(
        """
        `test_recovery_expected_retry_counts` will use a receiver that never stops answering 500. With a
        `retry_schedule` of two a message has three attempts, and a call that covers it has to make them four:
        at three the worker turned the task away, beyond four it rescheduled the resend. Nothing announces the
        end of the background half, so the test polls the attempt list.
        `test_recovery_should_fail_if_start_time_too_old` asks for three weeks. `BATCH_SIZE` lives inside the
        function, where nobody else can lean on it and no test can shrink it: a second round takes a hundred
        failed messages.
        """,
        covers=["testing"],
    )

    flow.defect("""
        `bulk_recover_failed_messages` orders its rows by message id but resumes after the attempt id of the
        last one. From the second round on, messages whose failures all have lower ids are skipped, and messages
        of earlier rounds with later failures come up again.
    """)
    flow.defect("""
        The failures that `bulk_recover_failed_messages` selects include messages still on their retry schedule.
        If the manual resend of one fails, `handle_failed_dispatch` writes an attempt without `next_attempt`;
        the scheduled task then finds that one as the latest, reads it as `Fail` and is dropped by
        `dispatch_message_task`: a failed recovery ends the retries that were left.
    """)
    flow.defect("""
        The subquery of `bulk_recover_failed_messages` looks for successes inside the window only: a message
        that was delivered after an explicit `until` is sent again.
    """)
    flow.defect("""
        `recover_failed_webhooks` checks only that the window is not too long. One whose `until` lies before
        `since` is answered with 202 and finds nothing; with an `until` in the future, later rounds can pick up
        the failures of the tasks that earlier rounds put on the queue.
    """)
    flow.defect("""
        `recover_failed_webhooks` does not look at the endpoint's `disabled`: for one that was switched off
        after its outage the answer is 202, up to ten thousand tasks are queued, and `process_queue_task_inner`
        ends each of them without a delivery and says nothing of it in the log.
    """)
    flow.defect("""
        At `RECOVER_LIMIT` the loop stops as if it were finished: neither the answer nor the log says that
        failures remain.
    """)
    flow.defect("""
        The `QueueBackgroundTaskId` that `recover_failed_webhooks` returns is stored nowhere, and no route asks
        for it: the status in `RecoverOut` can never be seen to change.
    """)
    flow.defect("""
        The task that `recover_failed_webhooks` spawns runs in no span and its error line prints the error
        alone, so the log does not say whose recovery broke off.
    """)
