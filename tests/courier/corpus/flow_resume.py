"""Resuming a subscription: POST /subscriptions/{id}/resume, from the lifted pause to the last held delivery."""

from pytest_flowcorpus import Flow


def flow_resume(flow: Flow) -> None:
    flow.request("""
        Could subscribers get a pause button that doesn't lose anything? Two of ours freeze their systems for
        stock-taking every quarter. Today their receivers turn us away until our tries run out; then they open a
        ticket for what is missing, and we send it by hand.

        While paused, nothing goes out to them. That includes what we accepted earlier and had not sent yet, and
        what was resting between two tries. After they press the button again they get all of it, and the tries
        that were left before the pause are still left after it. A freeze can leave tens of thousands of
        deliveries behind. The other subscribers should hardly notice when those start to flow, so please no
        stampede, and no request that hangs until the last one is queued. The answer should say how many there
        are.

        Somebody will press pause again two seconds later, or press resume twice. Both have to be boring.
    """)

    endpoint = flow.file("endpoint.rs")
    endpoint.extract("use")
    resume = endpoint.extract("resume")
    from_error = endpoint.extract("<Response as From<Error>>::from")
    second_pause = endpoint.extract("tests::a_second_pause_stops_the_backlog")

    ids = flow.file("core/id.rs")
    id_type = ids.extract("id_type")
    event_id = ids.extract("id_type!(EventId)")

    store = flow.file("db.rs")
    subscription = store.extract("Subscription")
    lift = store.extract("Db::pause")
    insert = store.extract("Tables::insert")
    claim = store.extract("Db::claim")
    first_held = store.extract("Db::first_held")

    queue = flow.file("queue.rs")
    backlog = queue.extract("QueueTask::Backlog")
    reschedule = queue.extract("Producer::reschedule")
    admit = queue.extract("Producer::admit")
    due = queue.extract("Consumer::due")

    step = flow.file("worker.rs").extract("Worker::step")
    no_id = flow.file("error.rs").extract("<Error as From<IdError>>::from")

    flow.think(
        """
        A pause can catch a delivery in five places: not yet recorded, refused by a full queue, queued, resting,
        or in a worker's hand. Searching the queue by subscription would still miss a task in a worker's hand.
        So nobody goes after them; whoever next creates or claims a delivery looks at `paused` under the tables'
        lock: `insert` when an event comes in, `claim` when a worker holds the task, fresh or rested. Each puts
        the event into `held`, a set in the `Subscription`, and lets go. The queue never hears of a pause, and
        the only calls still to go out are those `claim` has already let through.
        """,
        covers=["orchestration", "boundaries"],
    )
    assert "if row.paused {" in insert
    assert "row.held.insert(event);" in insert
    assert "if row.paused {" in claim
    assert "row.held.insert(key.event);" in claim
    assert "paused" not in due

    flow.think(
        """
        Remembering the last `EventId` at the pause and replaying what came after would be one number instead of
        a set. It misses what was accepted before the mark and falls due after it, such as a retry of this
        morning's event. `held` says per delivery what is owed. It is a `BTreeSet` of ids that `id_type` makes
        comparable, and `insert` gives those out in the order of acceptance, so the `first` of them is the
        oldest; the count for the answer is its `len`.
        """,
        covers=["performance", "boundaries"],
    )
    assert "held: BTreeSet<EventId>" in subscription
    assert event_id in subscription.mentions
    assert "PartialOrd, Ord)]" in id_type
    assert event_id in insert.mentions
    assert "EventId(self.events.len() as u64 + 1)" in insert
    assert "row.held.first()" in first_held
    assert "Ok(row.held.len())" in lift

    flow.think(
        """
        Were the handler to queue tens of thousands itself, it would meet a full queue half-way. It lifts the
        pause by `Db::pause`, gets the count, and unless that is zero admits one `QueueTask::Backlog`. The order
        matters: a worker that took the task before the pause was lifted would get nothing from `first_held` and
        drop it, and the set would lie there until the next resume. The flag falls and the count is taken under
        one lock, and `insert` and `claim` read the flag under the same lock, so nothing can be held uncounted.
        """,
        covers=["orchestration"],
    )
    assert "queue.rs::QueueTask::Deliver" not in resume.mentions
    assert lift in resume.calls
    assert "let held = app.db.pause(subscription, false)?;" in resume
    assert "if held > 0 {" in resume
    assert admit in resume.calls
    assert backlog in resume.mentions
    assert first_held not in resume.calls
    assert "row.held.first().filter(|_| !row.paused)" in first_held
    assert "row.paused = paused;" in lift

    flow.think(
        """
        How much of a backlog may go out before the others have their turn? Pages of a hundred would be done
        sooner. But a hundred slow calls made in one turn are what the others would notice, and a hundred tasks
        queued at once may not find room. So `step` makes one delivery of a `QueueTask::Backlog`, the one that
        `first_held` names, and puts the task back by `reschedule`, for `now`. That asks for no room, so a full
        queue cannot lose it, and `due` lines it up behind all that is `ready`. The price: one task has one call
        out at a time, and each call costs one locking of the tables more than a fresh one, to find it.
        """,
        covers=["performance", "errors"],
    )
    assert backlog in step.mentions
    assert "subscription: SubscriptionId" in backlog
    assert first_held in step.calls
    assert "worker.rs::Worker::deliver" in step.calls
    assert "self.deliver(key, attempt, now).await?;" in step
    assert reschedule in step.calls
    assert "self.app.queue.reschedule(task, now)" in step
    assert "Result" not in reschedule
    assert admit not in step.calls
    assert due in step.calls
    assert "lanes.ready.extend(first.remove())" in due

    flow.think(
        """
        When `admit` finds no room, the subscriber reads 503 though the pause is lifted already. We do not pause
        again: new events flow as they should, and what is owed stays in `held` until a worker claims or settles
        it, so a repeated resume counts what is left and starts over. Resume pressed twice makes two tasks for
        one backlog; if both claim the same `first` the receiver hears of it twice, but once one is counted in
        `attempts`, `claim` refuses the other. The number is the row's own, so a delivery goes on where its
        schedule stood. After a second pause `first_held` has nothing to give, and `step` does not put the task
        back. Text that is no id at all is an `IdError` and ends as the same 404 as an unknown one.
        """,
        covers=["errors"],
    )
    assert "queue.rs::Producer::send" in admit.calls
    flow.hop(resume, "error.rs::<Error as From<Full>>::from", via="From::from")
    flow.hop(resume, from_error, via="From::from")
    assert "Error::Full => Self(503" in from_error
    assert "row.held.remove(&key.event);" in claim
    assert "if delivery.attempts != attempt {" in claim
    assert "Delivery::find(&mut tables.deliveries, key)?.attempts" in first_held
    flow.hop(resume, no_id, via="From::from")
    assert "core/id.rs::IdError" in no_id.mentions
    assert "error.rs::Error::NotFound" in no_id.mentions
    assert "Error::NotFound(kind) => Self(404" in from_error

    flow.think(
        """
        `a_backlog_goes_out_in_order_and_between_live_events` pauses with one event in the queue, accepts a
        second, and sends a live one right after the resume: it has to come out in the middle.
        `a_second_pause_stops_the_backlog` is one of the two things the request is afraid of. Another pace, two
        deliveries a turn say, is a change to one arm of `step` and to the first of these tests.
        """,
        covers=["testing"],
    )
    assert resume in second_pause.calls
    assert "endpoint.rs::pause" in second_pause.calls
    assert "assert!(drain(&worker, 0).is_empty());" in second_pause
