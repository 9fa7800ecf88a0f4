// SPDX-License-Identifier: MIT

use std::sync::PoisonError;

use crate::core::id::IdError;
use crate::queue::Full;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug)]
pub enum Error {
    Conflict,
    Full,
    NotFound(&'static str),
    /// A thread panicked while it held the tables.
    Poisoned,
}

impl From<Full> for Error {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl From<IdError> for Error {
    // Text that is no id cannot name anything, so it is as absent as an unknown one.
    fn from(IdError(kind): IdError) -> Self {
        Self::NotFound(kind)
    }
}

impl<T> From<PoisonError<T>> for Error {
    fn from(_: PoisonError<T>) -> Self {
        Self::Poisoned
    }
}
