// SPDX-License-Identifier: MIT

use std::future::Future;
use std::time::Duration;

use crate::core::retry;
use crate::core::signature::{sign, Mac};
use crate::db::DeliveryKey;
use crate::error::Result;
use crate::queue::{Consumer, QueueTask};
use crate::App;

/// The way out to the receivers; how long it waits for an answer is its own affair.
pub trait Transport {
    /// Sends one call and returns the HTTP status of the answer, if there was one.
    fn post(&self, url: &str, signature: &str, body: &str) -> impl Future<Output = Option<u16>>;
}

pub struct Worker<T> {
    pub app: App,
    pub tasks: Consumer<QueueTask>,
    pub transport: T,
    pub mac: Mac,
}

impl<T: Transport> Worker<T> {
    /// Handles one task that is due `now`; false when there is none. A future dropped midway loses its task.
    pub async fn step(&self, now: Duration) -> Result<bool> {
        let Some(task) = self.tasks.due(now) else {
            return Ok(false);
        };
        match task {
            QueueTask::Deliver { key, attempt } => self.deliver(key, attempt, now).await?,
            QueueTask::Backlog { subscription } => {
                if let Some((key, attempt)) = self.app.db.first_held(subscription)? {
                    self.deliver(key, attempt, now).await?;
                    self.app.queue.reschedule(task, now);
                }
            }
        }
        Ok(true)
    }

    async fn deliver(&self, key: DeliveryKey, attempt: usize, now: Duration) -> Result<()> {
        let Some(parcel) = self.app.db.claim(key, attempt)? else {
            return Ok(());
        };
        let signature = sign(self.mac, &parcel.secret, key.event, now, &parcel.payload);
        let status = self.transport.post(&parcel.url, &signature, &parcel.payload).await;

        let rest = retry::rest(status, attempt, key.event.0);
        if let (true, Some(rest)) = (self.app.db.settle(key, attempt)?, rest) {
            let again = QueueTask::Deliver { key, attempt: attempt + 1 };
            self.app.queue.reschedule(again, now + rest);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::{EventId, SubscriptionId};
    use crate::testing::{drain, publish, relay};

    #[test]
    fn a_failed_delivery_is_tried_six_times() {
        let (app, worker) = relay(8, None);
        publish(&app, "a", "{}");
        assert_eq!(drain(&worker, 0).len(), 1);
        assert!(drain(&worker, 9).is_empty());
        let calls: usize = (1..=10).map(|day| drain(&worker, day * 86_400).len()).sum();
        assert_eq!(calls, 5);
    }

    #[test]
    fn an_attempt_is_counted_once() {
        let (app, _) = relay(8, None);
        publish(&app, "a", "{}");
        let key = DeliveryKey { subscription: SubscriptionId(1), event: EventId(1) };
        assert!(app.db.settle(key, 0).unwrap());
        assert!(!app.db.settle(key, 0).unwrap());
    }
}
