"""Idempotency: from a POST with a key of the client's choosing to the answer that is kept and repeated."""

from pytest_flowcorpus import Flow


def flow_idempotency(flow: Flow) -> None:
    flow.request("""
        Forwarded by their account manager, who calls it urgent:

        "Our outbound gateway gives up after three seconds and sends the call again; half of the time you had
        already done it. In March that left us with two endpoints at one URL, and every order arrived twice. For
        events you have an id of ours; for everything else we create, nothing.

        Let us put a key of our own into a header of any call that creates something, and repeat that call for
        half a day. However often it reaches you, you do it once, and each repeat gets the answer of the first
        one, even if the first is still at work. If you turned the first one down, we correct it and send it
        under the same key. Nobody else's key may ever meet our answers. And if you cannot tell whether a call
        was done before, do not do it: we can wait."

        From us: no handler changes, callers without a key pay nothing, and it is in the reference of each such
        call. Two equal calls at the same moment must be carried out once and answered alike.
    """)

    idempotency = flow.file("core/idempotency.rs")
    idempotency.extract("use")
    expiry_default = idempotency.extract("expiry_default")
    expiry_starting = idempotency.extract("expiry_starting")
    wait_duration = idempotency.extract("wait_duration")
    serialized = idempotency.extract("SerializedResponse")
    new_key = idempotency.extract("IdempotencyKey::new")
    to_response = idempotency.extract("finished_serialized_response_to_response")
    resolve = idempotency.extract("resolve_service")
    service = idempotency.extract("IdempotencyService")
    call = idempotency.extract("<IdempotencyService as Service>::call")
    get_key = idempotency.extract("get_key")
    lock_loop = idempotency.extract("lock_loop")
    resolve_and_cache = idempotency.extract("resolve_and_cache_response")

    run = flow.file("lib.rs").extract("run_with_prefix")
    document = flow.file("openapi.rs").extract("add_idempotency_to_post")
    create_application = flow.file("v1/endpoints/application.rs").extract("create_application")

    cache = flow.file("core/cache/mod.rs")
    is_none = cache.extract("Cache::is_none")
    set_nx = cache.extract("CacheBehavior::set_if_not_exists")
    redis_nx = flow.file("core/cache/redis.rs").extract(
        "<RedisCache as CacheBehavior>::set_raw_if_not_exists"
    )

    flow.think(
        """
        Every POST is to be covered, and no handler changed. In a table, written in the handler's own
        transaction, keys and answers would stand or fall with what the handler did; but each handler would have
        to take part, and every such call would cost Postgres one more row, which something must delete. So
        `IdempotencyService` stands in front of them and remembers answers in the cache. The answer is stored
        only after the call: if a call is cut off in between, or the cache forgets, a repeat is carried out
        again.
        """,
        covers=["boundaries"],
    )
    assert "pub service: S" in service
    assert "pub cache: Cache" in service
    assert "db" not in call
    assert "core/cache/mod.rs::CacheBehavior::set" in resolve_and_cache.calls
    assert resolve in resolve_and_cache.calls
    assert "spawn" not in resolve
    assert resolve.calls.named("call")
    flow.hop(resolve, create_application, via="Service::call")

    flow.think(
        """
        `run_with_prefix` puts the service into the layers around all routes, before CORS and before any handler
        looks at the token. So the token is not checked when an answer is repeated, and has to be part of what
        finds the answer: `IdempotencyKey::new` hashes the Authorization header, the client's key and the URL.
        Who does not hold the token cannot name the entry; a client whose token has expired since can still
        repeat old calls, which creates nothing. The entry's name shows neither token nor key. `NormalizePath`
        wraps it all, so a slash at the end of the path makes no other key; a query does. If either header is
        missing, `get_key` gives `None`, and the call goes through as ever.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert service in run.mentions
    assert "NormalizePath::trim_trailing_slash(app)" in run
    assert "hasher.update(auth_token)" in new_key
    assert "hasher.update(url)" in new_key
    assert new_key in get_key.calls
    assert 'headers.get("Authorization")' in get_key
    assert get_key in call.calls
    flow.hop(run, call, via="axum::serve")

    flow.think(
        """
        With the body in the hash too, a client that takes an old key for a new purpose by mistake would still
        be served. But one that builds its JSON anew may write the same fields in another order, and its repeat
        would be carried out. The key is the client's word that two calls are one. So after a success, a second
        call with another body gets the first one's answer, and `create_application` does not see it.
        """,
        covers=["boundaries"],
    )
    assert "body" not in new_key
    assert "body" not in get_key

    flow.think(
        """
        An entry has two states, written as a `SerializedResponse`. `Start` says that the first call is at work.
        `set_if_not_exists` writes it only where nothing stands, in one command, so of two calls at the same
        moment at most one is told that it is first. It must end by itself, or a process that dies would block
        the key: `expiry_starting` is five seconds. A handler that takes longer loses its `Start`, and on Redis
        a repeat would run beside it; a longer `Start` would keep the clients of a dead process waiting longer.
        `resolve_and_cache_response` puts `Finished` over it, with status, headers and body, for the twelve
        hours of `expiry_default`. After any status but a 2xx it deletes the entry: the corrected call under the
        same key is then a first one.
        """,
        covers=["orchestration", "errors"],
    )
    assert serialized in call.mentions
    assert set_nx in call.calls
    assert "SerializedResponse::Start, expiry_starting()" in call
    assert "Duration::from_secs(5)" in expiry_starting
    assert "60 * 60 * 12" in expiry_default
    assert resolve_and_cache in call.calls
    assert "parts.status.is_success()" in resolve_and_cache
    assert expiry_default in resolve_and_cache.calls
    assert "core/cache/mod.rs::CacheBehavior::delete" in resolve_and_cache.calls
    assert "core/cache/mod.rs::CacheBehavior::set_raw_if_not_exists" in set_nx.calls
    assert set_nx.calls.named(redis_nx)
    assert 'cmd.arg("NX")' in redis_nx

    flow.think(
        """
        A repeat that finds `Start` has to wait for an answer that another process may be making. Redis could
        announce it, the memory cache could not, so `lock_loop` looks every 200 ms (`wait_duration`): 26 reads
        at most, only for calls that meet. It ends with `Finished`, or with `None` when the entry is gone or
        more than five seconds have passed. Then the first has failed, died or taken too long, and `call` tries
        to become the first itself. Of those that try at once, at most one succeeds; the rest get a 500 and may
        retry.
        """,
        covers=["orchestration", "performance"],
    )
    assert lock_loop in call.calls
    assert wait_duration in lock_loop.calls
    assert "Duration::from_millis(200)" in wait_duration
    assert "total_delay_duration > expiry_starting()" in lock_loop
    assert "Ok(None) => return Ok(None)" in lock_loop
    assert "Ok(true)" in call

    flow.think(
        """
        Where the cache only spares us a query, its failure counts as a miss, and we go on. Here the client has
        asked for the opposite. If `set_if_not_exists` fails, after up to three repeats, `call` answers 500 and
        no handler runs; likewise if the first look at the entry fails, or
        `finished_serialized_response_to_response` meets a `ConversionToResponseError`. The layer's own error
        type is `Infallible`, so it has no `Error` to return: `StatusCode::INTERNAL_SERVER_ERROR` goes out with
        no body, and nothing in it points to the cache. The log has the warnings of those repeats at most.
        """,
        covers=["errors"],
    )
    assert "core/retry.rs::run_with_retries" in set_nx.calls
    assert "core/cache/mod.rs::RETRY_SCHEDULE" in set_nx.mentions
    assert "Err(_) => return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response())" in call
    assert to_response in call.calls
    assert "ConversionToResponseError" in to_response
    assert "Error = Infallible" in resolve
    assert "tracing::" not in call

    flow.think(
        """
        Other methods leave after one comparison, a POST without key after a look at its headers, and without
        any cache `is_none` ends it before that. A first call with a key pays two round trips to the cache, a
        repeat two as well and nothing in Postgres. As JSON the answer's body becomes a list of numbers, up to
        four characters for each byte, and it stays for twelve hours.
        """,
        covers=["performance"],
    )
    assert "parts.method != http::Method::POST" in call
    assert is_none in call.calls
    assert "Option<Vec<u8>>" in serialized
    assert "serde_json::to_string(value)?" in set_nx

    flow.think(
        """
        As the layer takes any service, its tests put it before a handler that counts its calls, without a
        database. `test_basic_idempotency` finds the count unmoved by a repeat, and moved by another key or a
        GET; `test_lock` sends two calls at once to a handler of 300 ms and compares the answers.
        `test_idempotency` asks the whole server for two applications with different names under one key and
        gets the first twice, or two where the cache is off. A POST that is new tomorrow is covered without a
        line: `add_idempotency_to_post` writes the header into each POST of the generated reference.
        """,
        covers=["testing"],
    )
    assert "op.post" in document

    flow.defect("""
        If `cache.set` fails after a handler has succeeded, `resolve_and_cache_response` answers 500 instead of
        the handler's answer (core/idempotency.rs:337-338). The thing is created, the client is told that it
        failed, and a repeat after `Start` has ended creates it again.
    """)
    flow.defect("""
        The handler runs inside the request's future (core/idempotency.rs:240-246, 318) and is not spawned. A
        client that closes its connection makes hyper drop it, possibly after its commit and before
        `cache.set`; the repeat after `Start` has ended creates the thing again.
    """)
    flow.defect("""
        If `cache.delete` fails, the answer of a refused call, with its reason, is replaced by a bare 500
        (core/idempotency.rs:347-348).
    """)
    flow.defect("""
        `set_raw_if_not_exists` of `MemoryCache` does not look at the time (core/cache/memory.rs:86). After a
        first call that died, `get` finds nothing and the second `set_if_not_exists` says false, so each repeat
        gets a 500 until the next sweep, up to five minutes later, where five seconds were meant.
    """)
    flow.defect("""
        A handler's body that cannot be read to its end is kept and sent as an empty one, with the status of
        success (core/idempotency.rs:322-334, 342).
    """)
    flow.defect("""
        Headers are kept in a map by name (core/idempotency.rs:327-333): of several with one name the repeated
        answer has only the last.
    """)
    flow.defect("""
        `lock_loop` calls a failure of the cache `Error::database` (core/idempotency.rs:301), and `call` takes
        it for a miss (202-206), while the comment above promises a 500 (185): if the entry is gone when it asks
        again, the handler runs a second time.
    """)
    flow.defect("""
        A key that is not plain ASCII makes `get_key` return `None` (core/idempotency.rs:256): the call is
        carried out unprotected, and its client is not told.
    """)
    flow.defect("""
        No test covers a handler that is refused, a `Start` that ends, more than two calls at the same moment,
        or a cache that fails.
    """)
