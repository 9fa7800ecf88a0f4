"""Stopping the process: from SIGTERM through the server, the worker and the loops to the last trace."""

from pytest_flowcorpus import Flow


def flow_graceful_shutdown(flow: Flow) -> None:
    flow.request("""
        "Expect 502s and repeated webhooks for a minute after each rollout": I want this line out of our release
        notes.

        On SIGTERM take on nothing new, finish what is under way, send the last traces, and go: API pods,
        delivery pods, and a laptop that runs both and is stopped by Ctrl+C. Naps of hours must not keep us
        waiting, but please never cut a statement in Postgres in half to be quick. No time limit of our own: the
        cluster kills what takes too long. It has to be told how long that is, so I need the number.

        Done when an idle pod is gone within half a minute, and a busy one once its answer is sent or its row
        stored.
    """)

    lib = flow.file("lib.rs")
    lib.extract("use")
    token = lib.extract("SHUTTING_DOWN_TOKEN")
    is_shutting_down = lib.extract("is_shutting_down")
    shutting_down_token = lib.extract("shutting_down_token")
    start = lib.extract("start_shut_down")
    signal = lib.extract("graceful_shutdown_handler")
    run = lib.extract("run")
    run_with_prefix = lib.extract("run_with_prefix")

    main = flow.file("main.rs").extract("main")
    handler = flow.file("worker.rs").extract("queue_handler")
    cleaner = flow.file("expired_message_cleaner.rs").extract("expired_message_cleaner_loop")

    migrations = flow.file("db/background_migrations.rs")
    migrations_run = migrations.extract("run")
    run_with_pool = migrations.extract("run_with_pool")

    flow.think(
        """
        The process is up to four things at once: HTTP server, worker, payload cleaner, background migrations.
        `run_with_prefix` runs them under one `tokio::join!`, which is over when the last of them is. A
        `select!` would end with the first, and a worker that is switched off returns at once. Only axum can be
        told from outside: `with_graceful_shutdown` takes `graceful_shutdown_handler`, which waits for Ctrl+C or
        SIGTERM. When it returns, axum accepts no more connections and answers the requests it has. The
        handler's own last line, `start_shut_down`, is for the other three. A process without API awaits the
        same handler in the server's place.
    """,
        covers=["orchestration"],
    )
    assert run_with_prefix in run.calls
    assert run in main.calls
    assert "tokio::join!" in run_with_prefix
    assert handler in run_with_prefix.calls
    assert cleaner in run_with_prefix.calls
    assert signal in run_with_prefix.calls
    assert ".with_graceful_shutdown(graceful_shutdown_handler())" in run_with_prefix
    assert "SignalKind::terminate()" in signal
    assert "tokio::signal::ctrl_c()" in signal
    assert start in signal.calls
    assert "select!" not in run_with_prefix

    flow.think(
        """
        The other three must hear of a stop. A token made in `main` and passed down to every loop would let a
        test stop one of several servers in its process. But a signal cannot be sent to half a process, and
        whatever loop is added later would need the parameter in all signatures above it. So the token is a
        static of the crate root, `SHUTTING_DOWN_TOKEN`. Loops that come round by themselves ask
        `is_shutting_down`; those that have to be woken take `shutting_down_token`. No loop has to know of
        signals, and only `graceful_shutdown_handler` calls `start_shut_down`.
    """,
        covers=["boundaries"],
    )
    assert token in start.mentions
    assert token in is_shutting_down.mentions
    assert token in shutting_down_token.mentions

    assert is_shutting_down in handler.calls
    assert is_shutting_down in cleaner.calls
    assert shutting_down_token in cleaner.calls
    assert shutting_down_token in run_with_pool.calls
    assert start not in handler.calls
    assert start not in cleaner.calls
    assert start not in run_with_pool.calls
    assert "signal" not in cleaner

    flow.think(
        """
        A flag alone would wake nobody, and the cleaner naps for twelve hours (`IDLE`), a failed migration for
        up to ten minutes. So it is a `CancellationToken`, and both naps end with it: by
        `run_until_cancelled_owned` around the cleaner's sleep, by `cancelled` beside the `backoff` of
        `run_with_pool`. Only the naps do. A query that is dropped half-way may have committed or not, and the
        database may go on with it anyway; so `expired_message_cleaner_loop` finishes its batch, up to 5,000
        rows of each table, before it looks at the token again, and `run_with_pool` looks only after
        `run_migrations` has failed. An index that takes an hour to build therefore holds the process for that
        hour.
    """,
        covers=["performance", "errors"],
    )
    assert migrations_run in run_with_prefix.calls
    assert run_with_pool in migrations_run.calls
    assert "Duration::from_secs(60 * 60 * 12)" in cleaner
    assert "const BATCH_SIZE: u32 = 5_000" in cleaner
    assert ".run_until_cancelled_owned(tokio::time::sleep(duration))" in cleaner
    assert "shutdown.cancelled() => return" in run_with_pool
    assert "min(Duration::from_secs(600))" in run_with_pool

    flow.think(
        """
        `test_fresh_apply_succeeds` and `test_concurrent_apply` await `run_with_pool` and so pin that it ends by
        itself, when all is applied or somebody else holds the lock; none ends it by the token. A cancelled
        token cannot be reset, so a test of it needs a process of its own: it stops all workers there. And a
        fifth part must not forget the token: nothing in `tokio::join!` asks for it.
    """,
        covers=["testing"],
    )

    flow.think(
        """
        For the worker, never cutting costs more. A poll may wait `queue_max_poll_secs`, and `queue_handler`
        looks at the token only between polls. Racing `receive_all` against the token would stop an idle worker
        at once. But the backend may have answered the poll that is dropped: then its tasks are handed out,
        nobody has them, and on Redis they wait for a deadline to pass. So the poll ends by itself, and what it
        brings is spawned. After it the loop polls no more and waits until `NUM_WORKERS` reads zero. Deliveries
        are tasks of their own, which `tokio::join!` does not see; only the count ties them to the end of the
        worker.
    """,
        covers=["orchestration"],
    )
    assert "queue/mod.rs::SvixOmniConsumer::receive_all" in handler.calls
    assert "crate::is_shutting_down()" in handler
    assert "NUM_WORKERS.fetch_sub(1, Ordering::Relaxed)" in handler
    assert "select!" not in handler

    flow.think(
        """
        The number that the cluster needs is a sum. By the shipped settings an unlucky worker spends 20 seconds
        in its last poll and some 30 until a receiver has begun to answer, then reads the answer and writes its
        row, and up to half a second goes by until the count is read again. Some 55 seconds, then, and ten or
        more if the collector of traces stays silent; an index build, a long batch of the cleaner or an answer
        that trickles in can take longer, and then the kill ends it. A limit of our own could only be shorter,
        and would cut off what we want to finish.
    """,
        covers=["performance"],
    )
    assert "Duration::from_millis(500)" in handler
    assert "Duration::from_secs(cfg.queue_max_poll_secs.into())" in handler
    assert "timeout" not in signal

    flow.think(
        """
        Only our log says that we stop. A request in progress gets its usual answer, and a caller who comes
        later gets no connection, which is for the load balancer to avoid. An error of the cleaner's batch or of
        a migration is a `tracing::error!` and leads into the nap that the token ends. If the process is killed
        nevertheless, its deliveries are neither acked nor nacked, and the queue decides. A second Ctrl+C
        changes nothing: the handler that tokio installed for the first stays, and nobody awaits it any more.
    """,
        covers=["errors"],
    )
    assert "tracing::error!" in cleaner
    assert "Background migration error" in run_with_pool
    assert "Received shutdown signal" in signal

    flow.think(
        """
        When `run` returns, the spans of the last deliveries may still sit in the exporter's batch. `main` has
        kept `otel_tracer_provider` for this and calls `shutdown` on it last. That call blocks until the batch
        is out or the exporter gives up, and the batch is sent by a task on our own runtime; so it goes through
        `spawn_blocking`, where it cannot hold the thread it waits for. Its result is dropped: nothing is left
        that could act on it.
    """,
        covers=["orchestration", "performance"],
    )
    assert "tokio::task::spawn_blocking" in main
    assert "_ = provider.shutdown()" in main
    assert "opentelemetry" not in signal

    flow.defect("""
        `queue_handler` counts a delivery only once its task first runs (worker.rs:1068-1069). After a last poll
        that brought tasks the loop can find `NUM_WORKERS` at zero before they have started and let the process
        end (worker.rs:1037-1053): they are dropped unacknowledged.
    """)
    flow.defect("""
        A delivery that panics never reaches `fetch_sub` (worker.rs:1069, 1098): the count stays above zero, and
        the drain waits until the process is killed.
    """)
    flow.defect("""
        If `expired_message_cleaner_loop` fails in its first query (expired_message_cleaner.rs:121), nobody
        hears of it until all parts have ended; then the `expect` of `run_with_prefix` panics (lib.rs:282), and
        `main` does not reach the tracer.
    """)
    flow.defect("""
        The meter provider of `setup_metrics` is never shut down, as the tracer's is (lib.rs:405-422,
        main.rs:304-309): counts since the last export are lost at every stop.
    """)
    flow.defect("""
        Before `run_with_prefix` reaches its `join!` nothing listens for signals, so the token that
        `wait_for_dsn` watches (wait_for.rs:42) can never be cancelled there, and a process that is PID 1
        ignores SIGTERM while it waits or migrates.
    """)
    flow.defect("""
        What handlers spawn is not waited for: an operational webhook (core/operational_webhooks.rs:162) or a
        recovery (recovery.rs:144) ends with the runtime, unsaid.
    """)
    flow.defect("""
        The time limit of a call ends with the head of the response (core/webhook_http_client.rs:174-175); its
        body is collected without one (worker.rs:396). A receiver that lets the body trickle in keeps
        `NUM_WORKERS` above zero, and the drain waits for it.
    """)
