"""Event types and their schemas: from the catalogue to the endpoints that name them and the example message."""

from pytest_flowcorpus import Flow


def flow_event_type_schemas(flow: Flow) -> None:
    flow.request("""
        The field in the portal where customers say which events they want is free text. They write
        "invoice.payed", we take it, and three weeks later they ask support why nothing ever came.

        What can be chosen should come from a catalogue that each organisation keeps: a name, a sentence of
        explanation and, by version, a JSON Schema of the payload. A sample in that schema is what we send to an
        endpoint that somebody wants to try out.

        The hard part: a product is withdrawn, its events can no longer be chosen, yet four thousand endpoints
        still name them; it returns, and the four thousand get its events again, without anyone's doing.
        Publishing an event must not get slower by any of this, nor fail because a schema lags behind the
        payload.

        I'd check that a misspelt name is refused and named, a withdrawn one too, and that every call that takes
        a schema refuses a malformed one and says why.
    """)

    types = flow.file("v1/endpoints/event_type.rs")
    types.extract("use")
    type_update = types.extract("EventTypeUpdate")
    update_model = types.extract("<EventTypeIn as ModelIn>::update_model")
    type_patch = types.extract("EventTypePatch")
    patch_model = types.extract("<EventTypePatch as ModelIn>::update_model")
    create = types.extract("create_event_type")
    update = types.extract("update_event_type")
    patch = types.extract("patch_event_type")
    delete = types.extract("delete_event_type")

    rows = flow.file("db/models/eventtype.rs")
    row = rows.extract("Model")
    find = rows.extract("Entity::secure_find")
    find_by_name = rows.extract("Entity::secure_find_by_name")
    schema = rows.extract("Schema")
    example = rows.extract("Schema::example")
    deserialize = rows.extract("<Schema as Deserialize>::deserialize")

    endpoints = flow.file("v1/endpoints/endpoint/crud.rs")
    create_endpoint = endpoints.extract("create_endpoint")
    update_endpoint = endpoints.extract("update_endpoint")
    patch_endpoint = endpoints.extract("patch_endpoint")
    validate = endpoints.extract("validate_event_types")
    send_example = flow.file("v1/endpoints/endpoint/mod.rs").extract("send_example")
    name_set = flow.file("core/types/mod.rs").extract("EventTypeNameSet")
    filtered = flow.file("core/message_app.rs").extract("CreateMessageApp::filtered_endpoints")

    from_request = flow.file("v1/utils/mod.rs").extract(
        "<ValidatedJson as FromRequest>::from_request"
    )
    on_conflict = flow.file("error.rs").extract("http_error_on_conflict")

    flow.think(
        """
        A message comes with a name. If endpoints referred to a type by its id, Postgres would see to it that
        the type exists. But to compare ids, a message would need the catalogue, by a query or by one more thing
        to keep cached, and removing a type would be refused, or would take it from its endpoints. So an
        endpoint keeps an `EventTypeNameSet`, a message its name, and `filtered_endpoints` compares the two
        without the catalogue. Withdrawing a type is then one UPDATE that neither an endpoint nor a cached
        application notices; its subscribers are still there when the product returns. In exchange, only our own
        check keeps a wrong name out, and a name can never change: `EventTypeUpdate` has no field for it.
        """,
        covers=["boundaries", "performance"],
    )
    assert "pub HashSet<EventTypeName>" in name_set
    assert "x.0.contains(event_type)" in filtered
    assert "eventtype" not in filtered
    assert "pub name: EventTypeName" in row
    assert "EventTypeName" not in type_update
    assert "endpoint::" not in delete
    assert "CreateMessageApp" not in delete

    flow.think(
        """
        That check stands where a name enters an endpoint: `create_endpoint`, `patch_endpoint` and the PUT,
        `update_endpoint`, call `validate_event_types` before they write anything. It reads the names of the
        organisation that are not archived, in one SELECT of just the `name` column, since schemas can be large,
        and answers 422 with all missing names in one sentence: a withdrawn name is as unknown as a misspelt
        one. It runs only if the body names types. So a PATCH can give a new URL to an endpoint whose list has a
        withdrawn name; a PUT that repeats the list is refused. A type that is withdrawn between check and write
        does no harm: the endpoint then is one of those whose list has a withdrawn name.
        """,
        covers=["orchestration", "performance"],
    )
    assert validate in create_endpoint.calls
    assert validate in patch_endpoint.calls
    assert validate in update_endpoint.calls
    assert "if let Some(event_types) = &data.event_types" in update_endpoint
    assert find in validate.calls
    assert ".select_only()" in validate
    assert "eventtype::Column::Deleted.eq(false)" in validate
    assert "The following event types don't exist: {missing}" in validate
    assert "error.rs::HttpError::unprocessable_entity" in validate.calls
    assert "UnrequiredNullableField::Some(event_types) = &data.event_types" in patch_endpoint

    flow.think(
        """
        Three calls take schemas. A check in each handler is forgotten in the fourth; so `Schema` checks itself
        while serde reads it, and its map is private: no handler gets one that was not looked at.
        `Schema::deserialize` builds every version as a validator under `Draft::Draft7` and throws it away; a
        failure is returned as serde's error. It comes to `ValidatedJson`, which turns it into
        `HttpError::unprocessable_entity`: `loc` leads to the field, `msg` repeats what the builder says, and
        the handler has not run. The caller is told of one fault at a time; a check after parsing could list
        them all, but would leave room for a `Schema` that nobody checked.
        """,
        covers=["errors", "boundaries"],
    )
    assert "schemas: Option<eventtype::Schema>" in type_update
    assert "pub struct Schema(HashMap<String, Json>)" in schema
    assert "Draft::Draft7" in deserialize
    assert "serde::de::Error::custom(error)" in deserialize
    assert "error.rs::HttpError::unprocessable_entity" in from_request.calls
    assert "serde_path_to_error::deserialize" in from_request
    assert "v1/utils/mod.rs::ValidatedJson" in update.mentions
    assert type_update in update.mentions
    flow.hop(update, from_request, via="FromRequest::from_request")
    assert schema in type_update.mentions
    flow.hop(from_request, deserialize, via="Deserialize::deserialize")

    flow.think(
        """
        A withdrawn type keeps its row, an `eventtype::Model` with `deleted` set, and with the row its name: the
        index on organisation and name makes no difference between the two kinds. Otherwise two rows would claim
        one name, and a look-up by name would have to choose. So `create_event_type` means "create or bring
        back". It finds the row by `secure_find_by_name`. If that is archived, `update_model` writes description
        and schemas over it, and id and `created_at` stay; if it is live, the answer is `HttpError::conflict`
        with the code `"event_type_exists"`. A create that loses a race is refused by the index, and
        `http_error_on_conflict` makes a 409 of it, though without that code.
        """,
        covers=["orchestration", "errors"],
    )
    assert find_by_name in create.calls
    assert find in find_by_name.calls
    assert "if evtype.deleted" in create
    assert update_model in create.calls
    assert "error.rs::HttpError::conflict" in create.calls
    assert on_conflict in create.mentions
    assert "HttpError::conflict(None, None)" in on_conflict
    assert "created_at" not in update_model

    flow.think(
        """
        `delete_event_type` archives unless `expunge` is asked for: what is gone for good, with its schemas,
        should be a decision. Even then endpoints keep the name, and a message that carries it still reaches
        them. `update_event_type` replaces all fields or creates; a PUT without "archived" brings a withdrawn
        type back, as the field's default is false. `patch_event_type` touches what was sent of an
        `EventTypePatch`, where a null takes the schemas away. Each of these three, and the create, costs a
        SELECT and one write of one row.
        """,
        covers=["orchestration", "performance"],
    )
    assert "if expunge" in delete
    assert "evtype.deleted = Set(true)" in delete
    assert find_by_name in update.calls
    assert "JsonStatusUpsert::Created" in update
    assert find_by_name in patch.calls
    assert patch_model in patch.calls
    assert type_patch in patch.mentions
    assert "schemas: UnrequiredNullableField<eventtype::Schema>" in type_patch
    assert "patch_field_nullable!(model, schemas)" in patch_model
    assert '#[serde(default, rename = "archived")]' in type_update

    flow.think(
        """
        Should a message be held against its schema? That would need the type's row for every message, and a
        compiled validator or a cache of them, and an event ahead of its schema would be lost to its
        subscribers. So neither `create_message_inner` nor the worker reads `eventtype`. Schemas are read by
        people, and by `send_example`: it takes the first of the `examples` in version "1" (`Schema::example`)
        and hands it to `create_message_inner` with the endpoint as the only receiver, so that what arrives has
        come the way of a real message. An unknown type is `HttpError::not_found`, a schema without example
        `HttpError::bad_request` with `"invalid_scheme"`; in both cases nothing is stored.
        `SVIX_PING_EVENT_TYPE_NAME` needs no catalogue at all.
        """,
        covers=["boundaries", "errors"],
    )
    assert find_by_name in send_example.calls
    assert send_example.calls.named(example)
    assert 'get("1")' in example
    assert 'get("examples")' in example
    assert "v1/endpoints/message.rs::create_message_inner" in send_example.calls
    assert "Some(endpoint.id)" in send_example
    assert "invalid_scheme" in send_example

    flow.think(
        """
        In `test_schema` a "readOnly" that is a number gets 422. `test_endpoint_filter_events` tries to name a
        type before it exists, is refused, and succeeds after its creation. The `test_patch` of event types sets
        schemas to an empty map and to null and finds the description unchanged, archives, and lets a PUT
        create. `test_send_example` sends only the ping. A withdrawn name, a bad schema in PUT or PATCH, and an
        example out of a schema remain to be tested.
        """,
        covers=["testing"],
    )

    flow.defect("""
        The macro `json_wrapper` reads a stored `Schema` through the same `Deserialize` (core/types/mod.rs:136,
        147): every read of a row builds all its validators again, even the list that then drops the schemas
        (v1/endpoints/event_type.rs:268-280), and one that no longer builds, say after an update of the library,
        panics at `expect` instead of being answered.
    """)
    flow.defect("""
        `jsonschema` is used with its default features, which resolve references over HTTP and from files
        (svix-server/Cargo.toml:60). A schema with such a `$ref` makes `Schema::deserialize`
        (db/models/eventtype.rs:157-160) fetch it, blocking a thread of the runtime while a body is parsed: a
        holder of an organisation's token chooses which host or file the server opens.
    """)
    flow.defect("""
        The comments of `create_event_type` and `delete_event_type`, which become the API's description, say
        that no message can be sent with an archived type (v1/endpoints/event_type.rs:288, 415). Nothing checks
        the type of a message.
    """)
    flow.defect("""
        `create_event_type` sets `deleted` to false and lets `update_model` overwrite it
        (v1/endpoints/event_type.rs:304-305): creating an archived type with `archived` true answers 201 and
        leaves it archived.
    """)
    flow.defect("""
        `Schema::example` knows version "1" alone (db/models/eventtype.rs:114): a type whose later versions have
        examples sends the oldest or none. `send_example` also serves an archived type
        (v1/endpoints/endpoint/mod.rs:849-853).
    """)

    flow.defect("""
        An endpoint that is disabled, has channels, or filters on other types gets no example:
        `create_message_inner` and the worker ask `filtered_endpoints` before the worker narrows to the one
        endpoint, and `send_example` answers 200 (v1/endpoints/endpoint/mod.rs:868-890,
        v1/endpoints/message.rs:441-443, worker.rs:935-943).
    """)
