//! The clock of the MLS binding: it says what it was told.
//!
//! OpenMLS validates key package lifetimes against the wall clock, also those of an Add inside a
//! commit that it receives. Two members whose clocks differ would then disagree on whether that
//! commit is valid, and a device that comes back after a month could not process the Adds that it
//! missed. So the binding is built with this crate in place of `web-time`: the caller sets the
//! time before each operation that depends on it (the store's timestamp for a received commit, the
//! device's own time for what it makes itself). Nothing here asks the machine.

use core::cell::Cell;
use core::ops::{Add, Sub};
pub use core::time::Duration;

thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Sets what [`SystemTime::now`] says until the next call, in seconds since the Unix epoch.
pub fn set_now_s(seconds: u64) {
    NOW.with(|now| now.set(Duration::from_secs(seconds)));
}

/// A point in time, never before the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SystemTime(Duration);

/// 1970-01-01T00:00:00Z.
pub const UNIX_EPOCH: SystemTime = SystemTime(Duration::ZERO);

/// The other point in time was the later one; carries by how much.
#[derive(Clone, Debug)]
pub struct SystemTimeError(Duration);

impl SystemTimeError {
    /// By how much the other point in time was later.
    pub fn duration(&self) -> Duration {
        self.0
    }
}

impl core::fmt::Display for SystemTimeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("second time provided was later than self")
    }
}

impl std::error::Error for SystemTimeError {}

impl SystemTime {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: SystemTime = UNIX_EPOCH;

    /// The time that was last set with [`set_now_s`].
    pub fn now() -> Self {
        Self(NOW.with(Cell::get))
    }

    /// How long after `earlier` this is.
    pub fn duration_since(&self, earlier: SystemTime) -> Result<Duration, SystemTimeError> {
        self.0.checked_sub(earlier.0).ok_or(SystemTimeError(earlier.0.saturating_sub(self.0)))
    }
}

impl Add<Duration> for SystemTime {
    type Output = SystemTime;
    fn add(self, duration: Duration) -> SystemTime {
        SystemTime(self.0.saturating_add(duration))
    }
}

impl Sub<Duration> for SystemTime {
    type Output = SystemTime;
    fn sub(self, duration: Duration) -> SystemTime {
        SystemTime(self.0.saturating_sub(duration))
    }
}
