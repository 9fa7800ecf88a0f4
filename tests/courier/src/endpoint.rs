// SPDX-License-Identifier: MIT

//! What the routes of an HTTP server call; `Response::from` makes an answer of an error.

use crate::error::{Error, Result};
use crate::queue::QueueTask;
use crate::App;

/// Status and body.
#[derive(Debug, PartialEq)]
pub struct Response(pub u16, pub String);

impl From<Error> for Response {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict => Self(409, "the key stands for another event".into()),
            Error::Full => Self(503, "not queued; repeat the request".into()),
            Error::NotFound(kind) => Self(404, format!("no such {kind}")),
            Error::Poisoned => Self(500, "internal error".into()),
        }
    }
}

/// `POST /events`: keeps an event and queues its deliveries.
///
/// Repeating a request is safe: the same key gives the same id, and no counted attempt is queued anew.
pub async fn accept(app: &App, key: &str, payload: &str) -> Result<Response> {
    let (event, untried) = app.db.record(key, payload)?;
    for key in untried {
        app.queue.admit(QueueTask::Deliver { key, attempt: 0 }).await?;
    }
    Ok(Response(202, event.to_string()))
}

/// `POST /subscriptions/{id}/pause`: keeps for later what would go out from here on.
pub fn pause(app: &App, id: &str) -> Result<Response> {
    let held = app.db.pause(id.parse()?, true)?;
    Ok(Response(200, format!("{held} held")))
}

/// `POST /subscriptions/{id}/resume`: delivers again, and what was held back besides.
pub async fn resume(app: &App, id: &str) -> Result<Response> {
    let subscription = id.parse()?;
    let held = app.db.pause(subscription, false)?;
    if held > 0 {
        app.queue.admit(QueueTask::Backlog { subscription }).await?;
    }
    Ok(Response(202, format!("{held} held")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{block_on, drain, publish, relay};

    #[test]
    fn a_refused_event_is_kept_and_a_repeat_queues_the_rest() {
        let (app, worker) = relay(1, Some(200));
        app.db.subscribe("https://mail.example/hooks".into(), "battery".into()).unwrap();
        assert_eq!(publish(&app, "a", "{}").0, 503);
        assert_eq!(drain(&worker, 0), ["{}"]);
        assert_eq!(publish(&app, "a", "{}").0, 202);
        assert_eq!(drain(&worker, 0), ["{}"]);
    }

    #[test]
    fn a_key_stands_for_one_event() {
        let (app, worker) = relay(8, Some(200));
        let patch = r#"{"patch": "fn fake() {"}"#;
        assert_eq!(publish(&app, "a", patch), Response(202, "event_1".into()));
        assert_eq!(publish(&app, "a", patch), Response(202, "event_1".into()));
        assert_eq!(publish(&app, "a", "{}").0, 409);
        assert_eq!(drain(&worker, 0), [patch]);
    }

    #[test]
    fn a_backlog_goes_out_in_order_and_between_live_events() {
        let (app, worker) = relay(8, Some(200));
        publish(&app, "a", "queued");
        pause(&app, "subscription_1").unwrap();
        publish(&app, "b", "kept");
        assert!(drain(&worker, 0).is_empty());

        assert_eq!(block_on(resume(&app, "subscription_1")).unwrap().1, "2 held");
        publish(&app, "c", "live");
        assert_eq!(drain(&worker, 0), ["queued", "live", "kept"]);
    }

    #[test]
    fn a_second_pause_stops_the_backlog() {
        let (app, worker) = relay(8, Some(200));
        pause(&app, "subscription_1").unwrap();
        publish(&app, "a", "{}");
        block_on(resume(&app, "subscription_1")).unwrap();
        assert_eq!(pause(&app, "subscription_1").unwrap().1, "1 held");
        assert!(drain(&worker, 0).is_empty());
    }
}
