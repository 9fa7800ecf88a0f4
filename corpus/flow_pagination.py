"""Pagination: GET …/attempt/endpoint/{endpoint_id}, from query string to page and iterators."""

from pytest_flowcorpus import Flow


def flow_pagination(flow: Flow) -> None:
    flow.request("""
        Portal front end here, about an endpoint's delivery log. We show the fifty rows we get and pretend
        that is all there is.

        We want "older" and "newer" buttons, greyed out at the end, and no row twice if thirty deliveries come
        in between page three and page four. Support has a delivery's id in the ticket and wants to start there
        and go either way. "Last Tuesday, two to three" should work, and share no row with the hour after. Pages
        always read newest first; status, channel and event type filters stay. No total.

        Our busiest endpoint has tens of millions of rows. Leaving out the dates must not make the database
        read all of them, and neither must asking for a page of a million.

        Could a test walk 28 deliveries ten at a time to the oldest, turn round, and find the same rows in the
        same order?
    """)

    lists = flow.file("v1/endpoints/attempt.rs")
    lists.extract("use")
    handler = lists.extract("list_attempts_by_endpoint")
    filters = lists.extract("list_attempts_by_endpoint_or_message_filters")

    utils = flow.file("v1/utils/mod.rs")
    query_of = utils.extract("<ValidatedQuery as FromRequestParts>::from_request_parts")
    descending = utils.extract("PaginationDescending")
    cap_hard = utils.extract("PAGINATION_LIMIT_CAP_HARD")
    cap = utils.extract("PAGINATION_LIMIT_CAP_LIMIT")
    read_limit = utils.extract("<PaginationLimit as Deserialize>::deserialize")
    check_limit = utils.extract("<PaginationLimit as Validate>::validate")
    reversible = utils.extract("ReversibleIterator")
    read_iterator = utils.extract("<ReversibleIterator as Deserialize>::deserialize")
    check_iterator = utils.extract("<ReversibleIterator as Validate>::validate")
    future = utils.extract("FUTURE_QUERY_LIMIT")
    window = utils.extract("LIMITED_QUERY_DURATION")
    paginate = utils.extract("filter_and_paginate_time_limited")
    apply_pagination = utils.extract("apply_pagination")
    response = utils.extract("ListResponse")
    direction = utils.extract("IteratorDirection")
    list_response_inner = utils.extract("list_response_inner")
    model_out = utils.extract("ModelOut")

    permitted = flow.file("core/permissions.rs").extract(
        "<Application as FromRequestParts>::from_request_parts"
    )
    base_id = flow.file("core/types/mod.rs").extract("BaseId")

    find_endpoint = flow.file("db/models/endpoint.rs").extract("Entity::secure_find_by_id_or_uid")
    find_attempts = flow.file("db/models/messageattempt.rs").extract(
        "Entity::secure_find_by_endpoint"
    )

    migrations = flow.file("db/background_migrations.rs").extract("MIGRATIONS")

    errors = flow.file("error.rs")
    from_db = errors.extract("<Error as From<DbErr>>::from")
    respond = errors.extract("<Error as IntoResponse>::into_response")

    flow.think(
        """
        The log grows where reading starts, so a page cannot begin after a count of rows: thirty new deliveries
        would push thirty rows of page three onto page four. It has to begin at a row. Behind its prefix an
        attempt's id starts with the time at which it was made, and `BaseId::start_id` turns a date into the
        lowest id of that instant. So one column can be order, cursor and window:
        `filter_and_paginate_time_limited` compares `sort_column` only with ids. Of two hours in a row, the
        first asks for `lt` and the second for `gt` of the same `start_id`: no row falls into both.
    """,
        covers=["performance"],
    )
    assert paginate in handler.calls
    assert "messageattempt::Column::Id" in handler
    assert "[0u8; KsuidMs::PAYLOAD_BYTES]" in base_id
    assert "core/types/mod.rs::BaseId::start_id" in paginate.calls
    assert "sort_column.gt(I::start_id(after))" in paginate
    assert "sort_column.lt(I::start_id(before))" in paginate
    assert "created_at" not in paginate
    assert "offset" not in paginate

    flow.think(
        """
        The cursor could be an opaque token that carries the filters and so catches a client that changes one
        half way. But support has an id and no token, and a reader of last Tuesday's hour may drop the dates and
        go on from its last row. So it is a bare id; a leading minus sign, which `ReversibleIterator` reads as
        `Prev`, asks for the newer side. Neither side repeats the row itself. The id is compared, never looked
        up: that of another tenant's attempt is a point in time and gives nothing away. The endpoint is
        different. `secure_find_by_endpoint` asks for no tenant, so `list_attempts_by_endpoint` first finds the
        endpoint by `secure_find_by_id_or_uid` under the `app` of the request.
    """,
        covers=["boundaries", "orchestration"],
    )
    assert descending in handler.mentions
    assert "Option<T>" in descending
    assert reversible in handler.mentions
    assert "s.strip_prefix('-')" in read_iterator
    assert "v1/utils/mod.rs::ReversibleIterator::Prev" in read_iterator.mentions
    assert "v1/utils/mod.rs::ReversibleIterator::Normal" in read_iterator.mentions
    assert "const PREFIX" in base_id
    assert "sort_column.gt(id)" in paginate
    assert "sort_column.lt(id)" in paginate
    assert find_attempts in handler.calls
    assert "app_id" not in find_attempts
    assert find_endpoint in handler.calls
    assert find_endpoint not in paginate.calls
    assert "core/permissions.rs::Application" in handler.mentions
    flow.hop(handler, permitted, via="permissions::Application")
    assert "db/models/application.rs::Entity::secure_find_by_id_or_uid" in permitted.calls

    flow.think(
        """
        On the way back to newer rows we want those next to the cursor, not the newest of all. So that query has
        to run oldest first, and its rows be reversed. The same holds for a first page with only `after`, which
        goes on by `prev_iterator`. Only `filter_and_paginate_time_limited` knows both cases, so it returns the
        `IteratorDirection` with the query, for `list_response`. The query asks for one row too many, the
        farthest from the cursor. In the order of the query it is the last, so `list_response_inner` cuts the
        page before it reverses it. Whether that row came back decides `done` for the direction just taken;
        nothing is counted.
    """,
        covers=["orchestration", "performance"],
    )
    assert "(None, None, Some(_))" in paginate
    assert "query.order_by_asc(sort_column), IteratorDirection::Prev" in paginate
    assert direction in paginate.mentions
    assert "limit(limit + 1)" in paginate
    assert "MessageAttemptOut::list_response" in handler
    assert list_response_inner in model_out.calls
    assert "data.len() <= limit" in list_response_inner
    assert "data.truncate(limit)" in list_response_inner
    assert "data.reverse()" in list_response_inner
    assert "data.first().map" in list_response_inner
    assert "data.last().map" in list_response_inner
    assert response in list_response_inner.mentions
    assert "count(" not in handler

    flow.think(
        """
        `apply_pagination`, which serves the list of endpoints, could serve here, but leaves the range open. By
        the index that `MIGRATIONS` builds, Postgres reads an endpoint's rows in order of id and stops when the
        page is full. But channel and event type stand in `message`, and where few rows match, the walk goes on
        until the range ends. So each statement gets a range with two ends. Without dates it reaches
        `LIMITED_QUERY_DURATION`, ninety days, to the far side of the cursor, or back from now if there is none;
        a single date gets ninety days on its open side. `FUTURE_QUERY_LIMIT` closes the top an hour from now.
        `done` then speaks only of this range: a short page can be `done` although older rows exist. A client
        that wants them goes on by `iterator` until a page comes back empty, and across a silence longer than
        ninety days names a date. Of two dates farther apart, only the ninety days up to `before` are served.
    """,
        covers=["performance", "boundaries"],
    )
    assert apply_pagination not in handler.calls
    assert "LIMITED_QUERY_DURATION" not in apply_pagination
    assert "ON messageattempt USING btree (endp_id, id DESC)" in migrations
    assert "chrono::Duration::days(90)" in window
    assert window in paginate.mentions
    assert "core/types/mod.rs::BaseId::timestamp" in paginate.calls
    assert "I::start_id(ts - *LIMITED_QUERY_DURATION)" in paginate
    assert "I::end_id(after + *LIMITED_QUERY_DURATION)" in paginate
    assert "I::start_id(before - *LIMITED_QUERY_DURATION)" in paginate
    assert future in paginate.mentions
    assert "chrono::Duration::hours(1)" in future

    flow.think(
        """
        `filter_and_paginate_time_limited` is generic over query and id and knows no table, so other lists can
        share it. No test crosses the ninety days; one would have to write old ids into the table.
        `test_pagination_forward_and_back` walks the 28, turns round at the third page and compares the other
        twenty. `test_pagination_by_endpoint` uses the id of a row in hand, and checks that `after` keeps a row
        of that very time and `before` leaves it out. `test_combined_before_after_filtering` drops the dates of
        a span and goes on from it both ways.
    """,
        covers=["testing", "boundaries"],
    )
    assert "Q: QuerySelect + QueryOrder + QueryFilter" in paginate
    assert "chrono::Utc::now()" in paginate
    assert "messageattempt" not in paginate

    flow.think(
        """
        A page costs three selects: application, endpoint, rows. `list_attempts_by_endpoint_or_message_filters`
        joins `message` only for a channel or event type; an attempt has one message, so the join never makes
        two rows of one. A page of a million could be cut to `PAGINATION_LIMIT_CAP_LIMIT`, 250. But a client
        that takes a short page for the end would never learn of the rest. So `PAGINATION_LIMIT_CAP_HARD` keeps
        the number as sent, and `fn validate` refuses it. A false `with_content` saves only bandwidth: the
        handler overwrites each `response` that the query has read.
    """,
        covers=["performance"],
    )
    assert "message::Entity::belongs_to(messageattempt::Entity)" in filters
    assert "event_types.is_some() || channel.is_some()" in filters
    assert filters in handler.calls
    assert "250" in cap
    assert cap_hard in read_limit.mentions
    assert "true" in cap_hard
    assert cap in check_limit.mentions
    assert "if !with_content" in handler
    assert "clone_into(&mut attempt.response)" in handler

    flow.think(
        """
        What `ValidatedQuery` refuses costs no select and needs no token: axum extracts arguments in order, and
        `permissions::Application` is the last. A `limit` that is no number becomes `HttpError::bad_request`.
        Too large a one, or an iterator with another kind of id, is `HttpError::unprocessable_entity` with a
        path from `query` on: ids will be copied out of tickets, so `fn validate_` looks for the `PREFIX` of
        their kind. An unknown endpoint is `HttpError::not_found`, another tenant's too. When Postgres cancels a
        statement at its timeout, `fn from` makes the `DbErr` an `Error::db_timeout`, and `fn into_response` a
        500 with an empty object. Type and place go to one `tracing::error!`; the caller is not told that a
        shorter span would have helped.
    """,
        covers=["errors"],
    )
    assert "v1/utils/mod.rs::ValidatedQuery" in handler.mentions
    flow.hop(handler, query_of, via="FromRequestParts::from_request_parts")
    flow.hop(query_of, read_iterator, via="Deserialize::deserialize")
    assert "v1/utils/mod.rs::PaginationLimit" in descending.mentions
    flow.hop(query_of, read_limit, via="Deserialize::deserialize")
    assert query_of.calls.named("validate")
    flow.hop(query_of, check_limit, via="Validate::validate")
    flow.hop(query_of, check_iterator, via="Validate::validate")
    assert "error.rs::HttpError::bad_request" in query_of.calls
    assert "err.to_string()" in query_of
    assert "error.rs::HttpError::unprocessable_entity" in query_of.calls
    assert "v1/utils/mod.rs::validation_errors" in query_of.calls
    assert "fn validate_(" in base_id
    assert "self.starts_with(Self::PREFIX)" in base_id
    assert "error.rs::HttpError::not_found" in handler.calls
    assert handler.calls.named(from_db)
    assert "error.rs::Error::db_timeout" in from_db.calls
    flow.hop(handler, respond, via="IntoResponse::into_response")
    assert "StatusCode::INTERNAL_SERVER_ERROR, Json(json!({}))" in respond
    assert "tracing::error!" in respond

    flow.defect("""
        Only the prefix of an iterator is checked (core/types/mod.rs:190). For `atmpt_` followed by anything
        that is no base62 KSUID, `timestamp()` (v1/utils/mod.rs:236, 244) reaches the `expect` of
        `BaseId::ksuid` (core/types/mod.rs:229): the task panics and the caller gets no response instead of a
        422.
    """)
    flow.defect("""
        `limit=0` is accepted (v1/utils/mod.rs:105). The one row read makes `done` false, the page is cut to
        nothing and both iterators are null (v1/utils/mod.rs:417-433): a client that walks until `done` never
        ends.
    """)
    flow.defect("""
        The doc comment of `filter_and_paginate_time_limited` gives `now + FUTURE_QUERY_LIMIT` as upper limit
        for `after` (v1/utils/mod.rs:183); the code also sets `after + LIMITED_QUERY_DURATION`
        (v1/utils/mod.rs:219), which is often much earlier.
    """)
    flow.defect("""
        An attempt's id is made before the HTTP request (worker.rs:364) and its row inserted after the answer.
        A client that polls for newer rows with `prevIterator` passes over the slow attempts whose rows appear
        below its iterator.
    """)
