//! A day, as people and files write it: `2025-03-01`. What a chat template is told where it asks for the date.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day of the Gregorian calendar, years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// What chat templates are told where nobody says another day, so that the same settings give the same responses on any
    /// day: the one that Llama 3's own template takes.
    pub const FIXED: Self = Self { year: 2024, month: 7, day: 26 };

    /// A day that there is.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let n_days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1..=9999).contains(&year) && (1..=n_days).contains(&day)).then_some(Self { year, month, day })
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_shaped {
            return None;
        }
        Self::new(text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?)
    }

    /// Year, month and day, the latter two from 1.
    pub fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "\"{text}\" is no date; write one as YYYY-MM-DD, such as 2025-03-01, or \"today\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::SessionConfig;

    #[test]
    fn days_are_read_as_they_are_written() {
        for text in ["2024-07-26", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Day::parse("2024-07-26"), Some(Day::FIXED));
    }

    #[test]
    fn what_is_no_day_is_refused_with_what_to_write() {
        for text in [
            "",
            "2025-02-29",
            "1900-02-29",
            "2025-13-01",
            "2025-00-10",
            "2025-04-31",
            "2025-1-1",
            "01.03.2025",
            "2025-03-01T00:00",
            "0000-01-01",
            "２０２５-03-01",
            "yesterday",
            "2025/03/01",
            " 2025-03-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text:?}");
            let json = serde_json::json!({ "date": text }).to_string();
            let error = serde_json::from_str::<SessionConfig>(&json).unwrap_err().to_string();
            assert!(
                error.contains(text) && error.contains("YYYY-MM-DD") && error.contains("\"today\""),
                "{error}"
            );
        }
    }

    #[test]
    fn settings_keep_the_day_and_may_lack_it() {
        let read = |json: &str| serde_json::from_str::<SessionConfig>(json).unwrap();
        assert_eq!((read("{}").date, read(r#"{"date":null}"#).date), (None, None));
        let config = read(r#"{"date":"2025-03-01"}"#);
        assert_eq!(config.date, Day::new(2025, 3, 1));
        let written = serde_json::to_string(&config).unwrap();
        assert!(written.contains(r#""date":"2025-03-01""#), "{written}");
        assert!(!serde_json::to_string(&SessionConfig::default()).unwrap().contains("date"));
    }
}
