"""Bearer authentication: what a token may do, from GET and DELETE …/app/{app_id} to the row it may see."""

from pytest_flowcorpus import Flow


def flow_bearer_authentication(flow: Flow) -> None:
    flow.request("""
        From next month our customers' browsers call the same API as our backends, and I am not putting the
        account's key, which can do anything, into a browser.

        So we need a weaker credential: made for one customer of the account, good for that customer's endpoints
        and deliveries and for as much of the event catalogue as it was given, worthless after some weeks. It
        must not manage customers, its own record included, nor find out which others exist; the accounts pick
        the ids, and they are easy to guess ("acme", "globex").

        Publishing is our hottest path: checking a credential may not touch the database. Two installations
        issue theirs from their own identity service and give us a public key at most. There are dozens of
        routes and more each month; their authors will not remember a rule from a wiki. And people who paste the
        signing key into their client should get a hint.

        I'll test such a credential: it reads its own customer's record, another's does not seem to exist, and
        create, change, delete and list are forbidden.
    """)

    applications = flow.file("v1/endpoints/application.rs")
    get_application = applications.extract("get_application")
    delete_application = applications.extract("delete_application")

    get_event_type = flow.file("v1/endpoints/event_type.rs").extract("get_event_type")

    permissions = flow.file("core/permissions.rs")
    permissions.extract("use")
    read_all = permissions.extract("<ReadAll as FromRequestParts>::from_request_parts")
    check_app = permissions.extract("Permissions::check_app_is_permitted")
    organization = permissions.extract("<Organization as FromRequestParts>::from_request_parts")
    org_with_app = permissions.extract(
        "<OrganizationWithApplication as FromRequestParts>::from_request_parts"
    )
    with_metadata = permissions.extract(
        "<ApplicationWithMetadata as FromRequestParts>::from_request_parts"
    )
    path_params = permissions.extract("ApplicationPathParams")
    allowed_flags = permissions.extract("AllowedFeatureFlags")

    security = flow.file("core/security.rs")
    access_level = security.extract("AccessLevel")
    org_id = security.extract("Permissions::org_id")
    app_id = security.extract("Permissions::app_id")
    claim = security.extract("CustomClaim")
    invalid_err = security.extract("INVALID_TOKEN_ERR")
    secret_err = security.extract("JWT_SECRET_ERR")
    from_bearer = security.extract("permissions_from_bearer")
    parse_bearer = security.extract("parse_bearer")
    from_jwt = security.extract("permissions_from_jwt")
    org_token = security.extract("generate_org_token")
    app_token = security.extract("generate_app_token")
    signing_config = security.extract("JwtSigningConfig")
    verify = security.extract("JwtSigningConfig::verify_token")

    types = flow.file("core/types/mod.rs")
    validate_id = types.extract("BaseId::validate_")
    org_id_type = types.extract("create_id_type!(OrganizationId)")
    make_span = flow.file("core/otel_spans.rs").extract(
        "<AxumOtelSpanCreator as MakeSpan>::make_span"
    )

    app_rows = flow.file("db/models/application.rs")
    fetch_with_metadata = app_rows.extract("Model::fetch_with_metadata")
    find = app_rows.extract("Entity::secure_find")
    find_by_id_or_uid = app_rows.extract("Entity::secure_find_by_id_or_uid")

    into_response = flow.file("error.rs").extract("<Error as IntoResponse>::into_response")

    flow.think(
        """
        A check may not touch the database. Random strings in a table would be easy to revoke, but every request
        would begin with that lookup, or with a cache that may answer for a revoked token. So tokens are signed
        claims. `generate_org_token` and `generate_app_token` need only the key, and `permissions_from_bearer`
        decides from the token what its bearer may do, without Postgres or cache. A leaked token stays good
        until it expires, or until we replace the key and thereby end all the others; hence 28 days for a
        customer's token, and ten years for the account's, which stays on servers.
        """,
        covers=["performance", "orchestration"],
    )
    assert "Duration::from_hours(24 * 365 * 10)" in org_token
    assert "Duration::from_hours(24 * 28)" in app_token
    assert "signing_config.generate(claims)" in org_token
    assert "keys.generate(claims)" in app_token
    assert parse_bearer in from_bearer.calls
    assert from_jwt in from_bearer.calls
    assert "state.db" not in from_bearer
    assert "state.cache" not in from_bearer

    flow.think(
        """
        The algorithm has to follow from our configuration and not from what a token says of itself:
        `verify_token` matches on the `JwtSigningConfig`. An identity service elsewhere keeps its private key
        and gives us an `RS256::Public`. It signs under its own name, so `parse_bearer` passes no options, and
        no issuer is demanded. It may also forget the `"org"` claim, by which `generate_app_token` marks a
        customer's token. Then `permissions_from_jwt` takes `"sub"` for an organisation, and must not promote
        a customer: `validate_` wants the prefix `"org_"`, which the id of an application lacks.
        `AccessLevel::Application` holds both ids, and `CustomClaim` reads missing `feature_flags` as none.
        """,
        covers=["boundaries"],
    )
    assert verify in parse_bearer.calls
    assert "match self" in verify
    assert "organization: Some(org_id.0)" in app_token
    assert signing_config in parse_bearer.mentions
    assert "RS256::Public(key) => key.verify_token(token, options)" in verify
    assert "verify_token(bearer.token(), None)" in parse_bearer
    assert "claims.custom.organization" in from_jwt
    assert "OrganizationId(org_id)" in from_jwt
    assert from_jwt.calls.named("validate")
    assert org_id_type in from_jwt.mentions
    flow.hop(from_jwt, validate_id, via="Validate::validate")
    assert "starts_with(Self::PREFIX)" in validate_id
    assert '"org_"' in org_id_type
    assert "Application(OrganizationId, ApplicationId)" in access_level
    assert access_level in from_jwt.mentions
    assert claim in from_jwt.mentions
    assert "FeatureFlagSet::is_empty" in claim

    flow.think(
        """
        A middleware could verify the token for the whole router and leave a `Permissions` in the request. But
        whether a route is for customers would stay a line somewhere in each handler. We want it in the
        signature, where a reviewer sees it. `delete_application` names `OrganizationWithApplication`,
        `get_application` names `ApplicationWithMetadata`, and axum runs their `from_request_parts` before the
        handler; it then holds an `application::Model` and never sees a claim. `check_app_is_permitted` is
        private to its file, so only these types decide. A new handler that names none is open to everyone,
        and still compiles. But it has no `OrganizationId` either, without which `secure_find` builds no query
        for an application: its usual first step is missing.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert "core/permissions.rs::ApplicationWithMetadata" in get_application.mentions
    flow.hop(get_application, with_metadata, via="permissions::ApplicationWithMetadata")
    assert "core/permissions.rs::OrganizationWithApplication" in delete_application.mentions
    flow.hop(delete_application, org_with_app, via="permissions::OrganizationWithApplication")
    assert from_bearer in with_metadata.calls
    assert organization in org_with_app.calls
    assert from_bearer in organization.calls
    assert from_bearer not in get_application.calls
    assert from_bearer not in delete_application.calls
    assert "pub" not in check_app
    assert "secure_find(org_id: OrganizationId)" in find

    flow.think(
        """
        Customers must not learn from a refusal which ids exist. Where only the account may act,
        `OrganizationWithApplication` calls `Organization` first: a customer's token gets
        `HttpError::permission_denied` before any query, whatever the id in the path. Where customers may act,
        we could compare the path with the token before reading the row. But a path may hold the uid, which the
        token does not carry and the account may change. `ApplicationWithMetadata` therefore finds the
        application within the organisation, and `check_app_is_permitted` compares its id with `app_id` of the
        token. A mismatch is `HttpError::not_found(None, None)`, to the byte what a missing application gets; a
        403 there would confirm the guess.
        """,
        covers=["boundaries", "errors"],
    )
    assert "error.rs::HttpError::permission_denied" in organization.calls
    assert "Organization::from_request_parts(parts, state)" in org_with_app
    assert find_by_id_or_uid in org_with_app.calls
    assert find_by_id_or_uid not in organization.calls
    assert check_app not in org_with_app.calls
    assert fetch_with_metadata in with_metadata.calls
    assert org_id in with_metadata.calls
    assert check_app in with_metadata.calls
    assert app_id in check_app.calls
    assert "error.rs::HttpError::not_found" in check_app.calls
    assert "HttpError::not_found(None, None)" in check_app
    assert "HttpError::not_found(None, None)" in with_metadata
    assert path_params in with_metadata.mentions

    flow.think(
        """
        A stranger must not learn why a token failed. A missing header is `HttpError::unauthorized` with
        `INVALID_TOKEN_ERR`'s text, and so are a wrong signature and an expired token, because `parse_bearer`
        turns each `jwt_simple::Error` into `None`. One mistake we name, since it fills the support queue: with
        the `Default` configuration, a client that sends the signing secret itself reads `JWT_SECRET_ERR`. To a
        guesser that confirms no more than a token signed with the guess would. Messages about single claims
        (401 if `"sub"` is missing, 400 for a wrong prefix) come from `permissions_from_jwt`, so only after the
        signature held. `into_response` writes all of these to the log at debug level only. A lookup that
        Postgres refuses is no `HttpError`: it is an error in the log, and a 500 that gives no reason.
        """,
        covers=["errors"],
    )
    assert "error.rs::HttpError::unauthorized" in from_bearer.calls
    assert ".ok()" in parse_bearer
    assert "jwt_simple::Error" in verify
    assert "JwtSigningConfig::Default { jwt_secret }" in from_bearer
    assert invalid_err in from_bearer.mentions
    assert secret_err in from_bearer.mentions
    assert "Invalid token (missing `sub`)." in from_jwt
    assert "error.rs::HttpError::unauthorized" in from_jwt.calls
    assert "error.rs::HttpError::bad_request" in from_jwt.calls
    flow.hop(with_metadata, into_response, via="IntoResponse::into_response")
    assert "error.rs::ErrorType::Http" in into_response.mentions
    assert "tracing::debug!" in into_response
    assert "INTERNAL_SERVER_ERROR, Json(json!({}))" in into_response

    flow.think(
        """
        With a customer's token, `test_restricted_application_access` expects 403 for create, replace, delete
        and list, 404 for another application, 200 for its own. `test_invalid_auth_error_detail` sends nonsense
        for `INVALID_TOKEN_ERR` and the secret for `JWT_SECRET_ERR`. No test sends an expired token, and none a
        token with a wrong prefix, though `permissions_from_jwt` needs no server for that.
        """,
        covers=["testing"],
    )

    flow.think(
        """
        `Organization` and `ReadAll` cost no query. `ReadAll` hands `get_event_type`
        `AllowedFeatureFlags::All` for an account and the token's own flags for a customer; since it never
        looks at the application, the token of a deleted one goes on reading the catalogue. The others cost
        one SELECT, and its row is used again: `get_application` answers with it, `delete_application` marks
        it deleted. `secure_find_by_id_or_uid` asks for id or uid at once, and `fetch_with_metadata` joins the
        metadata. We do not cache the row, and `secure_find` leaves out deleted ones, so a deletion counts
        from the next request.
        """,
        covers=["performance"],
    )
    assert "core/permissions.rs::ReadAll" in get_event_type.mentions
    flow.hop(get_event_type, read_all, via="permissions::ReadAll")
    assert from_bearer in read_all.calls
    assert find_by_id_or_uid not in read_all.calls
    assert "state.db" not in organization
    assert "state.db" not in read_all
    assert allowed_flags in read_all.mentions
    assert "AllowedFeatureFlags::Some(permissions.feature_flags)" in read_all
    assert find_by_id_or_uid in fetch_with_metadata.calls
    assert "find_also_related(applicationmetadata::Entity)" in fetch_with_metadata
    assert find in find_by_id_or_uid.calls
    assert "Condition::any()" in find_by_id_or_uid
    assert "Column::Deleted.eq(false)" in find
    assert "app.deleted = Set(true)" in delete_application
    assert "Json((app, metadata).into())" in get_application

    flow.think(
        """
        The log lines of a request should name its tenant. `permissions_from_bearer` records `org_id`, and for
        a customer's token `app_id`, on the current span. A span takes no new fields, so `make_span` has to
        declare both as `Empty`.

         A third kind of token would be a variant of `AccessLevel`: `org_id`, `app_id` and `ReadAll` would not
         compile until they match it, and a `None` from `app_id` would open every application of the account to
         it; `Organization`, whose `match` lets in only one variant, would refuse it.
        """,
        covers=["orchestration"],
    )
    assert 'record("org_id", perms.org_id().to_string())' in from_bearer
    assert 'record("app_id", app_id.to_string())' in from_bearer
    assert "org_id = tracing::field::Empty" in make_span
    assert "app_id = tracing::field::Empty" in make_span
    assert access_level in org_id.mentions
    assert access_level in app_id.mentions
    assert access_level in read_all.mentions
    assert "if let Some(ref permitted_app_id) = self.app_id()" in check_app
    assert "_ => return Err(HttpError::permission_denied(None, None).into())" in organization

    flow.defect("""
        `Path::<ApplicationPathParams>` rejects a path segment that is no UTF-8 once it is percent-decoded,
        such as `%FF`. The `From<PathRejection>` of error.rs:189-194 makes that `Error::generic`, so the
        extractors (permissions.rs:84, 115, 138) answer a client's mistake with 500 and log it as an error.
    """)
    flow.defect("""
        `parse_bearer` drops the `jwt_simple::Error` (security.rs:106): even at debug level the log does not
        say whether a token was expired, malformed or signed with another key.
    """)
    flow.defect("""
        `permissions_from_bearer` names the signing secret sent as a token for `JwtSigningConfig::Default`
        alone (security.rs:83-89). An installation that sets `jwt_algorithm` to HS256, HS384 or HS512 has the
        same kind of secret, and there the caller reads "Invalid token".
    """)
    flow.defect("""
        The signing secret is compared with the bearer's string by `==` (security.rs:84), not in constant time:
        for a token of the secret's exact length, the time of an unauthenticated request can depend on how much
        of it is right.
    """)
    flow.defect("""
        An invalid id in a claim has the code "bad token" in one branch of `permissions_from_jwt`
        (security.rs:112) and "bad_token" in the other (security.rs:146); clients cannot rely on either.
    """)
    flow.defect("""
        The 401 of `HttpError` carries no WWW-Authenticate header (error.rs:420-424), which RFC 9110 demands.
    """)
