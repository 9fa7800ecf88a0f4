"""Webhook dispatch: from one task to its deliveries, each with an attempt's row as its only state."""

from pytest_flowcorpus import Flow


def flow_webhook_dispatch(flow: Flow) -> None:
    flow.request("""
        Looking for whoever owns the delivery path. For each message and endpoint we write a row before anybody
        has been called, and update it after every call, next to the record of the call itself. Most of our dead
        tuples come from that first row, and all it says, whether the delivery is over and when the next try is,
        concerns the last call only.

        I would like us to stop writing that table. Conditions: a retry that the queue hands out after its
        delivery was settled is recognised. Support's list of an endpoint's messages keeps its three answers:
        arrived, given up, still trying. The retries that are queued when we deploy, whose state stands only in
        the old table, run out properly. A call that we could not record counts as not made.

        Done when a delivery that succeeds costs one insert and no update, a failing one moves in that list from
        "still trying" to "given up" at the end of its schedule, and a late retry of a settled one calls nobody.
    """)

    worker = flow.file("worker.rs")
    worker.extract("use")
    process_inner = worker.extract("process_queue_task_inner")
    dispatch = worker.extract("dispatch_message_task")
    make_http_call = worker.extract("make_http_call")
    succeeded = worker.extract("handle_successful_dispatch")
    failed = worker.extract("handle_failed_dispatch")

    attempts = flow.file("db/models/messageattempt.rs")
    attempt_row = attempts.extract("Model")
    find_by_msg = attempts.extract("Entity::secure_find_by_msg")
    old_table = flow.file("db/models/messagedestination.rs")
    find_destination = old_table.extract("Entity::secure_find_by_msg")

    status = flow.file("core/types/mod.rs").extract("MessageStatus")
    from_db_err = flow.file("error.rs").extract("<Error as From<DbErr>>::from")
    task = flow.file("queue/mod.rs").extract("MessageTask")
    message_out = flow.file("v1/endpoints/attempt.rs").extract(
        "EndpointMessageOut::from_attempt_and_msg"
    )

    flow.think(
        """
        The many deliveries that succeed at the first call should need no row of state. Keeping the old one just
        for those that failed once would do. But then no row could mean "settled" or "not called yet", and only
        the attempts could tell which; and after each failure two tables would have to change in one
        transaction. What the row says fits into one more column of the attempt: `next_attempt` is the time of
        the next call, or null if there will be none. The latest `messageattempt::Model` of a message and an
        endpoint is then what the worker goes by. It inserts each row once and never touches it again.
        """,
        covers=["boundaries", "performance"],
    )
    assert "next_attempt: Option<DateTimeWithTimeZone>" in attempt_row
    assert "attempt.insert(*db).await?" in succeeded
    assert "attempt.insert(*db).await?" in failed
    assert "messagedestination::ActiveModel" not in process_inner

    flow.think(
        """
        `process_queue_task_inner` asks for that state only where it may have changed: for a `MessageTask`,
        which is a retry or a resend. The first row in descending order of `Id` is the latest, as ids are
        ordered by time. One with `next_attempt` means `MessageStatus::Sending`, one without means
        `MessageStatus::Fail`, even after a success: here it only says "over". No row is `Sending` too.
        `dispatch_message_task` returns `Ok` for a scheduled task that is over: it is acknowledged, and nobody
        is called. A resend is `Manual` and goes through, since it is wanted just when a delivery is over.

        A batch skips the query. Its calls are normally the first, so it would ask once per endpoint and find no
        row. Each of its endpoints gets a `MessageTask` with an `attempt_count` of 0 that never sees the queue:
        what is queued is a retry of one endpoint only.
        """,
        covers=["orchestration"],
    )
    assert find_by_msg in process_inner.calls
    assert ".order_by_desc(messageattempt::Column::Id)" in process_inner
    assert "MessageAttemptId::new(created_at.into(), None)" in make_http_call
    assert "Some(_) => MessageStatus::Sending" in process_inner
    assert "None => MessageStatus::Fail" in process_inner
    assert "None => MessageStatus::Sending" in process_inner
    assert dispatch in process_inner.calls
    assert task in process_inner.mentions
    assert "return Ok(())" in dispatch
    assert "msg_task.trigger_type != MessageAttemptTriggerType::Manual" in dispatch
    assert "queue/mod.rs::SvixOmniProducer::send" not in process_inner.calls

    flow.think(
        """
        `make_http_call` knows what the receiver said and nothing of the schedule: it sets code, body and a
        `status` of `Success` or `Fail`. `next_attempt` is for the handlers: `handle_successful_dispatch` sets
        it to `None`, `handle_failed_dispatch` to a time while `retry_schedule` has an entry, and to `None`
        after the last or a resend. The `attempt_number` is the place on the schedule, and -1 for a resend,
        which is not on it.

        "Still trying" is never stored. If `Sending` stood in the row of a failed call, the attempt list would
        show that call as unfinished, and the next call would have to come back and correct it. So
        `from_attempt_and_msg` makes it at reading: `Sending` if the latest attempt has a `next_attempt`, else
        that attempt's own `status`.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert make_http_call in dispatch.calls
    assert succeeded in dispatch.calls
    assert failed in dispatch.calls
    assert "retry_schedule" not in make_http_call
    assert "next_attempt" not in make_http_call
    assert "status: Set(status)" in make_http_call
    assert "attempt.next_attempt = Set(None)" in succeeded
    assert "attempt.next_attempt = Set(Some(next_attempt_time.into()))" in failed
    assert "MessageAttemptTriggerType::Manual => -1" in dispatch
    assert "attempt_number: Set(db_attempt_number)" in make_http_call
    assert "core/types/mod.rs::MessageStatus::Sending" not in make_http_call.mentions
    assert status in message_out.mentions
    assert "if attempt.next_attempt.is_some()" in message_out

    flow.think(
        """
        A failed call leaves two things, a row and a queued task, and one can be lost. `handle_failed_dispatch`
        inserts first. If `queue_tx.send` then fails, its `Err` nacks the task we are working on; when that one
        comes back, the receiver is called again, and this delivery still has one schedule. If the task was a
        batch, its other endpoints are called again too: the price of one task for all of them. The other way
        round, a failing insert would leave a retry in the queue and bring the present task back as well: two
        schedules for one delivery.

        A failed insert is a `DbErr`; `From` makes it an `Error` of ours, and `process_queue_task_inner` wraps
        that with the errors of the other endpoints in one `Error::generic`, which is logged, and the task is
        nacked. Nothing of this reaches the sender, who got a 202 long ago. A `MessageAttemptRecovered` that
        cannot be sent is a `tracing::error!`: it is news about the delivery and no reason to call again a
        receiver who has the message.
        """,
        covers=["errors", "orchestration"],
    )
    assert "queue/mod.rs::QueueTask::MessageV1" in failed.mentions
    assert failed.calls.named("send")
    assert "attempt_count: msg_task.attempt_count + 1" in failed
    assert failed.calls.named(from_db_err)
    assert "error.rs::Error::generic" in process_inner.calls
    assert "Some dispatches failed unexpectedly" in process_inner
    assert "Failed sending MessageAttemptRecovered Operational Webhook" in succeeded

    flow.think(
        """
        Attempts from before the change have no `next_attempt` either, and there it means nothing. We could fill
        the column for all of them, rewriting our largest table for queued retries that, with the default
        schedule, all come due within a day. Instead the row tells its age: old ones have a `msg_dest_id`, and
        `make_http_call` sets none. Only for an old row without `next_attempt` does the worker ask
        `messagedestination::Entity::secure_find_by_msg` for the status, one more query for one retry, or one
        resend, since the next finds a new row. If that finds no row, we do not know whether the delivery is
        over: the task ends in an `Error::generic` that the log shows, the receiver is not called, and the nack
        leaves it to the queue whether the retry comes back.
        """,
        covers=["errors", "performance"],
    )
    assert find_destination in process_inner.calls
    assert "None if attempt.msg_dest_id.is_some()" in process_inner
    assert "msg_dest_id: Set(None)" in make_http_call
    assert "MessageDestination not found for message" in process_inner
    assert "msg_dest_id: Option<MessageEndpointId>" in attempt_row

    flow.think(
        """
        A batch to N endpoints now writes N rows and updates none; a retry costs a join for message and content,
        one `latest_attempt` and one insert. `test_message_attempts_empty_retry_schedule` wants one row with
        `Fail`, `test_list_attempted_messages_sending` two messages "still trying" while the receiver says 500,
        `test_list_attempted_messages_failed` none of those once a schedule of one entry is over, and
        `test_list_attempted_messages_success_are_not_sending` that an earlier failure with a `next_attempt`
        does not outlive a success. The last three ask by `status` and pin its filter; what
        `from_attempt_and_msg` makes of a row they do not see. Late retries of settled deliveries and rows with
        a `msg_dest_id` have no test, so removing the old table will have to be checked by hand.
        """,
        covers=["testing", "performance"],
    )

    flow.defect("""
        A resend that fails is stored without `next_attempt` (worker.rs:582). A scheduled retry that is still to
        come finds it as the latest attempt, takes the delivery for settled (867) and returns (745-754): the
        schedule ends there.
    """)
    flow.defect("""
        `handle_successful_dispatch` returns the failed cache delete of `process_endpoint_success` through `?`
        after the row is stored (worker.rs:116, 470): the task of a delivery that succeeded is nacked, and a
        batch that comes back calls all its endpoints again.
    """)
    flow.defect("""
        Asked without a status, `list_attempted_messages` takes the latest attempt of any kind
        (v1/endpoints/attempt.rs:385-400), so a message that arrived and whose later resend failed is shown as
        failed (131-135), while with `status=0` it is listed as arrived and with `status=2` left out (321-349).
    """)
    flow.defect("""
        The response is collected whole and without a time limit before it is cut (worker.rs:396-400).
    """)
