"""Putting a task on the queue, now or later: from the callers through the retries to the backend, and back."""

from pytest_flowcorpus import Flow


def flow_queue_send(flow: Flow) -> None:
    flow.request("""
        Five places put work on the queue, and no two agree on what to do when it hiccups. Publishing tries five
        times with a second between, so when Redis restarts, requests pile up until the load balancer cuts them
        off. Resending does not try twice. The health probe pings Redis on its own and stayed green on the 9th,
        while every write was refused.

        One way for all five, please, to put a task there now or in a few hours. A hiccup of some tens of
        milliseconds should go unnoticed; what lasts longer is the caller's business, and our waiting may add a
        tenth of a second to an API call, no more. Clients learn that it failed, not which host turned us down.
        The probe takes the same way as real work and says that it was the queue. A backend that cannot do
        "later" must not even build. Mind the deploys: what we schedule in the morning is read by the release of
        the afternoon.

        On every backend, a task delayed by two seconds has to arrive after one sent later without delay.
    """)

    queue = flow.file("queue/mod.rs")
    retry_schedule = queue.extract("RETRY_SCHEDULE")
    should_retry = queue.extract("should_retry")
    message_task = queue.extract("MessageTask")
    batch = queue.extract("MessageTaskBatch")
    task = queue.extract("QueueTask")
    producer = queue.extract("SvixOmniProducer")
    clone = queue.extract("impl Clone for SvixOmniProducer")
    new = queue.extract("SvixOmniProducer::new")
    send = queue.extract("SvixOmniProducer::send")
    ack = queue.extract("SvixOmniDelivery::ack")

    pending = flow.file("cfg.rs").extract("default_redis_pending_duration_secs")

    rabbit = flow.file("queue/rabbitmq.rs")
    rabbit_pair = rabbit.extract("new_pair")
    exchange = rabbit.extract("declare_delayed_message_exchange")

    retry = flow.file("core/retry.rs")
    run_with_retries = retry.extract("run_with_retries")
    machine = retry.extract("Retry")
    run = retry.extract("Retry::run")

    errors = flow.file("error.rs")
    from_queue = errors.extract("impl From<omniqueue::QueueError> for Error")
    into_response = errors.extract("<Error as IntoResponse>::into_response")

    health_file = flow.file("v1/endpoints/health.rs")
    health_file.extract("use")
    status_from = health_file.extract("<HealthStatus as From<Result>>::from")
    health = health_file.extract("health")
    resend = flow.file("v1/endpoints/attempt.rs").extract("resend_webhook")
    failed = flow.file("worker.rs").extract("handle_failed_dispatch")

    flow.think(
        """
        Probe, handlers and worker are not to know which backend they write to. `SvixOmniProducer` hides it in
        `omniqueue::DynScheduledProducer`, which would take anything that serializes; `PhantomData<T>` holds
        each producer to one type, so the server's takes a `QueueTask` and nothing else. Which backends fit is
        decided in one place: `new` asks for a `ScheduledQueueProducer`, and a backend that cannot delay fails
        to compile there. We write `Clone` by hand, since a derived one would demand `Clone` of the task; a
        clone then costs a count on an `Arc`, not a connection.
    """,
        covers=["boundaries", "performance"],
    )
    assert "Arc<omniqueue::DynScheduledProducer>" in producer
    assert "_phantom: PhantomData<T>" in producer
    assert "impl ScheduledQueueProducer + 'static" in new
    assert new in rabbit_pair.calls
    assert "self.inner.clone()" in clone
    assert task in health.mentions

    flow.think(
        """
        A schedule passed to `send` would suit each caller: none for the probe, a short one for a handler, and
        for the worker, with no client waiting, one of minutes. But a worker that waits leaves the delivery it
        works on unacknowledged, and after 45 seconds (`default_redis_pending_duration_secs`) Redis hands that
        one to another worker, who calls the receiver again. So there is one short `RETRY_SCHEDULE` for all:
        four tries, and 70 milliseconds of waiting between them. How long a try takes is up to the backend, and
        what lasts longer reaches the five callers.
    """,
        covers=["errors", "performance"],
    )
    assert retry_schedule in send.mentions
    assert run_with_retries in send.calls
    assert send in failed.calls
    assert send in health.calls
    assert "schedule" not in health
    assert "45" in pending

    flow.think(
        """
        `run_with_retries` calls its closure once per try. In `send` that works without a copy, since the
        closure only borrows the task; its JSON is written anew for each try, which is little beside a round
        trip. `ack` cannot do so: it gives the delivery away and gets it back only together with an error. Its
        closure therefore has to be a new one each time, and the counting must live outside of it. So `Retry`
        holds what is left of the schedule, its `run` makes one try of a `FnOnce` and returns `None` for "once
        more"; `run_with_retries` is a loop around it, and `ack` has a loop of its own. Since `run` takes any
        closure, a test of the counting would need no queue; there is none yet.
    """,
        covers=["orchestration"],
    )
    assert run in run_with_retries.calls
    assert "core/retry.rs::Retry::new" in run_with_retries.calls
    assert run in ack.calls
    assert run_with_retries not in ack.calls
    assert "F: FnOnce() -> Fut" in run
    assert "task.as_ref()" in send
    assert "acker = Some(delivery)" in ack
    assert machine in ack.mentions

    flow.think(
        """
        Neither loop judges errors: `should_retry` says what is worth another try, and it looks only at the
        type. `fn from(value: omniqueue::QueueError)` turns every failure of a backend into `ErrorType::Queue`,
        so within `send` the answer is always yes. A lasting cause is tried four times too; that costs 70
        milliseconds and three lines of `warn!`, less than a list of causes per backend that is wrong after its
        next update. Where only the answer was lost, the next try queues a second copy, and a receiver may be
        called twice: better than never.
    """,
        covers=["errors", "boundaries"],
    )
    assert should_retry in send.mentions
    assert "ErrorType::Queue(_)" in should_retry
    assert "error.rs::Error::queue" in from_queue.calls
    assert 'warn!("Retrying after error: {e}")' in run
    assert "QueueError" not in run

    flow.think(
        """
        What a fourth failure means is for the caller to say; of the five, three show the range.
        `resend_webhook` has written nothing and can simply return the error: `into_response` logs type and
        text, and the client gets a 500 with an empty object, in which no host and no reason stands.
        `health` must answer even so: `send` with a `QueueTask::HealthCheck` is the way of real work, `fn
        from(res: Result<O, E>)` keeps of the error only that there was one, and the report behind the 500 tells
        the queue from database and cache; what the queue answered stands in the lines of `warn!`.
        `handle_failed_dispatch` has stored its attempt already when it sends the next one. Its `Err` leaves the
        rest to the backend: if that delivers the task once more, the webhook goes out once more, with a row of
        its own.
    """,
        covers=["errors", "orchestration"],
    )
    assert send in resend.calls
    assert "(StatusCode::INTERNAL_SERVER_ERROR, Json(json!({})))" in into_response
    assert "tracing::error!" in into_response
    assert "Err(_) => HealthStatus::new_error()" in status_from
    assert "queue_tx.send(&QueueTask::HealthCheck, None).await.into()" in health
    assert "StatusCode::INTERNAL_SERVER_ERROR" in health
    assert "attempt.next_attempt = Set(Some(next_attempt_time.into()))" in failed
    assert "insert" not in resend

    flow.think(
        """
        "Later" is an argument and not a second function: with a `delay`, `send` calls
        `send_serde_json_scheduled`, else `send_serde_json`, and both have the same retries around them. Of the
        callers only `handle_failed_dispatch` delays. A timer of our own would serve all backends alike and
        forget what it holds at every deploy. So waiting is left to the backend. Redis keeps delayed tasks in a
        sorted set beside its stream; the memory backend has a timer indeed, but loses its whole queue at a
        restart anyway. RabbitMQ's queues know no delay: `declare_delayed_message_exchange` declares an exchange
        of the kind `"x-delayed-message"`, which takes a plugin. Without it `exchange_declare` fails before a
        task is sent, not at the first retry.
    """,
        covers=["orchestration", "boundaries"],
    )
    assert "send_serde_json_scheduled(task.as_ref(), delay)" in send
    assert "self.inner.send_serde_json(task.as_ref())" in send
    assert "Some(retry_delay)" in failed
    assert "None" in resend
    assert 'ExchangeKind::Custom("x-delayed-message".into())' in exchange
    assert exchange in rabbit_pair.calls

    flow.think(
        """
        `test_delay` sends a task with two seconds' delay, then one without, and wants them in reverse; it needs
        a Redis. `test_messages_have_ids` sends a health check through a RabbitMQ and reads it, and its id, with
        a plain client. `test_failed_message_gets_requeued` runs on whatever backend is configured: a receiver
        answers 500, and the second call must bring the same body.
    """,
        covers=["testing"],
    )

    flow.think(
        """
        A task may lie in the backend across a deploy, so the JSON of `QueueTask` is a contract: `tag = "type"`
        beside the fields, names in `"camelCase"`. `MessageTask` carries `attempt_count`, so the worker that
        takes it knows how far down the retries it is. Another required field there would make every waiting
        task unreadable. An `Option` like `force_endpoint` of `MessageTaskBatch` is safe to add: left out, it is
        read as `None`.
    """,
        covers=["boundaries"],
    )
    assert '#[serde(tag = "type")]' in task
    assert '#[serde(rename_all = "camelCase")]' in message_task
    assert "attempt_count: u16" in message_task
    assert "force_endpoint: Option<EndpointId>" in batch
    assert "attempt_count: msg_task.attempt_count + 1" in failed

    flow.defect("""
        The RabbitMQ pair is built with `requeue_on_nack: false` (rabbitmq.rs:75), and the queue is declared
        without a dead-letter exchange (rabbitmq.rs:143-144): a nacked task is discarded. When the `send` of
        `handle_failed_dispatch` fails (worker.rs:623-631), the row already names a `next_attempt` that will
        never be made.
    """)
    flow.defect("""
        `resend_webhook` reads a raw payload that is not JSON as missing: `serde_json::from_slice(..).ok()`
        (attempt.rs:1001) gives `None`, and the call is refused as if the payload had expired.
    """)
    flow.defect("""
        `SvixOmniProducer::send` converts the backend's error with `.map_err(Into::into)` (queue/mod.rs:181),
        where no caller is tracked: the location that `into_response` logs for it is one in the standard
        library.
    """)
    flow.defect("""
        Two callers that are not quoted give up badly: `create_message_inner` has committed the message when
        `send` fails (message.rs:445-456), so its 500 stands for a message that is stored and will not be sent,
        and with an event id the repeat is refused as a conflict; `bulk_recover_failed_messages` stops at the
        first failing row, long after the 202 (recovery.rs:66-77).
    """)
