// SPDX-License-Identifier: MIT

use std::time::Duration;

use crate::core::id::EventId;

/// A keyed digest, in production HMAC-SHA-256. The program brings it: std has none.
pub type Mac = fn(key: &[u8], message: &[u8]) -> [u8; 32];

/// Signs `payload` as this event, sent `at` this time since the epoch.
///
/// The event's id is signed too, so a receiver may drop what it has seen.
pub fn sign(mac: Mac, secret: &str, event: EventId, at: Duration, payload: &str) -> String {
    fn hex(tag: [u8; 32]) -> String {
        tag.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    let head = format!("{event}.{}", at.as_secs());
    let tag = mac(secret.as_bytes(), format!("{head}.{payload}").as_bytes());
    format!("{head}.{}", hex(tag))
}
