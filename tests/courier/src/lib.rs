// SPDX-License-Identifier: MIT

//! A small webhook relay: takes events, keeps them, delivers them until somebody answers.
//!
//! Time is an argument, the network a [`worker::Transport`]: a program brings both.

/// Rules that need neither a store nor a network.
pub mod core {
    pub mod id;
    pub mod retry;
    pub mod signature;
}
pub mod db;
pub mod endpoint;
pub mod error;
pub mod queue;
pub mod worker;

#[cfg(test)]
mod testing;

/// What every handler works with.
#[derive(Clone)]
pub struct App {
    pub db: std::sync::Arc<db::Db>,
    pub queue: queue::EventProducer,
}
