"""Operational webhooks: from what happened to an endpoint or a message to a message about it."""

from pytest_flowcorpus import Flow


def flow_operational_webhooks(flow: Flow) -> None:
    flow.request("""
        The logistics platform that resells us to six hundred shops writes:

        "We hear from our shops, not from you, that a receiver is dead or that somebody deleted an endpoint in
        your portal. Please tell us. Push it as you push everything else, signed, retried, with a history, so
        that we can subscribe to the kinds we want. We will not learn a second protocol."

        Four more customers have asked. All others should neither pay for it nor fill our alarms. Each hears of
        its own tenants only. A notice says what happened to which object; payloads, receivers' answers and
        secrets stay out of it. API servers and workers both have things to report, and neither may slow down or
        fail because the reporting is down; notices may be lost meanwhile, because all that is in them can be
        asked for. Small installations run one process and will set one option; the big one wants a separate
        server for notices.

        Show me one server that reports to itself, and a listener that hears of an endpoint created, changed and
        deleted and of a message that fails until we give up.
    """)

    webhooks = flow.file("core/operational_webhooks.rs")
    webhooks.extract("use")
    endpoint_event = webhooks.extract("EndpointEvent")
    new_endpoint_event = webhooks.extract("EndpointEvent::new")
    last_attempt = webhooks.extract("MessageAttempetLast")
    from_attempt = webhooks.extract("<MessageAttempetLast as From<messageattempt::Model>>::from")
    attempt_event = webhooks.extract("MessageAttemptEvent")
    event = webhooks.extract("OperationalWebhook")
    alias = webhooks.extract("OperationalWebhookSender")
    new_sender = webhooks.extract("OperationalWebhookSenderInner::new")
    send_event = webhooks.extract("OperationalWebhookSenderInner::send_operational_webhook")

    security = flow.file("core/security.rs")
    management_org = security.extract("management_org_id")
    management_token = security.extract("generate_management_token")
    check_address = flow.file("cfg.rs").extract("validate_operational_webhook_url")
    app_state = flow.file("lib.rs").extract("AppState")

    update_endpoint = flow.file("v1/endpoints/endpoint/crud.rs").extract("update_endp_from_data")
    messages = flow.file("v1/endpoints/message.rs")
    create_message = messages.extract("create_message")
    create_message_inner = messages.extract("create_message_inner")

    worker = flow.file("worker.rs")
    worker_context = worker.extract("WorkerContext")
    threshold = worker.extract("OP_WEBHOOKS_SEND_FAILING_EVENT_AFTER")
    succeeded = worker.extract("handle_successful_dispatch")
    failed = worker.extract("handle_failed_dispatch")

    flow.think(
        """
        Signing, retrying, filtering and keeping a history is what this server does for a living, so a notice
        becomes an ordinary message. It belongs to an organisation of ours, `management_org_id`, in which a
        customer has an application whose uid is the customer's organisation id; no table has to map them.
        `send_operational_webhook` could call `create_message_inner` for it, with one request and one token
        less. But then the notices would live in the database and the queue of the process that reports. We post
        through our own client, `Svix`, to a `server_url` from the configuration: a single process names itself,
        the big installation a server of its own.
    """,
        covers=["orchestration"],
    )
    assert send_event.calls.named("create")
    flow.hop(send_event, create_message, via="Svix::message")
    assert create_message_inner in create_message.calls
    assert "recipient_org_id.clone()" in send_event
    assert "server_url: Some(url.to_string())" in send_event
    assert "secure_find_by_id_or_uid(org_id.clone(), app_id.to_owned())" in create_message_inner
    assert create_message_inner not in send_event.calls

    flow.think(
        """
        That call needs a credential, and a key in the configuration would be one more secret to hand out and
        renew. The process has the JWT secret anyway, so `generate_management_token` signs an organisation token
        for each notice, good for ten minutes. It costs a signature each time, and the other server has to
        accept our key. `OperationalWebhookSender` is an `Arc` around secret and address: handlers find it in
        `AppState`, workers in `WorkerContext`. They pass in an organisation's id and an `OperationalWebhook`,
        and need neither secret nor address.
    """,
        covers=["boundaries"],
    )
    assert management_token in send_event.calls
    assert management_org in management_token.calls
    assert "Duration::from_mins(10)" in management_token
    assert "permissions::Organization { org_id }" in create_message
    assert alias in app_state.mentions
    assert alias in worker_context.mentions
    assert "Arc<OperationalWebhookSenderInner>" in alias
    assert event in send_event.mentions
    assert "operational_webhook_address" not in update_endpoint

    flow.think(
        """
        An event bears its name in the variant: serde writes it as `type` beside `data`, and
        `send_operational_webhook` reads it back from the JSON for the `event_type` that listeners filter by. A
        `match` would be a second list of names, to differ one day from the first. `EndpointEvent` holds
        application and endpoint by id and uid, no URL or key. `MessageAttemptEvent` has the endpoint only by
        id, the message by both, and of the attempt, as `MessageAttempetLast`, id, time and status code: the
        text that the receiver answered stays in our table, behind the customer's own token.
    """,
        covers=["boundaries"],
    )
    assert 'tag = "type", content = "data"' in event
    assert '.get("type")' in send_event
    assert "event_type," in send_event
    assert endpoint_event in event.mentions
    assert attempt_event in event.mentions
    assert last_attempt in attempt_event.mentions
    assert "url" not in endpoint_event
    assert "key" not in endpoint_event
    assert "response: " not in last_attempt
    assert failed.calls.named(from_attempt)
    assert "response_status_code: attempt.response_status_code" in from_attempt

    flow.think(
        """
        Reporting takes a signature, a client and the JSON, but does not wait for the request, which runs in
        `tokio::spawn`. A table of outgoing notices, written in the transaction of the change and emptied by a
        loop, would lose none. It would also cost an INSERT for each and a loop with locks on every server, for
        things that can be asked for. So a notice lives in memory: a restart loses it, and so does a server that
        stays silent. Nor is there a limit: five hundred messages given up in one second are five hundred
        requests under way. `update_endp_from_data` reports after its commit, `handle_failed_dispatch` after
        storing the attempt, so a listener who then asks for the object finds it at least as new as the notice.
    """,
        covers=["performance", "orchestration"],
    )
    assert "tokio::spawn(async move" in send_event
    assert send_event in update_endpoint.calls
    assert new_endpoint_event in update_endpoint.calls
    assert send_event in failed.calls
    assert send_event in succeeded.calls
    assert "insert" not in send_event
    assert "txn.commit().await?" in update_endpoint

    flow.think(
        """
        What goes wrong before the spawn is ours and is returned: a key that cannot sign as an `Error::generic`,
        a payload without `type` as `HttpError::internal_server_error`. For `MessageAttemptFailing` and
        `MessageAttemptRecovered` the worker puts it into the log and carries on. After the spawn there is
        nobody to tell. Most customers have no application for notices, and `create_message_inner` answers
        `HttpError::not_found`; to look first is a request too. So a 404 is a `tracing::warn!`, all else a
        `tracing::error!`. A wrong path in the address hides behind that warning, since
        `validate_operational_webhook_url` asks only for scheme and host. A slash at its end would double the
        one that each path begins with, so `OperationalWebhookSenderInner::new` cuts it off.
    """,
        covers=["errors"],
    )
    assert "generate_management_token(&self.signing_config).map_err(Error::generic)?" in send_event
    assert "error.rs::HttpError::internal_server_error" in send_event.calls
    assert "error.rs::HttpError::not_found" in create_message_inner.calls
    assert "Failed sending MessageAttemptFailing Operational Webhook" in failed
    assert "Failed sending MessageAttemptRecovered Operational Webhook" in succeeded
    assert "status: http02::StatusCode::NOT_FOUND" in send_event
    assert "tracing::warn!" in send_event
    assert "tracing::error!" in send_event
    assert "url.host().is_none()" in check_address
    assert "while url.ends_with('/')" in new_sender

    flow.think(
        """
        Notices about notices end in the same 404: a listener that is down is an endpoint whose messages fail,
        reported to the application whose uid is `management_org_id` itself; there is none, unless somebody
        creates it.

        Messages can fail by the thousand, so not every failure is news. With
        `OP_WEBHOOKS_SEND_FAILING_EVENT_AFTER` at four, a delivery causes a notice at its fourth failure, if the
        schedule reaches that far, another when we give up, and, if one of the later retries succeeds,
        `MessageAttemptRecovered`. When the worker switches an endpoint off, `EndpointDisabled` says since when
        it has failed. Without an address a notice costs the copies of its ids: `send_operational_webhook`
        returns in its first line.
    """,
        covers=["performance"],
    )
    assert "attempt_count == (OP_WEBHOOKS_SEND_FAILING_EVENT_AFTER - 1)" in failed
    assert "msg_task.attempt_count as usize >= OP_WEBHOOKS_SEND_FAILING_EVENT_AFTER" in succeeded
    assert threshold in failed.mentions
    assert "core/operational_webhooks.rs::OperationalWebhook::EndpointDisabled" in failed.mentions
    assert "fail_since: first_failure_at" in failed
    assert "OperationalWebhook::MessageAttemptExhausted" in failed
    assert "let Some(url) = &self.url else { return Ok(()) };" in send_event

    flow.think(
        """
        `test_endpoint_create_update_and_delete` binds a port first, since the server's own address has to stand
        in its configuration, and makes an application whose uid is the customer's organisation. It then takes
        notice after notice from a receiver and compares the ids, but for a rotation.
        `test_message_attempt_operational_webhooks` does so for a dead URL with five delays of a millisecond:
        first failing, then exhausted. `test_operational_webhooks_event_types_exist` asks for the event types
        that a migration has put into the management organisation. A server that is down is not tried. The 404
        occurs in passing, when the listener's own endpoint is created; nothing checks that only a warning comes
        of it.
    """,
        covers=["testing"],
    )

    flow.defect("""
        `create_endp_from_data`, `update_endp_from_data`, `delete_endpoint` and `rotate_endpoint_secret` await
        `send_operational_webhook` with `?` after their commit (crud.rs:106, 183, 305, secrets.rs:160): a server
        that has an address but only a public key (`RS256::Public`) answers 500 to each of these calls, although
        the change is stored.
    """)
    flow.defect("""
        `handle_failed_dispatch` returns an error of the `MessageAttemptExhausted` notice by `?`
        (worker.rs:658). The row is stored without `next_attempt` by then, so a nacked `MessageTask` is dropped
        when it comes back (worker.rs:867, 745-755), and `process_endpoint_failure` is never asked about this
        failure.
    """)
    flow.defect("""
        The `EndpointDisabled` notice has no `endpoint_uid`, even if the endpoint has one (worker.rs:700-701).
    """)
    flow.defect("""
        The migrations create six event types in the management organisation, but not
        `message.attempt.recovered`: an endpoint there cannot filter on it until somebody creates the type,
        because `validate_event_types` refuses the name (crud.rs:322-356).
    """)
    flow.defect("""
        `send_operational_webhook` builds a client with `Svix::new` for every notice
        (core/operational_webhooks.rs:141-147): each reads the system's root certificates from disk, on the
        caller's thread, and opens a connection of its own. A client that is kept, and `Svix::with_token` on it,
        would save both.
    """)
