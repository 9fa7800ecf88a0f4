"""The retry schedule: from a failed call to the delayed task, and back into the worker."""

from pytest_flowcorpus import Flow


def flow_retry_schedule(flow: Flow) -> None:
    flow.request("""
        Action item 3 of Tuesday's post-mortem. A customer's gateway was down for half an hour; we called it
        once per message, stored 9,400 failed attempts and never came back.

        Try a failed delivery again, soon at first, then ever more rarely, for about a day, with delays that
        each installation sets. No worker may sit on the wait, and a deploy must not lose it. When such a
        gateway returns, it must not be hit by all 9,400 in one second. If a receiver says when it wants the
        next call, listen within reason: one asked for a year. One that lets us run into our own timeout needs
        about a minute's rest.

        Support wants to see when the next try is due; customers want one event while there is still time to act
        and another when we give up.

        To close this: a receiver that fails only once gets its message; one that never recovers is tried once
        plus once per delay.
    """)

    worker = flow.file("worker.rs")
    worker.extract("use")
    penalty = worker.extract("OVERLOAD_PENALTY_SECS")
    jitter = worker.extract("JITTER_DELTA")
    failed_dispatch = worker.extract("FailedDispatch")
    call = worker.extract("make_http_call")
    retry_after = worker.extract("retry_after")
    limit = worker.extract("limit_retry_delay")
    delay = worker.extract("calculate_retry_delay")
    handle_failed = worker.extract("handle_failed_dispatch")
    dispatch = worker.extract("dispatch_message_task")
    inner = worker.extract("process_queue_task_inner")

    client_error = flow.file("core/webhook_http_client.rs").extract("Error")
    from_client_error = flow.file("error.rs").extract(
        "<Error as From<crate::core::webhook_http_client::Error>>::from"
    )
    parse_schedule = flow.file("cfg.rs").extract("deserialize_retry_schedule")

    queue = flow.file("queue/mod.rs")
    queue_retries = queue.extract("RETRY_SCHEDULE")
    message_task = queue.extract("MessageTask")
    send = queue.extract("SvixOmniProducer::send")

    shown = flow.file("v1/endpoints/attempt.rs").extract("EndpointMessageOut::from_attempt_and_msg")

    flow.think(
        """
        Hoping in vain costs seven more attempts; giving up too early costs the message. Stopping at a status
        that looks permanent, such as 404, is therefore out: receivers answer it during their own deploys, and a
        customer may correct the URL meanwhile. So `make_http_call` makes a `FailedDispatch` of every answer
        without a 2xx and of every call without an answer: the row to store, the error, and the time that the
        receiver asked for. Of the errors of a call without an answer only `TimedOut` matters to the delay, and
        stays an `ErrorType::Timeout`; the others, such as `Resolve`, become an `Error::generic`.
    """,
        covers=["errors", "boundaries"],
    )
    assert failed_dispatch in call.mentions
    assert retry_after in call.calls
    assert "is_success()" in call
    assert "err: err.into()" in call
    assert "retry_after: None" in call
    assert call.calls.named(from_client_error)
    assert "core/webhook_http_client.rs::Error::TimedOut" in from_client_error.mentions
    assert "error.rs::Error::timeout" in from_client_error.calls
    assert "error.rs::Error::generic" in from_client_error.calls
    assert "TimedOut" in client_error
    assert "Resolve" in client_error

    flow.think(
        """
        The wait could be a sleep inside the worker, but that holds a task for hours and ends with the process.
        A poll for rows whose `next_attempt` has passed would survive even a lost queue. But two workers must
        not take the same row, so each retry would cost a lock and an update of a row that is otherwise written
        once. The queue already hands one task to one worker. So `handle_failed_dispatch` calls
        `SvixOmniProducer::send` with a `MessageTask` and a delay, and its `Ok` gets the failed task
        acknowledged. The wait is one entry of the queue: on Redis or RabbitMQ it outlives a deploy, while the
        memory backend forgets it.
    """,
        covers=["orchestration", "performance"],
    )
    assert handle_failed in dispatch.calls
    assert send in handle_failed.calls
    assert delay in handle_failed.calls
    assert message_task in handle_failed.mentions
    assert "Some(retry_delay)" in handle_failed
    assert "sleep" not in handle_failed
    assert call not in handle_failed.calls

    flow.think(
        """
        A task carries `attempt_count`, its place in the schedule. The schedule stays in `cfg.retry_schedule`
        and is asked at each failure: after a change, waiting messages take their next delay from the new list,
        or end with it. `deserialize_retry_schedule` reads a list of seconds; an empty one means a single
        attempt. The producer's own `RETRY_SCHEDULE`, milliseconds long, is for a queue that does not answer.
    """,
        covers=["boundaries", "orchestration"],
    )
    assert "attempt_count: u16" in message_task
    assert "retry_schedule" not in message_task
    assert "&cfg.retry_schedule" in handle_failed
    assert "attempt_count < retry_schedule.len()" in handle_failed
    assert "msg_task.attempt_count + 1" in handle_failed
    assert "Duration::new(x, 0)" in parse_schedule

    assert "QueueTask::MessageBatch" in inner
    assert dispatch in inner.calls
    assert queue_retries in send.mentions
    assert "Duration::from_millis(40)" in queue_retries
    assert "core/retry.rs::run_with_retries" in send.calls
    assert "send_serde_json_scheduled" in send

    flow.think(
        """
        The schedule gives the base. After a timeout the first five seconds would meet a receiver still busy
        with our last call, so `OVERLOAD_PENALTY_SECS` raises it to a minute at least. `retry_after` turns the
        receiver's wish, a date or seconds, into one `DateTime<Utc>`; other text is a `tracing::warn!` and no
        wish. `limit_retry_delay` keeps the wish between the base and twice the base: a receiver can slow us
        down, but not hurry us, and a wish of a year counts for twice the base. One asking for two minutes after
        the first failure gets about ten seconds.

        Messages that failed in the same second would also come back in the same second. So
        `calculate_retry_delay` ends with a random factor, `JITTER_DELTA` to either side: two seconds' spread at
        five seconds, four hours' at ten hours. The receiver's wish is shaken too, up to a fifth early: one date
        given to thousands of messages would bring them all back at once.
    """,
        covers=["performance"],
    )
    assert limit in delay.calls
    assert "ErrorType::Timeout(_)" in delay
    assert penalty in delay.mentions
    assert "std::cmp::max(duration, Duration::from_secs(OVERLOAD_PENALTY_SECS))" in delay
    assert "clamp(base, base * 2)" in limit
    assert jitter in delay.mentions
    assert "rand::random_range" in delay
    assert "parse_from_rfc2822" in retry_after
    assert "tracing::warn!" in retry_after
    assert delay not in retry_after.calls

    flow.think(
        """
        `calculate_retry_delay` draws its random factor itself, so minute and jitter could only be tested by
        bounds, and are not. `test_retry_after` pins the parser: a date, fractions of a second rounded up,
        nothing for text that is neither. `test_message_attempts` configures two delays of a millisecond and
        expects three rows for a 403, for a 500 and for a receiver that is gone;
        `test_message_attempts_empty_retry_schedule` expects one. Both stop at the first list of the right
        length; an attempt that comes after it goes unseen. `test_failed_message_gets_requeued` lets the
        receiver recover after its first 500 and finds the 200 in the list.
    """,
        covers=["testing"],
    )

    flow.think(
        """
        The row is stored before its task is sent, so a failed insert leaves one task, the nacked one. The row
        tells support when the next try is due (`from_attempt_and_msg` shows `next_attempt`); if `send` gives
        up, it names a time that nobody has queued. Either error leaves `handle_failed_dispatch`,
        `process_queue_task_inner` folds it into an `Error::generic`, which is logged once, and the task is
        nacked. The receiver's own error ends in the row and a `tracing::debug!`.
    """,
        covers=["errors"],
    )
    assert "attempt.next_attempt = Set(Some(next_attempt_time.into()))" in handle_failed
    assert "attempt.insert(*db).await?" in handle_failed
    assert "next_attempt: attempt.next_attempt" in shown
    assert "Some dispatches failed unexpectedly" in inner
    assert "error.rs::Error::generic" in inner.calls
    assert "tracing::debug!" in handle_failed

    flow.think(
        """
        When the task is due, `process_queue_task_inner` asks `secure_find_by_msg` for the latest attempt at
        this endpoint. After a resend by hand that got through, that row has no `next_attempt`, and
        `dispatch_message_task` calls nobody. On the fourth failed attempt `MessageAttemptFailing` goes out; an
        error there is only logged, since a notice must not cost a delivery. When the schedule is used up, the
        row has no `next_attempt`, `MessageAttemptExhausted` follows, and `process_endpoint_failure` decides
        about the endpoint.

        With the seven default delays, a message to a dead receiver is attempted eight times in about 28 hours:
        eight inserts and seven sends. Each return costs two SELECTs and a cache read; the application's entry
        lives thirty seconds, and where no other message has renewed it, two more SELECTs do.
    """,
        covers=["orchestration", "performance"],
    )
    flow.hop(send, inner, via="SvixOmniConsumer::receive_all")
    assert "db/models/messageattempt.rs::Entity::secure_find_by_msg" in inner.calls
    assert "order_by_desc(messageattempt::Column::Id)" in inner
    assert "None => MessageStatus::Fail" in inner
    assert "core/message_app.rs::CreateMessageApp::layered_fetch" in inner.calls
    assert "Duration::from_secs(30)" in inner
    assert call in dispatch.calls
    assert "OP_WEBHOOKS_SEND_FAILING_EVENT_AFTER - 1" in handle_failed
    assert "Failed sending MessageAttemptFailing Operational Webhook" in handle_failed
    assert "core/operational_webhooks.rs::OperationalWebhook::MessageAttemptExhausted" in (
        handle_failed.mentions
    )
    assert "worker.rs::process_endpoint_failure" in handle_failed.calls

    flow.defect("""
        `calculate_retry_delay` wants to give a receiver that answers 429 at least a minute (worker.rs:527),
        but `make_http_call` wraps every failure status in `Error::generic` (worker.rs:421), so `err.typ` is
        never `ErrorType::Http` and the branch is never taken: a 429 without a Retry-After gets the plain
        schedule.
    """)
    flow.defect("""
        `retry_after` parses the header as `f64` and hands the result to `chrono::Duration::seconds`
        (worker.rs:508-510), which panics for seconds beyond `i64::MAX / 1000`, and the addition to
        `Utc::now()` panics beyond the year 262142. A receiver that answers 500 with `Retry-After: inf` or
        `1e13` makes the spawned task panic before the attempt is stored: no row, neither ack nor nack, and
        `NUM_WORKERS` is not decremented (worker.rs:1098), so after more than `worker_max_tasks` of them this
        worker takes no more tasks.
    """)
    flow.defect("""
        A manual resend that fails stores an attempt without `next_attempt` (worker.rs:582). The scheduled
        task that waits finds it as the latest, reads `MessageStatus::Fail` (worker.rs:867) and is dropped
        (worker.rs:745-755): a failed resend by hand ends the retries that were left.
    """)
    flow.defect("""
        If the endpoint is disabled, deleted or unsubscribed while the task waits, `filtered_endpoints` leaves
        it out and `process_queue_task_inner` ends in `Ok` (worker.rs:935-974) without touching the row. Its
        `next_attempt` stays, and attempt.rs:131 shows the message as sending for good.
    """)
    flow.defect("""
        When the schedule is used up, an error of `send_operational_webhook` leaves `handle_failed_dispatch`
        through `?` (worker.rs:658) after the last attempt is stored, so `process_endpoint_failure` is not
        called; a nacked `MessageTask` that comes back finds the message settled and skips it.
    """)
    flow.defect("""
        The comma-separated form of the schedule is parsed with `expect` (cfg.rs:56): a typing error in
        `SVIX_RETRY_SCHEDULE` is a panic at the start instead of a configuration error that names the setting.
    """)
