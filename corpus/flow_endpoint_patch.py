"""Endpoint patch and delete: PATCH and DELETE …/endpoint/{endpoint_id}, from fields to columns."""

from pytest_flowcorpus import Flow


def flow_endpoint_patch(flow: Flow) -> None:
    flow.request("""
        Two buttons in the portal, both blocked on you.

        The pencil: today we write the whole endpoint back. On Monday a customer paused one while her colleague
        was editing its description; saving that switched it on again. Let us send the one field that was
        edited, and nothing else may move. Emptying a field (no filter, no id) has to be as easy to say as not
        mentioning it; emptying one that can't be empty should give an error we can show beside it. Pausing must
        work even if the endpoint filters on an event type you have retired since.

        The bin: after it, no new traffic, and the customer's own id is free at once. Yet last week's message
        still has to show where it went, and a backend that mirrors our endpoints under the customer's ids must
        hear which one is gone. The click may not fail because a cache does.
    """)

    crud = flow.file("v1/endpoints/endpoint/crud.rs")
    patch_endpoint = crud.extract("patch_endpoint")
    update_tail = crud.extract("update_endp_from_data")
    delete_endpoint = crud.extract("delete_endpoint")

    bodies = flow.file("v1/endpoints/endpoint/mod.rs")
    endpoint_patch = bodies.extract("EndpointPatch")
    update_model = bodies.extract("<EndpointPatch as ModelIn>::update_model")
    check_event_types = bodies.extract("validate_event_types_ids_unrequired_nullable")

    patch = flow.file("v1/utils/patch.rs")
    nullable_field = patch.extract("UnrequiredNullableField")
    field = patch.extract("UnrequiredField")
    read_nullable = patch.extract("<UnrequiredNullableField as Deserialize>::deserialize")
    read_field = patch.extract("<UnrequiredField as Deserialize>::deserialize")
    validate_nullable = patch.extract("<UnrequiredNullableField as Validate>::validate")
    set_field = patch.extract("patch_field_non_nullable")
    set_nullable = patch.extract("patch_field_nullable")

    read_metadata = flow.file("core/types/metadata.rs").extract(
        "<Metadata as Deserialize>::deserialize"
    )

    destinations = flow.file("v1/endpoints/attempt.rs").extract("list_attempted_destinations")

    message_app = flow.file("core/message_app.rs")
    fetch_from_pg = message_app.extract("CreateMessageApp::fetch_from_pg_by_model")
    invalidate = message_app.extract("CreateMessageApp::invalidate")
    can_fail = flow.file("core/can_fail.rs").extract("<Result as CanFail>::can_fail")
    endpoint_event = flow.file("core/operational_webhooks.rs").extract("EndpointEvent::new")

    endpoints = flow.file("db/models/endpoint.rs")
    before_save = endpoints.extract("<ActiveModel as ActiveModelBehavior>::before_save")
    fetch_with_metadata = endpoints.extract("ActiveModel::fetch_with_metadata")
    find = endpoints.extract("Entity::secure_find")
    find_by_id_or_uid = endpoints.extract("Entity::secure_find_by_id_or_uid")
    find_by_ids = endpoints.extract("Entity::secure_find_by_ids")

    flow.think(
        """
        Of a field, JSON can say three things: a value, null, or nothing. `Option` tells two apart: for `url` it
        would read a null as an absent field, where the portal wants an error. Nested, it holds all three, but
        then `url` and `uid` would share a type, and the type should say which column can be empty. So we make
        two. `UnrequiredNullableField` serves the five fields whose columns may be null; `UnrequiredField` the
        other five: its `fn deserialize` hands a null on to the inner type. A `Url` refuses it, and
        `ValidatedJson` answers 422 with the path to that field; `Metadata` takes it for an empty map. Both
        start as `Absent`, which serde keeps for a name that does not occur, if the field bears
        `#[serde(default)]`. Where that is forgotten, a patch without the field is refused or, if the type takes
        a null, empties it.
    """,
        covers=["boundaries"],
    )
    assert nullable_field in endpoint_patch.mentions
    assert field in endpoint_patch.mentions
    assert "pub url: UnrequiredField<Url>" in endpoint_patch
    assert "pub uid: UnrequiredNullableField<EndpointUid>" in endpoint_patch
    assert "#[default]\n    Absent" in field
    assert "T::deserialize(deserializer).map(UnrequiredField::Some)" in read_field
    assert "Option::deserialize(deserializer).map(Into::into)" in read_nullable
    assert "Option" not in read_field
    assert "pub metadata: UnrequiredField<Metadata>" in endpoint_patch
    assert read_field.calls.named(read_metadata)
    assert "inner.unwrap_or_default()" in read_metadata
    assert "ValidatedJson(data): ValidatedJson<EndpointPatch>" in patch_endpoint

    flow.think(
        """
        `patch_endpoint` gets the row from `fetch_with_metadata` as an `ActiveModel`, whose columns stay out of
        the UPDATE until they are set. Merging row and body and storing the whole would need no track of what
        was named. But it puts back whatever another call changed between our SELECT and our UPDATE, as happened
        to the pause. So in `fn update_model` a value is set, null becomes `Set(None)` and `Absent` does
        nothing: two patches of different columns of the endpoint both stand, and of two of the same column the
        later one. `before_save` sets `updated_at`, so an empty body is written and announced.

        The arms are the same for every column; `patch_field_nullable!` and `patch_field_non_nullable!` write
        them, given one name for field and column. `throttle_rate` shares a column with its old name
        `rate_limit`; its arms are written out after those of `rate_limit`, so that it wins. Metadata has its
        own table; `patch_endpoint` sets it as one map, from which a key goes by being left out.
    """,
        covers=["orchestration", "performance"],
    )
    assert fetch_with_metadata in patch_endpoint.calls
    assert find_by_id_or_uid in fetch_with_metadata.calls
    assert find in find_by_id_or_uid.calls
    assert "endp.into_active_model()" in fetch_with_metadata
    assert "patch_data.update_model(&mut endp)" in patch_endpoint
    assert update_tail in patch_endpoint.calls
    assert set_nullable in update_model.mentions
    assert set_field in update_model.mentions
    assert "UnrequiredNullableField::None => $model.$member = Set(None)" in set_nullable
    assert "UnrequiredNullableField::Absent => {}" in set_nullable
    assert (
        "UnrequiredNullableField::Some(v) => model.rate_limit = Set(Some(v.into()))" in update_model
    )
    assert "patch_field_non_nullable!(metadata, data)" in patch_endpoint
    flow.hop(update_tail, before_save, via="endpoint::ActiveModel::update")
    assert "self.updated_at = Set(Utc::now().into())" in before_save

    flow.think(
        """
        A patch is judged by what it brings. `validate_event_types`, which costs a query, runs only for a list
        that is there, and `validate_endpoint_url` only for a URL. An endpoint that filters on an archived type,
        or is on plain http where TLS has become a must, can still be paused or described anew. The checks on
        single fields keep that rule: `fn validate` of `UnrequiredNullableField` accepts or forwards to the
        value, and a check of our own gets a wrapper to unpack the field, as
        `validate_event_types_ids_unrequired_nullable`. All of this comes before the row is looked up: a bad
        body for an unknown endpoint is a 422, not a 404.
    """,
        covers=["errors", "boundaries"],
    )
    assert "if let UnrequiredNullableField::Some(event_types) = &data.event_types" in patch_endpoint
    assert "v1/endpoints/endpoint/crud.rs::validate_event_types" in patch_endpoint.calls
    assert "if let UnrequiredField::Some(url) = &data.url" in patch_endpoint
    assert "v1/endpoints/endpoint/crud.rs::validate_endpoint_url" in patch_endpoint.calls
    assert "UnrequiredNullableField::Some(v) => v.validate()" in validate_nullable
    assert "v1/endpoints/endpoint/mod.rs::validate_event_types_ids" in check_event_types.calls
    assert 'custom(function = "validate_event_types_ids_unrequired_nullable")' in endpoint_patch

    flow.think(
        """
        A patch does not create: without a URL there is nothing to call, so no row means `HttpError::not_found`.
        A uid that another endpoint of the application holds makes the UPDATE of `update_endp_from_data` fail,
        and `http_error_on_conflict` turns that into 409; the caller does not learn which endpoint is in the
        way.
    """,
        covers=["errors"],
    )
    assert "error.rs::HttpError::not_found" in patch_endpoint.calls
    assert "v1/endpoints/endpoint/crud.rs::create_endp_from_data" not in patch_endpoint.calls
    assert "endp.update(&txn).await.map_err(http_error_on_conflict)?" in update_tail
    assert "error.rs::http_error_on_conflict" in update_tail.mentions

    flow.think(
        """
        A real DELETE would free the uid and stop the traffic. But an attempt keeps only id and URL of its
        endpoint, and `list_attempted_destinations`, which shows the endpoint itself, would pass over one whose
        row is gone. `delete_endpoint` therefore sets `deleted` and keeps the row for `secure_find_by_ids` with
        `want_deleted`. The other queries start from `secure_find`, which leaves it out: a second removal is a
        404, and `fetch_from_pg_by_model` gives workers a list without it. The uid becomes `None`, because the
        unique index counts deleted rows as well. `EndpointEvent::new` would then read a row without it, so the
        handler copies the uid first and fills in `EndpointDeleted` by hand, for a mirror that knows endpoints
        by nothing else.
    """,
        covers=["orchestration", "boundaries"],
    )
    assert find_by_id_or_uid in delete_endpoint.calls
    assert "error.rs::HttpError::not_found" in delete_endpoint.calls
    assert "endp.deleted = Set(true)" in delete_endpoint
    assert "endp.uid = Set(None)" in delete_endpoint
    assert "delete(db)" not in delete_endpoint
    assert find_by_ids in destinations.calls
    assert "let want_deleted = true" in destinations
    assert "endpoints.get(&msg_attempt.endp_id)?" in destinations
    assert "Column::Deleted.eq(false)" in find
    assert find in fetch_from_pg.calls
    assert "endpoint_uid: endp.uid.clone()" in endpoint_event
    assert endpoint_event in update_tail.calls
    assert endpoint_event not in delete_endpoint.calls
    assert (
        "core/operational_webhooks.rs::OperationalWebhook::EndpointDeleted"
        in delete_endpoint.mentions
    )
    flow.hop(delete_endpoint, before_save, via="endpoint::ActiveModel::update")

    flow.think(
        """
        Then `CreateMessageApp::invalidate` runs under `can_fail`, which turns a failing cache into a log line.
        For a removal a 500 would be the worst answer, since a repeated call gets a 404. We accept in exchange
        that a cached list outlives the endpoint until its time is over, and that deliveries go on to a URL
        which the customer has taken away.
    """,
        covers=["errors"],
    )
    assert invalidate in delete_endpoint.calls
    assert invalidate in update_tail.calls
    assert can_fail in delete_endpoint.calls
    assert "tracing::error!" in can_fail

    flow.think(
        """
        A patch without event types takes the SELECT for the application, one with a join for row and metadata,
        BEGIN, the UPDATE, a statement for the metadata, COMMIT, and a cache delete. A removal takes two
        SELECTs, one UPDATE of three columns, which needs no transaction, and that delete, however many attempts
        the endpoint has.
    """,
        covers=["performance"],
    )
    assert "find_also_related(endpointmetadata::Entity)" in fetch_with_metadata
    assert "let txn = db.begin().await?" in update_tail
    assert "begin" not in delete_endpoint
    assert "core/cache/mod.rs::CacheBehavior::delete" in invalidate.calls

    flow.think(
        """
        Of the endpoint tests, `test_patch` sets the fields one by one, unsets those that may be null, and
        compares the rest after each step; metadata it leaves to `test_crud`, and `throttle_rate`, with its
        precedence over `rate_limit`, to nobody. `test_uid` takes a uid again after its owner was deleted, and
        `test_list_attempted_destinations` wants three endpoints after one of them is. In `test_endp_deletion` a
        fresh list lacks the endpoint; that we invalidate the old one it cannot show.
        `test_endpoint_create_update_and_delete` reads the event of a removal, but the endpoint has no uid; and
        no test sends `url` a null.
    """,
        covers=["testing"],
    )

    flow.defect("""
        A patch that does not name metadata still writes it: `update_endp_from_data` always calls
        `upsert_or_delete` (crud.rs:168), which stores the map as `fetch_with_metadata` loaded it
        (endpointmetadata.rs:68-76). Of two patches at once, one of the metadata and one of another field, the
        second can put the old map back, or, if there was none, delete the new one.
    """)
    flow.defect("""
        The UPDATE of `update_endp_from_data` (crud.rs:167) goes by the primary key alone. A patch of the uid
        that was loaded before a DELETE commits writes the uid into the deleted row and answers 200; the unique
        index then refuses that uid to every other endpoint of the application.
    """)
    flow.defect("""
        `delete_endpoint` awaits `send_operational_webhook` with `?` after the row is marked (crud.rs:295-305).
        If its token or payload cannot be made, the caller gets a 500, and a 404 when they repeat the call.
    """)
