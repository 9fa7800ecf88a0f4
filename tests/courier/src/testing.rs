// SPDX-License-Identifier: MIT

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::time::Duration;

use crate::endpoint::{accept, Response};
use crate::worker::{Transport, Worker};
use crate::{queue, App};

/// Polls until `future` is ready; nothing in the relay waits for an outside event.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Idle;
    impl Wake for Idle {
        fn wake(self: Arc<Self>) {}
    }

    let waker = Arc::new(Idle).into();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
    }
}

pub fn publish(app: &App, key: &str, payload: &str) -> Response {
    block_on(accept(app, key, payload)).unwrap_or_else(Response::from)
}

/// Gives every call the same answer and remembers what was sent.
pub struct Script(Option<u16>, RefCell<Vec<String>>);

impl Transport for Script {
    async fn post(&self, _url: &str, _signature: &str, body: &str) -> Option<u16> {
        self.1.borrow_mut().push(body.to_owned());
        self.0
    }
}

/// A relay with one subscription, and a worker whose receiver answers `status`.
pub fn relay(capacity: usize, status: Option<u16>) -> (App, Worker<Script>) {
    let (queue, tasks) = queue::bounded(capacity);
    let app = App { db: Arc::default(), queue };
    app.db.subscribe("https://shop.example/hooks".into(), "horse".into()).unwrap();
    let transport = Script(status, RefCell::default());
    (app.clone(), Worker { app, tasks, transport, mac: |_, _| [0; 32] })
}

/// Works off what is due `at` seconds after the epoch; what was sent.
pub fn drain(worker: &Worker<Script>, at: u64) -> Vec<String> {
    while block_on(worker.step(Duration::from_secs(at))).unwrap() {}
    worker.transport.1.take()
}
