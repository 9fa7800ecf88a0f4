// SPDX-License-Identifier: MIT

use std::fmt;
use std::str::FromStr;

/// Text that is no id of this kind.
pub struct IdError(pub &'static str);

/// Makes an id type: a number that counts up, printed behind its kind.
///
/// ```text
/// id_type!(EventId, "event");   // EventId(7) prints as event_7
/// ```
macro_rules! id_type {
    ($name:ident, $kind:literal) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub(crate) u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($kind, "_{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let number = text.strip_prefix(concat!($kind, "_")).ok_or(IdError($kind))?;
                number.parse().map(Self).map_err(|_| IdError($kind))
            }
        }
    };
}

// Given out in the order of acceptance: a later event has the greater id.
id_type!(EventId, "event");

id_type! { SubscriptionId, "subscription" }
