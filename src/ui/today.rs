//! Today's date on this machine, for chat templates that tell it.

use crate::{browser::clock, data::Day};

/// Today, in this machine's time zone.
pub fn today() -> Option<Day> {
    let (year, month, day) = clock::local_date();
    Day::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}
