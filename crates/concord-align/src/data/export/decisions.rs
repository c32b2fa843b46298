//! The log of decisions without what tells who made them.
//!
//! People become `annotator-1`, `annotator-2` in the order of their first decision, times become days counted from the
//! first one, and words that people wrote (notes, reasons of their own, edited texts) are left out. An act on many rows is a
//! line for each. Every line has every key with one type; -1 stands where there is no sample.

use crate::data::{CurationEvent, Day, Language, RowState, Session};

use super::line::Line;

/// What the log calls an event of the program itself.
const PROGRAM: &str = "concord";

/// Writes the log an event at a time.
#[derive(Debug, Default)]
pub struct DecisionLog {
    text: String,
    people: Vec<String>,
    first_day: Option<i64>,
    next: usize,
}

impl DecisionLog {
    /// Writes the next event of a session; `false` where there is none left.
    pub fn step(&mut self, session: &Session) -> bool {
        let Some(event) = session.events.get(self.next) else { return false };
        self.next += 1;
        self.push(event);
        true
    }

    /// The lines, and how many people decided.
    pub fn finish(self) -> (String, usize) {
        (self.text, self.people.len())
    }

    fn push(&mut self, event: &CurationEvent) {
        let annotator = self.annotator(&event.actor);
        let day = day_number(&event.time);
        let first = *self.first_day.get_or_insert(day.unwrap_or_default());
        let day = day.map_or(0, |day| (day - first + 1).max(0));
        self.row(event, (day, &annotator), (&event.item, &event.lang), (event.before, event.after));
        for row in &event.rows {
            self.row(event, (day, &annotator), (&row.item, &row.lang), (row.before, row.after));
        }
    }

    fn annotator(&mut self, actor: &str) -> String {
        if actor == PROGRAM {
            return "program".to_owned();
        }
        let at = self.people.iter().position(|known| known == actor).unwrap_or_else(|| {
            self.people.push(actor.to_owned());
            self.people.len() - 1
        });
        format!("annotator-{}", at + 1)
    }

    fn row(
        &mut self,
        event: &CurationEvent,
        (day, annotator): (i64, &str),
        (prompt_id, language): (&str, &Language),
        (before, after): (RowState, RowState),
    ) {
        let mut columns = Vec::new();
        let mut line = Line::begin(&mut self.text, &mut columns);
        line.whole("seq", event.seq.into());
        line.whole("day", day);
        line.text("annotator", annotator);
        line.text("prompt_id", prompt_id);
        line.text("language", language.as_str());
        // The name that a session file has for it.
        let name = serde_json::to_value(event.event).ok();
        line.text("event", name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default());
        line.text("before", before.status.as_str());
        line.whole("before_chosen", sample(before.chosen));
        line.whole("before_rejected", sample(before.rejected));
        line.text("after", after.status.as_str());
        line.whole("after_chosen", sample(after.chosen));
        line.whole("after_rejected", sample(after.rejected));
        line.flag("flagged", after.flagged);
        line.whole("edited_sample", sample(event.sample));
        line.text("reasons", &event.reasons.join("; "));
        let order: Vec<String> = event.shown_order.iter().flatten().map(u32::to_string).collect();
        line.text("shown_order", &order.join(" "));
        line.end();
    }
}

fn sample(sample: Option<u32>) -> i64 {
    sample.map_or(-1, i64::from)
}

/// Days of a time since some fixed day.
fn day_number(time: &str) -> Option<i64> {
    let (year, month, day) = Day::parse(time.get(..10)?)?.parts();
    // Years that begin in March have their leap day at the end.
    let (year, month) = (i64::from(year) - i64::from(month < 3), (i64::from(month) + 9) % 12);
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + i64::from(day))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::data::{BulkRow, CurationAct, test_session::sample};

    #[test]
    fn nothing_tells_who_decided_or_when() {
        let mut session = sample();
        let first = session.events[0].clone();
        session.events[0].actor = "Ada Lovelace <ada@example.org>".into();
        session.events[0].reason = Some("my secret".into());
        let bulk = BulkRow { item: "b".into(), lang: "ar".into(), before: first.before, after: first.after };
        let note = CurationEvent {
            seq: 1,
            time: "2026-12-01T23:59:59Z".into(),
            actor: "Bob".into(),
            event: CurationAct::Note,
            text: Some("call me".into()),
            rows: vec![bulk],
            ..first.clone()
        };
        session.events.push(note);
        session.events.push(CurationEvent { seq: 2, actor: PROGRAM.into(), ..first });
        let mut log = DecisionLog::default();
        while log.step(&session) {}
        let (text, n_people) = log.finish();
        for secret in ["Ada", "example.org", "secret", "Bob", "call me", "2026", "23:59"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let column = |name: &str| lines.iter().map(|line| line[name].clone()).collect::<Vec<_>>();
        assert_eq!(column("annotator"), ["annotator-1", "annotator-2", "annotator-2", "program"]);
        assert_eq!(column("day"), [1, 11, 11, 1]);
        assert_eq!(column("prompt_id"), ["a", "a", "b", "a"]);
        assert_eq!(column("event"), ["accept", "note", "note", "accept"]);
        assert_eq!(
            (column("edited_sample")[0].clone(), column("shown_order")[0].clone()),
            (Value::from(-1), Value::from("1 0"))
        );
        assert_eq!(n_people, 2);
    }

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        let days = |a, b| day_number(b).unwrap() - day_number(a).unwrap();
        assert_eq!(days("2024-02-28", "2024-03-01"), 2);
        assert_eq!(days("2023-02-28", "2023-03-01"), 1);
        assert_eq!(days("2023-12-31T23:00:00Z", "2024-01-01T00:00:00Z"), 1);
        assert_eq!(days("2000-01-01", "2001-01-01"), 366);
        assert_eq!(day_number("today"), None);
    }
}
