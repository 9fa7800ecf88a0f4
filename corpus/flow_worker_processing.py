"""Worker processing: one task of the queue, from the poll to the HTTP call and the recorded attempt."""

from pytest_flowcorpus import Flow


def flow_worker_processing(flow: Flow) -> None:
    flow.request("""
        Posting a message that some endpoint subscribes to ends with a task on the queue. Now something has to
        do the work: take the task off, find out which endpoints want the message, call each of them, and leave
        one row per attempt that support can open a week later to see what we were told and how long it took.

        Receivers hang, or are gone. Three dead endpoints out of forty must not slow the other thirty-seven. We
        deploy at noon: a message may arrive twice then, but not vanish with a process. How much one process
        takes on is a setting; the prototype ate the queue first and the memory next.

        Done means: three receivers, one answering 500. All three are called and have their row, the task is off
        the queue, and only the failing one is left to the retry schedule. That schedule, the signatures and the
        addresses we refuse to call have tickets of their own.
    """)

    worker = flow.file("worker.rs")
    worker.extract("use")
    worker_context = worker.extract("WorkerContext")
    failed_dispatch = worker.extract("FailedDispatch")
    pending_dispatch = worker.extract("PendingDispatch")
    completed_dispatch = worker.extract("CompletedDispatch")
    prepare_dispatch = worker.extract("prepare_dispatch")
    make_http_call = worker.extract("make_http_call")
    handle_successful_dispatch = worker.extract("handle_successful_dispatch")
    dispatch_context = worker.extract("DispatchContext")
    dispatch_message_task = worker.extract("dispatch_message_task")
    process_queue_task = worker.extract("process_queue_task")
    process_queue_task_inner = worker.extract("process_queue_task_inner")
    queue_handler = worker.extract("queue_handler")

    queue = flow.file("queue/mod.rs")
    message_task = queue.extract("MessageTask")
    message_task_batch = queue.extract("MessageTaskBatch")
    queue_task_enum = queue.extract("QueueTask")
    receive_all = queue.extract("SvixOmniConsumer::receive_all")
    delivery = queue.extract("SvixOmniDelivery")

    client = flow.file("core/webhook_http_client.rs")
    client_error = client.extract("Error")
    execute = client.extract("WebhookClient::execute")
    execute_inner = client.extract("WebhookClient::execute_inner")

    find_by_msg = flow.file("db/models/messageattempt.rs").extract("Entity::secure_find_by_msg")

    pending_duration = flow.file("cfg.rs").extract("default_redis_pending_duration_secs")

    flow.think(
        """
        A process can die between taking a task and finishing it, and acknowledging on receipt would then lose
        the task. So `queue_handler` moves each `SvixOmniDelivery` into its own `tokio::spawn`, where
        `process_queue_task` runs to its end before `ack` or `nack`. Awaiting the work in the loop itself would
        let one hanging receiver hold up the next poll. Acknowledging late means repeats: Redis may hand out
        again a task that is unacknowledged for too long (`default_redis_pending_duration_secs`), even if its
        process is only slow. Once the loop sees `is_shutting_down`, it polls no more and returns when
        `NUM_WORKERS` reads zero.
        """,
        covers=["orchestration"],
    )
    assert "queue/mod.rs::SvixOmniDelivery::ack" not in receive_all.calls
    assert delivery in receive_all.mentions
    assert "tokio::spawn(async move {" in queue_handler
    assert process_queue_task in queue_handler.calls
    assert "queue/mod.rs::SvixOmniDelivery::ack" in queue_handler.calls
    assert "queue/mod.rs::SvixOmniDelivery::nack" in queue_handler.calls
    assert "45" in pending_duration
    assert "lib.rs::is_shutting_down" in queue_handler.calls

    flow.think(
        """
        Before each poll the loop waits while `NUM_WORKERS` is above `worker_max_tasks` (0 means no limit);
        `receive_all` then takes up to 128. For an exact limit we would ask only for what there is room for, but
        a busy worker would then poll often for a few. So a poll may lift the count a batch above the limit. The
        limit also counts tasks, not calls: a task for forty endpoints counts as one until its slowest call is
        over. Each delivery clones six handles for its `WorkerContext`.
        """,
        covers=["performance"],
    )
    assert "if task_limit > 0 {" in queue_handler
    assert "if num_workers > task_limit.into() {" in queue_handler
    assert receive_all in queue_handler.calls
    assert "MAX_MESSAGES: usize = 128;" in receive_all
    assert "let webhook_client = webhook_client.clone();" in queue_handler
    assert worker_context in queue_handler.mentions

    flow.think(
        """
        The queue carries ids, neither payload nor URL, so a task that waited for hours meets the endpoint as it
        is by then; except that `layered_fetch` may answer from a cache entry up to 30 seconds old. A
        `MessageTaskBatch` goes to every endpoint that matches, or only to its `force_endpoint`; a `MessageTask`
        names one. For either, `process_queue_task_inner` reads message and content in one join, picks the
        matching endpoints and runs a `dispatch_message_task` for each under `join_all`, so that a dead receiver
        does not delay the calls to the others.

        We could split a batch into one `MessageTask` per endpoint. The limit would then count calls, and a
        dispatch that ends in `Err` would be repeated alone. But each endpoint of every message would cost an
        enqueue, a delivery, an ack, a cache read and two queries (the message again, and `secure_find_by_msg`
        for the latest attempt). Now only a failed call needs a task of its own, and the retry schedule makes
        it. The price falls due when a batch comes back: nothing asks which endpoints already have a row, so all
        are called again, and one that fails again starts a second schedule.
        """,
        covers=["orchestration", "performance"],
    )
    assert "payload" not in message_task_batch
    assert "url" not in message_task
    assert "core/message_app.rs::CreateMessageApp::layered_fetch" in process_queue_task_inner.calls
    assert "Duration::from_secs(30)," in process_queue_task_inner
    assert message_task_batch in queue_task_enum.mentions
    assert message_task in queue_task_enum.mentions
    assert "queue/mod.rs::QueueTask::MessageBatch" in process_queue_task_inner.mentions
    assert "queue/mod.rs::QueueTask::MessageV1" in process_queue_task_inner.mentions
    assert ".find_also_related(messagecontent::Entity)" in process_queue_task_inner
    assert (
        "core/message_app.rs::CreateMessageApp::filtered_endpoints"
        in process_queue_task_inner.calls
    )
    assert dispatch_message_task in process_queue_task_inner.calls
    assert "future::join_all(futures).await" in process_queue_task_inner
    assert find_by_msg in process_queue_task_inner.calls
    assert "Column::MsgId.eq(msg_id)" in find_by_msg
    assert "queue/mod.rs::SvixOmniProducer::send" not in process_queue_task_inner.calls

    flow.think(
        """
        `Err` is for failures of our own, as when Postgres refuses an insert or a message has no row.
        `process_queue_task_inner` waits for all dispatches and folds their errors into one;
        `process_queue_task` logs it, and `queue_handler` calls `nack`. Whether the task comes back is the
        backend's policy; an `ack` or `nack` that keeps failing is only logged. A task with nothing to do is
        `Ok` and acknowledged, as when the payload has expired, or when a scheduled `MessageTask` finds a
        `latest_attempt` without `next_attempt`, which (old rows apart) counts as settled.
        """,
        covers=["errors"],
    )
    assert "attempt.insert(*db).await?" in handle_successful_dispatch
    assert '"Unexpected: message doesn\'t exist {}"' in process_queue_task_inner
    assert "return Err(Error::generic(format_args!(" in process_queue_task_inner
    assert process_queue_task_inner in process_queue_task.calls
    assert 'tracing::error!("{e}");' in process_queue_task
    assert "queue/mod.rs::SvixOmniDelivery::nack" in queue_handler.calls
    assert "Error sending 'nack' to Redis after task execution error" in queue_handler
    assert "None => MessageStatus::Fail," in process_queue_task_inner
    assert "status != MessageStatus::Sending" in dispatch_message_task

    flow.think(
        """
        A failing receiver is a result, not an `Err`. `execute` returns `Ok` for every response, and
        `make_http_call` decides by `is_success` which `CompletedDispatch` it becomes. If `execute` returned a
        500 as an `Error`, whose `FailureStatus` holds only the code, the row would lose the body and the
        schedule its `retry_after`. A call without a response, say `TimedOut`, is recorded with
        `response_status_code` 0 and the error's text. A call that ends as `FailedRequest` within a second is
        sent once more by `execute_inner`, within the same attempt. A `FailedDispatch` goes to
        `handle_failed_dispatch`, whose `Ok` leads to the same `ack` as a success.
        """,
        covers=["errors", "boundaries"],
    )
    assert execute_inner in execute.calls
    assert "core/webhook_http_client.rs::Error::FailureStatus" not in execute.mentions
    assert "core/webhook_http_client.rs::Error::FailureStatus" not in execute_inner.mentions
    assert execute in make_http_call.calls
    assert "worker.rs::CompletedDispatch::Successful" in make_http_call.mentions
    assert "worker.rs::CompletedDispatch::Failed" in make_http_call.mentions
    assert "core/webhook_http_client.rs::Error::FailureStatus" in make_http_call.mentions
    assert "FailureStatus(StatusCode)," in client_error
    assert "retry_after: Option<DateTime<Utc>>," in failed_dispatch
    assert "core/webhook_http_client.rs::Error::TimedOut" in execute_inner.mentions
    assert "response_status_code: Set(0)," in make_http_call
    assert "response: Set(err.to_string())," in make_http_call
    assert "core/webhook_http_client.rs::Error::FailedRequest" in execute_inner.mentions
    assert execute_inner in execute_inner.calls
    assert "self.execute_inner(org_req, false).await" in execute_inner
    assert failed_dispatch in completed_dispatch.mentions
    assert "worker.rs::CompletedDispatch::Failed" in dispatch_message_task.mentions
    assert "worker.rs::handle_failed_dispatch" in dispatch_message_task.calls

    flow.think(
        """
        What `ack` and `nack` mean on Redis or RabbitMQ stays behind `acker`; the worker reads a decoded `task`.
        Signing is over after `prepare_dispatch`: `make_http_call` gets a `PendingDispatch` with the signature
        in its `headers`, and a new kind of signature leaves it alone. Both functions borrow task and endpoint
        from a `DispatchContext`. `created_at`, read from the clock once, dates the signature and begins the
        row's id.
        """,
        covers=["boundaries"],
    )
    assert "pub(super) acker: Delivery," in delivery
    assert "acker" not in queue_handler
    assert "worker.rs::sign_msg" in prepare_dispatch.calls
    assert pending_dispatch in prepare_dispatch.mentions
    assert pending_dispatch in make_http_call.mentions
    assert "worker.rs::sign_msg" not in make_http_call.calls
    assert dispatch_context in prepare_dispatch.mentions
    assert dispatch_context in make_http_call.mentions
    assert message_task in dispatch_context.mentions
    assert "endp: &'a CreateMessageEndpoint," in dispatch_context
    assert "created_at: attempt_created_at," in prepare_dispatch
    assert "Set(MessageAttemptId::new(created_at.into(), None))" in make_http_call

    flow.think(
        """
        `make_http_call` fills the row, and `handle_successful_dispatch` or `handle_failed_dispatch` stores it
        as soon as the call is over. One insert behind `join_all` could replace N, but every row would wait for
        the slowest receiver, and a crash in between would forget calls we made. So a batch of N successful
        calls, with the application cached, costs one join, one cache read, N inserts, N cache deletes and one
        ack.
        """,
        covers=["performance"],
    )
    assert make_http_call in dispatch_message_task.calls
    assert handle_successful_dispatch in dispatch_message_task.calls
    assert "worker.rs::handle_failed_dispatch" in dispatch_message_task.calls
    assert ".insert(" not in make_http_call
    assert ".insert(" not in process_queue_task_inner
    assert "worker.rs::process_endpoint_success" in handle_successful_dispatch.calls

    flow.think(
        """
        What a task does shows at the receivers and in the rows, so the tests of it start a whole server. In
        `test_multiple_endpoints` three receivers get the body, and the one that said 500 is called again.
        `test_message_attempts` reads status and code of the rows, 0 for a receiver that is gone. The limit and
        the drain stay untested. Older workers cannot decode a new variant of `QueueTask`, so all must be
        replaced before anything sends one.
        """,
        covers=["testing"],
    )
    assert queue_task_enum in process_queue_task_inner.mentions
    assert "Deserialize" in queue_task_enum

    flow.defect("""
        The time limit ends with the response's head: `execute_inner` puts only `self.client.request` under it
        (core/webhook_http_client.rs:175), and `make_http_call` then collects the whole body, bounded neither in
        time nor in size, before it cuts it to 20,000 bytes (worker.rs:396-400). A receiver that drips or floods
        holds a task, or the memory, for as long as it likes.
    """)
    flow.defect("""
        `NUM_WORKERS` is raised inside the spawned task (worker.rs:1069), so the limit (1030) and the drain at
        shutdown (1042) can read it too early.
    """)
    flow.defect("""
        `NUM_WORKERS` is lowered by a plain statement (worker.rs:1098). A panic in a task skips it, and the
        delivery is neither acked nor nacked. One such panic keeps the drain at shutdown from ending;
        `worker_max_tasks` + 1 of them, where a limit is set, stop the polling for good. A receiver can cause
        one: `retry_after` (508-510) passes any number to `chrono::Duration::seconds`, which panics when out of
        range, so a 500 with `Retry-After: 1e300` is enough. Another is the `unwrap` in
        `EndpointSecretInternal::sign` (core/types/mod.rs:807).
    """)
    flow.defect("""
        `handle_successful_dispatch` returns the failed cache delete of `process_endpoint_success` through `?`
        (worker.rs:116, 470) after the delivery succeeded and its row is stored: the task is nacked, and a batch
        that comes back is delivered again to all its endpoints.
    """)
    flow.defect("""
        An endpoint URL that `Url` accepts and `Uri` refuses (core/webhook_http_client.rs:356-358) makes its
        dispatch an `Err` before a row exists (worker.rs:354). Repeating cannot mend it, but the batch is
        nacked, and whenever it comes back, the application's other endpoints are called again.
    """)
    flow.defect("""
        `make_http_call` wraps the failure status with `Error::generic` (worker.rs:421), so
        `calculate_retry_delay` never sees the `ErrorType::Http` with status 429 that it looks for (527): a 429
        does not get the minimum delay of 60 seconds meant for an overloaded receiver.
    """)
    flow.defect("""
        On RabbitMQ a nacked task is gone: `requeue_on_nack` is false, with a TODO (queue/rabbitmq.rs:75), and
        the queue is declared without a dead-letter exchange (143-144), so any `Err` of the worker loses the
        task there.
    """)
    flow.defect("""
        `receive_all` collects into one `Result` (queue/mod.rs:227-241): a single task that does not decode
        drops up to 127 good deliveries of its batch, neither acked nor nacked. Redis brings them back only
        after the pending time.
    """)
    flow.defect("""
        A manual attempt that fails is stored without `next_attempt` (worker.rs:582). A scheduled task that is
        still to come finds it as the latest attempt, takes the message for settled (867) and returns (745-754):
        the schedule of that message at that endpoint ends, with a debug line.
    """)
    flow.defect("""
        A response body is stored as it comes if it is valid UTF-8 (worker.rs:792-793), U+0000 included, which
        Postgres refuses in a `text` column: the insert fails (468, 583, 591, 636), the task is nacked, and if
        it comes back the receiver is called again. A body cut at 20,000 bytes in the middle of a character
        (400) is stored as Base64 from end to end.
    """)
    flow.defect("""
        `Arc::try_unwrap` (worker.rs:1080) can never succeed, since `delivery.task` is the second owner (1064):
        every task is cloned.
    """)
