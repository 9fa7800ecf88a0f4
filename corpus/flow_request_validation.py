"""Request validation: from the bytes of POST …/msg to a checked body, or to the list of what is wrong."""

from pytest_flowcorpus import Flow


def flow_request_validation(flow: Flow) -> None:
    flow.request("""
        I sat beside a customer's developer while she sent her first event. Nine tries. The type had a space in
        it; then there were six channels; then she wanted the content kept for 120 days. Each came back alone.
        The typo in her JSON came back as plain text, and her client crashed on that.

        One answer should name every field that breaks a rule: place, sentence, kind, in one JSON shape for body
        and query string. (A value of the wrong type may come alone; a query string that cannot be read may stay
        a plain 400.) A rule about event type names is written once for all bodies, tightening one must not make
        stored messages unreadable, and the check has to be hard to forget in a new call.

        Operations adds: no valid token, no parsing of a body. Eight megabytes are refused as too large. Other
        people's typos stay out of our error log.

        Four mistakes in one body, one of them nested and two in a list: four places.
    """)

    utils = flow.file("v1/utils/mod.rs")
    validated_json = utils.extract("ValidatedJson")
    from_request = utils.extract("<ValidatedJson as FromRequest>::from_request")
    query_from_parts = utils.extract("<ValidatedQuery as FromRequestParts>::from_request_parts")
    flatten = utils.extract("validation_errors")

    message = flow.file("v1/endpoints/message.rs")
    channels_msg = message.extract("validate_channels_msg")
    raw_payload = message.extract("RawPayload")
    payload_is_object = message.extract("validate_raw_payload_is_object")
    message_in = message.extract("MessageIn")
    create_message = message.extract("create_message")
    create_inner = message.extract("create_message_inner")
    create_app_uid = message.extract("validate_create_app_uid")

    types = flow.file("core/types/mod.rs")
    json_wrapper = types.extract("json_wrapper")
    limited_str = types.extract("validate_limited_str")
    uid_rule = types.extract("BaseUid::validate_")
    type_name_rule = types.extract("<EventTypeName as Validate>::validate")
    wrapped = types.extract("json_wrapper!(EventChannelSet)")
    channel_set_rule = types.extract("<EventChannelSet as Validate>::validate")

    message_row = flow.file("db/models/message.rs").extract("Model")

    errors = flow.file("error.rs")
    item = errors.extract("ValidationErrorItem")
    unprocessable = errors.extract("HttpError::unprocessable_entity")
    from_http = errors.extract("<Error as From<HttpError>>::from")
    as_http = errors.extract("Error::http")
    respond = errors.extract("<Error as IntoResponse>::into_response")

    flow.think(
        """
        axum's `Json` would read and decode a body without a line of ours. But it knows types and no rules, and
        its refusals are plain text. Each handler would have to call `validate` after it, and one that forgets
        looks like all others. So we implement `FromRequest` ourselves: `ValidatedJson` reads the bytes, decodes
        them and calls `validate`, and since it asks for `T: DeserializeOwned + Validate`, a body that does not
        implement `Validate` does not compile under it. Someone can still write `Json` there, but a reviewer
        sees it among the arguments. `create_message` starts with a `MessageIn` that breaks no rule.
        `ValidatedQuery` does the same for the query string.
    """,
        covers=["orchestration", "boundaries"],
    )
    assert message_in in create_message.mentions
    assert validated_json in create_message.mentions
    flow.hop(create_message, from_request, via="FromRequest::from_request")
    assert "v1/utils/mod.rs::ValidatedQuery" in create_message.mentions
    flow.hop(create_message, query_from_parts, via="FromRequestParts::from_request_parts")
    assert "bytes::Bytes::from_request(req, state)" in from_request
    assert "value.validate()" in from_request
    assert "value.validate()" in query_from_parts
    assert "validate(" not in create_message

    flow.think(
        """
        A rule could stand in a type's `Deserialize`, and a value that breaks it could not exist. But serde
        gives up at the first mistake, and we are asked for all of them. Nor is decoding a matter of requests
        alone: the same `EventChannelSet` is read from the `channels` column of `message::Model`, and there
        `json_wrapper` expects success and panics otherwise. A rule tightened this year would make last year's
        messages unreadable. So a set of channels decodes whatever its strings are, and the rule stands in
        `Validate`, which the extractors call. The price is that nobody checks a value which we build ourselves.
    """,
        covers=["boundaries", "errors"],
    )
    assert "channels: Option<EventChannelSet>" in message_row
    assert 'expect("Error deserializing JSON")' in json_wrapper
    assert "core/types/mod.rs::EventChannelSet" in message_row.mentions
    flow.hop(message_row, wrapped, via="types::json_wrapper")
    assert "validate" not in json_wrapper

    flow.think(
        """
        What is true of a name wherever it is sent belongs to its type. `EventTypeName` goes to
        `validate_limited_str`, and so does each channel of a set, where the first bad one speaks for all. A uid
        goes there too, and must not begin like an id (`BaseUid::validate_`), because paths take either. What is
        true of one body belongs to its field: five channels at most (`validate_channels_msg`), `range(min = 5,
        max = 90)` for the days. `MessageIn` names both kinds in attributes. The field's own rule goes first: of
        six channels, one of them bad, the sender learns the number only. No type sees a rule over two parts of
        the request, so `validate_create_app_uid` holds the body against the path by hand and makes a
        `ValidationErrorItem` like all others. Ids in a path mostly go unchecked: a look-up finds nothing for a
        malformed one, and that is answer enough. `create_message_inner` checks its own, since it may be about
        to create that application.
    """,
        covers=["boundaries"],
    )
    assert limited_str in type_name_rule.calls
    assert limited_str in uid_rule.calls
    assert "self.starts_with(Self::ID_PREFIX)" in uid_rule
    assert "item.validate()?" in channel_set_rule
    assert '#[validate(custom(function = "validate_channels_msg"))]' in message_in
    assert "#[validate(range(min = 5, max = 90))]" in message_in
    assert "(1..=5).contains(&len)" in channels_msg
    assert '#[validate(custom(function = "validate_raw_payload_is_object"))]' in message_in
    flow.hop(message_in, type_name_rule, via="Validate::validate")
    assert "core/types/mod.rs::EventChannelSet" in message_in.mentions
    flow.hop(message_in, channel_set_rule, via="Validate::validate")
    flow.hop(message_in, uid_rule, via="types::create_all_id_types")
    assert create_inner in create_message.calls
    assert "app_id.validate()" in create_inner
    assert '"path".to_owned()' in create_inner
    assert flatten in create_inner.calls
    assert create_app_uid in create_inner.calls
    assert item in create_app_uid.mentions
    assert unprocessable in create_app_uid.calls

    flow.think(
        """
        The validator answers with a tree that follows our structs. As JSON it would have another shape for each
        body, and a client that prints mistakes would have to walk it. `validation_errors` flattens it: it
        carries the way down in `acc_path`, adds the field and, in a list, the index, and calls itself for what
        is nested. It knows no request: `from_request` starts it at `"body"`, `ValidatedQuery` at `"query"`, and
        `create_message_inner` at `"path"`. The kind tells a broken rule, `"value_error"`, from a body that does
        not decode, `"value_error.jsondecode"`.
    """,
        covers=["orchestration", "boundaries"],
    )
    assert flatten in from_request.calls
    assert flatten in query_from_parts.calls
    assert flatten in flatten.calls
    assert item in flatten.mentions
    assert 'vec!["body".to_owned()]' in from_request
    assert 'vec!["query".to_owned()]' in query_from_parts
    assert 'loc.push(format!("[{k}]"))' in flatten
    assert '"value_error.jsondecode"' in from_request
    assert "body" not in flatten

    flow.think(
        """
        A body over axum's limit, two megabytes, is `HttpError::too_large`, one that breaks off while we read it
        `HttpError::internal_server_error`; both leave a `tracing::error!`. A body that does not decode and one
        that breaks rules are both `HttpError::unprocessable_entity`; the first names one mistake, and its
        sender is not told that no rule was looked at yet. A query string that does not decode stays a 400 of
        another shape, `HttpError::bad_request`: we take the sentence that axum makes of it. All of them pass
        `Error::http`, which notes no trace, and `fn into_response` logs them by `tracing::debug!`: a typo
        writes nothing to the error log.
    """,
        covers=["errors"],
    )
    assert "error.rs::HttpError::too_large" in from_request.calls
    assert "LengthLimitError" in from_request
    assert "error.rs::HttpError::internal_server_error" in from_request.calls
    assert 'tracing::error!("Error reading body as bytes: {}", e)' in from_request
    assert unprocessable in from_request.calls
    assert "error.rs::HttpError::bad_request" in query_from_parts.calls
    assert unprocessable in query_from_parts.calls
    assert from_request.calls.named(from_http)
    assert as_http in from_http.calls
    flow.hop(from_request, respond, via="IntoResponse::into_response")
    assert "Vec::with_capacity(0)" in as_http
    assert 'tracing::debug!("{:?}, location: {:?}", &s, stringified)' in respond

    flow.think(
        """
        `validation_errors` takes a tree and needs no server, so `test_validation_errors_fn` can give it the bad
        field, the bad object and the list; it looks for each of the four items, since the tree is a map and
        their order is open. `test_message_in_validation` wants six bodies to decode and `validate` to refuse
        each: the rule of a name or of the payload, moved into decoding, would fail it; the number of channels
        and the days it leaves out. `test_id_validation` pins what a uid may be. Through a server,
        `test_message_validation` sends eight megabytes and wants 413. No test reads a place out of an answer.
    """,
        covers=["testing"],
    )

    flow.think(
        """
        Extractors run in the order of a handler's arguments, and the one that takes the body has to be the
        last. So `create_message` asks `permissions::Organization` before `ValidatedJson`, and without a valid
        token we read no byte of the body. The body is buffered once and decoded where it lies (`from_slice`). A
        payload may be nearly all of it, so `RawPayload` keeps its text and builds no tree, and
        `validate_raw_payload_is_object` looks at one character. `serde_path_to_error` notes the way down for
        each good body too. We could decode without it and repeat with it what was refused, at the price of a
        second path through the code. The pattern in `validate_limited_str` is compiled once (`LazyLock`), and a
        name is measured before it is matched.
    """,
        covers=["performance", "orchestration"],
    )
    assert (
        "permissions::Organization { org_id }: permissions::Organization,\n    ValidatedJson"
        in create_message
    )
    assert "core/permissions.rs::Organization" in create_message.mentions
    flow.hop(
        create_message,
        "core/permissions.rs::<Organization as FromRequestParts>::from_request_parts",
        via="permissions::Organization",
    )
    assert "serde_json::Deserializer::from_slice(&b)" in from_request
    assert "serde_path_to_error::deserialize(&mut de)" in from_request
    assert "Box<RawValue>" in raw_payload
    assert "payload: RawPayload" in message_in
    assert "starts_with('{')" in payload_is_object
    assert "static RE: LazyLock<Regex>" in limited_str
    assert "s.len() > MAX_LENGTH" in limited_str

    flow.defect("""
        A mistake at the root of a body, such as a missing field or broken syntax, has the path `.` in
        serde_path_to_error; split at dots (v1/utils/mod.rs:542-548) it makes `loc` `["body", "", ""]`.
    """)
    flow.defect("""
        `validation_errors` takes the names from the validator, which are those of the Rust fields
        (v1/utils/mod.rs:475): a bad `eventType` comes back as `event_type`, a bad `secret` of an endpoint as
        `key`, and the rule of a type adds `__all__` (`ALL_ERROR`, core/types/mod.rs:190-193) at the end.
        Decoding mistakes and the items made by hand use the names of the JSON.
    """)
    flow.defect("""
        `from_request` never calls `end` on its deserializer (v1/utils/mod.rs:539-541), so anything may follow
        the JSON value, another value included, and is dropped unread.
    """)
    flow.defect("""
        `EndpointHeaders` has its rules in `Deserialize` (core/types/mod.rs:1186-1195) and is read from a column
        by `json_wrapper`: should a header name be forbidden later, loading an endpoint that has it panics.
    """)
    flow.defect("""
        The schema promises at most 128 characters for a channel (core/types/mod.rs:596), but its rule is
        `validate_limited_str`, which allows 256 (core/types/mod.rs:606, 234).
    """)
    flow.defect("""
        `PUT /event-type/{event_type_name}` creates a type under the name in its path
        (v1/endpoints/event_type.rs:354-377), and no path is validated: a type with a space in its name can be
        made there.
    """)
    flow.defect("""
        `EventExampleIn` derives `Validate` without `nested` on its `event_type`
        (v1/endpoints/endpoint/mod.rs:814-818), so the rule of the name is not asked there.
    """)
    flow.defect("""
        `range(min = 5, max = 90)` has no message (v1/endpoints/message.rs:127) and `validation_errors` drops
        the validator's code (v1/utils/mod.rs:487): who sends 120 days reads "Validation error" and no range.
    """)
