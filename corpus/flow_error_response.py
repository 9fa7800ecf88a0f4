"""Error to response: PATCH …/app/{app_id} when something fails, from where it rises to status or log line."""

from pytest_flowcorpus import Flow


def flow_error_response(flow: Flow) -> None:
    flow.request("""
        The 500 that a customer sent back to us after Thursday night had the failed SQL in its body, somebody
        else's row included. Our log had the same text, no more; it took an hour to see that the pool was
        exhausted and no query slow. Same night: another customer gave a tenant an id already taken, got a 500,
        and kept trying, 2,000 times.

        One way for failures to travel, please. The caller's mistake reaches him with a status and a reason,
        ours as "500" and not a word beyond, even from a handler written in a hurry. Our log says what kind it
        was and which way it came, without each call being wrapped, and without stack traces for clients that
        poll for what is not there yet. Queue and worker, who have no caller, must see which failures deserve
        another try.

        Done when a taken id is a conflict on update, too, and a stored secret we cannot decrypt is a bare 500.
    """)

    applications = flow.file("v1/endpoints/application.rs")
    patch = applications.extract("patch_application")

    org_with_app = flow.file("core/permissions.rs").extract(
        "<OrganizationWithApplication as FromRequestParts>::from_request_parts"
    )
    can_fail = flow.file("core/can_fail.rs").extract("<Result as CanFail>::can_fail")

    fetch_metadata = flow.file("db/models/application.rs").extract(
        "Model::fetch_or_create_metadata"
    )
    upsert_or_delete = flow.file("db/models/applicationmetadata.rs").extract(
        "ActiveModel::upsert_or_delete"
    )

    should_retry = flow.file("queue/mod.rs").extract("should_retry")

    worker = flow.file("worker.rs")
    retry_delay = worker.extract("calculate_retry_delay")
    process_task = worker.extract("process_queue_task")
    queue_handler = worker.extract("queue_handler")

    errors = flow.file("error.rs")
    error = errors.extract("Error")
    new = errors.extract("Error::new")
    http = errors.extract("Error::http")
    trace = errors.extract("Error::trace")
    into_response = errors.extract("<Error as IntoResponse>::into_response")
    traceable = errors.extract("<Result as Traceable>::trace")
    from_db = errors.extract("<Error as From<DbErr>>::from")
    from_redis = errors.extract("<Error as From<redis::RedisError>>::from")
    from_omniqueue = errors.extract("<Error as From<omniqueue::QueueError>>::from")
    from_lapin = errors.extract("<Error as From<lapin::Error>>::from")
    from_transaction = errors.extract("<Error as From<TransactionError<Error>>>::from")
    error_type = errors.extract("ErrorType")
    standard = errors.extract("StandardHttpError")
    not_found = errors.extract("HttpError::not_found")
    conflict = errors.extract("HttpError::conflict")
    http_response = errors.extract("<HttpError as IntoResponse>::into_response")
    on_conflict = errors.extract("http_error_on_conflict")
    is_conflict = errors.extract("is_conflict_err")
    is_timeout = errors.extract("is_timeout_error")
    is_connection = errors.extract("is_connection_timeout_error")

    flow.think(
        """
        The safe answer has to be the one that nobody asks for. If each kind of failure had a status of its
        own, every new conversion would decide what strangers may read. So a status is something one has to
        build: an `HttpError` with its `StandardHttpError`, code and detail, made where the caller's mistake
        is understood, as `HttpError::not_found` in `OrganizationWithApplication`. `into_response` looks for
        `ErrorType::Http` and nothing else, and logs it with `tracing::debug!`. All other types, and those of
        next month, are logged with `tracing::error!`, type and places included, and leave as a 500 with an
        empty object, whatever SQL or host is in their text.
        """,
        covers=["boundaries", "errors"],
    )
    assert "core/permissions.rs::OrganizationWithApplication" in patch.mentions
    flow.hop(patch, org_with_app, via="permissions::OrganizationWithApplication")
    assert not_found in org_with_app.calls
    flow.hop(patch, into_response, via="IntoResponse::into_response")
    assert "ErrorType::Http(s) =>" in into_response
    assert "INTERNAL_SERVER_ERROR, Json(json!({}))" in into_response
    assert 'tracing::error!("type: {:?}, location: {:?}", s, stringified)' in into_response
    assert http_response in into_response.calls
    assert "(self.status, Json(self.body))" in http_response
    assert "detail: String" in standard
    assert error_type in into_response.mentions

    flow.think(
        """
        A boxed error would need one conversion for everything. But code that decides by the kind would have
        to downcast to types of crates that it should not know. What fails in the queue, be it Redis,
        omniqueue or lapin, which speaks to RabbitMQ, becomes `ErrorType::Queue` by a `From` each; a cache on
        the same Redis has `ErrorType::Cache`. So `should_retry` is one `matches!`, and a further backend
        leaves it alone. `calculate_retry_delay` asks for `ErrorType::Timeout` in the same way: a receiver
        that hangs is not called again after a few seconds. The price is a variant and a conversion for each
        new kind; and `Error` is one type for all modules, so a signature does not tell which variants to
        expect.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert "typ: ErrorType" in error
    assert "matches!(err.typ, ErrorType::Queue(_))" in should_retry
    assert "Cache(String)" in error_type
    assert "error.rs::Error::queue" in from_redis.calls
    assert "error.rs::Error::queue" in from_omniqueue.calls
    assert "error.rs::Error::queue" in from_lapin.calls
    assert "ErrorType::Timeout(_)" in retry_delay
    assert "max(duration, Duration::from_secs(OVERLOAD_PENALTY_SECS))" in retry_delay

    flow.think(
        """
        Whose fault is a unique violation? Postgres reports a taken uid and a clash of two keys that we made
        ourselves with the same code, `"23505"`. A 409 for both in `fn from(err: DbErr)` would be the least
        work, and a client that hit our own clash would search for a mistake it did not make. Only the statement
        knows, so `patch_application` puts `http_error_on_conflict` on the UPDATE, whose uid comes from the
        caller, and not on `upsert_or_delete`, which writes metadata under an id of ours. A write where that is
        forgotten answers 500 instead of 409: wrong, but it tells nobody anything. Both writes run in one
        transaction, which wraps their error; `fn from(value: TransactionError<Error>)` unwraps it, and the 409
        arrives.
        """,
        covers=["errors"],
    )
    assert on_conflict in patch.mentions
    assert "app.update(txn).await.map_err(http_error_on_conflict)?" in patch
    assert upsert_or_delete in patch.calls
    assert is_conflict in on_conflict.calls
    assert conflict in on_conflict.calls
    assert '"23505"' in is_conflict
    assert conflict not in from_db.calls
    assert "error.rs::Error::conflict" in from_db.calls
    assert patch.calls.named(from_transaction)
    assert "TransactionError::Transaction(crate_err) => crate_err" in from_transaction
    assert on_conflict not in upsert_or_delete.mentions

    flow.think(
        """
        For the log, a `DbErr` that is converted by a question mark is sorted: `is_timeout_error` for a slow
        statement, `is_connection_timeout_error` for a pool or a connection that gives nothing. To the caller
        all are the same 500. The code that Postgres has for a cancelled statement does not say whether its
        own time limit cancelled it, so `is_timeout_error` looks for the words, and misses them on a server
        that speaks another language; the line then says `Database`. `is_conflict_err` and
        `is_connection_timeout_error` list every variant of `DbErr`: if sea-orm adds one, neither compiles
        until somebody decides where it belongs.
        """,
        covers=["errors", "testing"],
    )
    assert fetch_metadata.calls.named(from_db)
    assert upsert_or_delete.calls.named(from_db)
    assert is_timeout in from_db.calls
    assert is_connection in from_db.calls
    assert "error.rs::Error::db_timeout" in from_db.calls
    assert "canceling statement due to statement timeout" in is_timeout
    assert "E::ConnectionAcquire(_) | E::Conn(_) => return true" in is_connection
    assert "_ =>" not in is_conflict
    assert "_ =>" not in is_connection

    flow.think(
        """
        Which way an error came could be told by a backtrace. The 404 of a polling client could go without; but
        the others would be captured when we can afford it least, with the database down and every request
        failing, and most of their frames would be those of tokio and the middleware, with ours somewhere
        between. We note places instead. `Error::new` and conversions like `fn from(err: DbErr)` are
        `#[track_caller]`, so `Location::caller()` is the line that converted: one pointer to a constant. Where
        an error crosses into another module, `.trace()?` pushes a second, as behind `fetch_or_create_metadata`.
        A closure in `map_err` would note its own place, so `fn trace(self)` for `Result` is written as a
        `match`. `Error::http` starts with an empty `Vec`, which allocates nothing: an answer built for the
        caller needs no explaining. Any other error pays one small allocation for its places and another when
        `.trace()?` adds to them, and `into_response` turns them into strings. A place that nobody marked is
        missing.
        """,
        covers=["performance"],
    )
    assert "#[track_caller]" in new
    assert "#[track_caller]" in from_db
    assert "vec![Location::caller()]" in new
    assert "trace: Vec<&'static Location<'static>>" in error
    assert "self.trace.push(Location::caller())" in trace
    assert trace in traceable.calls
    assert "map_err" in traceable
    assert "match self" in traceable
    assert fetch_metadata in patch.calls
    assert "fetch_or_create_metadata(db).await.trace()?" in patch
    assert "Vec::with_capacity(0)" in http
    assert new not in http.calls

    flow.think(
        """
        After the commit an error would lie to the caller. If `CreateMessageApp::invalidate` fails, the row is
        changed, and a 500 would make the client send it again. `can_fail` writes a `tracing::error!` with the
        place and goes on with the `Default` of the result; a result that has no default, such as a row, cannot
        be waved through.

        In the worker there is no caller to protect. Whatever leaves `process_queue_task_inner` is logged by
        `process_queue_task` and handed back; `queue_handler` nacks the task whatever the type, since only the
        queue knows how often it was tried.
        """,
        covers=["orchestration", "errors"],
    )
    assert "core/message_app.rs::CreateMessageApp::invalidate" in patch.calls
    assert can_fail in patch.calls
    assert "swallowing error at" in can_fail
    assert "T::default()" in can_fail
    assert 'tracing::error!("{e}")' in process_task
    assert "worker.rs::process_queue_task_inner" in process_task.calls
    assert "worker.rs::process_queue_task" in queue_handler.calls
    assert "delivery.nack()" in queue_handler
    assert into_response not in process_task.calls

    flow.think(
        """
        In `test_uid` a PUT with another application's uid must get 409; its POST is stopped by an earlier
        lookup, and PATCH is not tried. `test_endpoint_secret_encryption` ends with a server that lacks the main
        secret and wants 500 for a secret that it cannot decrypt; the empty body and the log line go unread. The
        three functions on `DbErr` need neither server nor database, and yet none has a unit test; only the
        conflict is provoked, end to end.
        """,
        covers=["testing"],
    )

    flow.defect("""
        `http_error_on_conflict` is not `#[track_caller]` (error.rs:447): the first place noted for an UPDATE or
        INSERT that fails for another reason than a conflict is error.rs:451, whichever handler it was, and the
        only one where nobody adds `.trace()`, as in `patch_application`. It does not ask `is_timeout_error` or
        `is_connection_timeout_error` either, so a write that timed out is logged as `Database`.
    """)
    flow.defect("""
        `TransactionError::Connection` becomes `Error::database` without being sorted (error.rs:207): a pool
        that has no connection for BEGIN is logged as `Database` instead of `ConnectionTimeout`.
    """)
    flow.defect("""
        `process_queue_task` logs an error with `Display` (worker.rs:811), which prints neither its type nor
        its trace: the places noted on the way are lost for everything that fails in the worker outside of
        `dispatch_message_task`.
    """)
    flow.defect("""
        `SvixOmniProducer::send` converts with `.map_err(Into::into)` (queue/mod.rs:181), where no caller is
        tracked: the place noted for a failed send is one in the standard library.
    """)
