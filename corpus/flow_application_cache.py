"""The application cache: who gets a message, from an endpoint's change to the next delivery."""

from pytest_flowcorpus import Flow


def flow_application_cache(flow: Flow) -> None:
    flow.request("""
        From the database side, after last week's primary overload: more than half of all statements were the
        same two. One lists an application's endpoints, the other finds the application when a worker takes a
        task. They run for every event and every retry; our customers change endpoints a few times a week.

        I need both off the path of a busy application. But support tells customers "fix your URL and send
        again": the next event after a confirmed change should follow it. When something goes wrong on our side
        it may lag by about half a minute, and nobody must be asked to make the change twice. Running without
        any cache stays supported. And a Postgres that is down must never be taken for a customer who has left:
        those tasks are thrown away.

        On my graph a busy application's endpoints are then read about twice a minute; delete an application's
        only endpoint, and the next event is accepted and arrives nowhere.
    """)

    message_app = flow.file("core/message_app.rs")
    message_app.extract("use")
    cached_app = message_app.extract("CreateMessageApp")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    invalidate = message_app.extract("CreateMessageApp::invalidate")
    layered_fetch = message_app.extract("CreateMessageApp::layered_fetch")
    filtered_endpoints = message_app.extract("CreateMessageApp::filtered_endpoints")
    new_key = message_app.extract("AppEndpointKey::new")

    crud = flow.file("v1/endpoints/endpoint/crud.rs")
    create_endpoint = crud.extract("create_endp_from_data")
    delete_endpoint = crud.extract("delete_endpoint")
    applications = flow.file("v1/endpoints/application.rs")
    update_application = applications.extract("update_application")
    delete_application = applications.extract("delete_application")
    create_message = flow.file("v1/endpoints/message.rs").extract("create_message_inner")

    memory_cache = flow.file("core/cache/memory.rs").extract("MemoryCache")
    no_cache_get = flow.file("core/cache/none.rs").extract("<NoCache as CacheBehavior>::get")
    redis_delete = flow.file("core/cache/redis.rs").extract("<RedisCache as CacheBehavior>::delete")
    can_fail = flow.file("core/can_fail.rs").extract("<Result as CanFail>::can_fail")

    application_rows = flow.file("db/models/application.rs")
    find_apps = application_rows.extract("Entity::secure_find")
    find_app = application_rows.extract("Entity::secure_find_by_id")
    find_endpoints = flow.file("db/models/endpoint.rs").extract("Entity::secure_find")

    error = flow.file("error.rs")
    from_db = error.extract("<Error as From<DbErr>>::from")
    into_response = error.extract("<Error as IntoResponse>::into_response")

    worker = flow.file("worker.rs")
    process_task = worker.extract("process_queue_task")
    process_task_inner = worker.extract("process_queue_task_inner")

    flow.think(
        """
        For each message and task we want the endpoints: `create_message_inner` asks whether anyone listens,
        `process_queue_task_inner` who. Cached, the answer itself would be one entry per event type and set of
        channels. But a changed endpoint would have to find every entry that it matched before or matches now,
        and our cache deletes only a key that the caller can name. One `CreateMessageApp` therefore holds an
        application with all its endpoints that are not deleted, and a change to any of them affects one key. A
        hit is then one read but decodes the whole list, and `filtered_endpoints` tests each endpoint.
        """,
        covers=["performance", "orchestration"],
    )
    assert layered_fetch in create_message.calls
    assert layered_fetch in process_task_inner.calls
    assert filtered_endpoints in create_message.calls
    assert ".is_empty()" in create_message
    assert filtered_endpoints in process_task_inner.calls
    assert "endpoints: Vec<CreateMessageEndpoint>" in cached_app
    assert "core/cache/mod.rs::CacheBehavior::get" in layered_fetch.calls

    flow.think(
        """
        If handler and worker had a filter each and the two ever differed, a task could be missing although
        somebody listens. So the filter belongs to the value, and `endpoints` is private: callers have to ask
        `filtered_endpoints`, and none gets a disabled endpoint by oversight.
        `MessageAttemptTriggerType::Manual` sets aside event types and channels, `disabled` never.

        As key, the organisation and the path's id or uid would do for the handler. But the worker has only
        `msg.org_id` and `msg.app_id`, and a uid can pass to another application once `delete_application` has
        cleared it. `AppEndpointKey::new` takes the two ids instead. A pair that does not belong together finds
        no entry, and through `secure_find_by_id` no row.
        """,
        covers=["boundaries"],
    )
    assert "pub endpoints" not in cached_app
    assert "!endpoint.disabled && !endpoint.deleted" in filtered_endpoints
    assert "core/types/mod.rs::MessageAttemptTriggerType::Manual" in filtered_endpoints.mentions
    assert "app.uid = Set(None)" in delete_application
    assert "msg.org_id.clone()" in process_task_inner
    assert "msg.app_id.clone()" in process_task_inner
    assert "{org}_{app}" in new_key
    assert new_key in layered_fetch.calls
    assert new_key in invalidate.calls
    assert find_app in layered_fetch.calls
    assert "secure_find(org_id).filter(Column::Id.eq(id))" in find_app

    flow.think(
        """
        A miss costs the worker BEGIN, a SELECT for the application, one for the endpoints
        (`fetch_from_pg_by_model`), the cache write and a ROLLBACK. `create_message_inner` has found the
        application by its path and hands the row in, which saves the first SELECT. `layered_fetch` begins the
        transaction itself, on a `DatabaseConnection`. If it accepted the caller's, an old snapshot, or rows
        that are rolled back later, could end up in the cache for everyone.
        """,
        covers=["performance", "boundaries"],
    )
    assert "pg: &DatabaseConnection" in layered_fetch
    assert "pg.begin().await?" in layered_fetch
    assert "commit" not in layered_fetch
    assert fetch_from_pg in layered_fetch.calls
    assert find_endpoints in fetch_from_pg.calls
    assert "core/cache/mod.rs::CacheBehavior::set" in layered_fetch.calls
    assert "core/cache/mod.rs::CacheBehavior::set_if_not_exists" not in layered_fetch.calls
    assert "Some(app.clone())" in create_message
    assert "db/models/application.rs::Entity::secure_find_by_id_or_uid" in create_message.calls

    flow.think(
        """
        A handler that changes an endpoint could write the new list to the cache and spare the next reader the
        SELECTs. But `create_endp_from_data` has one endpoint in hand where an entry needs all, and of two
        handlers that read and write the list at once, the one that read first may write last. Two deletes leave
        the same in either order. So `invalidate` sends one delete: after `txn.commit`, since before it a reader
        could put the old list back, and before `send_operational_webhook`, since nothing that can fail may
        stand between commit and delete. A new application has no entry: for an unknown one, `layered_fetch`
        returns before `cache.set`. `update_application`, which may create one, therefore deletes only with an
        `app_and_org_id`.
        """,
        covers=["orchestration"],
    )
    assert invalidate in create_endpoint.calls
    assert "txn.commit().await?" in create_endpoint
    assert (
        "core/operational_webhooks.rs::OperationalWebhookSenderInner::send_operational_webhook"
        in (create_endpoint.calls)
    )
    assert invalidate in delete_endpoint.calls
    assert invalidate in delete_application.calls
    assert invalidate in update_application.calls
    assert "if let Some((app_id, org_id)) = app_and_org_id" in update_application
    assert "core/cache/mod.rs::CacheBehavior::delete" in invalidate.calls
    assert fetch_from_pg not in create_endpoint.calls
    assert layered_fetch not in create_endpoint.calls
    flow.hop(invalidate, redis_delete, via="CacheBehavior::delete")

    flow.think(
        """
        When Redis refuses that delete, the change is already committed. `invalidate` maps the failure to
        `Error::cache`. Returned to the caller, it would be a 500, and a client that then repeats a POST without
        a uid has two endpoints at one URL, and every message twice. `can_fail` takes the result instead and
        writes a `tracing::error!` with file and line of that call. The caller reads success and is not told
        that the old list may be in use until it expires.
        """,
        covers=["errors"],
    )
    assert "error.rs::Error::cache" in invalidate.calls
    assert can_fail in create_endpoint.calls
    assert can_fail in delete_endpoint.calls
    assert "tracing::error!" in can_fail
    assert "Location::caller()" in can_fail

    flow.think(
        """
        The worker throws away the tasks of an application that is gone, so `layered_fetch` has to keep "gone"
        and "don't know" apart. `Ok(None)` means that Postgres has no such application, or a deleted one:
        `process_queue_task_inner` leaves a `tracing::info!` and acknowledges by `Ok`. A failed `begin` or
        SELECT is a `DbErr`, becomes an `Error` in `fn from(err: DbErr)` and leaves as `Err`;
        `process_queue_task` logs it, and the task is nacked. In `create_message_inner` the same `Err` comes
        before the message's insert: `into_response` logs it, and the client reads a bare 500. A cache that
        fails is neither: on anything but `Ok(Some(cma))`, `layered_fetch` goes to Postgres, and `let _ =
        cache.set` drops a failed write. While Redis is down, every call pays for the SELECTs again.
        """,
        covers=["errors"],
    )
    assert "Result<Option<CreateMessageApp>>" in layered_fetch
    assert find_apps in find_app.calls
    assert "Column::Deleted.eq(false)" in find_apps
    assert "Application doesn't exist: {}" in process_task_inner
    assert "tracing::info!" in process_task_inner
    assert process_task_inner in process_task.calls
    assert 'tracing::error!("{e}")' in process_task
    assert layered_fetch.calls.named(from_db)
    flow.hop(create_message, into_response, via="message::create_message")
    assert "INTERNAL_SERVER_ERROR, Json(json!({}))" in into_response
    assert "if let Ok(Some(cma)) = cache.get" in layered_fetch
    assert "let _ = cache.set" in layered_fetch

    flow.think(
        """
        Deletes alone do not keep the promise. One may fail; a reader may have selected before the commit and
        call `cache.set` after the delete; and no delete by another process reaches a `MemoryCache`. In the
        worker, an old list means calls to an old address. In `create_message_inner` it weighs more: if nobody
        on it matches, no task is queued, and a new endpoint gets that message neither late nor by a retry. So
        both callers give an entry thirty seconds. An hour would save two expiries a minute, each with a load by
        every caller that misses before the first has written, but leave that gap open for an hour. With
        `NoCache`, whose `get` finds nothing, each call is a miss.
        """,
        covers=["performance", "errors"],
    )
    assert "from_secs(30)" in create_message
    assert "from_secs(30)" in process_task_inner
    assert "map: SharedState" in memory_cache
    assert "Ok(None)" in no_cache_get
    flow.hop(layered_fetch, no_cache_get, via="CacheBehavior::get")
    assert "core/cache/mod.rs::Cache::is_none" not in layered_fetch.calls

    flow.think(
        """
        `test_endp_deletion` delivers one message, deletes the endpoint and posts another, which must be
        accepted and may not arrive within 250 ms. It drops the cache entry itself, and so shows what a load
        finds; the server's `MemoryCache` is out of its reach, so with that it returns early.
        `test_msg_event_types_filter` counts three attempts for one event type and two for another,
        `test_msg_channels_filter` two for a message with a channel and one without.
        """,
        covers=["testing"],
    )

    flow.defect("""
        `update_endpoint_headers` and `patch_endpoint_headers` write the endpoint without `invalidate`
        (v1/endpoints/endpoint/headers.rs:50, 70): with any cache, deliveries carry the old headers for up to
        thirty seconds after the 204.
    """)
    flow.defect("""
        When the worker disables an endpoint after repeated failures, it does not drop the entry either
        (worker.rs:685-690): for up to thirty seconds the handler goes on queueing for the endpoint and the
        worker goes on calling it.
    """)
    flow.defect("""
        `RedisCache::delete` tries once (core/cache/redis.rs:67-73), while `CacheBehavior::get` and
        `CacheBehavior::set` retry three times (core/cache/mod.rs:144-160, 178-192). A connection that drops for
        a moment costs a read 10 to 70 ms, and a delete thirty seconds of a stale list.
    """)
    flow.defect("""
        No index serves the SELECT of a miss: the only index of `endpoint` that begins with `app_id` is partial,
        on rows with a uid (migrations/20220123205937_initial.up.sql:39), so Postgres reads the whole table.
    """)
    flow.defect("""
        The transaction of `layered_fetch` gives no common snapshot of application and endpoints, as it runs at
        Postgres's default of READ COMMITTED, and it keeps its connection until `cache.set` has returned
        (core/message_app.rs:98-115): while Redis fails, through four attempts and 70 ms of waits.
    """)
    flow.defect("""
        `deleted` is never true in an entry: the handler's row and both SELECTs have `deleted = false`
        (db/models/application.rs:117, db/models/endpoint.rs:117). The checks of `layered_fetch`
        (core/message_app.rs:90, 117) and of `filtered_endpoints` (134) cannot decide anything.
    """)
    flow.defect("""
        Neither test of tests/it/message_app.rs would notice a handler that forgets `invalidate`: both delete
        the entry themselves (lines 81-84, 163-166) and return at once with the in-memory cache. The 404 that
        `test_app_deletion` expects comes from the handler's own `secure_find_by_id_or_uid`
        (v1/endpoints/message.rs:387-397), not from `layered_fetch`, as its comment says.
    """)
    flow.defect("""
        A `rate_limit` outside `u16`, which the API refuses but the column admits, makes `try_from` fail the
        load of the whole application (core/message_app.rs:49, 215-219), although nothing enforces the limit.
    """)
    flow.defect("""
        `send_operational_webhook` builds its token before it spawns (core/operational_webhooks.rs:139-140), and
        `create_endp_from_data` returns that error through `?` (v1/endpoints/endpoint/crud.rs:106) after the
        endpoint is committed: the caller is told 500 for an endpoint that exists.
    """)
