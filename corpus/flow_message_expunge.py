"""Expunging content: DELETE …/msg/{msg_id}/content and …/attempt/{attempt_id}/content, and who notices."""

from pytest_flowcorpus import Flow


def flow_message_expunge(flow: Flow) -> None:
    flow.request("""
        INC-2291, 14:50. A customer's shop put full card numbers into 212 events between 13:10 and 13:50; they
        ask us to make the numbers disappear. Eleven of the events are still being retried against a receiver
        that is down. Another receiver answers every call with a copy of what it got, so the numbers are in what
        we keep of its answers, too.

        I can delete the rows by hand, but the delivery history goes with them, and the same customer is arguing
        with that receiver about what was delivered when. The history has to stay, all but the bodies.

        I need something their back end can call, per message and per recorded answer. Not the people in their
        portal: this cannot be undone. Their script will die half-way and start again from the top, and that
        must do no harm.

        Done: reading the message shows that its body is gone, a retry that is waiting sends nothing, sending it
        again by hand is refused with a reason, and the record still says where it went, when, and with which
        status.
    """)

    message = flow.file("v1/endpoints/message.rs")
    message.extract("use")
    expunge_message = message.extract("expunge_message_content")
    from_msg_and_payload = message.extract("MessageOut::from_msg_and_payload")

    attempt = flow.file("v1/endpoints/attempt.rs")
    attempt_out = attempt.extract("<MessageAttemptOut as From>::from")
    list_by_msg = attempt.extract("list_attempts_by_msg")
    resend = attempt.extract("resend_webhook")
    expunge_attempt = attempt.extract("expunge_attempt_content")
    router = attempt.extract("router")

    permissions = flow.file("core/permissions.rs")
    organization = permissions.extract("<Organization as FromRequestParts>::from_request_parts")
    with_application = permissions.extract(
        "<OrganizationWithApplication as FromRequestParts>::from_request_parts"
    )

    find_message = flow.file("db/models/message.rs").extract("Entity::secure_find_by_id_or_uid")
    attempts = flow.file("db/models/messageattempt.rs")
    attempt_row = attempts.extract("Model")
    find_by_msg = attempts.extract("Entity::secure_find_by_msg")

    message_task = flow.file("queue/mod.rs").extract("MessageTask")
    worker = flow.file("worker.rs")
    dispatch = worker.extract("dispatch_message_task")
    process_task_inner = worker.extract("process_queue_task_inner")
    error = flow.file("error.rs")
    into_response = error.extract("<Error as IntoResponse>::into_response")
    from_db = error.extract("<Error as From<DbErr>>::from")

    flow.think(
        """
        The message's row has to stay: `list_attempts_by_msg` finds the attempts through it and would answer 404
        without it, and to the worker a missing message is an `Error::generic` and a nack. So only the content
        goes, and the question is what takes its place. A stub such as "expunged" in the content row would tell
        support more than a gap. But `process_queue_task_inner` sends whatever content it finds: at the next
        retry the receiver would get our stub, signed. Without a row there is nothing to send.
        `expunge_message_content` deletes the row of `messagecontent` and sets `legacy_payload` to `None`, for
        messages from before that table. It is the gap that expiry leaves, too; `from_msg_and_payload` shows it
        as `r#"{"expired":true}"#`. Nothing in the API then tells an expunged message from an expired one.
        """,
        covers=["boundaries"],
    )
    assert "Unexpected: message doesn't exist" in process_task_inner
    assert find_message in list_by_msg.calls
    assert "messagecontent::Entity::delete_by_id(msg_id)" in expunge_message
    assert "legacy_payload = Set(None)" in expunge_message
    assert "messagecontent" in process_task_inner
    assert 'r#"{"expired":true}"#' in from_msg_and_payload

    flow.think(
        """
        The eleven retries need no search through the queue. A `MessageTask` carries ids, and the worker reads
        the payload anew for each task; a waiting one comes due, finds none and ends in `Ok` with a
        `tracing::warn!`, without a call. A resend by hand does not get that far: `router` gives it to
        `resend_webhook`, which reads the content before it queues anything, finds none either, and answers 400
        with the code `"missing_payload"`. What a worker has read already is beyond our reach: such a call goes
        out, and its answer is recorded after our DELETE, so answers should be expunged last.
        """,
        covers=["orchestration", "errors"],
    )
    assert "payload" not in message_task
    assert "msg_id: MessageId" in message_task
    assert message_task in process_task_inner.mentions
    assert "queue" not in expunge_message
    assert "queue/mod.rs::SvixOmniProducer::send" not in expunge_message.calls
    assert "payload has most likely expired" in process_task_inner
    assert resend in router.mentions
    assert find_message in resend.calls
    assert "find_also_related(messagecontent::Entity)" in resend
    assert "error.rs::HttpError::bad_request" in resend.calls
    assert '"missing_payload"' in resend
    assert "queue/mod.rs::SvixOmniProducer::send" in resend.calls

    flow.think(
        """
        For a recorded answer, too, deleting the row is the obvious way and the wrong one. The worker takes the
        latest attempt, found by `secure_find_by_msg`, for the state of the delivery. If a successful last one
        were gone, the failed one before it, with its `next_attempt`, would read as `MessageStatus::Sending`.
        `dispatch_message_task` lets that through, so a task that the queue hands out a second time would be
        delivered a second time. So `expunge_attempt_content` overwrites `response` and nothing else: url,
        status code and time stay where `MessageAttemptOut` shows them. The column takes no NULL, and `"{}"` is
        in use: `list_attempts_by_msg` writes it where the caller wants the list without content. Hence a word
        of our own, `"EXPUNGED"`. Nothing else writes to an attempt once it is stored, so this UPDATE
        overwrites nobody's change.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert find_by_msg in process_task_inner.calls
    assert "Some(_) => MessageStatus::Sending" in process_task_inner
    assert "order_by_desc(messageattempt::Column::Id)" in process_task_inner
    assert dispatch in process_task_inner.calls
    assert "status != MessageStatus::Pending && status != MessageStatus::Sending" in dispatch
    assert "response: String" in attempt_row
    assert 'attempt.response = sea_orm::Set("EXPUNGED".to_string())' in expunge_attempt
    assert '"{}".clone_into(&mut attempt.response)' in list_by_msg
    assert "response_status_code" in attempt_out
    assert "v1/endpoints/attempt.rs::MessageAttemptOut" in list_by_msg.mentions
    assert list_by_msg.calls.named(attempt_out)

    flow.think(
        """
        What cannot be undone is only for the account, although the portal may read and even resend the same
        messages. Both handlers therefore take `permissions::OrganizationWithApplication`, which meets a portal
        token with `HttpError::permission_denied`. Each step narrows the next: the application is looked up
        within the organisation, the message by `secure_find_by_id_or_uid` under `app.id`, the attempt under
        `msg.id`. The last one matters most: `messageattempt::Model` names no tenant.
        """,
        covers=["boundaries"],
    )
    assert "core/permissions.rs::OrganizationWithApplication" in expunge_message.mentions
    flow.hop(expunge_message, with_application, via="permissions::OrganizationWithApplication")
    assert expunge_attempt in router.mentions
    assert "core/permissions.rs::OrganizationWithApplication" in expunge_attempt.mentions
    flow.hop(expunge_attempt, with_application, via="permissions::OrganizationWithApplication")
    assert organization in with_application.calls
    assert "error.rs::HttpError::permission_denied" in organization.calls
    assert find_message in expunge_message.calls
    assert find_message in expunge_attempt.calls
    assert find_by_msg in expunge_attempt.calls
    assert "secure_find_by_msg(msg.id)" in expunge_attempt
    assert "messageattempt::Column::Id.eq(attempt_id)" in expunge_attempt

    flow.think(
        """
        The two writes of `expunge_message_content` could share a transaction. But a payload lies either in
        `legacy_payload` or in `messagecontent`, so only one of them removes anything, and stopping between them
        leaves the content whole or gone. A `DbErr` is logged by `into_response`, and the caller gets a 500
        whose empty object does not say how far we came; the remedy is the same call again. That has to work on
        what is expunged already: the message's row is still found, the UPDATE sets NULL to NULL, the DELETE
        finds no row, and the script reads `StatusCode::NO_CONTENT` as it did the first time. Only an id that we
        do not know is a 404.
        """,
        covers=["errors"],
    )
    assert "begin" not in expunge_message
    assert "transaction" not in expunge_message
    assert "error.rs::HttpError::not_found" in expunge_message.calls
    assert "StatusCode::NO_CONTENT" in expunge_message
    assert "Message attempt not found" in expunge_attempt
    assert expunge_message.calls.named(from_db)
    flow.hop(expunge_message, into_response, via="IntoResponse::into_response")
    assert "INTERNAL_SERVER_ERROR, Json(json!({}))" in into_response

    flow.think(
        """
        Either call costs four statements, the SELECT of the application included. The content row is deleted by
        its key and never read. Newer messages pay for an UPDATE that changes nothing; but calls are rare, and a
        branch that only old messages take would be one that nobody runs. We could clear the answers of all
        attempts in the same call, with one UPDATE by message id, where now a delivery, with seven retries by
        default, means up to eight calls. But an answer is the receiver's text, and in a dispute the sender may
        need the harmless ones.
        """,
        covers=["performance"],
    )
    assert "find_also_related" not in expunge_message
    assert "msg.update(db)" in expunge_message
    assert "attempt.update(db)" in expunge_attempt
    assert "messageattempt" not in expunge_message
    assert find_by_msg not in expunge_message.calls

    flow.think(
        """
        `test_expunge_message_payload` reads a message before and after. `test_expunge_attempt_response_body`
        waits for the attempt at a receiver that answers with something sensitive, and afterwards reads the word
        in its place. Neither repeats the call, tries it with a portal token, resends the message, or has a
        retry waiting.
        """,
        covers=["testing"],
    )

    flow.defect("""
        A message that was posted with an idempotency key stays in the cache for twelve hours as the body of its
        202, payload included unless `with_content` was false (core/idempotency.rs:321-337).
        `expunge_message_content` does not touch that entry (v1/endpoints/message.rs:525-545): whoever repeats
        the POST with the same key and token reads the payload again.
    """)
    flow.defect("""
        When a waiting retry finds the content gone, `process_queue_task_inner` ends in `Ok` and leaves the last
        attempt's `next_attempt` as it is (worker.rs:916-919). So the message is shown as still being sent
        (attempt.rs:131) for good, and no operational webhook says that its retries are over.
    """)
    flow.defect("""
        `recover_failed_webhooks` does not look for the content, so a recovery that covers an expunged message
        is answered with 202, and nothing but the worker's warning tells that it was not sent
        (recovery.rs:66-77, worker.rs:917).
    """)
