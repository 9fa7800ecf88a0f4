// SPDX-License-Identifier: MIT

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

/// Calls `operation` up to `tries` times while it fails.
///
/// Between two tries the executor gets to run whatever frees what was missing; no time is waited.
pub async fn yielding<T, E>(
    mut tries: usize,
    mut operation: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    poll_fn(|context| match operation() {
        Err(_) if tries > 1 => {
            tries -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }
        done => Poll::Ready(done),
    })
    .await
}

// From here on: deliveries that found no taker.

/// How many seconds a delivery rests after its first, second, … failed attempt.
pub const SCHEDULE: [u64; 5] = [10, 60, 600, 3_600, 21_600];

/// The rest before another attempt, if attempt number `attempt` (from 0) calls for one.
pub fn rest(status: Option<u16>, attempt: usize, seed: u64) -> Option<Duration> {
    match status {
        Some(200..=299) => None,
        _ => SCHEDULE.get(attempt).map(|&rest| spread(Duration::from_secs(rest), seed)),
    }
}

/// Stretches `rest` by up to a quarter: what failed in one second need not return in one.
#[cfg(feature = "jitter")]
fn spread(rest: Duration, seed: u64) -> Duration {
    rest + rest * (seed % 16) as u32 / 60
}

#[cfg(not(feature = "jitter"))]
fn spread(rest: Duration, _seed: u64) -> Duration {
    rest
}
