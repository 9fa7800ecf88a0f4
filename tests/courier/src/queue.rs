// SPDX-License-Identifier: MIT

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::core::id::SubscriptionId;
use crate::core::retry;
use crate::db::DeliveryKey;

pub type EventProducer = Producer<QueueTask>;

#[derive(Clone, Copy)]
pub enum QueueTask {
    /// Make attempt number `attempt` (from 0); void once that attempt is counted.
    Deliver { key: DeliveryKey, attempt: usize },
    /// Deliver what a pause held back, one after the other.
    Backlog { subscription: SubscriptionId },
}

/// There is no room for another task.
pub struct Full;

// Nothing panics while it holds these, so their lock is never poisoned.
struct Lanes<T> {
    capacity: usize,
    ready: VecDeque<T>,
    scheduled: BTreeMap<Duration, Vec<T>>,
}

/// A queue that admits `capacity` tasks at a time.
pub fn bounded<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    let lanes = Lanes { capacity, ready: VecDeque::new(), scheduled: BTreeMap::new() };
    let lanes = Arc::new(Mutex::new(lanes));
    (Producer(lanes.clone()), Consumer(lanes))
}

pub struct Producer<T>(Arc<Mutex<Lanes<T>>>);

impl<T> Producer<T> {
    /// Adds a task that may run at once, if there is room.
    pub fn send(&self, task: T) -> Result<(), Full> {
        let mut lanes = self.0.lock().unwrap();
        if lanes.ready.len() >= lanes.capacity {
            return Err(Full);
        }
        lanes.ready.push_back(task);
        Ok(())
    }

    /// Puts a task in for `due`, room or no room: its worker has just taken one out.
    pub fn reschedule(&self, task: T, due: Duration) {
        self.0.lock().unwrap().scheduled.entry(due).or_default().push(task);
    }
}

impl Producer<QueueTask> {
    /// Asks for room three times; in between, a worker on the same executor may make some.
    pub async fn admit(&self, task: QueueTask) -> Result<(), Full> {
        retry::yielding(3, || self.send(task)).await
    }
}

impl<T> Clone for Producer<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

pub struct Consumer<T>(Arc<Mutex<Lanes<T>>>);

impl<T> Consumer<T> {
    /// The next task; what has come due lines up behind what is ready.
    pub fn due(&self, now: Duration) -> Option<T> {
        let lanes = &mut *self.0.lock().unwrap();
        while let Some(first) = lanes.scheduled.first_entry().filter(|first| *first.key() <= now) {
            lanes.ready.extend(first.remove());
        }
        lanes.ready.pop_front()
    }
}
