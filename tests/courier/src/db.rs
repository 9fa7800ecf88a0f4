// SPDX-License-Identifier: MIT

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use crate::core::id::{EventId, SubscriptionId};
use crate::error::{Error, Result};

/// Something that a table holds under an id.
trait Row: Sized {
    type Id: Ord;
    /// What an error calls it.
    const KIND: &'static str;

    fn find(table: &mut BTreeMap<Self::Id, Self>, id: Self::Id) -> Result<&mut Self> {
        table.get_mut(&id).ok_or(Error::NotFound(Self::KIND))
    }
}

struct Subscription {
    url: String,
    secret: String,
    paused: bool,
    /// What a pause keeps from going out, until a worker claims or settles it.
    held: BTreeSet<EventId>,
}

impl Row for Subscription {
    type Id = SubscriptionId;
    const KIND: &'static str = "subscription";
}

/// One event on its way to one subscription.
struct Delivery {
    payload: Arc<str>,
    attempts: usize,
}

impl Row for Delivery {
    type Id = DeliveryKey;
    const KIND: &'static str = "delivery";
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryKey {
    pub subscription: SubscriptionId,
    pub event: EventId,
}

/// What a worker needs for one attempt.
pub struct Parcel {
    pub url: String,
    pub secret: String,
    pub payload: Arc<str>,
}

// One lock holds all tables, because most changes touch two of them.
#[derive(Default)]
pub struct Db {
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    /// Id and payload, by the key that the publisher chose.
    events: HashMap<String, (EventId, Arc<str>)>,
    subscriptions: BTreeMap<SubscriptionId, Subscription>,
    deliveries: BTreeMap<DeliveryKey, Delivery>,
}

/// What the program and its handlers ask for.
impl Db {
    pub fn subscribe(&self, url: String, secret: String) -> Result<SubscriptionId> {
        let mut tables = self.tables.lock()?;
        let id = SubscriptionId(tables.subscriptions.len() as u64 + 1);
        let row = Subscription { url, secret, paused: false, held: BTreeSet::new() };
        tables.subscriptions.insert(id, row);
        Ok(id)
    }

    /// Keeps an event with a delivery for every subscription, or finds it by its key.
    ///
    /// Returns the deliveries that have no attempt counted and that no pause holds.
    pub fn record(&self, key: &str, payload: &str) -> Result<(EventId, Vec<DeliveryKey>)> {
        let mut tables = self.tables.lock()?;
        let event = match tables.events.get(key) {
            Some((id, kept)) if **kept == *payload => *id,
            Some(_) => return Err(Error::Conflict),
            None => tables.insert(key, payload),
        };
        let free = tables.subscriptions.iter().filter(|(_, row)| !row.held.contains(&event));
        let untried = free
            .map(|(&subscription, _)| DeliveryKey { subscription, event })
            .filter(|key| tables.deliveries.get(key).is_some_and(|row| row.attempts == 0));
        Ok((event, untried.collect()))
    }

    /// Sets or lifts a pause; how many deliveries are held back.
    pub fn pause(&self, id: SubscriptionId, paused: bool) -> Result<usize> {
        let tables = &mut *self.tables.lock()?;
        let row = Subscription::find(&mut tables.subscriptions, id)?;
        row.paused = paused;
        Ok(row.held.len())
    }
}

/// What a worker asks for.
impl Db {
    /// The parcel for attempt number `attempt`, unless that attempt is void or has to wait.
    pub fn claim(&self, key: DeliveryKey, attempt: usize) -> Result<Option<Parcel>> {
        let tables = &mut *self.tables.lock()?;
        let delivery = Delivery::find(&mut tables.deliveries, key)?;
        if delivery.attempts != attempt {
            return Ok(None);
        }
        let row = Subscription::find(&mut tables.subscriptions, key.subscription)?;
        if row.paused {
            row.held.insert(key.event);
            return Ok(None);
        }
        row.held.remove(&key.event);
        let (url, secret) = (row.url.clone(), row.secret.clone());
        Ok(Some(Parcel { url, secret, payload: delivery.payload.clone() }))
    }

    /// Counts attempt number `attempt`; false when it is counted already.
    pub fn settle(&self, key: DeliveryKey, attempt: usize) -> Result<bool> {
        let tables = &mut *self.tables.lock()?;
        let delivery = Delivery::find(&mut tables.deliveries, key)?;
        if delivery.attempts != attempt {
            return Ok(false);
        }
        delivery.attempts += 1;
        Subscription::find(&mut tables.subscriptions, key.subscription)?.held.remove(&key.event);
        Ok(true)
    }

    /// The first held delivery and the number of its next attempt; none while a pause lasts.
    pub fn first_held(&self, subscription: SubscriptionId) -> Result<Option<(DeliveryKey, usize)>> {
        let tables = &mut *self.tables.lock()?;
        let row = Subscription::find(&mut tables.subscriptions, subscription)?;
        let Some(&event) = row.held.first().filter(|_| !row.paused) else {
            return Ok(None);
        };
        let key = DeliveryKey { subscription, event };
        Ok(Some((key, Delivery::find(&mut tables.deliveries, key)?.attempts)))
    }
}

impl Tables {
    fn insert(&mut self, key: &str, payload: &str) -> EventId {
        let event = EventId(self.events.len() as u64 + 1);
        let payload: Arc<str> = payload.into();
        for (&subscription, row) in &mut self.subscriptions {
            let delivery = Delivery { payload: payload.clone(), attempts: 0 };
            self.deliveries.insert(DeliveryKey { subscription, event }, delivery);
            if row.paused {
                row.held.insert(event);
            }
        }
        self.events.insert(key.to_owned(), (event, payload));
        event
    }
}
