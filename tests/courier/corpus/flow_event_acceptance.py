"""Event acceptance: POST /events, from the handler to one queued task for each delivery."""

from pytest_flowcorpus import Flow


def flow_event_acceptance(flow: Flow) -> None:
    flow.request("""
        The checkout team publishes from a job that gets killed at will. When it comes back it cannot know
        whether its last call reached us, so it sends everything again. With the prototype that means an order
        event that arrives twice, or one that nobody ever sees.

        We need POST /events to take a name that the publisher chooses, and sending it again has to be harmless
        whether the first call was answered, turned away or cut off half-way. The same name with other content
        is a bug on their side, and they want to hear of it. Our queue is bounded and will be full at times. A
        full queue must not cost an event that we have already kept, and must not leave the request hanging
        either.

        Done: one event for two subscribers, with room for one. It is turned away; a worker catches up; the
        publisher repeats it word for word. Each subscriber has had one call, and we hold one event.
    """)

    endpoint = flow.file("endpoint.rs")
    endpoint.extract("use")
    accept = endpoint.extract("accept")
    from_error = endpoint.extract("<Response as From<Error>>::from")
    refused = endpoint.extract("tests::a_refused_event_is_kept_and_a_repeat_queues_the_rest")

    yielding = flow.file("core/retry.rs").extract("yielding")

    store = flow.file("db.rs")
    tables = store.extract("Tables")
    record = store.extract("Db::record")
    insert = store.extract("Tables::insert")

    queue = flow.file("queue.rs")
    producer = queue.extract("EventProducer")
    deliver = queue.extract("QueueTask::Deliver")
    send = queue.extract("Producer::send")
    admit = queue.extract("Producer::admit")

    app = flow.file("lib.rs").extract("App")
    from_full = flow.file("error.rs").extract("<Error as From<Full>>::from")

    flow.think(
        """
        Without an answer a publisher cannot tell whether we never had the event, kept it but could not queue
        all of it, or did everything and lost only the answer. So `accept` takes the same steps every time, one
        `record`, then one `admit` for each delivery that `record` hands back, up to the first refusal. What
        goes in is the publisher's own `key` and the payload; what comes out is our `EventId` and a
        `DeliveryKey` for every delivery that has no attempt counted and no pause holds. The handler makes each
        a `QueueTask::Deliver` with `attempt: 0`.
        """,
        covers=["orchestration"],
    )
    assert record in accept.calls
    assert admit in accept.calls
    assert "Result<(EventId, Vec<DeliveryKey>)>" in record
    assert deliver in accept.mentions
    assert "QueueTask::Deliver { key, attempt: 0 }" in accept

    flow.think(
        """
        The memory of names could live at the edge: keep each answer under its `key` and play it back. But play
        back a 503, and it stays a 503 when there is room again; leave failures out, and the memory has a gap at
        the case that hurts, the event kept and refused. So the name is the key of `events` in `Tables`, and
        looking it up and assigning it happen under the one lock that `record` takes: of two copies that arrive
        together, the second finds the first one's id. The payload is kept beside it, and a name that already
        stands for another payload is an `Error::Conflict`, a 409.
        """,
        covers=["boundaries"],
    )
    assert "events: HashMap<String, (EventId, Arc<str>)>" in tables
    assert "self.tables.lock()?" in record
    assert "Some((id, kept)) if **kept == *payload => *id" in record
    assert "error.rs::Error::Conflict" in record.mentions
    assert "Error::Conflict => Self(409" in from_error

    flow.think(
        """
        Who gets an event is decided under the same lock. A single "fan out" task for a worker would be shorter
        here, but until it ran a repeat would have no rows to look at. `insert` therefore writes a `Delivery`
        for every subscription there is, and puts the event into `held` where one is paused. The payload is
        copied once, into an `Arc<str>` that the name and all deliveries share; a task is two ids and a number.
        `record` is no `async fn`, and it returns owned keys and no guard, so the lock is free before the queue
        is asked for room.
        """,
        covers=["performance", "orchestration"],
    )
    assert record.calls.named(insert)
    assert "db.rs::Delivery" in insert.mentions
    assert "for (&subscription, row) in &mut self.subscriptions {" in insert
    assert "row.held.insert(event);" in insert
    assert "let payload: Arc<str> = payload.into();" in insert
    assert "Delivery { payload: payload.clone(), attempts: 0 }" in insert
    assert "async" not in record
    assert "key: DeliveryKey, attempt: usize" in deliver

    flow.think(
        """
        The store must not learn that there is a queue, so `record` speaks of keys, and tasks begin in the
        handler. Its `App` has a `queue` that is an `EventProducer`; `admit` exists on that `Producer` only,
        because how often a request asks for room is our rule and not the queue's. Statuses belong to the edge:
        `Response::from` alone gives a failure its number and its text.
        """,
        covers=["boundaries"],
    )
    assert "queue.rs::QueueTask" not in record.mentions
    assert admit not in record.calls
    assert app in accept.mentions
    assert producer in app.mentions
    assert "Producer<QueueTask>" in producer
    assert yielding not in send.calls
    flow.hop(accept, from_error, via="From::from")

    flow.think(
        """
        Now suppose the queue is full. `send` answers `Full` at once and waits for nobody, so `admit` lends it
        as a closure to `yielding`, which lets the executor run a worker between its three tries and waits for
        no clock. A task refused three times leaves `accept` as an `Error::Full`, by `From<Full>`, and the
        publisher reads 503 and `"not queued; repeat the request"`; how many of its deliveries did get in it is
        not told. Should the event be taken out of the tables again? Its first task may already be at a
        receiver, and no rollback calls that back. It stays, and a repeat queues the rest: `record` leaves out
        what a pause has `held` and, by `attempts == 0`, what has an attempt counted, being done or up to the
        retry schedule. A task still in the queue or in a worker's hand gets a twin, void as soon as
        attempt 0 is counted. If several copies are in hand at once the receiver hears of the event more than
        once; better than never.
        """,
        covers=["errors", "performance"],
    )
    assert "return Err(Full)" in send
    assert send in admit.calls
    assert yielding in admit.calls
    assert "retry::yielding(3, || self.send(task)).await" in admit
    assert "context.waker().wake_by_ref();" in yielding
    assert "done => Poll::Ready(done)" in yielding
    flow.hop(accept, from_full, via="From::from")
    assert "error.rs::Error::Full" in from_full.mentions
    assert 'Error::Full => Self(503, "not queued; repeat the request".into())' in from_error
    assert "!row.held.contains(&event)" in record
    assert "row.attempts == 0" in record
    assert "remove" not in record

    flow.think(
        """
        The request's last paragraph becomes `a_refused_event_is_kept_and_a_repeat_queues_the_rest`. Its
        `relay(1, Some(200))` sets up the queue we ship, with room for one. `a_key_stands_for_one_event` repeats
        before any worker has run and counts calls, so it fails when twins are delivered; it pins the 409. A new
        way to fail will be a variant of `Error`, and `From<Error> for Response` will not compile until it has a
        status.
        """,
        covers=["testing"],
    )
    assert "testing.rs::relay" in refused.calls
    assert "relay(1, Some(200))" in refused
    assert "_ =>" not in from_error
