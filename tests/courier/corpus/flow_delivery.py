"""Delivery: one queued task, from the worker's step to the counted attempt and the next one's due time."""

from pytest_flowcorpus import Flow


def flow_delivery(flow: Flow) -> None:
    flow.request("""
        Notes from Tuesday's incident review. The warehouse receiver restarted for twenty minutes, and all we
        sent it in that time is gone, because we call once and forget. When it was back they asked how to tell
        our calls from a stranger's, and we had no answer.

        Actions. A delivery is tried again with growing gaps, for hours, until the receiver takes it or we stop
        for good. Every call carries a proof that is worthless for another event or another moment. We handle
        several tasks at a time, and one will now and then come twice: that may cost a call too many, never a
        second series of tries.

        Done when a dead receiver sees six calls in ten days and then silence, in a test that takes milliseconds
        and never sleeps.
    """)

    worker = flow.file("worker.rs")
    worker.extract("use")
    transport = worker.extract("Transport")
    step = worker.extract("Worker::step")
    deliver = worker.extract("Worker::deliver")
    six_times = worker.extract("tests::a_failed_delivery_is_tried_six_times")
    once = worker.extract("tests::an_attempt_is_counted_once")

    retry = flow.file("core/retry.rs")
    schedule = retry.extract("SCHEDULE")
    rest = retry.extract("rest")
    jitter = retry.extract('#[cfg(feature = "jitter")] fn spread')
    no_jitter = retry.extract('#[cfg(not(feature = "jitter"))] fn spread')

    signature = flow.file("core/signature.rs")
    mac = signature.extract("Mac")
    sign = signature.extract("sign")

    store = flow.file("db.rs")
    parcel = store.extract("Parcel")
    claim = store.extract("Db::claim")
    settle = store.extract("Db::settle")

    queue = flow.file("queue.rs")
    lanes = queue.extract("Lanes")
    reschedule = queue.extract("Producer::reschedule")
    due = queue.extract("Consumer::due")

    poisoned = flow.file("error.rs").extract("<Error as From<PoisonError<T>>>::from")

    flow.think(
        """
        A call takes as long as the `Transport` will wait, so the one lock on all tables must not be held
        meanwhile. That cuts an attempt into three: `claim` looks and copies, the `Transport` calls, `settle`
        counts. What crosses the first cut is a `Parcel` with its own `url` and `secret` and a share in the
        payload, an `Arc<str>`: nothing long is copied under the lock. `step` takes one `QueueTask` and hands a
        `DeliveryKey` and a number to `deliver`, which runs the three in order.
        """,
        covers=["orchestration", "performance"],
    )
    assert ".lock()" not in deliver
    assert claim in deliver.calls
    assert "worker.rs::Transport::post" in deliver.calls
    assert settle in deliver.calls
    assert parcel in claim.mentions
    assert "pub payload: Arc<str>" in parcel
    assert "queue.rs::QueueTask::Deliver" in step.mentions
    assert deliver in step.calls

    flow.think(
        """
        `step` takes `&self`, so several tasks can be in flight, and a twin of ours may be one of them. `claim`
        could mark the row as taken, so that only one would call. But a worker that dies with a row in hand
        leaves it taken, for a twin as well, and undoing that needs a timeout longer than our slowest call. We
        let both call, and make the count of `attempts` the fence: `claim` serves only the number that comes
        next, and `settle` looks once more before it counts. The first to come back is counted; the other learns
        that it came late and puts nothing on the queue. A receiver can drop the second call by the event id
        that begins its signature.
        """,
        covers=["orchestration", "errors"],
    )
    assert "&self" in step
    assert "if delivery.attempts != attempt {" in claim
    assert "if delivery.attempts != attempt {" in settle
    assert "delivery.attempts += 1;" in settle
    assert "if let (true, Some(rest)) = (self.app.db.settle(key, attempt)?, rest)" in deliver
    assert reschedule not in settle.calls

    flow.think(
        """
        What an answer means is a rule, and rules live in `core`, without a table or a socket: `rest` gets the
        status, the number and a seed, and returns the time until another attempt, if there is one. The worker
        does not know which statuses are good, and the tables hear of none. A 2xx that is counted ends the
        series, and so does a number that `SCHEDULE` has no rest for; all else gets another try, even a 404: a
        receiver in mid-deploy has no routes yet.
        """,
        covers=["boundaries", "errors"],
    )
    assert rest in deliver.calls
    assert "200" not in deliver
    assert rest not in settle.calls
    assert "status" not in settle
    assert "Some(200..=299) => None" in rest
    assert schedule in rest.mentions
    assert "_ => SCHEDULE.get(attempt).map(" in rest

    flow.think(
        """
        A refused connection is not an error of ours. Where no answer came, the `Option<u16>` of `post` is
        empty, a failed attempt like any other. As rows are never deleted, only a store whose lock a panicking
        thread has poisoned fails a `step`: `From<PoisonError<T>>` makes it `Poisoned`, for the program that
        drives the worker.
        """,
        covers=["errors"],
    )
    assert "impl Future<Output = Option<u16>>" in transport
    assert "retry::rest(status, attempt, key.event.0)" in deliver
    flow.hop(claim, poisoned, via="From::from")
    flow.hop(settle, poisoned, via="From::from")
    assert "error.rs::Error::Poisoned" in poisoned.mentions

    flow.think(
        """
        `SCHEDULE` has five rests, from ten seconds to six hours: six calls, the last at least seven hours after
        the first. Events that failed in the same second would come back in the same second, so with the feature
        `"jitter"` `spread` stretches a rest by up to a quarter, by the event's number and not by chance. The
        other `spread` returns `rest` as it is. A retry goes through `reschedule`, which asks for no room: a
        request can be refused, a retry that is refused is a lost delivery. In `Lanes` it lies under its time in
        `scheduled` until `due` moves it to the end of `ready`. `due` stops at the first time that has not come,
        so ten thousand resting retries cost one look.
        """,
        covers=["performance", "errors"],
    )
    assert "[10, 60, 600, 3_600, 21_600]" in schedule
    assert rest.calls.named(jitter)
    assert "rest * (seed % 16) as u32 / 60" in jitter
    assert rest.calls.named(no_jitter)
    assert "_seed: u64" in no_jitter
    assert reschedule in deliver.calls
    assert "Result" not in reschedule
    assert "queue.rs::Producer::send" not in deliver.calls
    assert "scheduled: BTreeMap<Duration, Vec<T>>" in lanes
    assert "self.app.queue.reschedule(again, now + rest)" in deliver
    assert due in step.calls
    assert "lanes.scheduled.first_entry()" in due
    assert "lanes.ready.extend(first.remove())" in due

    flow.think(
        """
        The proof has to expire, so `sign` is called for each try, with that try's `now`; a receiver that still
        accepted the first try's signature at the sixth would accept replays. Event id, seconds and payload go
        as one text through the `Mac`, a function that the program brings: we decide what is signed, not how to
        hash. That text is the one copy of the payload that we make in a try; `post` borrows the original from
        the `Parcel`.
        """,
        covers=["boundaries", "performance"],
    )
    assert sign in deliver.calls
    assert "sign(self.mac, &parcel.secret, key.event, now, &parcel.payload)" in deliver
    assert 'format!("{event}.{}", at.as_secs())' in sign
    assert 'format!("{head}.{payload}")' in sign
    assert mac in sign.mentions
    assert "fn(key: &[u8], message: &[u8]) -> [u8; 32]" in mac
    assert "post(&parcel.url, &signature, &parcel.payload)" in deliver

    flow.think(
        """
        No clock is read anywhere: `now` is an argument of `step`, so `a_failed_delivery_is_tried_six_times`
        walks through ten days with a network that never answers, and passes with and without `"jitter"`.
        `an_attempt_is_counted_once` tests the fence: a second `settle` of one number is told that it came late.
        A sixth rest in `SCHEDULE` changes one constant, and the first test's count and name.
        """,
        covers=["testing"],
    )
    assert "now: Duration" in step
    assert "(1..=10).map(|day| drain(&worker, day * 86_400).len())" in six_times
    assert settle in once.calls
    assert "assert!(!app.db.settle(key, 0).unwrap());" in once
