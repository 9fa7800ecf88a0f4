"""Outbound HTTP: the client that calls receivers, and the addresses that it refuses to connect to."""

from pytest_flowcorpus import Flow


def flow_outbound_http(flow: Flow) -> None:
    flow.request("""
        Finding 4 of the external penetration test, severity high. A tenant saved the cloud metadata address as
        an endpoint, sent a message and read the answer in the delivery log: twenty kilobytes of whatever our
        workers can reach. Blocking that one address did not help. The testers came back with it written as a
        decimal number, with an IPv6 spelling of it, with a public receiver that answers with a redirect, and
        with a domain of theirs whose record is harmless when somebody looks and internal a second later.

        We need the workers to refuse loopback, private and other special addresses, whichever of these roads
        leads there. Self-hosters deliver into their own network on purpose and list the subnets; that has to
        keep working. Some send everything through an HTTP proxy that looks names up itself and filters them.
        Deliveries must not pay for this with a second lookup or a fresh connection each. And the log must not
        tell somebody who probes us what listens inside.

        For the retest: an internal address is refused as a number and behind a name, and a receiver that is
        merely unreachable is tried again as before.
    """)

    validate_url = flow.file("v1/endpoints/endpoint/mod.rs").extract("validate_url")

    client = flow.file("core/webhook_http_client.rs")
    client.extract("use")
    client_error = client.extract("Error")
    from_hyper = client.extract("<Error as From>::from")
    new_client = client.extract("WebhookClient::new")
    execute = client.extract("WebhookClient::execute")
    execute_inner = client.extract("WebhookClient::execute_inner")
    blocked_ip = client.extract("Request::blocked_ip")
    uri = client.extract("RequestBuilder::uri")
    uri_str = client.extract("RequestBuilder::uri_str")
    connect = client.extract("<SvixHttpsConnector as Service>::call")
    resolver = client.extract("NonLocalDnsResolver")
    resolve = client.extract("<NonLocalDnsResolver as Service>::call")
    new_resolver = client.extract("new_resolver")
    is_allowed = client.extract("is_allowed")
    embedded_v4 = client.extract("is_6to4_or_nat64_v6")

    worker = flow.file("worker.rs")
    make_http_call = worker.extract("make_http_call")
    retry_delay = worker.extract("calculate_retry_delay")
    queue_handler = worker.extract("queue_handler")

    to_server_error = flow.file("error.rs").extract(
        "<Error as From<crate::core::webhook_http_client::Error>>::from"
    )

    flow.think(
        """
        The friendliest place to refuse an address is the endpoint write: `validate_url` could resolve the host
        and answer 422 while the customer still looks at the form. But a name can mean something else by the
        time of the delivery. A lookup in `make_http_call` before the call leaves a smaller gap of the same
        kind, because the connector looks the name up again. The checked address could replace the name in the
        URL, but TLS would then check the certificate against it.

        So the check sits where the connection gets its addresses. The connector asks `NonLocalDnsResolver`, and
        `retain` leaves only what passed: the address checked is the address connected to, and the URL keeps its
        name for TLS. Of a lookup that brings public and private addresses the public ones are used; `BlockedIp`
        means that none is left. `validate_url` checks the scheme only.
        """,
        covers=["boundaries", "orchestration"],
    )
    assert 'scheme == "https" || scheme == "http"' in validate_url
    assert "lookup_ip" not in validate_url
    assert "lookup_ip" not in make_http_call
    assert execute in make_http_call.calls
    assert execute_inner in execute.calls
    assert execute_inner.calls.named("request")
    flow.hop(execute_inner, connect, via="Client::request")
    assert connect.calls.named("call")
    flow.hop(connect, resolve, via="Service::call")
    assert "NonLocalDnsResolver" in new_client
    assert is_allowed in resolve.calls
    assert "addresses.retain(move |ip|" in resolve
    assert "return Err(Error::BlockedIp)" in resolve

    flow.think(
        """
        A connector asks its resolver for names only; a host that is already a number would pass unseen. So
        `execute_inner` asks `blocked_ip` first, and that has to read the host as the connector will. `uri_str`
        parses with `url::Url`, which turns a decimal IPv4 address into the dotted form, and `uri` makes the
        `Uri` from that. Both checks end in `is_allowed`, which calls `to_canonical` first, so an IPv4-mapped
        IPv6 address is judged as the IPv4 address it is. From a 6to4 or NAT64 address we could take the IPv4
        part and judge that, but where such a packet ends up is decided by a relay in somebody's network.
        `is_6to4_or_nat64_v6` refuses those prefixes whole, even around a public address.
        """,
        covers=["orchestration", "boundaries"],
    )
    assert uri_str in make_http_call.calls
    assert uri in uri_str.calls
    assert "url::Url::from_str(uri)" in uri_str
    assert "Uri::from_str(uri.as_str())" in uri
    assert blocked_ip in execute_inner.calls
    assert "strip_prefix('[')" in blocked_ip
    assert "split_once('%')" in blocked_ip
    assert is_allowed in blocked_ip.calls
    assert "addr.to_canonical()" in is_allowed
    assert embedded_v4 in is_allowed.calls

    flow.think(
        """
        `is_allowed` takes an address and no client, so `is_allowed_test` can go through the ranges without a
        network, the NAT64 form of a public address included. `test_blocked_ip` adds ports, credentials and
        brackets. `test_filtering` calls loopback as a number and as a name and wants `BlockedIp` both times.
        Names with public and private records have no test.
        """,
        covers=["testing"],
    )

    flow.think(
        """
        `queue_handler` hands `whitelist_subnets` from the configuration to `WebhookClient::new`, which gives
        the list to both checks, so a listed subnet is open to numbers and names alike. `make_http_call` is
        given a finished client and knows neither list nor proxy. With a proxy configured, `matcher` decides for
        each connection: a `bypass` goes through our resolver like a `Regular` connection, while an `HttpProxy`
        is sent the name and looks it up itself. Through it we still refuse numbers, and names are its
        operator's to filter. `test_http_proxy_exceptions` looks at the hosts that a mock proxy is asked for.
        """,
        covers=["boundaries"],
    )
    assert new_client in queue_handler.calls
    assert "cfg.whitelist_subnets.clone()" in queue_handler
    assert "NonLocalDnsResolver::new(whitelist_nets.clone(), whitelist_names)" in new_client
    assert "request.blocked_ip(self.whitelist_nets.as_slice())" in execute_inner
    assert "whitelist" not in make_http_call
    assert "client: &WebhookClient" in make_http_call
    assert "Self::Regular(inner) => Box::pin(inner.call(req))" in connect
    assert "None => Box::pin(bypass.call(req))" in connect
    assert "Self::HttpProxy" in connect

    flow.think(
        """
        A refusal by the resolver reaches us inside hyper's own error. `from` walks along `source` until it
        meets the text that `BlockedIp` prints (reworded in one place, it makes `test_filtering` fail); every
        other error of hyper, a failed lookup among them, becomes `FailedRequest`. `make_http_call` makes each a
        `FailedDispatch` with code 0 and the error's text in the row, which the customer reads. For `BlockedIp`
        the text names no address, and it is the same whether or not something listens there, since nothing was
        sent. `FailedRequest` prints only hyper's outermost error, so a refused connection, a bad certificate
        and an unknown name look alike. A probe learns that a name has only internal addresses; hiding that
        would hide from self-hosters that a subnet has to be listed. Redirects are not followed: a 308 fails
        `is_success` and goes into the row; `test_no_redirects_policy` wants it there and no visit to the
        target. A URL that `uri_str` cannot read leaves no row, but a nack.

        `error.rs` turns `TimedOut` into `Error::timeout`, for which `calculate_retry_delay` raises a shorter
        delay to a minute, before jitter. A blocked address becomes `Error::generic` and takes the ordinary
        schedule: an operator may list the subnet meanwhile, or the customer correct the record.
        """,
        covers=["errors"],
    )
    assert execute_inner.calls.named(from_hyper)
    assert "requests to this IP range are blocked" in client_error
    assert '.contains("requests to this IP range are blocked")' in from_hyper
    assert "match dyn_e.source()" in from_hyper
    assert "return Error::FailedRequest(e)" in from_hyper
    assert "Resolve(#[from] NetError)" in client_error
    assert "response_status_code: Set(0)" in make_http_call
    assert "response: Set(err.to_string())" in make_http_call
    assert "worker.rs::FailedDispatch" in make_http_call.mentions
    assert "res.status().is_success()" in make_http_call
    assert make_http_call.calls.named(to_server_error)
    assert "webhook_http_client::Error::TimedOut => Self::timeout(err)" in to_server_error
    assert "error.rs::Error::generic" in to_server_error.calls
    assert "ErrorType::Timeout(_)" in retry_delay
    assert "Duration::from_secs(OVERLOAD_PENALTY_SECS)" in retry_delay

    flow.think(
        """
        A connection that breaks at once should not cost an attempt, a row and a trip through the delayed queue.
        So `execute_inner` repeats a `FailedRequest` that came within a second, once. `BlockedIp` is another
        variant and is not repeated; a failed lookup is. The receiver may get a POST twice by this, as it may
        from the queue. Every call pays for it with a copy of its payload, `request.clone()`. Each call has the
        whole `timeout`, so the head of an answer may come a second later than `request_timeout` allows. The
        repetition has no test.
        """,
        covers=["performance", "errors"],
    )
    assert (
        "Err(Error::FailedRequest(e)) if start.elapsed() < Duration::from_millis(1000)"
        in execute_inner
    )
    assert "self.execute_inner(org_req, false).await" in execute_inner
    assert "let org_req = request.clone()" in execute_inner
    assert "tokio::time::timeout(timeout, self.client.request(req))" in execute_inner
    assert ".timeout(Duration::from_secs(request_timeout))" in make_http_call

    flow.think(
        """
        `queue_handler` builds one client before its loop and clones the handle for each delivery, so tasks
        share its connections, and a reused one costs no lookup. hyper clones the connector for each new
        connection, and our resolver with it; behind the `Arc` all clones share one `OnceCell`. The first lookup
        fills it through `new_resolver`, on a blocking thread because the system's DNS settings are read from
        disk. `Ipv4thenIpv6` asks for IPv6 addresses only if there are no IPv4 ones, which spares most hosts a
        second query, and the shared resolver remembers answers.
        """,
        covers=["performance"],
    )
    assert "let webhook_client = webhook_client.clone();" in queue_handler
    assert "worker.rs::process_queue_task" in queue_handler.calls
    assert new_client not in make_http_call.calls
    assert "resolver: Arc<OnceCell<TokioResolver>>" in resolver
    assert "this.resolver.get_or_try_init(new_resolver)" in resolve
    assert new_resolver in resolve.mentions
    assert "tokio::task::spawn_blocking" in new_resolver
    assert "LookupIpStrategy::Ipv4thenIpv6" in new_resolver

    flow.defect("""
        `make_http_call` reads the response body (worker.rs:396) after `execute_inner` has returned, and the
        timeout covers only what comes before (webhook_http_client.rs:175). A receiver that trickles its body
        holds the task for as long as it likes. The body is collected whole before it is cut to
        `RESPONSE_MAX_SIZE`, so its size in memory has no limit either.
    """)
    flow.defect("""
        `queue_handler` exempts the name `backend` from the check on resolved addresses (worker.rs:1006), with
        no setting to turn that off. Where the network has a private host of that name, any tenant can reach it
        as `http://backend/`.
    """)
    flow.defect("""
        Through a SOCKS5 proxy names are resolved on our side (`local_dns(true)`, webhook_http_client.rs:521),
        but by hyper-util's own blocking `to_socket_addrs`, not by `NonLocalDnsResolver`: a name with a private
        address is sent to the proxy unchecked. The proxy's own name, on the other hand, goes through the
        resolver, so `proxy_addr = socks5://localhost:1080`, as config.default.toml:131 suggests, is refused
        unless loopback is whitelisted.
    """)
    flow.defect("""
        The name of an HTTP proxy goes through `NonLocalDnsResolver`, too, since `Tunnel` wraps our connector
        (core/webhook_http_client.rs:534): with a proxy named by an internal host every delivery through it is
        refused, unless its address is whitelisted.
    """)
    flow.defect("""
        Through either proxy a plain `http://` URL that names no port is called at port 443: `Tunnel` and
        `SocksV5`, which get it as well (core/webhook_http_client.rs:578-595), both take 443 as default
        (hyper-util 0.1.20, proxy/tunnel.rs:146, proxy/socks/v5/mod.rs).
    """)
