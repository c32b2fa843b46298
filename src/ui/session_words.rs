//! What the page says of kept sessions.

use super::{method_words, state::KeptBook, words};
use crate::journal::Backup;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Keeps a date on one line.
const SPACE: char = '\u{a0}';

/// A moment, in milliseconds since 1970, in this machine's time: `12:31` of today, else with its day.
pub fn moment(ms: u64) -> String {
    let at = js_sys::Date::new(&(ms as f64).into());
    let now = js_sys::Date::new_0();
    let time = format!("{:02}:{:02}", at.get_hours(), at.get_minutes());
    let month = MONTHS.get(at.get_month() as usize).copied().unwrap_or_default();
    let day = format!("{}{SPACE}{month}", at.get_date());
    if at.get_full_year() != now.get_full_year() {
        return format!("{day}{SPACE}{}", at.get_full_year());
    }
    let is_today = (at.get_month(), at.get_date()) == (now.get_month(), now.get_date());
    if is_today { time } else { format!("{day}, {time}") }
}

/// Whether a file holds the session, and since when it does not.
pub fn backup(backup: Option<&Backup>, n_events: usize) -> String {
    let Some(backup) = backup else { return "never backed up".to_owned() };
    let when = backup.at.map(moment);
    if backup.holds(n_events) {
        return when.map_or_else(|| "backed up".to_owned(), |when| format!("backed up {when}"));
    }
    let since = when.unwrap_or_else(|| "the last file".to_owned());
    match n_events.saturating_sub(backup.n_events) {
        0 => format!("not backed up since {since}"),
        n => format!("not backed up since {since}: {}", words::plural(n, "decision", "decisions")),
    }
}

/// What a session is called: as the person says, else by model, method and date.
pub fn name(book: &KeptBook) -> String {
    if let Some(name) = &book.label.name {
        return name.clone();
    }
    let day = book.created.get(..10).unwrap_or_default().replace('-', "\u{2011}");
    match &book.summary {
        _ if book.is_run => "A run that was cut short".to_owned(),
        Some(summary) if !summary.model.is_empty() => {
            let name = method_words::name(summary.method);
            format!(
                "{}, {}, {day}",
                summary.model,
                if summary.imported_pairs { "pairs of a file" } else { name }
            )
        }
        _ if day.is_empty() => "A session".to_owned(),
        _ => format!("A session of {day}"),
    }
}

/// What is known of a kept session or run, in short parts.
pub fn facts(book: &KeptBook) -> String {
    let mut facts = Vec::new();
    if let Some(summary) = book.summary.as_ref().filter(|summary| summary.n_rows > 0) {
        facts.push(format!("{} of {} decided", summary.n_decided, summary.n_rows));
    }
    if book.n_prompts > 0 {
        facts.push(format!(
            "{} in {}",
            words::plural(book.n_prompts, "prompt", "prompts"),
            words::plural(book.n_languages, "language", "languages")
        ));
    }
    if let Some(at) = book.worked_at {
        facts.push(format!("changed {}", moment(at)));
    }
    if !book.is_run {
        let summary = book.summary.clone().unwrap_or_default();
        facts.push(backup(summary.backup.as_ref(), summary.n_events));
    }
    facts.push(words::bytes(book.n_bytes));
    facts.join(" · ")
}

/// Why it cannot be opened, or not wholly.
pub fn problem(book: &KeptBook) -> Option<String> {
    let reason = book.problem.as_ref()?;
    let lead = if book.is_here { "Not all of it could be read" } else { "It cannot be opened here" };
    Some(format!("{lead}: {reason}. Save it as a file, so that nothing is lost."))
}
