"""Application creation: POST …/app, and the application that a first message or portal login brings along."""

from pytest_flowcorpus import Flow


def flow_application_creation(flow: Flow) -> None:
    flow.request("""
        Onboarding again, sorry. Third customer this quarter whose sign-up job makes a tenant in their own
        database, then one at ours, and crashes before it has stored the id that we returned. It runs again,
        and one tenant is two here. They do not want to keep our ids anyway; they have their own.

        So let a tenant carry the customer's id, good wherever ours is good, once per account. A job that runs
        twice must end with one tenant, and its second run must not undo what their staff changed since. But
        giving two tenants one id by mistake has to be noticed: handing out the existing one unasked would send
        one company's events to another. Several want no set-up call at all: the first event or the first portal
        login shall do. A typo there must not leave a tenant behind that nobody addresses again.

        They also hang notes of a few kilobytes on a tenant. Every event looks its tenant up and must not pay
        for the notes.

        I need tests for three answers: created, refused, "here is the one you have". A deleted tenant's id must
        be free again.
    """)

    application = flow.file("v1/endpoints/application.rs")
    application.extract("use")
    app_in = application.extract("ApplicationIn")
    update_model = application.extract("<ApplicationIn as ModelIn>::update_model")
    query = application.extract("CreateApplicationQueryParams")
    create = application.extract("create_application")
    create_from = application.extract("create_app_from_app_in")
    delete = application.extract("delete_application")

    message = flow.file("v1/endpoints/message.rs")
    message_inner = message.extract("create_message_inner")
    check_uid = message.extract("validate_create_app_uid")
    portal = flow.file("v1/endpoints/auth.rs").extract("app_portal_access")
    upsert_status = flow.file("v1/utils/mod.rs").extract(
        "<JsonStatusUpsert as IntoResponse>::into_response"
    )

    organization = flow.file("core/permissions.rs").extract(
        "<Organization as FromRequestParts>::from_request_parts"
    )
    metadata = flow.file("core/types/metadata.rs")
    max_size = metadata.extract("MAX_METADATA_SIZE")
    parse_metadata = metadata.extract("<Metadata as Deserialize>::deserialize")

    apps = flow.file("db/models/application.rs")
    with_metadata = apps.extract("Model::fetch_with_metadata")
    find = apps.extract("Entity::secure_find")
    by_id_or_uid = apps.extract("Entity::secure_find_by_id_or_uid")
    meta_rows = flow.file("db/models/applicationmetadata.rs")
    meta_new = meta_rows.extract("Model::new")
    upsert_or_delete = meta_rows.extract("ActiveModel::upsert_or_delete")

    error = flow.file("error.rs")
    error_response = error.extract("<Error as IntoResponse>::into_response")
    on_conflict = error.extract("http_error_on_conflict")
    from_txn = error.extract("<Error as From<TransactionError<Error>>>::from")

    flow.think(
        """
        A POST could always return the tenant (in our code, the application) that has the uid already, and
        every job could run twice without a thought. But then a uid that was mistyped, or given to two
        companies, hands out a stranger's tenant, and nobody hears of it until events arrive at the wrong
        place. So `create_application` answers a known uid with `HttpError::conflict` and says why; only a
        caller who sets `get_if_exists` gets the existing one. It gets it as it is: name, rate and metadata of
        the second run are dropped, since staff may have changed them after the first. `JsonStatusUpsert`
        makes the difference visible, 201 against 200. Without a uid there is nothing to look up, and each
        POST makes another tenant, unless an idempotency key stops it.
    """,
        covers=["boundaries", "errors"],
    )
    assert "if let Some(ref uid) = data.uid" in create
    assert "query.get_if_exists" in create
    assert "get_if_exists: bool" in query
    assert "error.rs::HttpError::conflict" in create.calls
    assert "An application with that id or uid already exists" in create
    assert update_model not in create.calls
    assert "v1/utils/mod.rs::JsonStatusUpsert::Updated" in create.mentions
    assert "v1/utils/mod.rs::JsonStatusUpsert" in create.mentions
    flow.hop(create, upsert_status, via="IntoResponse::into_response")
    assert "StatusCode::CREATED" in upsert_status
    assert query in create.mentions
    assert app_in in create.mentions

    flow.think(
        """
        The look-up before the INSERT finds the row to answer with and spares the ordinary repeat a failed
        INSERT, but it decides nothing: two requests can both find none. What decides is the unique index over
        organisation and uid. Its violation reaches `http_error_on_conflict` from `app.insert(txn)` and becomes
        a 409, with the general text, since the violation of any unique index arrives there: on a first message
        it reads like an event id used twice. A repeated call finds the row. Every other `DbErr` of the INSERT
        becomes an `Error::database`. `fn from(value: TransactionError<Error>)` lets both pass unchanged, so the
        409 leaves the transaction as a 409; all else is logged by `fn into_response` and answered with 500, no
        reason given. The index counts `deleted` rows too, which `secure_find` leaves out; so
        `delete_application` also sets `uid` to `None`, and the next tenant of that uid is a new one, without
        the old endpoints.
    """,
        covers=["errors", "orchestration"],
    )
    assert with_metadata in create.calls
    assert create_from in create.calls
    assert "app.insert(txn).await.map_err(http_error_on_conflict)" in create_from
    assert on_conflict in create_from.calls
    assert "error.rs::HttpError::conflict" in on_conflict.calls
    assert "error.rs::Error::database" in on_conflict.calls
    assert create_from.calls.named(from_txn)
    flow.hop(create, error_response, via="IntoResponse::into_response")
    assert "StatusCode::INTERNAL_SERVER_ERROR, Json(json!({}))" in error_response
    assert "TransactionError::Transaction(crate_err) => crate_err" in from_txn
    assert "Column::Deleted.eq(false)" in find
    assert "app.uid = Set(None)" in delete

    flow.think(
        """
        A first message may bring its tenant along, as `ApplicationIn` in the body of the message, and so may
        `app_portal_access`. The next call will know only the path. So `validate_create_app_uid` insists that
        the body's uid is set and equal to the path: with none, each call would find nothing there and make one
        more orphan; with another uid, the second call would end at the unique index, in a conflict that nobody
        understands. It answers 422 with a `loc` that ends in `uid` and a `ty` of its own for each case, before
        anything is written. A tenant that exists wins, and the body's is neither stored nor compared. We could
        bring it up to date each time, but that is a write for every event, and it would undo the staff's
        changes again.
    """,
        covers=["orchestration", "boundaries"],
    )
    assert by_id_or_uid in message_inner.calls
    assert check_uid in message_inner.calls
    assert create_from in message_inner.calls
    assert by_id_or_uid in portal.calls
    assert check_uid in portal.calls
    assert create_from in portal.calls
    assert "uid.0 != app_id_or_uid.0" in check_uid
    assert "application_uid_mismatch" in check_uid
    assert "application_uid_missing" in check_uid
    assert "error.rs::HttpError::unprocessable_entity" in check_uid.calls
    assert "(_, Some(app_from_path_param)) => app_from_path_param" in message_inner
    assert on_conflict not in portal.calls

    flow.think(
        """
        The POST, the first message and the portal login meet in `create_app_from_app_in`. It opens its own
        transaction: the tenant is committed before the message is stored or the token signed. If either fails
        then, the tenant stays, and the repeated call finds it by its path. All three take
        `permissions::Organization`, which refuses the token of a single tenant. `create_app_from_app_in` needs
        no cache: what is cached per tenant is looked up under an id that did not exist until now.
    """,
        covers=["boundaries"],
    )
    assert ".transaction(|txn|" in create_from
    assert "Cache" not in create_from
    assert "v1/endpoints/application.rs::create_app_from_app_in" in message_inner.calls
    assert "core/security.rs::generate_app_token" in portal.calls
    assert "core/permissions.rs::Organization" in create.mentions
    assert "core/permissions.rs::Organization" in portal.mentions
    flow.hop(create, organization, via="permissions::Organization")
    assert "error.rs::HttpError::permission_denied" in organization.calls
    assert update_model in create_from.calls

    flow.think(
        """
        The notes are not a column of the tenant, because `secure_find_by_id_or_uid` reads all its columns for
        each event. They have their own table, under the tenant's id, which only those join who answer with
        it, here by `fetch_with_metadata`; a missing row counts as empty (`Model::new`). `upsert_or_delete`
        stores no row for empty notes and runs in the transaction of the tenant, so a failure there takes the
        tenant back. Their size is limited where they are parsed: `Metadata` refuses more than
        `MAX_METADATA_SIZE`, 4096 bytes of JSON, which the caller sees as a 422 at `metadata`.

        With a uid a new tenant costs one SELECT, BEGIN, the INSERT, one statement for the notes and COMMIT, an
        existing one only the SELECT. Every message pays the SELECT; a first one pays that transaction on top of
        its own. With a tenant that exists, bringing it costs nothing.
    """,
        covers=["performance", "boundaries"],
    )
    assert by_id_or_uid in with_metadata.calls
    assert find in by_id_or_uid.calls
    assert "find_also_related(applicationmetadata::Entity)" in with_metadata
    assert meta_new in with_metadata.calls
    assert with_metadata not in message_inner.calls
    assert upsert_or_delete in create_from.calls
    assert "data.is_empty()" in upsert_or_delete
    assert max_size in parse_metadata.mentions
    assert "metadata: Metadata" in app_in

    flow.think(
        """
        Three answers in a row: `test_get_or_create` asks for the third under another name and compares it with
        the first; nothing changed, the metadata included. `test_uid` deletes a tenant and gives its uid again,
        `test_uid_across_users` gives one uid in two organisations. `test_create_message_with_application` and
        `test_app_portal_access_with_application` begin without the tenant (404), bring it along, bring it along
        again under another name that is not stored, and end with both kinds of 422. `test_idempotency` posts
        twice without a uid, under one key. Neither the race to the index nor `MAX_METADATA_SIZE` is tried.
    """,
        covers=["testing"],
    )

    flow.defect("""
        `create_application` with `get_if_exists` can answer 409: if another request inserts the uid between
        the look-up (application.rs:295) and the INSERT (application.rs:332), the violation becomes a conflict
        and is not followed by a second look-up, although the caller asked for the existing one.
    """)
    flow.defect("""
        Two first messages that race with the same `application` have the same gap (message.rs:387-402): the
        slower is answered 409 and not stored, where a moment later it would have been accepted. Portal logins
        likewise (auth.rs:73-91).
    """)
    flow.defect("""
        `throttle_rate` promises that messages are throttled to it (application.rs:63-65); it is validated,
        stored and cached, but no worker reads it.
    """)
    flow.defect("""
        `http_error_on_conflict` makes every error that is no unique violation an `Error::database`, also a
        statement timeout (error.rs:447-453), which `From<DbErr>` would have told apart (error.rs:148-158).
    """)
