"""The queue on Redis: from start-up, through receiving, to what ack and nack leave behind."""

from pytest_flowcorpus import Flow


def flow_redis_queue(flow: Flow) -> None:
    flow.request("""
        Self-hosted, six replicas on spot instances, a Redis Cluster that two more installations share. When an
        instance is taken back, what that replica had popped from the queue is gone: 87 webhooks yesterday,
        payout notices among them.

        What a dead replica had taken should be picked up by another within a minute or so. What is merely slow
        should not be: our receivers put up with a rare duplicate, not with a stream of them. Retries that are
        due in hours must live through a restart. When Postgres fails over and refuses writes for half a minute,
        everything that failed meanwhile has to be there afterwards. What keeps failing must not go round
        forever: put it aside, where our Grafana can count it.

        Staging has a single Redis, Frankfurt a Sentinel pair. All replicas start at the same moment.

        Done when twenty consumers on one queue share 4,000 tasks and each arrives once, a task that its
        consumer abandons comes back, and one that failed three times does not.
    """)

    lib = flow.file("lib.rs")
    warn_if_risky = lib.extract("warn_if_risky_redis_pending_timeout")
    run = lib.extract("run_with_prefix")

    default_pending = flow.file("cfg.rs").extract("default_redis_pending_duration_secs")

    queue = flow.file("queue/mod.rs")
    retry_schedule = queue.extract("RETRY_SCHEDULE")
    should_retry = queue.extract("should_retry")
    new_pair = queue.extract("new_pair")
    new_producer = queue.extract("SvixOmniProducer::new")
    send = queue.extract("SvixOmniProducer::send")
    new_consumer = queue.extract("SvixOmniConsumer::new")
    receive_all = queue.extract("SvixOmniConsumer::receive_all")
    ack = queue.extract("SvixOmniDelivery::ack")
    nack = queue.extract("SvixOmniDelivery::nack")

    redis = flow.file("queue/redis.rs")
    redis.extract("use")
    main_key = redis.extract("MAIN")
    delayed_key = redis.extract("DELAYED")
    lock_key = redis.extract("DELAYED_LOCK")
    dlq_key = redis.extract("DLQ")
    group = redis.extract("WORKERS_GROUP")
    consumer_name = redis.extract("WORKER_CONSUMER")
    redis_pair = redis.extract("new_pair")
    inner = redis.extract("new_pair_inner")
    test_nack = redis.extract("tests::test_nack")

    handler = flow.file("worker.rs").extract("queue_handler")

    flow.think(
        """
        A list forgets a task when it is popped; a stream with a consumer group keeps the entry as pending until
        somebody acknowledges it. So the key `MAIN` holds a stream. The omniqueue backend, which we only
        configure, appends the task of an entry anew once it has been pending for `ack_deadline_ms`. All
        replicas read as one consumer, `WORKER_CONSUMER`: with a name per process, `WORKERS_GROUP` would keep
        one for every pod that ever ran.
    """,
        covers=["orchestration"],
    )
    assert main_key in redis_pair.mentions
    assert inner in redis_pair.calls
    assert "ack_deadline_ms: pending_duration" in inner
    assert consumer_name in inner.mentions
    assert group in inner.mentions

    flow.think(
        """
        A deadline cannot tell a dead process from a slow receiver. A receiver has `worker_request_timeout`
        seconds to begin its answer; the default deadline is 45 (`default_redis_pending_duration_secs`), and
        `warn_if_risky_redis_pending_timeout` complains at start if less than five seconds lie between them. It
        does not refuse: an operator may prefer duplicates to waiting. The time runs from the read, so nothing
        read may wait in our memory: `queue_handler` reads nothing while `NUM_WORKERS` is above a `task_limit`
        other than 0, and spawns every delivery of a batch at once.
    """,
        covers=["orchestration", "performance"],
    )
    assert "45" in default_pending
    assert warn_if_risky in run.calls
    assert "pending < http_timeout + BUFFER_SECS" in warn_if_risky
    assert "const BUFFER_SECS: u64 = 5" in warn_if_risky
    assert "panic" not in warn_if_risky
    assert "task_limit > 0" in handler
    assert "num_workers > task_limit.into()" in handler
    assert "tokio::spawn(async move" in handler
    assert receive_all in handler.calls

    flow.think(
        """
        When a task fails in our own code, `process_queue_task` returns `Err` and the worker calls `nack`.
        Appending it again on the spot is tempting: another replica may be luckier. But the backend counts
        deliveries, and after `max_receives`, three, a task is set aside in the list under `DLQ`. A Postgres
        node that has become a standby refuses each insert at once; tasks that return on the spot would be set
        aside within seconds. So it suits us that the streams backend leaves a nacked entry pending like an
        abandoned one and sets its task aside at the third `nack`, by default at least ninety seconds after the
        first delivery. A query that fails once therefore delays its task by a whole deadline.
    """,
        covers=["errors"],
    )
    assert "worker.rs::process_queue_task" in handler.calls
    assert nack in handler.calls

    assert "max_receives: 3" in inner
    assert "queue_key: dlq_name" in inner
    assert dlq_key in redis_pair.mentions

    flow.think(
        """
        Redis too can fail the worker, and no API caller hears of it. When `receive_all` fails, `queue_handler`
        logs it, sleeps ten milliseconds and polls again. `ack` and `nack` go through `Retry`: while
        `should_retry` sees an `ErrorType::Queue` they try again up to three times (`RETRY_SCHEDULE`). Then the
        worker writes a `tracing::error!` and drops the delivery. A lost `nack` costs at most a deadline, since
        the entry is pending either way. After a lost `ack` the task comes back although its webhooks were sent,
        and one for all endpoints of a message sends them again: the duplicate that receivers put up with. A
        task comes back, too, when a call was made but its attempt could not be stored, or the `send` of its
        retry gave up: both end in `nack`, so a failover costs receivers a second call.
    """,
        covers=["errors", "orchestration"],
    )
    assert "Error receiving task" in handler
    assert "core/retry.rs::Retry::run" not in receive_all.calls
    assert "Duration::from_millis(10)" in handler
    assert "core/retry.rs::Retry::new" in ack.calls
    assert "core/retry.rs::Retry::run" in ack.calls
    assert "core/retry.rs::Retry::run" in nack.calls
    assert should_retry in ack.mentions
    assert should_retry in nack.mentions
    assert retry_schedule in ack.mentions
    assert "ErrorType::Queue" in should_retry
    assert ack in handler.calls
    assert "Error sending 'ack' to Redis after successful task execution" in handler

    flow.think(
        """
        A retry that is due in five hours cannot wait in the stream, ordered by arrival, nor in a sleeping task,
        which ends with its process. `send` with a `delay` calls `send_serde_json_scheduled`, and the backend
        keeps the task in a sorted set under `DELAYED`, by due time, until a replica that holds `DELAYED_LOCK`
        moves it to the stream. All four keys carry the hash tag of `"{queue}_svix_v3_main"`, so a cluster keeps
        them in one slot. A prefix comes before the braces: installations have their own keys, yet share that
        slot and node.
    """,
        covers=["orchestration", "performance"],
    )
    assert "send_serde_json_scheduled(task.as_ref(), delay)" in send
    assert "delayed_queue_key: delayed_queue_name" in inner
    assert "delayed_lock_key: delayed_lock_name" in inner
    assert delayed_key in redis_pair.mentions
    assert lock_key in redis_pair.mentions
    assert '"{queue}_svix_v3_main"' in main_key
    assert '"{queue}_svix_dlq"' in dlq_key
    assert 'format!("{queue_prefix}{main_queue_name}")' in inner

    flow.think(
        """
        No type of the worker is to name Redis. `run_with_prefix` calls `new_pair` once; all three Redis
        variants go on to `new_pair_inner`, where keys, deadline and limits become one `RedisConfig`; only our
        own pool and the last `match` ask which Redis it is. `TaskQueueProducer` and `TaskQueueConsumer` hide
        the builders' types behind `into_dyn_scheduled` and `into_dyn`. A type parameter would save a dynamic
        call and stand in `AppState`, so in each handler.
    """,
        covers=["boundaries"],
    )
    assert new_pair in run.calls
    assert redis_pair in new_pair.calls
    assert "RedisBackend::cluster_builder" in inner
    assert "RedisBackend::sentinel_builder" in inner
    assert new_producer in inner.calls
    assert new_consumer in inner.calls
    assert "inner.into_dyn_scheduled()" in new_producer
    assert "inner.into_dyn()" in new_consumer
    assert "lib.rs::AppState" in run.mentions
    assert handler in run.calls
    assert "RedisConfig" not in handler
    assert redis_pair not in handler.calls

    flow.think(
        """
        Before the builders run, stream and group have to exist, and six replicas create them at once.
        `xgroup_create_mkstream` succeeds for one; the others are told `"BUSYGROUP"` and go on. Any other error
        is a `panic!`: a process without a queue should not start. The group begins at 0, so tasks appended
        before it existed are delivered too.
    """,
        covers=["errors"],
    )
    assert "xgroup_create_mkstream(&main_queue_name, WORKERS_GROUP, 0i8)" in inner
    assert 'contains("BUSYGROUP")' in inner

    flow.think(
        """
        A busy worker gets up to 128 tasks in one read (`MAX_MESSAGES`) and pays an `ack` for each; an idle one
        hangs in its read for `queue_max_poll_secs`. In each process the backend looks for overdue and due tasks
        about twice a second, and we add four queries a second: `RedisQueueMetrics` records how many tasks are
        in the stream, pending, delayed and dead. They run on a pool of our own, since the builders take a `dsn`
        and open theirs. Each may grow to `redis_pool_max_size`, so a process counts twice.
    """,
        covers=["performance"],
    )
    assert "const MAX_MESSAGES: usize = 128" in receive_all
    assert "Duration::from_secs(cfg.queue_max_poll_secs.into())" in handler
    assert "metrics/redis.rs::RedisQueueMetrics::record" in inner.calls
    assert "RedisQueueType::StreamPending" in inner
    assert "tokio::time::interval(Duration::from_secs(1))" in inner
    assert "redis/mod.rs::RedisManager::from_queue_backend" in inner.calls
    assert "max_connections: cfg.redis_pool_max_size" in inner

    flow.think(
        """
        `new_pair_inner` takes names and deadline as arguments, so `test_idle_period` can abandon a task under
        its own keys and get it back past 100 milliseconds. In `test_nack` a task comes back within 600
        milliseconds, which cannot show whether `nack` or the deadline brought it. `test_redis_streams_dlq`
        nacks a task three times and finds the fourth read empty. `test_many_queue_consumers` shares 4,000 tasks
        among twenty pairs. All need a Redis and are ignored by default.
    """,
        covers=["testing"],
    )
    assert inner in test_nack.calls
    assert "Duration::from_millis(500) + delay" in test_nack

    flow.defect("""
        `new_pair_inner` takes the `dsn` of the builders from `redis_dsn` (queue/redis.rs:142) and its own pool
        from `queue_backend()` (queue/redis.rs:144), which prefers `queue_dsn`. With `queue_dsn` alone the
        process panics at start; with both set to different servers, group and depths belong to a Redis that
        holds no tasks, and on the other every XREADGROUP fails with NOGROUP: nothing is delivered.
    """)
    flow.defect("""
        `receive_all` collects its batch into one `Result` (queue/mod.rs:227-241): a single task that does not
        decode turns the whole batch into an `Err`, and up to 127 sound deliveries are dropped unprocessed. They
        stay pending, lose one of their three receives, and can end in the dead-letter list without having run.
    """)
    flow.defect("""
        A task that panics inside the spawned block of `queue_handler` is neither acked nor nacked, and
        `fetch_sub` is not reached (worker.rs:1069, 1098): `NUM_WORKERS` stays one too high until the process
        ends. Enough of these keep the worker from reading at all.
    """)
    flow.defect("""
        The migration that `new_pair_inner` spawns ignores the prefix: it drains the old lists into `MAIN` and
        `DELAYED` without it (queue/redis.rs:304-305, 352), so with a prefix their tasks land where nobody
        reads.
    """)
    flow.defect("""
        The message of the `expect` behind `sentinel_builder` says redis-cluster (queue/redis.rs:275).
    """)

    flow.defect("""
        `reinsert_on_nack` has no effect (queue/redis.rs:245, marked as a TODO): at the revision of omniqueue in
        Cargo.lock the streams backend never reads it, and would not append on `nack` if it were true.
    """)
    flow.defect("""
        The timeout of a call ends with the response's head (core/webhook_http_client.rs:174-175);
        `make_http_call` then reads the body without limit of time or size (worker.rs:395-397). A receiver that
        trickles its body holds the task past the deadline, and the webhook is sent again meanwhile.
    """)
