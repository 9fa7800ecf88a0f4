"""Payload retention: from the period a message is created with to the loop that deletes what has expired."""

from pytest_flowcorpus import Flow


def flow_payload_retention(flow: Flow) -> None:
    flow.request("""
        We host you ourselves: three worker processes, one Postgres, no cron anywhere near it. The database has
        passed 1.4 TB, mostly bodies of webhooks that were delivered months ago. Last Saturday we ran a delete
        over them by hand; our statement timeout cancelled it twice, and we gave up. Now our data protection
        officer wants to know on which day each body is gone.

        The sender of a message should say for how many days we may keep its body: ninety if nothing is said,
        and never so few that a delivery loses it between two retries. After that the server removes it by
        itself, on one process as on ten, without holding up deliveries or a restart; half a day late is fine.
        What the message was and how its attempts went stays. Bodies stored today have to go as well, but please
        no migration that has us down for the night.

        Our officer will check: after a message's date its body is out of the database, the message can still be
        looked up and says so, and a resend is refused.
    """)

    cleaner = flow.file("expired_message_cleaner.rs")
    cleaner.extract("use")
    exec_without_timeout = cleaner.extract("exec_without_timeout")
    query_one_without_timeout = cleaner.extract("query_one_without_timeout")
    clean_expired_messages = cleaner.extract("clean_expired_messages")
    has_pending = cleaner.extract("has_message_payloads_pending_expiry")
    cleaner_loop = cleaner.extract("expired_message_cleaner_loop")

    lib = flow.file("lib.rs")
    is_shutting_down = lib.extract("is_shutting_down")
    shutting_down_token = lib.extract("shutting_down_token")
    run_with_prefix = lib.extract("run_with_prefix")

    endpoint = flow.file("v1/endpoints/message.rs")
    message_in = endpoint.extract("MessageIn")
    update_model = endpoint.extract("<MessageIn as ModelIn>::update_model")
    from_msg_and_payload = endpoint.extract("MessageOut::from_msg_and_payload")
    endpoint.extract("default_90")
    create_message_inner = endpoint.extract("create_message_inner")
    get_message = endpoint.extract("get_message")

    resend_webhook = flow.file("v1/endpoints/attempt.rs").extract("resend_webhook")

    message_row = flow.file("db/models/message.rs").extract("Model")
    content = flow.file("db/models/messagecontent.rs")
    content_row = content.extract("Model")
    new_content = content.extract("ActiveModel::new")

    process_task_inner = flow.file("worker.rs").extract("process_queue_task_inner")

    flow.think(
        """
        A payload has to disappear while the row of its message stays. Setting `payload` to NULL in `message`
        would leave us with one table, but for every UPDATE Postgres writes a new version of the whole row. So
        new payloads get a table of their own: `messagecontent::Model` has the message's id as its key, and
        expiry is a DELETE that does not touch `message::Model`, where event type, channels and uid are. That
        adds an INSERT to every message and a join (`find_also_related`) for its readers.
        """,
        covers=["boundaries", "performance"],
    )
    assert "payload: Vec<u8>" in content_row
    assert "primary_key" in content_row
    assert "DELETE FROM messagecontent" in clean_expired_messages
    assert "event_type: EventTypeName" in message_row
    assert "msg_content.insert(txn)" in create_message_inner
    assert "find_also_related(messagecontent::Entity)" in get_message

    flow.think(
        """
        The sender gives a period, `payload_retention_period`, and we store a date: changing `default_90` later
        moves no date already promised. `MessageIn` bounds the period by `min = 5, max = 90`; anything else is a
        422 before the handler runs. Five days is far beyond the default retry schedule, which takes little more
        than a day, so the payload is there for each retry. `update_model` computes `expiration`, and
        `create_message_inner` hands it to `messagecontent::ActiveModel::new`, so that the cleaner finds what is
        due by an index of one table. One transaction inserts both rows, and the task is sent after it. A worker
        that finds a message without content therefore need not ask whether the content is yet to come.
        """,
        covers=["orchestration"],
    )
    assert 'serde(default = "default_90")' in message_in
    assert "range(min = 5, max = 90)" in message_in
    assert message_in in create_message_inner.mentions
    flow.hop(create_message_inner, update_model, via="Into::into")
    assert "Utc::now() + Duration::days(payload_retention_period)" in update_model
    assert new_content in create_message_inner.calls
    assert "payload, msg.expiration" in create_message_inner
    assert "expiration: DateTimeWithTimeZone" in content_row
    assert "db\n        .transaction" in create_message_inner
    assert "legacy_payload" not in update_model

    flow.think(
        """
        Each reader could compare `expiration` with the clock, and a payload would vanish from the API to the
        second. But the promise is about what the database holds, so something has to delete anyway, and each
        query that joins the content would have to repeat the condition. We keep dates out of the readers:
        `get_message`, `resend_webhook` and `process_queue_task_inner` ask whether there is a payload, never how
        old it is. In the half day that is allowed, they treat an overdue one like any other.
        """,
        covers=["boundaries"],
    )
    assert "expiration" not in get_message
    assert "expiration" not in resend_webhook
    assert "expiration" not in process_task_inner
    assert "expiration" not in from_msg_and_payload

    flow.think(
        """
        One DELETE for everything overdue would run into the same timeout again. `clean_expired_messages` takes
        at most `limit` rows in a statement, and `expired_message_cleaner_loop` asks for 5,000 (`BATCH_SIZE`).
        Full batches follow each other without a pause; after a smaller one the loop sleeps for twelve hours
        (`IDLE`), so a process with nothing to remove sends two DELETEs a day. `run_with_prefix` starts this
        loop in every worker process. Electing one would save those few statements, but needs a lease that can
        be lost. Since each batch skips locked rows, two loops that meet take different ones and neither waits.
        Deliveries read the content with a plain SELECT, which waits for no row lock.
        """,
        covers=["performance"],
    )
    assert cleaner_loop in run_with_prefix.calls
    assert "if with_worker" in run_with_prefix
    assert clean_expired_messages in cleaner_loop.calls
    assert "LIMIT $1" in clean_expired_messages
    assert "BATCH_SIZE: u32 = 5_000" in cleaner_loop
    assert "IDLE: Duration = Duration::from_secs(60 * 60 * 12)" in cleaner_loop
    assert "rows_affected < (BATCH_SIZE as _)" in cleaner_loop
    assert "FOR UPDATE SKIP LOCKED" in clean_expired_messages
    assert "lock" not in process_task_inner

    flow.think(
        """
        Payloads stored until now are in the column behind `legacy_payload`. Copying them would write most of
        that terabyte a second time. Instead, a migration adds `expiration` to `message` with a default ninety
        days ahead, which dates every old row without writing the row. So readers look in both places, and the
        cleaner has a second branch that sets the old column to NULL under the same limit. Where that is empty,
        it should cost next to nothing: `has_message_payloads_pending_expiry` asks when the loop starts, and the
        answer goes along as `enable_legacy_message_cleaner`; only a restart asks again. The UPDATE writes up to
        5,000 whole rows of `message` and their index entries, and the question at start may pass many rows
        already emptied. Both run under `"SET LOCAL statement_timeout=0;"`. LOCAL ends with the transaction, so
        the connection returns to the pool with the administrator's setting. The DELETE, whose rows an index
        hands it, keeps to that setting.
        """,
        covers=["performance", "orchestration"],
    )
    assert has_pending in cleaner_loop.calls
    assert query_one_without_timeout in has_pending.calls
    assert exec_without_timeout in clean_expired_messages.calls
    assert "UPDATE message SET payload = NULL" in clean_expired_messages
    assert "if enable_legacy_message_cleaner" in clean_expired_messages
    assert has_pending not in clean_expired_messages.calls
    assert "SET LOCAL statement_timeout=0" in exec_without_timeout
    assert "SET LOCAL statement_timeout=0" in query_one_without_timeout
    assert "pool.execute(stmt).await?" in clean_expired_messages
    assert 'column_name = "payload"' in message_row
    assert ".or(model.legacy_payload)" in from_msg_and_payload
    assert "legacy_payload" in process_task_inner

    flow.think(
        """
        Nobody waits for the result of a round. Its `DbErr` ends in the loop as one line of `tracing::error!`,
        and the next round comes after ten seconds (`ON_ERROR`). Returning it would leave the process delivering
        with nobody cleaning. A deploy must not wait for a twelve-hour sleep: `run_until_cancelled_owned` drops
        it as soon as `shutting_down_token` is cancelled. Between batches the loop asks `is_shutting_down`.
        """,
        covers=["errors"],
    )
    assert "DbResult<UpdateResult>" in clean_expired_messages
    assert 'tracing::error!("{}", err)' in cleaner_loop
    assert "ON_ERROR: Duration = Duration::from_secs(10)" in cleaner_loop
    assert shutting_down_token in cleaner_loop.calls
    assert is_shutting_down in cleaner_loop.calls
    assert ".run_until_cancelled_owned(tokio::time::sleep(duration))" in cleaner_loop

    flow.think(
        """
        To the queue a missing payload is `Ok`, and the task is acknowledged: nacked, it could only come back to
        the same gap. `process_queue_task_inner` leaves a `tracing::warn!` in a span that has the `msg_id`,
        before it reads the application or calls anyone. `resend_webhook` still has a caller, so it looks first
        and answers `HttpError::bad_request` with the code `"missing_payload"`. If the payload goes after this
        check, the caller keeps a 202 and only the worker's warning says why nothing came. For `get_message`, a
        404 would deny a message whose attempts can still be listed. It answers 200, and `from_msg_and_payload`
        puts `r#"{"expired":true}"#` where a client that asked for the content expects it.
        """,
        covers=["errors", "boundaries"],
    )
    assert "payload has most likely expired" in process_task_inner
    assert 'span.record("msg_id", &msg.id.0)' in process_task_inner
    assert "core/message_app.rs::CreateMessageApp::layered_fetch" in process_task_inner.calls
    assert "error.rs::HttpError::bad_request" in resend_webhook.calls
    assert '"missing_payload"' in resend_webhook
    assert "queue/mod.rs::SvixOmniProducer::send" in resend_webhook.calls
    flow.hop(resend_webhook, process_task_inner, via="SvixOmniConsumer::receive_all")
    assert "error.rs::HttpError::bad_request" not in get_message.calls
    assert from_msg_and_payload in get_message.calls
    assert 'r#"{"expired":true}"#' in from_msg_and_payload

    flow.think(
        """
        `clean_expired_messages` is one round without the sleep, so `test_payload_retention_period` needs
        neither the loop nor a clock: it moves one row's date to yesterday, runs a round and finds no row.
        `test_payload_retention_period_messagecontent` asks for five days and expects a date less than an hour
        beyond them, which the default would miss. `test_expunge_message_payload` pins what `get_message` shows
        without content. The branch for old payloads, the worker's warning and the refused resend are left
        untested.
        """,
        covers=["testing"],
    )
    assert "limit: u32" in clean_expired_messages

    flow.defect("""
        If the probe in `has_message_payloads_pending_expiry` fails at start, `expired_message_cleaner_loop`
        returns the error (expired_message_cleaner.rs:121) and does not try again. `run_with_prefix` looks at it
        only after `tokio::join!`, when server and worker have ended too (lib.rs:225, 282): until shutdown the
        process removes nothing and logs nothing about it, and then it panics.
    """)
    flow.defect("""
        A payload that is no JSON, which a sender can store through `raw_payload`, is there but counts as gone
        for the API: `from_msg_and_payload` answers `{"expired":true}` (message.rs:221-231) and `resend_webhook`
        refuses with `missing_payload` (attempt.rs:1000-1010), while the worker delivers it.
    """)
    flow.defect("""
        When a scheduled retry finds the payload gone, `process_queue_task_inner` returns without a new attempt
        (worker.rs:916-919). The last attempt keeps its `next_attempt`, so the message counts as still being
        sent for good, and no operational webhook says that its retries are over.
    """)
    flow.defect("""
        The migration that adds `expiration` to `message` builds `message_payload_not_null_pidx` in the same
        transaction and without CONCURRENTLY (migrations/20220428190104_message_expiration.up.sql:1-3): until
        every stored payload has its index entry, nobody can read or write `message`.
    """)
    flow.defect("""
        The UPDATE of old payloads runs first, and its error leaves `clean_expired_messages` through `?`
        (expired_message_cleaner.rs:66). While it keeps failing, the DELETE (line 88) is never reached, and no
        new payload is removed either; a log line every ten seconds is all that tells.
    """)
