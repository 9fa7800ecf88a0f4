"""Endpoint creation and full update: POST …/endpoint and PUT …/endpoint/{endpoint_id}."""

from pytest_flowcorpus import Flow


def flow_endpoint_creation(flow: Flow) -> None:
    flow.request("""
        From the people who write a Terraform provider against our API:

        Our users describe their receivers in a file and apply it, once on an empty application and then every
        day. The provider has to say "this is the whole receiver: address, filters, labels, switch" without
        asking first whether you have it, and be told which of the two it was. Listeners to your notices about
        receivers should hear the same. A user's own name for a receiver is unique within an application; two
        applies that race may not leave two of that name.

        What we cannot have: an apply that changes a description cuts off a live receiver because its secret is
        a new one. The file never holds a secret, though somebody who comes from another vendor will register a
        receiver with the one it already has. A misspelt filter must not wait until events fail to come; name
        all of them at once. Some installations allow TLS only.

        After an apply, then, the receiver is what the file says, what the file leaves out is back at its
        default, and the secret is still the one it had. A tenant's portal token is enough.
    """)

    crud = flow.file("v1/endpoints/endpoint/crud.rs")
    crud.extract("use")
    create_tail = crud.extract("create_endp_from_data")
    create_endpoint = crud.extract("create_endpoint")
    update_tail = crud.extract("update_endp_from_data")
    update_endpoint = crud.extract("update_endpoint")
    check_event_types = crud.extract("validate_event_types")
    check_url = crud.extract("validate_endpoint_url")

    bodies = flow.file("v1/endpoints/endpoint/mod.rs")
    nonempty_event_types = bodies.extract("validate_event_types_ids")
    well_formed_url = bodies.extract("validate_url")
    take_or_generate = bodies.extract("EndpointIn::key_take_or_generate")
    endpoint_update = bodies.extract("EndpointUpdate")
    fill_updated = bodies.extract("<EndpointUpdate as ModelIn>::update_model")
    into_in = bodies.extract("EndpointUpdate::into_in_with_default_key")
    endpoint_out = bodies.extract("EndpointOut")

    upsert_answer = flow.file("v1/utils/mod.rs").extract(
        "<JsonStatusUpsert as IntoResponse>::into_response"
    )
    delete_event_type = flow.file("v1/endpoints/event_type.rs").extract("delete_event_type")

    types = flow.file("core/types/mod.rs")
    uid_rule = types.extract("BaseUid::validate_")
    permitted = flow.file("core/permissions.rs").extract(
        "<Application as FromRequestParts>::from_request_parts"
    )
    invalidate = flow.file("core/message_app.rs").extract("CreateMessageApp::invalidate")
    can_fail = flow.file("core/can_fail.rs").extract("<Result as CanFail>::can_fail")
    events = flow.file("core/operational_webhooks.rs")
    endpoint_event = events.extract("EndpointEvent")
    send_event = events.extract("OperationalWebhookSenderInner::send_operational_webhook")

    endpoints = flow.file("db/models/endpoint.rs")
    new_endpoint = endpoints.extract("ActiveModel::new")
    fetch_with_metadata = endpoints.extract("ActiveModel::fetch_with_metadata")
    find_by_id_or_uid = endpoints.extract("Entity::secure_find_by_id_or_uid")
    before_save = endpoints.extract("<ActiveModel as ActiveModelBehavior>::before_save")
    labels = flow.file("db/models/endpointmetadata.rs")
    upsert_or_delete = labels.extract("ActiveModel::upsert_or_delete")
    upsert = labels.extract("Entity::upsert")
    find_event_types = flow.file("db/models/eventtype.rs").extract("Entity::secure_find")

    errors = flow.file("error.rs")
    error_answer = errors.extract("<Error as IntoResponse>::into_response")
    on_conflict = errors.extract("http_error_on_conflict")

    flow.think(
        """
        A full update puts what the body leaves out back to its default, `disabled` included: a PUT without it
        switches a disabled endpoint on again. For the secret that rule would be fatal: `EndpointOut` does not
        show it, so a client that sends back what it read would lose it. We could use `EndpointIn` for both
        calls and let an absent key mean "keep" on update; then one optional field would follow another rule
        than its neighbours. So a full update gets `EndpointUpdate`, which has no key; one sent in a PUT is
        dropped unread. The price is a second list of ten fields. `fn update_model` names them all in its
        pattern, so a new one does not compile until somebody says where it goes.
    """,
        covers=["boundaries"],
    )
    assert (
        '#[serde(default)]\n    #[schemars(example = "endpoint_disabled_default")]'
        in endpoint_update
    )
    assert "pub disabled: bool" in endpoint_update
    assert "key" not in endpoint_update
    assert "deny_unknown_fields" not in endpoint_update
    assert "model.disabled = Set(disabled)" in fill_updated
    assert "key" not in fill_updated
    assert endpoint_update in update_endpoint.mentions
    assert "EndpointSecret" not in endpoint_out

    flow.think(
        """
        As the caller does not know whether the endpoint exists, the PUT has to find out. An INSERT that updates
        on conflict, as `Entity::upsert` does for metadata, would be one statement. But the path may hold our
        id, an endpoint without uid conflicts with nothing, and the row that comes back does not say which of
        the two happened, and secret, event and status depend on it. So `update_endpoint` asks
        `fetch_with_metadata` first; `BaseUid::validate_` refuses a uid that begins like an id, so
        `secure_find_by_id_or_uid` finds one row at most. A row found goes to `update_endp_from_data`; if there
        is none, `into_in_with_default_key` makes an `EndpointIn` for `create_endp_from_data`, where
        `create_endpoint` ends too. Each sends its own event, `EndpointCreated` or `EndpointUpdated`, whatever
        the method; a PUT's `JsonStatusUpsert` is 201 or 200.
    """,
        covers=["orchestration"],
    )
    assert fetch_with_metadata in update_endpoint.calls
    assert find_by_id_or_uid in fetch_with_metadata.calls
    assert "self.starts_with(Self::ID_PREFIX)" in uid_rule
    assert update_tail in update_endpoint.calls
    assert into_in in update_endpoint.calls
    assert "key: None" in into_in
    assert create_tail in update_endpoint.calls
    assert create_tail in create_endpoint.calls
    assert "OperationalWebhook::EndpointCreated" in create_tail
    assert "OperationalWebhook::EndpointUpdated" in update_tail
    assert "JsonStatusUpsert::Updated(v) => (StatusCode::OK, v)" in upsert_answer
    assert "JsonStatusUpsert::Created(v) => (StatusCode::CREATED, v)" in upsert_answer
    assert upsert not in update_endpoint.calls

    flow.think(
        """
        The request types judge form: `validate_url` admits http and https, `validate_event_types_ids` refuses
        an empty list. Whether this installation insists on TLS and which event types exist, they cannot know.
        So both handlers call `validate_event_types` and `validate_endpoint_url` before anything is written; the
        answer is 422 (`HttpError::unprocessable_entity`), which names all unknown types at once. One query
        reads the names of the organisation's live types, to be compared in memory. An IN list would return
        fewer rows, but bind a parameter for each name of the body, whose number we do not limit. No transaction
        spans check and write: `delete_event_type` touches no endpoint, so an endpoint that loses the race
        subscribes to an archived type, as earlier ones do. A PUT that repeats the archived name is refused.
    """,
        covers=["errors", "boundaries"],
    )
    assert 'scheme == "https" || scheme == "http"' in well_formed_url
    assert "event_types_ids.0.is_empty()" in nonempty_event_types
    assert 'custom(function = "validate_url")' in endpoint_update
    assert 'custom(function = "validate_event_types_ids")' in endpoint_update
    assert check_event_types in create_endpoint.calls
    assert check_event_types in update_endpoint.calls
    assert check_url in create_endpoint.calls
    assert check_url in update_endpoint.calls
    assert "error.rs::HttpError::unprocessable_entity" in check_event_types.calls
    assert "error.rs::HttpError::unprocessable_entity" in check_url.calls
    assert '"eventTypes".to_owned()' in check_event_types
    assert find_event_types in check_event_types.calls
    assert ".column(eventtype::Column::Name)" in check_event_types
    assert "eventtype::Column::Deleted.eq(false)" in check_event_types
    assert "is_in" not in check_event_types
    assert "begin" not in check_event_types
    assert "evtype.deleted = Set(true)" in delete_event_type
    assert "update_many" not in delete_event_type
    assert "endpoint::" not in delete_event_type
    assert "endp" not in check_event_types

    flow.think(
        """
        On creation the body brings the secret in the clear, or none. `key_take_or_generate` moves it out of the
        body into an `EndpointSecretInternal`, or generates one as `default_signature_type` says.
        `endpoint::ActiveModel::new` asks for one, so no endpoint is built without a key.
    """,
        covers=["boundaries", "orchestration"],
    )
    assert take_or_generate in create_tail.calls
    assert "self.key.take()" in take_or_generate
    assert (
        "core/types/mod.rs::EndpointSecretInternal::from_endpoint_secret" in take_or_generate.calls
    )
    assert "v1/endpoints/endpoint/secrets.rs::generate_secret" in take_or_generate.calls
    assert new_endpoint in create_tail.calls
    assert "key: EndpointSecretInternal" in new_endpoint
    assert take_or_generate not in update_endpoint.calls
    assert take_or_generate not in update_tail.calls

    flow.think(
        """
        Metadata has a table of its own, and an endpoint must not be stored without it, so one transaction holds
        both writes. Whether a uid is free we leave to the unique index over application and uid, whose error
        `http_error_on_conflict` turns into `HttpError::conflict`. Of two PUTs that race to create one uid, the
        slower gets this 409; repeated, it finds the row and updates it. The answer names no field; a uid is all
        that can collide. Any other `DbErr` of the two endpoint writes is an `Error::database`, which `fn
        into_response` logs and answers with 500 and an empty object. A failure in `upsert_or_delete` ends so
        too, and the transaction rolls the endpoint back.
    """,
        covers=["errors"],
    )
    assert "let txn = db.begin().await?" in create_tail
    assert "let txn = db.begin().await?" in update_tail
    assert "endp.insert(&txn).await.map_err(http_error_on_conflict)?" in create_tail
    assert "endp.update(&txn).await.map_err(http_error_on_conflict)?" in update_tail
    assert "id: Set(EndpointId::new(timestamp.into(), None))" in new_endpoint
    assert upsert_or_delete in create_tail.calls
    assert upsert_or_delete in update_tail.calls
    assert "error.rs::HttpError::conflict" in on_conflict.calls
    assert "error.rs::Error::database" in on_conflict.calls
    assert on_conflict in create_tail.mentions
    assert "StatusCode::INTERNAL_SERVER_ERROR, Json(json!({}))" in error_answer
    assert find_by_id_or_uid not in create_tail.calls

    flow.think(
        """
        `CreateMessageApp::invalidate` has to wait for the commit; earlier, a worker could fill the cache again
        from the old rows. If its delete fails, `can_fail` leaves it at a log line: the endpoint is stored, and
        a 500 would say the opposite. While the old entry can be read, messages pass a new endpoint by or go to
        an old URL. The event comes last, so a listener who asks for the endpoint finds it. `EndpointEvent`
        holds only ids and uids, and `send_operational_webhook` hands it over inside `tokio::spawn`: if that
        fails, only our log shows it.
    """,
        covers=["errors", "orchestration"],
    )
    assert invalidate in create_tail.calls
    assert invalidate in update_tail.calls
    assert can_fail in create_tail.calls
    assert "tracing::error!" in can_fail
    assert send_event in create_tail.calls
    assert endpoint_event in create_tail.mentions
    assert "tokio::spawn" in send_event
    assert "Failed sending operational webhook" in send_event

    flow.think(
        """
        A POST costs the SELECT of `permissions::Application`, one for the names if the body filters, BEGIN, the
        INSERT, one statement for metadata, COMMIT and a cache delete; a PUT adds one SELECT, whose
        `find_also_related` brings the metadata along. The metadata statement of a new endpoint without metadata
        is a DELETE that finds nothing, since POST and PUT share `upsert_or_delete`. The UPDATE writes the eight
        columns of `fn update_model` and, by `before_save`, `updated_at`. The key is not among them, so a
        rotation that commits between our SELECT and our UPDATE stands.
    """,
        covers=["performance"],
    )
    assert "core/permissions.rs::Application" in create_endpoint.mentions
    flow.hop(create_endpoint, permitted, via="permissions::Application")
    assert "core/permissions.rs::Application" in update_endpoint.mentions
    assert "find_also_related(endpointmetadata::Entity)" in fetch_with_metadata
    assert "endp.into_active_model()" in fetch_with_metadata
    flow.hop(update_tail, before_save, via="endpoint::ActiveModel::update")
    assert "self.updated_at = Set(Utc::now().into())" in before_save
    assert upsert in upsert_or_delete.calls
    assert "if data.is_empty()" in upsert_or_delete
    assert "self.delete(db).await?" in upsert_or_delete

    flow.think(
        """
        In `test_uid` a POST and a PUT with a taken uid get 409; one that keeps its own gets 200. `test_crud`
        sends a PUT to an id that does not exist and expects 201; `test_endpoint_filter_events` has an unknown
        type refused, and a PUT without the list clear it. `test_custom_endpoint_secret` registers HMAC secrets
        and reads them back. None reads a secret after a PUT; `fn update_model` alone shows that it stands.
        `test_endpoint_create_update_and_delete` receives the events in order.
    """,
        covers=["testing"],
    )

    flow.defect("""
        `create_endp_from_data` and `update_endp_from_data` await `send_operational_webhook` with `?` after the
        commit (crud.rs:101-106, 178-183). If its token or its payload cannot be made, the caller gets a 500
        for an endpoint that is stored; a repeated POST without uid makes a second one.
    """)
    flow.defect("""
        A PUT to an unknown id or uid creates an endpoint whose uid is the body's, not the path's
        (crud.rs:218-222): if the body has none, or another, the path finds nothing next time either, and each
        repetition creates one more endpoint (or ends in 409).
    """)
    flow.defect("""
        The UPDATE of `update_endp_from_data` (crud.rs:167) goes by the primary key alone. If a DELETE commits
        after `fetch_with_metadata`, it writes the uid back into the deleted row: the PUT answers 200 for an
        endpoint that no query finds, and its uid is refused with 409 from then on, because the unique index
        does not look at `deleted`.
    """)
    flow.defect("""
        `throttleRate` promises that "outgoing messages will be throttled to this rate"
        (v1/endpoints/endpoint/mod.rs:154-156); it is stored and cached, but no delivery reads it.
    """)
    flow.defect("""
        `Entity::upsert` of endpointmetadata takes `updated_at` from the row given (endpointmetadata.rs:84),
        and `before_save` does not run for an `Insert`: after a PUT on an endpoint with metadata the time
        written is the old one.
    """)
