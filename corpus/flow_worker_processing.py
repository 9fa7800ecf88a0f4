"""Worker processing: one task of the queue, from the poll to the HTTP call and the recorded attempt."""

from pytest_flowcorpus import Flow


def flow_worker_processing(flow: Flow) -> None:
    flow.request("""
        Posting a message ends with a task on the queue. Now somebody has to do the work: take the task
        off, find out which endpoints want the message, call each of them, and leave one row per call
        that support can open a week later to see what we were told and how long it took.

        Receivers are other people's servers. Most answer in milliseconds, some hang until we lose
        patience, some are gone. An application with forty endpoints, three of them dead, has to reach
        the other thirty-seven as if nothing were wrong. We also deploy in the middle of the day: a
        message may arrive twice if it comes to that, but it may not vanish because a process did. And
        how much one process takes on has to be a setting; the prototype ate the queue first and the
        memory next.

        Done means: three receivers, one answering 500. All three are called and have their row, the
        task is off the queue, and only the failing one is left to the retry schedule. That schedule,
        the signatures and the addresses we refuse to call have tickets of their own.
    """)

    worker = flow.file("worker.rs")
    worker.extract("use")
    worker.extract("WorkerContext")
    worker.extract("FailedDispatch")
    pending_dispatch = worker.extract("PendingDispatch")
    worker.extract("CompletedDispatch")
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
    queue.extract("QueueTask")
    receive_all = queue.extract("SvixOmniConsumer::receive_all")
    queue.extract("SvixOmniDelivery")
    nack = queue.extract("SvixOmniDelivery::nack")

    client = flow.file("core/webhook_http_client.rs")
    client_error = client.extract("Error")
    execute = client.extract("WebhookClient::execute")
    execute_inner = client.extract("WebhookClient::execute_inner")

    attempt = flow.file("db/models/messageattempt.rs")
    attempt_model = attempt.extract("Model")
    find_by_msg = attempt.extract("Entity::secure_find_by_msg")

    flow.think(
        """
        Where we acknowledge decides what a dying process costs. On receipt is cheap, and loses every
        call on the wire. So a task stays open until its attempts are in Postgres: `queue_handler` moves
        each `SvixOmniDelivery` into a `tokio::spawn` of its own, `process_queue_task` runs to its end,
        and only then comes one `ack` or one `nack`. A loop that awaited the work itself would let one
        hanging receiver stop the polling. A deploy need not lean on redelivery: after
        `is_shutting_down` the loop polls no more and waits for `NUM_WORKERS` to reach zero.
        """,
        covers=["orchestration"],
    )
    assert "tokio::spawn(async move {" in queue_handler
    assert "if process_queue_task(worker_context, queue_task)" in queue_handler
    assert "delivery.ack().await" in queue_handler
    assert "ack()" not in receive_all
    assert "if crate::is_shutting_down() {" in queue_handler

    flow.think(
        """
        Spawning needs a bound. `SvixOmniConsumer::receive_all` brings at most `MAX_MESSAGES`
        deliveries, 128, and before each poll the loop holds the same counter against
        `worker_max_tasks`. An exact limit could ask only for as many tasks as there is room for, and
        under full load that is one or two: a poll for each, just when a batch saves most. So a batch
        may overshoot it, 500 becoming 628. `webhook_client` is built once, ahead of the loop, so all
        deliveries share its connections, and a `WorkerContext` only borrows.
        """,
        covers=["performance"],
    )
    assert "MAX_MESSAGES: usize = 128;" in receive_all
    assert "if num_workers > task_limit.into() {" in queue_handler
    assert "let webhook_client = webhook_client.clone();" in queue_handler
    assert "queue_rx.receive_all(recv_deadline).await" in queue_handler

    flow.think(
        """
        The queue carries ids, no payload and no URL, so a task that waited for hours meets the endpoint
        as it is by then, give or take the half minute `layered_fetch` may lag. `QueueTask` knows two
        kinds of work: a `MessageTaskBatch` goes to whoever subscribes, a `MessageTask` names one
        `endpoint_id`. `process_queue_task_inner` brings both to one shape: message and content in one
        join, the application's endpoints, narrowed by `force_endpoint`, then `dispatch_message_task`
        for each, side by side under `join_all`.

        Or we split a batch into one `MessageTask` per endpoint and put those back. For every message
        that is an enqueue, a delivery and two queries per endpoint (the message again, and
        `secure_find_by_msg` for a latest attempt), where one join serves all. It would spare us a rare
        nuisance: one dispatch that ends in `Err` nacks the whole batch, and should it come back, the
        others are told again, under the same `msg_id`.
        """,
        covers=["orchestration", "performance"],
    )
    assert "payload" not in message_task_batch
    assert "url" not in message_task
    assert "Duration::from_secs(30)," in process_queue_task_inner
    assert ".find_also_related(messagecontent::Entity)" in process_queue_task_inner
    assert "messageattempt::Entity::secure_find_by_msg(msg.id.clone())" in process_queue_task_inner
    assert "Column::MsgId.eq(msg_id)" in find_by_msg
    assert "future::join_all(futures).await" in process_queue_task_inner
    assert "queue_tx" not in process_queue_task_inner

    flow.think(
        """
        `Err` is for faults on our side: Postgres, a message row that ought to exist, an endpoint URL
        that does not parse. `process_queue_task` logs it, `queue_handler` asks only `is_err`, and
        `SvixOmniDelivery::nack`, itself repeated by `RETRY_SCHEDULE`, refuses the task; whether it
        comes back is the backend's policy. If that fails too, a log line is left. What no repetition
        can mend is `Ok`, and acknowledged: an expired payload, a deleted application, a task that comes
        too late. The last shows in a `latest_attempt` without `next_attempt` (old rows with a
        `msg_dest_id` apart), and `dispatch_message_task` lets it go without a call unless the trigger
        is `Manual`.
        """,
        covers=["errors"],
    )
    assert 'tracing::error!("{e}");' in process_queue_task
    assert ".is_err()" in queue_handler
    assert "Retry::new(should_retry, RETRY_SCHEDULE)" in nack
    assert '"Unexpected: message doesn\'t exist {}"' in process_queue_task_inner
    assert "None => MessageStatus::Fail," in process_queue_task_inner
    assert "status != MessageStatus::Sending" in dispatch_message_task

    flow.think(
        """
        A failing receiver is none of this; it is a result. `WebhookClient::execute` knows requests and
        responses: to it a 500 is a response, and `make_http_call` is where that becomes a
        `FailureStatus`. Were it the client's error, the body would have to travel inside it. What does
        rise as `webhook_http_client::Error`, say `TimedOut`, ends in the row, as `response_status_code`
        0 and its text in `response`. What ends as `FailedRequest` in its first second is sent once more
        by `execute_inner`, and neither row nor reader hears of it. Of the two ways out of
        `CompletedDispatch`, a `FailedDispatch` takes row, cause and `retry_after` to
        `handle_failed_dispatch`, where the schedule begins; then the task is acknowledged like any
        other.
        """,
        covers=["errors", "boundaries"],
    )
    assert "WebhookClientError::FailureStatus(res.status())" in make_http_call
    assert "FailureStatus" not in execute_inner
    assert "self.execute_inner(request, true).await?" in execute
    assert "Err(_to) => Err(Error::TimedOut)," in execute_inner
    assert "request timed out" in client_error
    assert "response: Set(err.to_string())," in make_http_call
    assert "handle_failed_dispatch(worker_context" in dispatch_message_task

    flow.think(
        """
        Only `queue` touches an `acker`; the worker sees a decoded `task`. `DispatchContext` lends what
        belongs to one delivery, and `PendingDispatch` holds all that the wire needs: `prepare_dispatch`
        could sign differently tomorrow and the call would not notice. The `created_at` in it is one
        reading of the clock, which dates the signature and makes the id of the `messageattempt::Model`,
        so the newest attempt is the first by descending id.
        """,
        covers=["boundaries"],
    )
    assert "acker" not in queue_handler
    assert "endp: &'a CreateMessageEndpoint," in dispatch_context
    assert "secret" not in pending_dispatch
    assert "created_at: attempt_created_at," in prepare_dispatch
    assert "Set(MessageAttemptId::new(created_at.into(), None))" in make_http_call
    assert "pub id: MessageAttemptId," in attempt_model
    assert ".order_by_desc(messageattempt::Column::Id)" in process_queue_task_inner

    flow.think(
        """
        `make_http_call` fills the row and leaves the insert to the end it reaches,
        `handle_successful_dispatch` on the good side. Collecting the rows behind `join_all` would turn
        N inserts into one, but the fastest result would wait for the slowest receiver, and a crash in
        between forgets calls we made. So a batch that goes well, its application cached, costs one
        join, one cache read, and per endpoint one insert and one cache delete. The payload is lent as
        `&str` up to `prepare_dispatch`; from there each endpoint owns it twice, in the request and in
        `org_req`.
        """,
        covers=["performance"],
    )
    assert "attempt.insert(*db).await?" in handle_successful_dispatch
    assert "process_endpoint_success(cache" in handle_successful_dispatch
    assert ".insert(" not in make_http_call
    assert ".insert(" not in process_queue_task_inner
    assert "payload: payload.to_owned()," in prepare_dispatch
    assert "let org_req = request.clone();" in execute_inner

    flow.think(
        """
        Configuration decides what is behind a `TaskQueueConsumer`, so we test the whole server, against
        real receivers. `test_multiple_endpoints` is the request's three receivers: every body arrives,
        and the one that said 500 is called again. `test_message_attempts` reads the rows, status and
        code, 0 for a receiver that is gone, and `test_no_redirects_policy` wants a 308 recorded and not
        followed. A new kind of work is a variant of `QueueTask` and an arm in
        `process_queue_task_inner`, rolled out to workers first.
        """,
        covers=["testing"],
    )

    flow.defect("""
        The time limit ends with the response's head: `execute_inner` puts only `self.client.request`
        under it (core/webhook_http_client.rs:175), and `make_http_call` then collects the whole body,
        bounded neither in time nor in size, before it cuts it to 20,000 bytes (worker.rs:396-400). A
        receiver that drips or floods holds a task, or the memory, for as long as it likes.
    """)
    flow.defect("""
        `NUM_WORKERS` is raised inside the spawned task (worker.rs:1069), so the gate (1030) and the
        drain at shutdown (1042) can read it too early; and it is lowered by a plain statement (1098),
        so a panic, such as the `unwrap` in `EndpointSecretInternal::sign` (core/types/mod.rs:807),
        leaves it raised, the delivery neither acked nor nacked. One of these keeps the drain from
        ending, `worker_max_tasks` and one of them stop the polling.
    """)
    flow.defect("""
        `process_endpoint_success` returns a cache failure through `?` after the delivery succeeded and
        its row is stored (worker.rs:470): the task is nacked, and a batch that comes back is delivered
        again to all its endpoints.
    """)
    flow.defect("""
        On RabbitMQ a nacked task is gone: `requeue_on_nack` is false, with a TODO
        (queue/rabbitmq.rs:75), and the queue is declared without a dead-letter exchange (144-145), so
        any `Err` of the worker loses the task there.
    """)
    flow.defect("""
        `receive_all` collects into one `Result` (queue/mod.rs:226-241): a single task that does not
        decode drops up to 127 good deliveries of its batch, neither acked nor nacked. Redis brings them
        back only after the pending time.
    """)
    flow.defect("""
        A manual attempt that fails is stored without `next_attempt` (worker.rs:582). A scheduled task
        that is still to come finds it as the latest attempt, takes the message for settled (867,
        745-754) and ends the schedule of that endpoint without a word.
    """)
    flow.defect("""
        A response body is stored as it comes if it is valid UTF-8 (worker.rs:792-793), U+0000 included,
        which Postgres refuses in a `text` column: the insert fails (468, 583, 591, 636), the task is
        nacked, and if it comes back the receiver is called again. A body cut at 20,000 bytes in the
        middle of a character (400) is stored as Base64 from end to end.
    """)
    flow.defect("""
        `Arc::try_unwrap` (worker.rs:1080) can never succeed, since `delivery.task` is the second owner
        (1064): every task is cloned.
    """)
