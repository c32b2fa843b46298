//! The date that chat templates may ask for. It is an argument: this layer has no clock.

use std::fmt::Write as _;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment in seconds since 1970, in the time zone that is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Seconds since the beginning of 1970, without leap seconds.
    pub secs: i64,
}

impl Date {
    /// Noon of a day, which is given by year, month from 1 and day from 1 (Hinnant 2013, as below).
    pub fn noon(year: u16, month: u8, day: u8) -> Self {
        let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
        let year = year - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self { secs: (era * 146_097 + day_of_era - 719_468) * 86_400 + 43_200 }
    }

    /// Year, month from 1 and day from 1 (Hinnant 2013, "chrono-compatible low-level date algorithms").
    fn civil(self) -> (i64, usize, i64) {
        // Days since 0000-03-01, so that the leap day ends a year.
        let days = self.secs.div_euclid(86_400) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month as usize, day)
    }

    /// The date in a format of C's `strftime`, in English; `None` for a letter that is not known.
    pub(super) fn format(self, format: &str) -> Option<String> {
        let (year, month, day) = self.civil();
        let secs = self.secs.rem_euclid(86_400);
        let (hour, minute, second) = (secs / 3600, secs / 60 % 60, secs % 60);
        // 1970 began on a Thursday.
        let weekday = DAYS[(self.secs.div_euclid(86_400) + 3).rem_euclid(7) as usize];
        let month_name = MONTHS[month - 1];
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(char) = chars.next() {
            if char != '%' {
                out.push(char);
                continue;
            }
            let written = match chars.next()? {
                'Y' => write!(out, "{year:04}"),
                'm' => write!(out, "{month:02}"),
                'd' => write!(out, "{day:02}"),
                'H' => write!(out, "{hour:02}"),
                'I' => write!(out, "{:02}", (hour + 11) % 12 + 1),
                'M' => write!(out, "{minute:02}"),
                'S' => write!(out, "{second:02}"),
                'p' => write!(out, "{}", if hour < 12 { "AM" } else { "PM" }),
                'B' => write!(out, "{month_name}"),
                'b' => write!(out, "{}", &month_name[..3]),
                'A' => write!(out, "{weekday}"),
                'a' => write!(out, "{}", &weekday[..3]),
                'y' => write!(out, "{:02}", year.rem_euclid(100)),
                '%' => write!(out, "%"),
                _ => return None,
            };
            written.ok()?;
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_its_noon_are_the_same() {
        assert_eq!(Date::noon(2024, 7, 26), Date { secs: 1_721_995_200 });
        assert_eq!(Date::noon(1970, 1, 1), Date { secs: 43_200 });
        for secs in (-719_162_i64..2_932_897).step_by(97).map(|day| day * 86_400 + 43_200) {
            let (year, month, day) = Date { secs }.civil();
            let parts = (u16::try_from(year), u8::try_from(month), u8::try_from(day));
            let (Ok(year), Ok(month), Ok(day)) = parts else { panic!("{parts:?}") };
            assert_eq!(Date::noon(year, month, day), Date { secs });
        }
    }

    #[test]
    fn dates_are_written_as_python_writes_them() {
        // Python: datetime.fromtimestamp(secs, UTC).strftime(format)
        let cases = [
            (0, "%Y-%m-%d %H:%M:%S %A", "1970-01-01 00:00:00 Thursday"),
            (951_782_400, "%d %b %Y, %a", "29 Feb 2000, Tue"),
            (1_735_689_599, "%B %d, %Y %I:%M %p", "December 31, 2024 11:59 PM"),
            (4_102_444_800, "%d/%m/%y 100%%", "01/01/00 100%"),
            (-1, "%Y-%m-%d", "1969-12-31"),
        ];
        for (secs, format, expected) in cases {
            assert_eq!(Date { secs }.format(format).as_deref(), Some(expected));
        }
        assert_eq!(Date::noon(2024, 7, 26).format("%d %b %Y %H").as_deref(), Some("26 Jul 2024 12"));
        assert_eq!(Date { secs: 0 }.format("%Q"), None);
        assert_eq!(Date { secs: 0 }.format("%"), None);
    }
}
