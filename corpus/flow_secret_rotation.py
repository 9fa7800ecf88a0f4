"""Secret rotation: POST …/endpoint/{endpoint_id}/secret/rotate, from the handler to the signatures."""

from pytest_flowcorpus import Flow


def flow_secret_rotation(flow: Flow) -> None:
    flow.request("""
        Our largest customer's auditors found webhook secrets unchanged since onboarding, and asked for our
        procedure to replace one. The honest answer is to delete the endpoint, make another with a new id, and
        live with rejected deliveries until both sides agree again.

        What they need is one call that replaces an endpoint's secret, made with their own portal token. They
        bring a secret or have us make one. One they bring may be of the other kind, as they want to leave HMAC
        for Ed25519 and be able to return. The three teams behind one endpoint deploy on three different days,
        so what verified before must go on verifying until an agreed time: a day if they say nothing, a week at
        most, not at all if the secret leaked.

        On our side: calls in a loop must not make deliveries ever more expensive, a refusal says when to try
        again, and no secret may lie in the clear where none does today, caches and events included.

        Two replacements in one afternoon, then, and none of the three teams loses a message.
    """)

    secrets = flow.file("v1/endpoints/endpoint/secrets.rs")
    secrets.extract("use")
    generate_secret = secrets.extract("generate_secret")
    signing_keys_data = secrets.extract("SigningKeysData")
    rotate_key = secrets.extract("rotate_key")
    get_secret = secrets.extract("get_endpoint_secret")
    rotate_endpoint_secret = secrets.extract("rotate_endpoint_secret")

    endpoint_schema = flow.file("v1/endpoints/endpoint/mod.rs")
    rotate_in = endpoint_schema.extract("EndpointSecretRotateIn")
    grace_period = endpoint_schema.extract("EndpointSecretRotateIn::grace_period")
    default_grace_period = endpoint_schema.extract("default_grace_period_seconds")

    message_task = flow.file("queue/mod.rs").extract("MessageTask")

    permissions = flow.file("core/permissions.rs")
    check_permitted = permissions.extract("Permissions::check_app_is_permitted")
    permitted = permissions.extract("<Application as FromRequestParts>::from_request_parts")

    types = flow.file("core/types/mod.rs")
    max_old_keys = types.extract("ExpiringSigningKeys::MAX_OLD_KEYS")
    unexpired_keys = types.extract("ExpiringSigningKeys::unexpired_keys")
    secret_internal = types.extract("EndpointSecretInternal")
    new_secret = types.extract("EndpointSecretInternal::new")
    from_endpoint_secret = types.extract("EndpointSecretInternal::from_endpoint_secret")
    sign = types.extract("EndpointSecretInternal::sign")
    expiring_key = types.extract("ExpiringSigningKey")
    is_unexpired = types.extract("ExpiringSigningKey::is_unexpired")

    endpoint = flow.file("db/models/endpoint.rs")
    endpoint_row = endpoint.extract("Model")
    before_save = endpoint.extract("<ActiveModel as ActiveModelBehavior>::before_save")
    find_by_id_or_uid = endpoint.extract("Entity::secure_find_by_id_or_uid")

    idempotency = flow.file("core/idempotency.rs")
    expiry_default = idempotency.extract("expiry_default")
    cache_response = idempotency.extract("resolve_and_cache_response")
    endpoint_event = flow.file("core/operational_webhooks.rs").extract("EndpointEvent")
    can_fail = flow.file("core/can_fail.rs").extract("<Result as CanFail>::can_fail")

    message_app = flow.file("core/message_app.rs")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    invalidate = message_app.extract("CreateMessageApp::invalidate")
    layered_fetch = message_app.extract("CreateMessageApp::layered_fetch")
    cached_endpoint = message_app.extract("CreateMessageEndpoint")
    valid_signing_keys = message_app.extract("CreateMessageEndpoint::valid_signing_keys")
    from_row = message_app.extract("<CreateMessageEndpoint as TryFrom<endpoint::Model>>::try_from")

    worker = flow.file("worker.rs")
    sign_msg = worker.extract("sign_msg")
    prepare_dispatch = worker.extract("prepare_dispatch")
    process_task_inner = worker.extract("process_queue_task_inner")

    flow.think(
        """
        Three teams deploy on three days. Staging the new secret until a second call would leave each delivery
        one signature, but make the receivers hold both secrets, a change to three teams' code. Our verifiers
        accept a header in which any one `"v1"` signature fits. So `valid_signing_keys` gives the current secret
        and every predecessor not past its `expiration`, `sign_msg` signs with all of them, and a receiver
        changes its secret once, on any day of the period. An Ed25519 `EndpointSecretInternal` signs as `"v1a"`,
        which our verifiers skip: HMAC receivers notice nothing, Ed25519 ones verify without our libraries. A
        generated secret is of the `default_signature_type`, whatever it replaces.
        """,
        covers=["orchestration"],
    )
    assert sign in sign_msg.calls
    assert valid_signing_keys in prepare_dispatch.calls
    assert "std::iter::once(&self.key)" in valid_signing_keys
    assert ".filter(|x| x.expiration > Utc::now())" in valid_signing_keys
    assert "map(|x| &x.key)" in valid_signing_keys
    assert secret_internal in sign_msg.mentions
    assert secret_internal in expiring_key.mentions
    assert "marker: EndpointSecretMarker" in secret_internal
    assert 'EndpointSecretType::Hmac256 => "v1"' in sign_msg
    assert 'EndpointSecretType::Ed25519 => "v1a"' in sign_msg
    assert "generate_secret(&cfg.encryption, &cfg.default_signature_type)?" in rotate_key

    flow.think(
        """
        A table of predecessors would cost `fetch_from_pg_by_model` a join or a second query. Instead they are
        JSON in `endpoint::Model`, column `old_keys`, which `fn try_from` carries into the
        `CreateMessageEndpoint`; ten add one to two kilobytes to what `layered_fetch` parses for every task of
        the application. `rotate_endpoint_secret` finds the row, hands its secret and `old_keys` to `rotate_key`
        as `SigningKeysData` and stores the result. One UPDATE writes both, so no worker reads one without the
        other. Besides these it sets only `updated_at` (`before_save`), so a `disabled` that a worker sets
        meanwhile stands. That makes two SELECTs (application, endpoint), the UPDATE and one cache delete.
        """,
        covers=["performance", "orchestration"],
    )
    assert fetch_from_pg in layered_fetch.calls
    assert layered_fetch in process_task_inner.calls
    assert "cache.get::<CreateMessageApp>(&cache_key)" in layered_fetch
    assert "db/models/endpoint.rs::Entity::secure_find" in fetch_from_pg.calls
    assert "old_keys: Option<ExpiringSigningKeys>" in endpoint_row
    assert fetch_from_pg.calls.named(from_row)
    assert cached_endpoint in from_row.mentions
    assert "old_signing_keys: m.old_keys" in from_row
    flow.hop(rotate_endpoint_secret, permitted, via="permissions::Application")
    assert "db/models/application.rs::Entity::secure_find_by_id_or_uid" in permitted.calls
    assert find_by_id_or_uid in rotate_endpoint_secret.calls
    assert rotate_key in rotate_endpoint_secret.calls
    assert signing_keys_data in rotate_key.mentions
    assert "current_key: Some(endp.key.clone())" in rotate_endpoint_secret
    assert "old_keys: endp.old_keys.clone()" in rotate_endpoint_secret
    assert find_by_id_or_uid not in rotate_key.calls
    assert "key: Set(new_data.current_key.unwrap())" in rotate_endpoint_secret
    assert "old_keys: Set(new_data.old_keys)" in rotate_endpoint_secret
    assert "..endp.into()" in rotate_endpoint_secret
    assert "disabled" not in rotate_endpoint_secret
    flow.hop(rotate_endpoint_secret, before_save, via="ActiveModelTrait::update")
    assert "self.updated_at = Set(Utc::now().into())" in before_save
    assert "core/cache/mod.rs::CacheBehavior::delete" in invalidate.calls

    flow.think(
        """
        Every predecessor adds a signature over the whole body to each attempt, and `permissions::Application`
        lets a customer's own token in. Hence `MAX_OLD_KEYS`: ten predecessors, so eleven signatures, half a
        kilobyte of header with HMAC, a whole one with Ed25519. At the limit we could drop the oldest, but the
        slowest receiver may still depend on it. `rotate_key` therefore answers `HttpError::bad_request` with
        the first `expiration` of the sorted list: with equal periods, the moment a place falls free. The period
        defaults to `default_grace_period_seconds`, a day; above `604_800`, `ValidatedJson` answers 422.

        A secret replaced with a period of zero, as after a leak, fails `is_unexpired` and takes no place: a
        full list allows this call. Even that stops no forgeries: a receiver still holding the leaked secret
        accepts them, whatever we sign with; but it refuses our deliveries, so somebody notices. Nor does a zero
        end a period granted earlier, on which a deploy may be counting: a secret found leaked after an ordinary
        replacement goes on signing until its period is over.
        """,
        covers=["errors", "performance"],
    )
    assert "x.sign(main_secret, to_sign.as_bytes())" in sign_msg
    assert "core/permissions.rs::Application" in rotate_endpoint_secret.mentions
    assert "core/permissions.rs::OrganizationWithApplication" not in rotate_endpoint_secret.mentions
    assert check_permitted in permitted.calls
    assert "if permitted_app_id != app_id" in check_permitted
    assert max_old_keys in rotate_key.mentions
    assert "MAX_OLD_KEYS: usize = 10" in max_old_keys
    assert unexpired_keys in rotate_key.calls
    assert "error.rs::HttpError::bad_request" in rotate_key.calls
    assert "sort_by_key(|x| x.expiration)" in rotate_key
    assert "unexpired_old_keys.first()" in rotate_key
    assert "ValidatedJson(data): ValidatedJson<EndpointSecretRotateIn>" in rotate_endpoint_secret
    assert rotate_in in rotate_endpoint_secret.mentions
    assert "max = 604_800" in rotate_in
    assert "v1/utils/mod.rs::ValidatedJson" in rotate_endpoint_secret.mentions
    validated = "v1/utils/mod.rs::<ValidatedJson as FromRequest>::from_request"
    flow.hop(rotate_endpoint_secret, validated, via="FromRequest::from_request")
    assert grace_period in rotate_endpoint_secret.calls
    assert default_grace_period in grace_period.calls
    assert "86_400" in default_grace_period
    assert "expiration: now + grace_period" in rotate_key
    assert "last_key.filter(|k| k.is_unexpired())" in rotate_key
    assert "self.expiration > Utc::now()" in is_unexpired

    flow.think(
        """
        A generated secret could stand in the answer. But `resolve_and_cache_response` stores the body of a 2xx
        answer to a POST with an idempotency key as it is. An HMAC secret would lie there in the clear for
        twelve hours (`expiry_default`); of such secrets, the cache so far holds only an
        `EndpointSecretInternal`, encrypted if a main secret was configured when it was made. So the answer is
        `NoContent`, and the caller asks `get_endpoint_secret` next. An `EndpointEvent` has only ids.

        `rotate_key` decrypts nothing: a predecessor is moved as it was stored, and only the new secret, given
        (`from_endpoint_secret`) or made (`generate_secret`), meets `Encryption`. Nor does it compare secrets:
        the present one, sent again, signs every delivery twice until the grace period is over. That is how
        `test_endpoint_secret_encryption` gets an old secret encrypted as the current one; its copy in
        `old_keys` stays unencrypted.
        """,
        covers=["boundaries"],
    )
    assert "core/idempotency.rs::resolve_service" in cache_response.calls
    flow.hop(cache_response, rotate_endpoint_secret, via="idempotency::resolve_service")
    assert "body: bytes.clone().map(|b| b.to_vec())" in cache_response
    assert "encrypt" not in cache_response
    assert expiry_default in cache_response.calls
    assert "60 * 60 * 12" in expiry_default
    assert "key: encryption.encrypt(key)?" in new_secret
    assert "encrypted: encryption.enabled()" in new_secret
    assert "pub key: EndpointSecretInternal" in cached_endpoint
    assert "Result<NoContent>" in rotate_endpoint_secret
    assert "EndpointSecretOut" not in rotate_endpoint_secret
    assert "Result<Json<EndpointSecretOut>>" in get_secret
    assert find_by_id_or_uid in get_secret.calls
    assert endpoint_event in rotate_endpoint_secret.mentions
    assert "key" not in endpoint_event
    assert from_endpoint_secret in rotate_key.calls
    assert new_secret in from_endpoint_secret.calls
    assert generate_secret in rotate_key.calls
    assert "core/types/mod.rs::EndpointSecretInternal::into_endpoint_secret" not in rotate_key.calls
    assert "core/types/mod.rs::EndpointSecretInternal::key" not in rotate_key.calls

    flow.think(
        """
        If the cached application cannot be deleted after the UPDATE, a 500 would invite a repeat, which takes
        another place. So `can_fail` takes the result of `CreateMessageApp::invalidate`: a log line and a 204.
        Workers then sign as before until the entry's `ttl` is over, thirty seconds in
        `process_queue_task_inner`, and so they do if `layered_fetch` caches the old row after the delete. A
        receiver that has already switched refuses; the retry is the price of not asking Postgres for every
        delivery.
        """,
        covers=["errors"],
    )
    assert invalidate in rotate_endpoint_secret.calls
    assert can_fail in rotate_endpoint_secret.calls
    assert "tracing::error!" in can_fail
    assert "T::default()" in can_fail
    assert "if let Ok(Some(cma)) = cache.get" in layered_fetch
    assert "cache.set(&cache_key, &out, ttl)" in layered_fetch
    assert "Duration::from_secs(30)" in process_task_inner
    steps = ["rotate_key", "update", "invalidate", "can_fail"]
    assert [call.name for call in rotate_endpoint_secret.calls if call.name in steps] == steps

    flow.think(
        """
        `prepare_dispatch` has to sign per attempt: `to_sign` holds its timestamp, and our verifiers refuse one
        over five minutes old. The secrets are chosen per attempt too. Stored in the `MessageTask`, they would
        be more than a day old at the last default retry, and a receiver that has switched meanwhile would
        refuse it. `valid_signing_keys` holds each `expiration` against the worker's clock, so a period ends on
        time for a cached endpoint too. Expired secrets stay in the row, and so in the cache, until the next
        rotation calls `unexpired_keys`, which is why `old_signing_keys` is private.
        """,
        covers=["boundaries", "performance"],
    )
    assert sign_msg in prepare_dispatch.calls
    assert "attempt_created_at.timestamp()" in prepare_dispatch
    assert 'let to_sign = format!("{msg_id}.{timestamp}.{body}")' in sign_msg
    assert message_task in process_task_inner.mentions
    assert "EndpointSecret" not in message_task
    assert "pub old_signing_keys" not in cached_endpoint
    assert "old_signing_keys" not in prepare_dispatch
    assert "x.expiration > now" in unexpired_keys
    assert unexpired_keys not in from_row.calls

    flow.think(
        """
        `test_endpoint_rotate_signing_e2e` rotates twice and verifies one delivery with three secrets;
        `test_endpoint_rotate_signing_symmetric_and_asymmetric` goes to Ed25519 and back, reading `"v1a"` by
        hand. `rotate_key` calls `Utc::now` itself, so no test can move its clock: `test_endpoint_rotate_max`
        fills the ten places, is refused, dates one back in the row and goes on. For the worker's filter,
        `test_valid_signing_keys` builds an expired predecessor.
        """,
        covers=["testing"],
    )
    assert "let now = Utc::now();" in rotate_key

    flow.defect("""
        `rotate_key` puts the secret that is about to be replaced into the list before it counts and sorts
        (secrets.rs:66-79). At the limit, a call with a short grace period is told the time at which its own
        candidate would have expired, not the time at which a place is free; who tries again then is refused
        again.
    """)
    flow.defect("""
        Between the SELECT and the UPDATE of `rotate_endpoint_secret` (secrets.rs:127-149) nothing locks the row
        or compares what was read. Of two concurrent rotations the later UPDATE wins; the other's secret is in
        neither column and signs nothing, although its caller was told 204 and may have deployed it.
    """)
    flow.defect("""
        `send_operational_webhook` makes its token before it spawns (core/operational_webhooks.rs:139-140), and
        `rotate_endpoint_secret` returns that error through `?` after the row is written (secrets.rs:160), as it
        happens with a `jwt_secret` that is a public key: the caller is told 500 for a rotation that stands, and
        every repeat takes another place.
    """)
    flow.defect("""
        With an idempotency key and a cache that fails, `resolve_and_cache_response` answers 500 after the
        rotation is committed (core/idempotency.rs:337-338). A repeat rotates again.
    """)
    flow.defect("""
        `sign` unwraps the decrypted key (core/types/mod.rs:807, 812). A predecessor that cannot be decrypted,
        say after `main_secret` was unset, panics the worker's task on every attempt for the endpoint, and cuts
        off the dispatches to other endpoints in the same batch; a rotation to a fresh secret does not heal
        that, since `rotate_key` carries the unreadable one along until its grace period, unless that was zero,
        is over.
    """)
    flow.defect("""
        The doc comment of `rotate_endpoint_secret` (secrets.rs:113), which becomes the API's description, says
        that the previous secret is valid for 24 hours, whatever the `grace_period_seconds` of the call.
    """)
    flow.defect("""
        A secret that was sent twice survives a replacement with a period of zero: the zero keeps the current
        secret out of the list, but its copy in `old_keys` stays (secrets.rs:61-69) and goes on signing. If a
        main secret was configured in between, that copy stays unencrypted as well.
    """)
    flow.defect("""
        No test sends `grace_period_seconds`: the week, the day and the zero are pinned nowhere. In both signing
        tests the only message follows the rotations, when nothing is cached, so they would pass if
        `rotate_endpoint_secret` did not call `CreateMessageApp::invalidate`.
    """)
