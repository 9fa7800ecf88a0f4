"""The cache's operations: from a typed value of a caller to the bytes that a backend stores."""

from pytest_flowcorpus import Flow


def flow_cache_operations(flow: Flow) -> None:
    flow.request("""
        Changes requested. Third pull request with Redis code of its own, and again: a lifetime set in a second
        command, so staging is full of keys from processes that died in between; the same string built twice, so
        one feature dies on what another wrote. All give up when a connection drops for a moment, and none runs
        for a self-hoster without Redis.

        Before I approve any of them I want one place for this. Nothing is stored without an end. Of several
        requests that want to be first, at most one is told so. What one part stores no other reads by accident,
        and I want that from the compiler. Redis, one process by itself, or nothing at all: the operator's
        setting, and no caller is written three times. A value that would break on Redis has to break on my
        laptop too.

        I'll approve once your three features use it and the same tests, with and without Redis, show writing,
        expiry and who was first.
    """)

    health_file = flow.file("v1/endpoints/health.rs")
    health_file.extract("use")
    health_file.extract("kv_def!(HealthCheckCacheKey)")
    health_value = health_file.extract("HealthCheckCacheValue")
    health = health_file.extract("health")

    cache = flow.file("core/cache/mod.rs")
    error = cache.extract("Error")
    cache_value = cache.extract("CacheValue")
    kv_def_inner = cache.extract("kv_def_inner")
    cache_enum = cache.extract("Cache")
    is_none = cache.extract("Cache::is_none")
    retry_schedule = cache.extract("RETRY_SCHEDULE")
    get = cache.extract("CacheBehavior::get")
    set_ = cache.extract("CacheBehavior::set")
    set_nx = cache.extract("CacheBehavior::set_if_not_exists")

    retry = flow.file("core/retry.rs").extract("Retry::run")

    memory = flow.file("core/cache/memory.rs")
    wrapper = memory.extract("ValueWrapper")
    memory_new = memory.extract("new")
    memory_get = memory.extract("<MemoryCache as CacheBehavior>::get_raw")
    memory_nx = memory.extract("<MemoryCache as CacheBehavior>::set_raw_if_not_exists")

    redis = flow.file("core/cache/redis.rs")
    redis_retry = redis.extract("<RedisCache as CacheBehavior>::should_retry")
    redis_get = redis.extract("<RedisCache as CacheBehavior>::get_raw")
    redis_set = redis.extract("<RedisCache as CacheBehavior>::set_raw")
    redis_nx = redis.extract("<RedisCache as CacheBehavior>::set_raw_if_not_exists")

    none = flow.file("core/cache/none.rs")
    none_get = none.extract("<NoCache as CacheBehavior>::get")
    none_set = none.extract("<NoCache as CacheBehavior>::set")
    none_nx = none.extract("<NoCache as CacheBehavior>::set_if_not_exists")

    manager = flow.file("redis/mod.rs")
    from_cache_backend = manager.extract("RedisManager::from_cache_backend")
    connection = manager.extract("RedisManager::get")
    cache_backend = flow.file("cfg.rs").extract("ConfigurationInner::cache_backend")

    call = flow.file("core/idempotency.rs").extract("<IdempotencyService as Service>::call")

    worker = flow.file("worker.rs")
    failure_key = worker.extract("FailureCacheKey::new")
    success = worker.extract("process_endpoint_success")
    failure = worker.extract("process_endpoint_failure")

    flow.think(
        """
        Two parts may build the same string, so the type of the value has to decide who reads what. An agreement
        on prefixes would not stop a reader from asking for the wrong type. A `CacheValue` therefore names its
        `Key`: `CacheBehavior::get` accepts nothing but that key and returns nothing but that value.
        `kv_def_inner` makes the key around a `String` that only the declaring module can fill: other modules
        get a key of the worker's only from `FailureCacheKey::new`, and a `HealthCheckCacheKey` not at all. The
        compiler cannot see whether two constructors produce the same text; against that, only a prefix helps.
        """,
        covers=["boundaries"],
    )
    assert "type Key: CacheKey" in cache_value
    assert "key: &T::Key" in get
    assert "key: &T::Key, value: &T" in set_
    assert "pub struct $key_id(String)" in kv_def_inner
    assert health_value in health.mentions
    assert "SVIX_FAILURE_CACHE_" in failure_key
    assert failure_key in success.calls
    assert failure_key in failure.calls

    flow.think(
        """
        A backend stores bytes. `CacheBehavior::get` and `CacheBehavior::set` translate from and to JSON, once
        for all. For `MemoryCache` we could keep the values themselves, type-erased behind an `Arc`, and a hit
        would cost a counter instead of a copy and a parse. But a value that does not survive JSON would then
        work on every laptop and fail in the first installation with Redis. So `MemoryCache` holds in its
        `ValueWrapper` the bytes that Redis would hold, and pays with one encoding per write and one decoding
        per hit. The decoding comes after its read lock is released.
        """,
        covers=["performance", "boundaries"],
    )
    assert "serde_json::from_str" in get
    assert "serde_json::to_string(value)?" in set_
    assert "value: Vec<u8>" in wrapper
    assert "wrapper.value.clone()" in memory_get
    assert "serde_json" not in memory_get
    assert "core/cache/mod.rs::CacheBehavior::get_raw" in get.calls
    assert get.calls.named(memory_get)

    flow.think(
        """
        Which backend it is stands in the configuration, and `cache_backend` reads it when the server starts;
        callers should hold one type. The usual answer, a boxed `CacheBehavior`, is not to be had: a trait
        object has no methods that are generic in the value, and untyped methods would give up the pairing of
        key and value. So `Cache` is an enum, and `enum_dispatch` writes the match. `health`, the worker and
        `IdempotencyService::call` hold a `Cache` and call it as they would one backend.
        """,
        covers=["orchestration"],
    )
    assert "cfg.rs::CacheType::Memory" in cache_backend.mentions
    assert "enum_dispatch" in cache_enum
    assert "Redis(redis::RedisCache)" in cache_enum
    assert set_ in health.calls
    assert get in failure.calls
    assert set_ in failure.calls
    assert "core/cache/mod.rs::CacheBehavior::delete" in success.calls
    assert set_nx in call.calls
    assert get in call.calls

    flow.think(
        """
        No write comes without a `ttl`, and value and end go to Redis in one command (`pset_ex`): a process can
        die before or after it, but leave no value without an end. `health` may write at every probe and clean
        up nothing, as its value is over after 100 ms. `set_if_not_exists` is one command too: SET with `"PX"`
        and `"NX"`, to which Redis answers nil if somebody was there before; `MemoryCache` looks and inserts
        under one write lock. In memory nothing ends by itself. `get_raw` hides a value whose `timer` has passed
        its `ttl`, and since a key may never be read again, the task that `memory::new` spawns drops every five
        minutes what is over.
        """,
        covers=["orchestration", "performance"],
    )
    assert "ttl: Duration" in set_
    assert "ttl: Duration" in set_nx
    assert "pool.pset_ex(" in redis_set
    assert "Duration::from_millis(100)" in health
    assert 'cmd.arg("NX")' in redis_nx
    assert "res.is_some()" in redis_nx
    assert "let mut lock = self.map.write().await" in memory_nx
    assert "core/cache/memory.rs::check_is_expired" in memory_get.mentions
    assert "sleep(Duration::from_secs(60 * 5))" in memory_new
    assert "core/cache/mod.rs::CacheBehavior::set_raw" in set_.calls
    assert set_.calls.named(redis_set)
    assert "core/cache/mod.rs::CacheBehavior::set_raw_if_not_exists" in set_nx.calls
    assert set_nx.calls.named(redis_nx)
    assert set_nx.calls.named(memory_nx)

    flow.think(
        """
        Only the backend knows whether an error may pass by itself. `RedisCache` says so of `Error::Pool` and
        `Error::Database`; an `Error::Deserialization` would meet the same bytes again. `Retry::run` waits 10,
        20 and 40 ms (`RETRY_SCHEDULE`), with a `warn!` before each wait, and the fourth failure goes to the
        caller. If Redis did the SET of a `set_if_not_exists` and only the answer was lost, the repeat finds its
        own value and says `false`. That is the harmless error: for a while nobody may be first, but never two.

        What a failure means, only the caller knows. `health` makes it a `HealthStatus` and a 500.
        `process_endpoint_failure` maps it to `Error::generic`, and the worker's task ends in `Err`. Where it
        cannot learn who was first, `IdempotencyService::call` answers `StatusCode::INTERNAL_SERVER_ERROR` and
        runs no handler; its client is not told that it was the cache.
        """,
        covers=["errors"],
    )
    assert "Error::Pool(_) | Error::Database(_)" in redis_retry
    assert "core/cache/mod.rs::Error::Deserialization" not in redis_retry.mentions
    assert "Deserialization(#[from]" in error
    assert "core/retry.rs::run_with_retries" in get.calls
    assert "core/retry.rs::run_with_retries" in set_.calls
    assert retry_schedule in get.mentions
    assert retry_schedule in set_nx.mentions
    assert "tokio::time::sleep(self.retry_schedule[0])" in retry
    assert "Duration::from_millis(40)" in retry_schedule
    assert "StatusCode::INTERNAL_SERVER_ERROR" in health
    assert "map_err(Error::generic)?" in failure
    assert "core/cache/mod.rs::CacheBehavior::should_retry" in get.calls
    assert get.calls.named(redis_retry)

    flow.think(
        """
        On a single Redis or a cluster an operation is one round trip. We could take a connection from a pool
        for it, as the queue does; under load, callers would then wait for a free one, in front of every
        delivery. Cache commands are short and none blocks, so `from_cache_backend` calls `new_unpooled`, and,
        Sentinel apart, `RedisManager::get` hands out clones of one handle: callers send without waiting for
        each other's answers.
        """,
        covers=["performance"],
    )
    assert "redis/mod.rs::RedisManager::new_unpooled" in from_cache_backend.calls
    assert "redis/mod.rs::RedisManager::new_pooled" not in from_cache_backend.calls
    assert connection in redis_get.calls
    assert connection in redis_set.calls
    assert "NonClusteredUnpooled(conn.clone())" in connection
    assert get.calls.named(redis_get)

    flow.think(
        """
        `test_cache_crud_no_ttl`, `test_cache_ttl` and `test_cache_nx_status` stand in `memory.rs` and, ignored
        until somebody asks for them, in `redis.rs`: write, overwrite and delete; a value of one second that is
        gone after 1.2; of two writers the second gets `false`. `test_lock` of idempotency tries two callers at
        the same moment, in memory only. A lost connection has no test. A fourth backend would be a setting, a
        variant of `Cache`, five methods and a copy of the three tests; no caller would change.
        """,
        covers=["testing"],
    )

    flow.think(
        """
        Without any cache, `NoCache` replaces the typed methods themselves, so nothing is even encoded: `get`
        finds nothing and `set` succeeds. Only `set_if_not_exists` has no harmless answer. `true` would tell
        everybody that they are first, `false` nobody. It is `Ok(false)`, and who waits for the winner's value
        waits in vain. So the one caller that depends on it, `IdempotencyService::call`, asks `is_none` first
        and does without; the others never learn what they run on. When the suite runs without a cache,
        `test_idempotency` expects that a key has no effect.
        """,
        covers=["boundaries", "errors"],
    )
    assert "Ok(None)" in none_get
    assert "serde_json" not in none_set
    assert "Ok(false)" in none_nx
    assert is_none in call.calls
    assert is_none not in failure.calls
    assert is_none not in health.calls
    assert "core/cache/mod.rs::CacheBehavior::get" in failure.calls
    assert failure.calls.named(none_get)

    flow.defect("""
        `set_raw_if_not_exists` of `MemoryCache` does not look at the time (core/cache/memory.rs:86): until the
        sweep removes it, up to five minutes late, a value that is over still counts as present, while `get_raw`
        already hides it. An idempotent request whose first try died is answered 500 for that long.
    """)
    flow.defect("""
        `delete` is a required method, so it runs without `run_with_retries` (core/cache/mod.rs:213,
        core/cache/redis.rs:67-73): a connection that drops for a moment loses an invalidation that a read would
        have survived.
    """)
    flow.defect("""
        `check_is_expired` answers true for a value that is not expired (core/cache/memory.rs:101-103).
    """)
    flow.defect("""
        The map of `MemoryCache` has no upper limit (core/cache/memory.rs:32-33): responses kept for idempotency
        stay for twelve hours each, however many and however large they are.
    """)
    flow.defect("""
        For a Redis behind sentinels, `RedisManager::get` asks the sentinels and opens a connection for every
        operation, one caller at a time behind a lock (redis/mod.rs:182-190).
    """)
    flow.defect("""
        `IdempotencyKey::new` gives its key no prefix (core/idempotency.rs:72-73).
    """)
    flow.defect("""
        The text of `Error::Deserialization` says "Redis value" for every backend, and two variants have the
        same text (core/cache/mod.rs:20-24).
    """)

    flow.defect("""
        If `cache.set` fails after a handler has succeeded, or `cache.delete` after one that refused,
        `resolve_and_cache_response` answers a bare 500 instead (core/idempotency.rs:337-338, 347-348), which
        the client cannot tell from the one that means that nothing was done.
    """)
