"""Endpoint auto-disable: from the last failed attempt to the mark in the cache and the endpoint's row."""

from pytest_flowcorpus import Flow


def flow_endpoint_auto_disable(flow: Flow) -> None:
    flow.request("""
        Three of every ten calls we make go to hosts that have not given a single 2xx since spring: expired
        trials, a laptop behind a closed tunnel, a subsidiary that was sold. Each message for them still runs
        through every retry and holds a worker for up to thirty seconds a time.

        Let us stop calling an endpoint that has failed for a long time without one success in between, and let
        its owner hear of it, including since when. Be slow to judge: a bad weekend must switch nobody off, nor
        ten thousand failures in one hour, nor two failures a month apart with silence between them. Any success
        wipes the slate. Somebody trying the resend button in the portal is not evidence against the endpoint.

        Most calls succeed, and I will not pay a statement in Postgres for those. If we forget what we knew, we
        are more patient, not less. How long is long should be a setting, in hours.

        Three endpoints, tested with a short period, would convince me: failing throughout, off; one success in
        between, on; failing again only much later, on.
    """)

    worker = flow.file("worker.rs")
    worker.extract("use")
    info = worker.extract("EndpointDisableInfo")
    value = worker.extract("FailureCacheValue")
    key_def = worker.extract("kv_def!(FailureCacheKey)")
    key = worker.extract("FailureCacheKey::new")
    success = worker.extract("process_endpoint_success")
    failure = worker.extract("process_endpoint_failure")
    handle_success = worker.extract("handle_successful_dispatch")
    handle_failed = worker.extract("handle_failed_dispatch")
    process_task = worker.extract("process_queue_task")

    hours = flow.file("cfg.rs").extract("deserialize_hours")

    cache = flow.file("core/cache/mod.rs")
    kv_inner = cache.extract("kv_def_inner")
    retries = cache.extract("RETRY_SCHEDULE")
    get = cache.extract("CacheBehavior::get")
    set_ = cache.extract("CacheBehavior::set")
    none_get = flow.file("core/cache/none.rs").extract("<NoCache as CacheBehavior>::get")

    endpoints = flow.file("db/models/endpoint.rs")
    before_save = endpoints.extract("<ActiveModel as ActiveModelBehavior>::before_save")
    find = endpoints.extract("Entity::secure_find")
    find_by_id = endpoints.extract("Entity::secure_find_by_id")
    filtered = flow.file("core/message_app.rs").extract("CreateMessageApp::filtered_endpoints")
    event = flow.file("core/operational_webhooks.rs").extract("EndpointDisabledEventData")

    flow.think(
        """
        A count of failures would condemn an endpoint for one busy bad hour, so we measure a span of time:
        from the first failure with no success after it until now. A single failed call is no evidence yet,
        since the retry may get through. Only where the schedule has run out does `handle_failed_dispatch` ask
        `process_endpoint_failure`; a failed resend by hand has returned before that. Every success counts,
        one by hand too: `handle_successful_dispatch` calls `process_endpoint_success` without looking at the
        trigger. So the span begins with the first message given up, about 28 hours after its first call by
        the default schedule.
    """,
        covers=["orchestration"],
    )
    assert failure in handle_failed.calls
    assert "msg_task.trigger_type == MessageAttemptTriggerType::Manual" in handle_failed
    assert "attempt_count < retry_schedule.len()" in handle_failed
    assert success in handle_success.calls
    assert "trigger_type" not in handle_success
    assert failure not in handle_success.calls

    flow.think(
        """
        A success must not cost a statement in Postgres. As a column of the endpoint the mark would survive a
        restart, but each success would have to clear it, nearly always for nothing, since the worker's cached
        copy of the endpoint cannot say for sure whether there is anything to clear. So it lives in the cache, a
        `FailureCacheValue` with one timestamp. A success then costs one delete, whether there is a mark or not;
        to look first would cost the same round trip. A message that is given up costs one read, and a write if
        it is the first. Postgres hears nothing of it until an endpoint is switched off. If the cache is flushed
        or restarted, the span begins anew: more patience, not less. With `NoCache` every `get` is `None`, each
        failure is the first, and nothing is ever switched off.
    """,
        covers=["performance"],
    )
    assert "core/cache/mod.rs::CacheBehavior::delete" in success.calls
    assert get not in success.calls
    assert get in failure.calls
    assert set_ in failure.calls
    assert "first_failure_at: DateTimeUtc" in value
    assert "Ok(None)" in none_get
    assert "db/models/endpoint.rs::Entity::secure_find_by_id" not in failure.calls

    flow.think(
        """
        Two failures a month apart must not add up, so the mark has to expire by itself. A lifetime of one
        period would be useless: the mark would vanish at the moment when it begins to count. It lives for
        `disable_in * 2` instead, written by the first failure; later ones only compare it. An endpoint goes off
        when a message is given up more than one period and less than two after the first. One that gets a
        message every other week never does, but it also costs us next to nothing. `deserialize_hours` reads the
        period; 120 as shipped.
    """,
        covers=["performance", "boundaries"],
    )
    assert "disable_in * 2" in failure
    assert "now - first_failure_at" in failure
    assert "60 * 60 * hours" in hours
    assert "cfg.endpoint_failure_disable_after" in handle_failed

    flow.think(
        """
        `process_endpoint_failure` reads the clock itself, so the tests sleep. All three use an empty
        schedule, where every failed call gives its message up. `test_endpoint_disable_on_repeated_failure`
        sends two messages 2.5 seconds apart, with a period of two, and waits for `disabled`;
        `test_endpoint_disable_on_sporadic_failure` has a success between its failures;
        `test_endpoint_disable_expiration_duration` lets more than two periods pass, and both find the
        endpoint on. Without a cache they do nothing. None looks at the event, or at a schedule that is not
        empty.
    """,
        covers=["testing"],
    )

    flow.think(
        """
        `process_endpoint_failure` keeps the mark and judges; it does not act. It gets the cache, the endpoint
        with the ids of its owners and a `Duration`, and returns an `EndpointDisableInfo` or nothing; row and
        event are left to its caller, which has `db` and `op_webhook_sender` in its context anyway. `kv_def`
        (through `kv_def_inner`) ties `FailureCacheValue` to `FailureCacheKey` by type, so `CacheBehavior::set`
        takes no other value under that key. Reading and writing are two steps: two workers that give up at once
        may both write, milliseconds apart, which days do not notice.
    """,
        covers=["boundaries"],
    )
    assert info in failure.mentions
    assert "cfg" not in failure
    assert "disable_in: Duration" in failure
    assert "type Key = $key_id" in kv_inner
    assert "FailureCacheKey" in key_def
    assert key in failure.calls
    assert key in success.calls
    assert (
        "core/operational_webhooks.rs::OperationalWebhookSenderInner::send_operational_webhook"
        not in (failure.calls)
    )

    flow.think(
        """
        To switch off, `handle_failed_dispatch` reads the row by `secure_find_by_id` and updates it. Only
        `disabled` and `first_failure_at` are `Set`, beside the `updated_at` of `before_save`; a URL that the
        customer saves in the same second is not overwritten. Without the `first_failure_at` in the row, the
        reason would expire with the mark. The organisation, if it listens to operational webhooks, gets an
        `EndpointDisabledEventData` with `fail_since`, the start of the span. Once a worker reads the changed
        row, `filtered_endpoints` leaves the endpoint out, for messages that wait for a retry as well. What is
        posted from then on is not queued for it. Letting every tenth message through as a probe would switch a
        healed endpoint on; but the load is what we want to be rid of, and a sold subsidiary would be called for
        ever. Switching on is left to the customer, by an ordinary update.
    """,
        covers=["orchestration", "boundaries"],
    )
    assert find_by_id in handle_failed.calls
    assert find in find_by_id.calls
    assert "disabled: Set(true)" in handle_failed
    assert "first_failure_at: Set(Some(first_failure_at.into()))" in handle_failed
    assert handle_failed.calls.named("update")
    flow.hop(handle_failed, before_save, via="ActiveModelTrait::update")
    assert (
        "core/operational_webhooks.rs::OperationalWebhook::EndpointDisabled"
        in handle_failed.mentions
    )
    assert event in handle_failed.mentions
    assert "!endpoint.disabled && !endpoint.deleted" in filtered

    flow.think(
        """
        The judgement comes last, after the attempt is stored and `MessageAttemptExhausted` sent: neither may
        depend on a cache. `CacheBehavior::get` and `CacheBehavior::set` try up to four times, along the
        cache's `RETRY_SCHEDULE`, where the backend calls an error worth it. What remains becomes an
        `Error::generic` and leaves `handle_failed_dispatch`, as does a `DbErr` of the SELECT or the UPDATE,
        or an endpoint that was deleted meanwhile; `process_queue_task_inner` puts the errors of a task into
        one, `process_queue_task` writes it to the log, and the task is nacked. The customer is not told. A
        judgement lost this way is made up by the next message that is given up, if the mark has not expired
        by then.
    """,
        covers=["errors"],
    )
    assert "attempt.insert(*db).await?" in handle_failed
    assert "core/operational_webhooks.rs::OperationalWebhook::MessageAttemptExhausted" in (
        handle_failed.mentions
    )
    assert retries in get.mentions
    assert retries in set_.mentions
    assert "core/retry.rs::run_with_retries" in get.calls
    assert "map_err(Error::generic)" in failure
    assert "Endpoint not found" in handle_failed
    assert 'tracing::error!("{e}")' in process_task
    assert "worker.rs::process_queue_task_inner" in process_task.calls

    flow.defect("""
        `handle_successful_dispatch` returns the failed cache delete of `process_endpoint_success` through `?`
        (worker.rs:116, 470), after the delivery succeeded and its row is stored. The task is nacked; if it is a
        `MessageBatch` that comes back, every endpoint of it is called again. Unlike get and set,
        `RedisCache::delete` is not retried (core/cache/redis.rs:67-73).
    """)
    flow.defect("""
        `handle_failed_dispatch` does not invalidate the cached application (worker.rs:690), so workers go on
        calling for up to thirty seconds, and it does not look whether the endpoint is disabled already
        (worker.rs:671-690): each message given up meanwhile updates the row and sends `endpoint.disabled`
        again.
    """)
    flow.defect("""
        Nothing deletes the mark when the endpoint is switched off or on (worker.rs:685-705; no other module
        knows `FailureCacheKey`). If the owner switches it on within two periods of the first failure and a
        message is given up before any succeeds, the endpoint goes off again at once.
    """)
    flow.defect("""
        `first_failure_at` of the row is never cleared and never read: `CreateMessageEndpoint` carries it
        (core/message_app.rs:179) and nobody asks for it; an endpoint switched on again keeps the old date.
    """)
    flow.defect("""
        The event has `endpoint_uid: None` (worker.rs:700-701, a TODO), although the row that was just read
        holds the uid: owners who know their endpoints by uid have to ask for it by our id.
    """)
    flow.defect("""
        With the memory cache each process has its own mark (core/cache/memory.rs:32-50), and a success in
        another process does not delete it: with several workers an endpoint can be switched off although some
        of its deliveries succeed.
    """)
    flow.defect("""
        Each `EndpointDisabled` event is sent by a task that `send_operational_webhook` spawns and whose failure
        is a log line (core/operational_webhooks.rs:162-199). Once the cached list has expired no further event
        follows, so if all were lost, nothing makes up for it.
    """)
