"""Portal access with add-ons: POST …/auth/app-portal-access/{app_id}, from the body to the catalogue."""

from pytest_flowcorpus import Flow


def flow_app_portal_access(flow: Flow) -> None:
    flow.request("""
        Product ask, for the plans that our accounts sell from October. Some kinds of event belong to an add-on.
        A customer who has not bought it must not come across them in the portal's catalogue, neither in the
        list nor by typing the name. One who has, must. Kinds without an add-on stay visible to everybody, and
        the account's own back office sees them all.

        Who has bought what is known to each account's billing system, and it changes at any hour. The account's
        back end calls us whenever somebody opens the portal; it may be the first that we hear of this customer.
        The portal itself runs in the customer's browser, and nobody there may widen what was bought. Accounts
        that use the old call, which sends no body, go on as before, with no add-on.

        Acceptance: one customer opens the portal with no add-on, a foreign one, both, and the right one, and
        finds the kind on the last two visits only. No page of the catalogue may be short for what it hides.
    """)

    auth = flow.file("v1/endpoints/auth.rs")
    auth.extract("use")
    access_in = auth.extract("AppPortalAccessIn")
    access = auth.extract("app_portal_access")
    dashboard = auth.extract("dashboard_access")

    event_types = flow.file("v1/endpoints/event_type.rs")
    list_types = event_types.extract("list_event_types")
    get_type = event_types.extract("get_event_type")

    check_uid = flow.file("v1/endpoints/message.rs").extract("validate_create_app_uid")
    validated = flow.file("v1/utils/mod.rs").extract("<ValidatedJson as FromRequest>::from_request")

    permissions = flow.file("core/permissions.rs")
    organization = permissions.extract("<Organization as FromRequestParts>::from_request_parts")
    read_all = permissions.extract("<ReadAll as FromRequestParts>::from_request_parts")
    allowed = permissions.extract("AllowedFeatureFlags")

    security = flow.file("core/security.rs")
    claim = security.extract("CustomClaim")
    bearer = security.extract("permissions_from_bearer")
    parse = security.extract("parse_bearer")
    from_jwt = security.extract("permissions_from_jwt")
    app_token = security.extract("generate_app_token")
    generate = security.extract("JwtSigningConfig::generate")

    flag = flow.file("core/types/mod.rs").extract("<FeatureFlag as Deserialize>::deserialize")
    find_app = flow.file("db/models/application.rs").extract("Entity::secure_find_by_id_or_uid")
    filter_flags = flow.file("db/models/eventtype.rs").extract("Entity::filter_feature_flags")
    into_response = flow.file("error.rs").extract("<Error as IntoResponse>::into_response")

    flow.think(
        """
        Add-ons could be a column of the application, and a withdrawn one would be gone at the next request. But
        the account would have to tell us of every purchase, for customers who never open the portal as well,
        and what we missed would stay wrong until somebody complains. So the set travels with the visit: the
        account names it in `feature_flags` of `AppPortalAccessIn`, `generate_app_token` signs it into the
        `CustomClaim`, and we store nothing. The browser can read the claim and not change it. We cannot call a
        token back, so a visit that began before the add-on was withdrawn keeps it as long as its token is
        taken, some 28 days.
    """,
        covers=["boundaries"],
    )
    assert "feature_flags: FeatureFlagSet" in access_in
    assert app_token in access.calls
    assert claim in app_token.mentions
    assert "Duration::from_hours(24 * 28)" in app_token
    assert "insert" not in app_token

    flow.think(
        """
        Customers must not mint their own tokens. `app_portal_access` demands `permissions::Organization`, which
        has no place for an application's token: it ends in `HttpError::permission_denied`, and since axum takes
        the body last, before a flag of it is read. The path holds an id or a uid; `generate_app_token` gets the
        id of the row found, because a uid may be renamed within those 28 days. If there is no row, a body with
        an `application` lets `create_app_from_app_in` make one; its uid must be the one in the path, or
        `validate_create_app_uid` answers 422. Without an `application` it is 404. A row that exists stays as it
        is, whatever the body says.
    """,
        covers=["orchestration", "boundaries"],
    )
    assert "core/permissions.rs::Organization" in access.mentions
    flow.hop(access, organization, via="permissions::Organization")
    assert "HttpError::permission_denied" in organization
    assert find_app in access.calls
    assert "app.id.clone()" in access
    assert check_uid in access.calls
    assert "error.rs::HttpError::unprocessable_entity" in check_uid.calls
    assert "uid.0 != app_id_or_uid.0" in check_uid
    assert "v1/endpoints/application.rs::create_app_from_app_in" in access.calls
    assert "Application not found" in access
    assert "(_, Some(app_from_path_param)) => app_from_path_param" in access

    flow.think(
        """
        With an `Option` of a set, no set would mean no limit, and a token whose flags were lost on the way
        would open the whole catalogue. So `permissions_from_jwt` always yields a set, which is empty if the
        claim is missing, and `ReadAll` alone turns the kind of token into an `AllowedFeatureFlags`: `All` for
        an account, whatever its token carries, `Some` for a customer. To get at the flags, a handler has to
        match on it. An empty set is left out of the claim, and a missing one is read as empty: a customer
        without add-ons carries not a byte more, and the tokens from before this change mean what they should,
        none.
    """,
        covers=["boundaries", "performance"],
    )
    assert "feature_flags: claims.custom.feature_flags" in from_jwt
    assert "AccessLevel::Organization(_) => AllowedFeatureFlags::All" in read_all
    assert "AllowedFeatureFlags::Some(permissions.feature_flags)" in read_all
    assert allowed in read_all.mentions
    assert bearer in read_all.calls
    assert from_jwt in bearer.calls
    assert 'skip_serializing_if = "FeatureFlagSet::is_empty"' in claim
    assert "default" in claim
    assert read_all not in organization.calls

    flow.think(
        """
        Where is the kind hidden? Dropping rows after the query would be one line per handler, but pages would
        come out short, and a page of hidden kinds alone would be empty and yet not the last. So
        `filter_feature_flags` is part of the query: the flag `is_in` the set, or `is_null`. `list_event_types`
        adds it to the statement that `apply_pagination` limits, so a page counts only visible rows.
        `get_event_type` adds it to the search by name and needs no answer of its own: a hidden kind is not
        found, and gets the same `HttpError::not_found(None, None)` as one that never was. A 403 would tell that
        the name exists.
    """,
        covers=["orchestration", "errors"],
    )
    assert "core/permissions.rs::ReadAll" in list_types.mentions
    assert "core/permissions.rs::ReadAll" in get_type.mentions
    flow.hop(list_types, read_all, via="permissions::ReadAll")
    flow.hop(get_type, read_all, via="permissions::ReadAll")
    assert filter_flags in list_types.calls
    assert filter_flags in get_type.calls
    assert "Column::FeatureFlag.is_in(flags)" in filter_flags
    assert "Column::FeatureFlag.is_null()" in filter_flags
    assert "v1/utils/mod.rs::apply_pagination" in list_types.calls
    assert "HttpError::not_found(None, None)" in get_type
    assert "permission_denied" not in get_type

    flow.think(
        """
        Flags come in bodies and in claims, and must obey one rule. So `validate_limited_str` is called where a
        `FeatureFlag` is read, in its `fn deserialize`. In a body a bad one makes `from_request` of
        `ValidatedJson` answer 422, with the path that leads to it. In a claim, which others may have signed, it
        spoils the whole token: `parse_bearer` drops the reason, and each call that brings it gets a 401 that
        says `INVALID_TOKEN_ERR`. Signing can fail, too: an installation that has just a public key verifies
        what others issue, and `JwtSigningConfig::generate` refuses. That is no mistake of the caller:
        `generate_app_token` makes it an `Error::generic`, `fn into_response` logs it, and the answer is a 500
        with an empty object, which does not say what is missing. An application that was made for the visit
        stays, and the next visit finds it.
    """,
        covers=["errors"],
    )
    assert "v1/utils/mod.rs::ValidatedJson" in access.mentions
    flow.hop(access, validated, via="FromRequest::from_request")
    assert "core/types/mod.rs::FeatureFlagSet" in access_in.mentions
    flow.hop(validated, flag, via="Deserialize::deserialize")
    assert "core/types/mod.rs::validate_limited_str" in flag.calls
    assert parse in bearer.calls
    assert "signing_config.verify_token(bearer.token(), None).ok()" in parse
    assert claim in parse.mentions
    flow.hop(parse, flag, via="Deserialize::deserialize")
    assert "core/security.rs::INVALID_TOKEN_ERR" in bearer.mentions
    assert "value_error.jsondecode" in validated
    assert generate in app_token.calls
    assert "cannot sign JWT with public key" in generate
    assert "map_err(Error::generic)" in app_token
    flow.hop(access, into_response, via="IntoResponse::into_response")
    assert "StatusCode::INTERNAL_SERVER_ERROR, Json(json!({}))" in into_response

    flow.think(
        """
        A visit of a known customer costs one SELECT and a signature. The reads that follow cost no query for
        add-ons: `ReadAll` asks neither Postgres nor the cache, and a catalogue page remains one statement, in
        which a flag is one bind parameter; in every request's header it is some bytes. We set no limit to the
        number of flags; an account names a handful.
    """,
        covers=["performance"],
    )
    assert "db" not in read_all
    assert "v1/endpoints/application.rs::create_app_from_app_in" not in read_all.calls
    assert ".one(db)" in access

    flow.think(
        """
        The old call has no body, and `ValidatedJson` would refuse that. So `dashboard_access` calls
        `app_portal_access` as a function, with the extractors it has itself and an empty `AppPortalAccessIn`:
        one place mints, and a field that is added later does not compile until the old call has a value for it.
        `test_dashboard_access_without_body` wants its 200. `test_event_type_feature_flags` opens the portal
        with the four sets and looks at list and single kind; its catalogue of two fits on one page, so a kind
        hidden at the edge of one is not covered. `test_app_portal_access_with_application` brings the
        application along.
    """,
        covers=["testing", "orchestration"],
    )
    assert access in dashboard.calls
    assert "FeatureFlagSet::default()" in dashboard
    assert app_token not in dashboard.calls

    flow.defect("""
        Flags hide a kind from the catalogue and from nothing else: `validate_event_types` asks for all live
        names of the organisation (v1/endpoints/endpoint/crud.rs:327-333), so a customer without the flag can
        subscribe to a hidden kind by its name and receives it, and can tell by 422 or 201 whether a name
        exists.
    """)
    flow.defect("""
        The `url` of the answer is a constant that leads to our documentation (auth.rs:102), though the
        operation promises a magic link; `region` and `app_portal_url` of the configuration are never read
        (cfg.rs:437-443).
    """)
    flow.defect("""
        Of two first visits at once the slower ends in a 409 from the insert (application.rs:332), although the
        application that it asked for exists by then.
    """)
    flow.defect("""
        The comment on `application` speaks of a message (auth.rs:55), copied from `MessageIn`, and is published
        in the OpenAPI document.
    """)
