//! One row as a line of JSON, column by column, and what the columns are.
//!
//! U+2028, U+2029 and U+0085 are escaped, because readers that use Python's `splitlines` break on them. There is no
//! byte-order mark, and no value is null.

use serde::Serialize;

use crate::data::ColumnKind;

/// Where a row stands among the batches: columns of ours that a trainer passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchColumns {
    /// Epoch, from 0.
    pub epoch: u32,
    /// Optimiser step, from 0.
    pub step: u32,
    /// Batch, from 0.
    pub batch: u32,
    /// Rows of one prompt.
    pub group: u32,
}

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RowColumn {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether every text in it so far looks like a date, which loaders turn into timestamps.
    #[serde(skip)]
    pub is_all_dates: bool,
}

/// Who says a text, and the text.
pub(super) type Message<'a> = (&'static str, &'a str);

/// A line that is being written.
#[derive(Debug)]
pub(super) struct Line<'a> {
    out: &'a mut String,
    columns: &'a mut Vec<RowColumn>,
    n_columns: usize,
}

impl<'a> Line<'a> {
    /// Begins a line; `columns` are those of the lines before, and become those of this one.
    pub(super) fn begin(out: &'a mut String, columns: &'a mut Vec<RowColumn>) -> Self {
        Self { out, columns, n_columns: 0 }
    }

    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        self.column(name, ColumnKind::Text, looks_like_date(text));
        push_text(self.out, text);
    }

    pub(super) fn integer(&mut self, name: &'static str, value: u32) {
        self.whole(name, value.into());
    }

    pub(super) fn whole(&mut self, name: &'static str, value: i64) {
        self.column(name, ColumnKind::Integer, false);
        self.out.push_str(&value.to_string());
    }

    /// A number, always with a point or an exponent, so that a loader never takes the column for whole numbers.
    pub(super) fn number(&mut self, name: &'static str, value: f32) {
        self.column(name, ColumnKind::Number, false);
        self.out.push_str(&format!("{value:?}"));
    }

    pub(super) fn flag(&mut self, name: &'static str, value: bool) {
        self.column(name, ColumnKind::Flag, false);
        self.out.push_str(if value { "true" } else { "false" });
    }

    pub(super) fn messages(&mut self, name: &'static str, messages: &[Message<'_>]) {
        self.column(name, ColumnKind::Messages, are_dates(messages));
        self.list(messages, ["role", "content"]);
    }

    pub(super) fn turns(&mut self, name: &'static str, turns: &[Message<'_>]) {
        self.column(name, ColumnKind::Turns, are_dates(turns));
        self.list(turns, ["from", "value"]);
    }

    pub(super) fn turn(&mut self, name: &'static str, turn: Message<'_>) {
        self.column(name, ColumnKind::Turn, are_dates(&[turn]));
        self.object(turn, ["from", "value"]);
    }

    pub(super) fn end(self) {
        self.out.push_str("}\n");
    }

    fn column(&mut self, name: &'static str, kind: ColumnKind, is_date: bool) {
        match self.columns.get_mut(self.n_columns) {
            Some(column) => column.is_all_dates &= is_date,
            None => self.columns.push(RowColumn { name, kind, is_all_dates: is_date }),
        }
        self.out.push(if self.n_columns == 0 { '{' } else { ',' });
        self.n_columns += 1;
        push_text(self.out, name);
        self.out.push(':');
    }

    fn list(&mut self, messages: &[Message<'_>], keys: [&str; 2]) {
        self.out.push('[');
        for (i, message) in messages.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.object(*message, keys);
        }
        self.out.push(']');
    }

    fn object(&mut self, (role, content): Message<'_>, [role_key, content_key]: [&str; 2]) {
        self.out.push('{');
        push_text(self.out, role_key);
        self.out.push(':');
        push_text(self.out, role);
        self.out.push(',');
        push_text(self.out, content_key);
        self.out.push(':');
        push_text(self.out, content);
        self.out.push('}');
    }
}

/// A text as JSON.
fn push_text(out: &mut String, text: &str) {
    // A text always serialises.
    let Ok(json) = serde_json::to_string(text) else { return };
    for c in json.chars() {
        match c {
            '\u{85}' => out.push_str("\\u0085"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
}

fn are_dates(messages: &[Message<'_>]) -> bool {
    messages.iter().all(|(_, content)| looks_like_date(content))
}

/// `2024-05-01`, with or without a time: what pyarrow reads as a timestamp if a whole column looks like it.
fn looks_like_date(text: &str) -> bool {
    let b = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| b[range].iter().all(u8::is_ascii_digit);
    let date = b.len() >= 10 && digits(0..4) && b[4] == b'-' && digits(5..7) && b[7] == b'-' && digits(8..10);
    date && b[10..].iter().all(|c| c.is_ascii_digit() || b"T :.Z+-".contains(c))
}
