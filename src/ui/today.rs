//! What day it is.

use crate::{browser::clock, data::Day};

/// The day that it is where the person is.
pub fn today() -> Option<Day> {
    let (year, month, day) = clock::local_date();
    Day::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}
