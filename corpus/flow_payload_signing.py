"""Payload signing: how one delivery gets its signature, from the stored key to the header."""

from pytest_flowcorpus import Flow


def flow_payload_signing(flow: Flow) -> None:
    flow.request("""
        The bank will not go live before its security review has answers to three questions, and I think they
        are right about all of them. First: whoever learns their URL can post to it. How does their receiver
        know that a request comes from us, was meant for them and not for another of our customers, and is not
        Tuesday's payment sent again on Friday? Second: the receiver is run by a contractor. He has to be able
        to check our requests and must not be able to make one. Everybody else wants to stay with a shared
        secret that takes ten lines in any language. Third: our backups are stored by a third party. A dump of
        Postgres or Redis must not be enough to pass as us. Installations without a master key, and endpoints
        that are older than the key, have to keep delivering.

        A delivery may pay some microseconds for this, but no query. It is done when the example in our
        documentation comes out to the last character, and when the same message can be verified with nothing
        but a public key.
    """)

    worker = flow.file("worker.rs")
    worker.extract("use")
    sign_msg = worker.extract("sign_msg")
    msg_headers = worker.extract("generate_msg_headers")
    prepare = worker.extract("prepare_dispatch")

    message_app = flow.file("core/message_app.rs")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    cached_endpoint = message_app.extract("CreateMessageEndpoint")
    valid_keys = message_app.extract("CreateMessageEndpoint::valid_signing_keys")

    types = flow.file("core/types/mod.rs")
    max_old_keys = types.extract("ExpiringSigningKeys::MAX_OLD_KEYS")
    secret_type = types.extract("EndpointSecretType")
    marker = types.extract("EndpointSecretMarker")
    encrypted_flag = types.extract("EndpointSecretMarker::ENCRYPTED_FLAG")
    marker_from_u8 = types.extract("EndpointSecretMarker::from_u8")
    secret = types.extract("EndpointSecretInternal")
    key_size = types.extract("EndpointSecretInternal::KEY_SIZE")
    new_secret = types.extract("EndpointSecretInternal::new")
    from_vec = types.extract("EndpointSecretInternal::from_vec")
    into_secret = types.extract("EndpointSecretInternal::into_endpoint_secret")
    sign = types.extract("EndpointSecretInternal::sign")
    key = types.extract("EndpointSecretInternal::key")
    try_get = types.extract("<EndpointSecretInternal as TryGetable>::try_get")
    serialize = types.extract("<EndpointSecret as Serialize>::serialize")
    public_key = types.extract("EndpointSecret::serialize_public_key")

    cryptography = flow.file("core/cryptography.rs")
    key_pair = cryptography.extract("AsymmetricKey::from_slice")
    decrypt = cryptography.extract("Encryption::decrypt")

    main_secret = flow.file("cfg.rs").extract("deserialize_main_secret")

    get_secret = flow.file("v1/endpoints/endpoint/secrets.rs").extract("get_endpoint_secret")

    flow.think(
        """
        One Ed25519 pair for the whole server would be the least work: a single public key to publish, nothing
        to store per endpoint. But another tenant could enter the bank's URL as an endpoint of his own, post
        what he likes, and we would sign it with the key that the bank trusts. So each endpoint has its own key,
        and `prepare_dispatch` signs with what belongs to the `CreateMessageEndpoint` that is about to be
        called. His endpoint signs with its own key, which the bank's receiver rejects.

        The signature covers `"{msg_id}.{timestamp}.{body}"`. The id lets a receiver recognise a message that it
        has had, the timestamp lets it refuse an old one, and since neither contains a dot, no text can be read
        as two different triples. The body is the very `payload` that goes into `PendingDispatch`; were it
        parsed and printed again to be signed, we could sign bytes that no receiver ever gets.
        """,
        covers=["orchestration", "boundaries"],
    )
    assert valid_keys in prepare.calls
    assert sign_msg in prepare.calls
    assert msg_headers in prepare.calls
    assert "let keys = endp.valid_signing_keys()" in prepare
    assert "payload: payload.to_owned()" in prepare
    assert 'format!("{msg_id}.{timestamp}.{body}")' in sign_msg
    assert "serde_json" not in prepare
    assert "worker.rs::PendingDispatch" in prepare.mentions

    flow.think(
        """
        The two kinds differ in what the receiver must hold; the worker should have to know no more of it than a
        label. So the kind lies in the key: `sign` matches `EndpointSecretType` and returns bytes, 32 for
        `Hmac256` and 64 for `Ed25519`, and `sign_msg` puts `"v1"` or `"v1a"` before them. For
        `get_endpoint_secret`, `serialize_public_key` prints the public half of a pair, while a shared secret
        has no public half and is printed whole. The contractor can be given the answer for an `Ed25519`
        endpoint, and only for such a one.
        """,
        covers=["boundaries"],
    )
    assert sign in sign_msg.calls
    assert secret_type in sign_msg.mentions
    assert "match self.marker.type_()" in sign
    assert "hmac_sha256::HMAC::mac(bytes, key)" in sign
    assert key_pair in sign.calls
    assert 'EndpointSecretType::Hmac256 => "v1"' in sign_msg
    assert get_secret.calls.named("into_endpoint_secret")
    assert "v1/endpoints/endpoint/mod.rs::EndpointSecretOut" in get_secret.mentions
    flow.hop(get_secret, serialize, via="Serialize::serialize")
    assert public_key in serialize.calls
    assert "STANDARD.encode(key.pubkey())" in public_key

    flow.think(
        """
        `sign_msg` is given the timestamp and reads no clock, and `sign` adds no noise to Ed25519, so both kinds
        can be compared to the last character. `test_generate_msg_headers_with_signing_key` holds the header
        against the documentation's example; `test_asymmetric_key_signing` verifies with only the public key,
        then compares the string. A third kind is a variant of `EndpointSecretType`; the compiler then names
        `sign`, `sign_msg` and `into_endpoint_secret`, among others.
        """,
        covers=["testing"],
    )
    assert "timestamp: i64" in sign_msg
    assert ".sign(bytes, None)" in sign
    assert "Utc::now" not in sign_msg

    flow.think(
        """
        The master key comes from the configuration, where `deserialize_main_secret` makes 32 bytes of a string
        of any length. Decrypting each row as it is loaded would be cheaper, once per load instead of once per
        signature. But a `CreateMessageEndpoint` is what the cache stores, so the plain keys would lie in Redis,
        and the dump of the third question would be enough. So `EndpointSecretInternal` carries the bytes as
        they are stored. `Encryption::decrypt` runs inside `sign`, and the plain key lives until that call
        returns; the method `key` is private, and besides signing only `into_endpoint_secret` uses it, mainly
        for `get_endpoint_secret`.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert 'hmac_sha256::HMAC::mac(b"main", key.as_bytes())' in main_secret
    assert "&cfg.encryption" in prepare
    assert "derive(Deserialize, Serialize" in cached_endpoint
    assert "pub key: EndpointSecretInternal" in cached_endpoint
    assert key in sign.calls
    assert decrypt in key.calls
    assert key in into_secret.calls
    assert decrypt not in valid_keys.calls
    assert "pub" not in key

    flow.think(
        """
        Old rows must stay valid when a master key is set, so whether a key is encrypted cannot be read off the
        configuration. `EndpointSecretInternal::new` notes it in a marker of one byte before the key:
        `ENCRYPTED_FLAG` on top, the kind in the other bits. `key` decrypts only what is flagged; an older row
        stays plain until its secret is replaced. The oldest rows have no marker; they are exactly `KEY_SIZE`
        long, 24 bytes, and `from_vec` takes them for a plain `Hmac256` key. A row with a marker cannot be that
        short, because no key has less than 24 bytes. `test_legacy_endpoint_secret` writes 24 bare bytes into a
        row and reads the secret back; `test_endpoint_secret_encryption_in_database` only compares lengths.

        A row that `from_vec` refuses is a `DbErr::Type` in `try_get`. It fails the query of
        `fetch_from_pg_by_model`: a message that is just being created gets a 500 and is not stored, a task is
        logged and nacked. One broken row holds up the whole application. Skipping the endpoint would deliver to
        the others, and lose its messages without anybody noticing. An owner asking for a flagged secret while
        the master key is missing gets a 500, the reason only in our log.
        """,
        covers=["errors"],
    )
    assert "encrypted: encryption.enabled()" in new_secret
    assert "0b1000_0000" in encrypted_flag
    assert "(v & Self::ENCRYPTED_FLAG) != 0" in marker_from_u8
    assert "encrypted: bool" in marker
    assert marker in new_secret.mentions
    assert "if self.marker.encrypted" in key
    assert "KEY_SIZE: usize = 24" in key_size
    assert "Self::KEY_SIZE => Ok(Self" in from_vec
    assert marker_from_u8 in from_vec.calls
    assert from_vec in try_get.mentions
    assert "sea_orm::DbErr::Type" in try_get
    flow.hop(fetch_from_pg, try_get, via="TryGetable::try_get")
    assert ".collect::<Result<Vec<_>>>()?" in fetch_from_pg
    assert "main_secret unset" in key
    assert "into_endpoint_secret(&cfg.encryption)?" in get_secret

    flow.think(
        """
        `generate_msg_headers` gets the finished string and no key. Whether it goes into `WEBHOOK_SIGNATURE` or
        `SVIX_SIGNATURE` is for `whitelabel_headers` to say. A header that the customer configured and that does
        not parse is left out with a `tracing::error!`, of which the customer sees nothing: the signature does
        not cover headers, so the delivery is still worth making. Without its id, timestamp or signature the
        receiver would refuse it. If one of those does not parse, `generate_msg_headers` returns an
        `Error::generic`; `prepare_dispatch` passes it up before this endpoint is called, and the task is
        nacked.
        """,
        covers=["errors"],
    )
    assert "signatures: String" in msg_headers
    assert secret not in msg_headers.mentions
    assert "worker.rs::WEBHOOK_SIGNATURE" in msg_headers.mentions
    assert "worker.rs::SVIX_SIGNATURE" in msg_headers.mentions
    assert "Invalid HeaderValue" in msg_headers
    assert "error.rs::Error::generic" in msg_headers.calls

    flow.think(
        """
        Signing costs no query: the keys came with the cached application, and `valid_signing_keys` borrows
        them. An attempt pays one `to_sign`, a copy of the body that all its keys share: the current and at
        most `MAX_OLD_KEYS` replaced ones. HMAC alone could be fed the three parts without a copy, but Ed25519
        reads its message twice and wants it in one piece. Each key adds one pass over that text with HMAC;
        with Ed25519 two, and curve arithmetic, which on a short body costs more; if flagged, a decryption of a
        few dozen bytes. `format_with` joins the signatures without a list between.
        """,
        covers=["performance"],
    )
    assert "Vec<&EndpointSecretInternal>" in valid_keys
    assert '.format_with(" "' in sign_msg
    assert "to_sign.as_bytes()" in sign_msg
    assert "MAX_OLD_KEYS: usize = 10" in max_old_keys
    assert "XChaCha20Poly1305::new(main_key)" in decrypt
    assert "db" not in sign_msg

    flow.defect("""
        `EndpointSecretInternal::sign` unwraps what `key` and `AsymmetricKey::from_slice` return
        (core/types/mod.rs:807, 812; its FIXME says so). With a master key that is missing or wrong, every
        delivery to such an endpoint panics in its spawned task: the task is neither acked nor nacked, and
        `NUM_WORKERS` stays one too high (worker.rs:1069, 1098).
    """)
    flow.defect("""
        Configured headers are inserted after ours (worker.rs:229-240), and `FORBIDDEN_PREFIXES`
        (core/types/mod.rs:1146) lists `svix-` but not `webhook-`. With `whitelabel_headers`, an endpoint's own
        `webhook-signature` header replaces the signature.
    """)
