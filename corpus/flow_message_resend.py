"""Resending by hand: POST …/msg/{msg_id}/endpoint/{endpoint_id}/resend, from the click to the attempt."""

from pytest_flowcorpus import Flow


def flow_message_resend(flow: Flow) -> None:
    flow.request("""
        Top wish of the portal survey, in a customer's words: "I fixed my bug at 11:02. Your page says
        you'll try again at 16:20. Can I not have it now?" So: a button beside each message and
        receiver, send this again.

        They press it themselves, for their own messages and receivers only, by our ids or theirs; also for
        something that arrived and got lost, or for a receiver that by now listens to other events. One click is
        one try: no new round of retries, and poking at a broken receiver must not get it switched off. If it
        gets through, the 16:20 try is dropped.

        The button must not hang as long as the receiver does. If we no longer have the body it should say so at
        once, not promise something.

        Done: a message delivered yesterday, one click, one more line in its list of attempts, marked as made by
        hand. With a receiver that answers 500: one more failed line, and no other after it.
    """)

    attempt = flow.file("v1/endpoints/attempt.rs")
    attempt.extract("use")
    resend = attempt.extract("resend_webhook")
    attempt_out = attempt.extract("MessageAttemptOut")
    application = flow.file("core/permissions.rs").extract(
        "<Application as FromRequestParts>::from_request_parts"
    )
    find_message = flow.file("db/models/message.rs").extract("Entity::secure_find_by_id_or_uid")
    endpoints = flow.file("db/models/endpoint.rs")
    find_all = endpoints.extract("Entity::secure_find")
    find_endpoint = endpoints.extract("Entity::secure_find_by_id_or_uid")
    trigger = flow.file("core/types/mod.rs").extract("MessageAttemptTriggerType")
    filtered = flow.file("core/message_app.rs").extract("CreateMessageApp::filtered_endpoints")
    queue = flow.file("queue/mod.rs")
    new_task = queue.extract("MessageTask::new_task")
    should_retry = queue.extract("should_retry")
    send = queue.extract("SvixOmniProducer::send")
    worker = flow.file("worker.rs")
    prepare = worker.extract("prepare_dispatch")
    succeeded = worker.extract("handle_successful_dispatch")
    failed = worker.extract("handle_failed_dispatch")
    dispatch = worker.extract("dispatch_message_task")
    process = worker.extract("process_queue_task_inner")

    flow.think(
        """
        The handler could call the receiver itself and show the person its answer; for a button that would be
        the nicer design. But the request would then hang as long as the receiver does, and processes that only
        serve the API would need the signing, the address checks and the way out to the internet that today the
        worker alone has, with a second place that writes attempts. So `resend_webhook` puts one
        `MessageTask::new_task` on the queue and answers 202 with an `EmptyResponse`. The worker does the rest:
        `dispatch_message_task` signs, calls and records, and the portal finds the outcome in the list of
        attempts.
        """,
        covers=["orchestration", "boundaries"],
    )
    assert new_task in resend.calls
    assert send in resend.calls
    assert "JsonStatus<202, EmptyResponse>" in resend
    assert prepare in dispatch.calls
    assert "worker.rs::make_http_call" in dispatch.calls
    assert "worker.rs::make_http_call" not in resend.calls
    assert "queue/mod.rs::QueueTask::MessageV1" in new_task.mentions
    assert "queue/mod.rs::QueueTask::MessageV1" in process.mentions
    flow.hop(send, process, via="SvixOmniConsumer::receive_all")

    flow.think(
        """
        Message and endpoint may each be named by the customer's own id, and a task wants ours. The handler
        looks both up under `app.id`, as `permissions::Application` has found it for this token, and takes
        `msg.id` and `endp.id` from the rows, never from the path. Nothing after it asks whose message this is:
        the worker takes what `find_by_id(task.msg_id.clone())` returns. URL and headers stay out of the task,
        as they were often corrected just before the click; the worker's copy of the application is thirty
        seconds old at most.
        """,
        covers=["boundaries"],
    )
    assert "core/permissions.rs::Application" in resend.mentions
    flow.hop(resend, application, via="permissions::Application")
    assert "check_app_is_permitted" in application
    assert find_message in resend.calls
    assert find_endpoint in resend.calls
    assert find_all in find_endpoint.calls
    assert "Duration::from_secs(30)" in process
    assert "message::Entity::find_by_id(task.msg_id.clone())" in process
    assert "endp.id" in resend

    flow.think(
        """
        The worker could only log a missing body; the handler fetches the content with the message and returns
        `HttpError::bad_request`, a 400 whose code is `"missing_payload"`. It asks for the endpoint afterwards,
        so an expired message is reported even where the endpoint is gone as well. Both 404s, for message and
        endpoint, read the same. A queue that fails in spite of the repeats that `should_retry` allows ends as a
        500; no row has been written by then. If a send got through and only its answer was lost, a second click
        costs one delivery more. All that happens after the 202, the caller learns from the attempts or not at
        all.
        """,
        covers=["errors"],
    )
    assert "error.rs::HttpError::not_found" in resend.calls
    assert "error.rs::HttpError::bad_request" in resend.calls
    assert "find_also_related(messagecontent::Entity)" in resend
    assert should_retry in send.mentions
    assert "insert" not in resend

    flow.think(
        """
        With an ordinary task the click would often do nothing: `dispatch_message_task` drops one whose delivery
        is settled, and a settled delivery is just what people want repeated. The exception needs a mark that
        travels with the task. We take `MessageAttemptTriggerType::Manual` and no flag of its own, since an
        attempt's row holds that value anyway and `MessageAttemptOut` shows the portal who caused it.
        `dispatch_message_task` then ignores the status, and `filtered_endpoints` event types and channels,
        which say what an endpoint wants unasked. One check stays: an endpoint that is disabled or deleted stays
        out for manual tasks, too.
        """,
        covers=["orchestration", "boundaries"],
    )
    assert trigger in resend.mentions
    assert dispatch in process.calls
    assert "msg_task.trigger_type != MessageAttemptTriggerType::Manual" in dispatch
    assert filtered in process.calls
    assert "!endpoint.disabled && !endpoint.deleted" in filtered
    assert trigger in filtered.mentions
    assert "trigger_type: MessageAttemptTriggerType" in attempt_out

    flow.think(
        """
        One click, one attempt: for a manual task `handle_failed_dispatch` stores the row with no `next_attempt`
        and returns before it reaches the schedule, the operational webhooks and `process_endpoint_failure`, so
        trying out a broken endpoint cannot bring it closer to being disabled. The row's number is -1: it has no
        place in the schedule. A success settles the delivery: `handle_successful_dispatch` has
        `process_endpoint_success` forget earlier failures, and its row, now the latest, has no `next_attempt`.
        When the retry of 16:20 comes due, `process_queue_task_inner` reads that row as `MessageStatus::Fail`,
        which here means no more than "nothing left to do", and `dispatch_message_task` drops the task.

        A click may still be served twice. If the call was made and storing its row fails,
        `process_queue_task_inner` ends in an `Error::generic`, and the task is nacked. If it comes back, no row
        stops it, and one click calls the receiver twice. To know that the click was served, we would have to
        store the click itself and ask for it before each call; for so rare a case we leave it to the receiver
        to recognise the message.
        """,
        covers=["errors", "orchestration"],
    )
    assert failed in dispatch.calls
    assert succeeded in dispatch.calls
    assert "Manual retry failed" in failed
    assert "MessageAttemptTriggerType::Manual => -1" in dispatch
    assert "worker.rs::process_endpoint_failure" in failed.calls
    assert "attempt.next_attempt = Set(None)" in succeeded
    assert "worker.rs::process_endpoint_success" in succeeded.calls
    assert "worker.rs::process_endpoint_failure" not in succeeded.calls
    assert "None => MessageStatus::Fail" in process
    assert "attempt.insert(*db).await?" in succeeded
    assert "attempt.insert(*db).await?" in failed
    assert "error.rs::Error::generic" in process.calls
    assert "Some dispatches failed unexpectedly" in process

    flow.think(
        """
        The request costs three SELECTs (application, message with content, endpoint) and one send. The second
        brings the whole payload over only to see that it is there; for a click we do not write a query of its
        own. The worker then reads message and content again, a latest attempt that a manual task ignores, and
        the cached application, and inserts one row. The task joins the end of the common queue, so behind a
        backlog "now" takes a while. Two clicks are two deliveries: `prepare_dispatch` signs each with a new
        timestamp but under the same `msg_id`, by which a receiver can tell a repeat.
        """,
        covers=["performance"],
    )
    assert "db/models/messageattempt.rs::Entity::secure_find_by_msg" in process.calls
    assert "&msg_task.msg_id" in prepare

    flow.think(
        """
        A neighbour shows what a manual task does: `test_recovery_expected_retry_counts` sends one for a message
        that is out of retries, to a receiver that answers 500, and waits until there is one attempt more; that
        no other follows, it does not wait to see. Still to be written, and possible with the same helpers: a
        resend of a message that was delivered, the 400, and a success by hand before a waiting retry.
        """,
        covers=["testing"],
    )

    flow.defect("""
        A payload that is no JSON, as a sender can store it through `raw_payload`, counts as missing:
        `serde_json::from_slice(..).ok()` (attempt.rs:1001) gives `None`, and the caller reads that it has
        probably expired, while the worker would deliver it (worker.rs:908-914).
    """)
    flow.defect("""
        A resend that fails stores an attempt without `next_attempt` (worker.rs:582). If the message was still
        on its retry schedule, the waiting task finds that row as the latest, reads it as `MessageStatus::Fail`
        (worker.rs:867) and is dropped by `dispatch_message_task` (worker.rs:745-755): a failed try by hand ends
        the retries that were left, and no operational webhook says so.
    """)
    flow.defect("""
        `resend_webhook` does not look at the endpoint's `disabled` (attempt.rs:1012-1028). For one that is
        switched off the caller gets a 202, and `process_queue_task_inner` ends the task without a call, without
        an attempt and without a line in the log (worker.rs:935-974).
    """)
    flow.defect("""
        `new_task` starts a resend with an `attempt_count` of 0 (queue/mod.rs:84), and
        `handle_successful_dispatch` announces a recovery only from four on (worker.rs:475): an account that was
        told by an operational webhook that the message was failing is not told that the resend got through.
    """)
    flow.defect("""
        If clearing the failure record fails, `handle_successful_dispatch` returns the error although the
        delivery succeeded and its row is stored (worker.rs:468-470). The task is nacked; if it comes back, a
        manual one is not stopped by the stored success (worker.rs:745-746), and the receiver gets it again.
    """)
