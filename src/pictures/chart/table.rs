//! The numbers behind a picture as a table, on the page and as a CSV file.

use std::cmp::Ordering;

use crate::data::{InOrder, csv_cell};

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A name.
    Text(String),
    /// A number, and how many decimals the page shows; the file has all of them.
    Number(f64, usize),
    /// No number here; an empty cell.
    None,
}

impl Value {
    /// A number where there is one.
    pub fn some(value: Option<f64>, decimals: usize) -> Self {
        value.filter(|value| value.is_finite()).map_or(Self::None, |value| Self::Number(value, decimals))
    }

    /// A count.
    #[expect(clippy::cast_precision_loss, reason = "a count of things on a screen")]
    pub fn count(n: usize) -> Self {
        Self::Number(n as f64, 0)
    }

    /// As the page shows it; an en dash where there is none.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value, decimals) => format!("{value:.decimals$}"),
            Self::None => "–".to_owned(),
        }
    }

    fn csv(&self) -> String {
        match self {
            Self::Text(text) => csv_cell(text),
            Self::Number(value, _) => value.to_string(),
            Self::None => String::new(),
        }
    }

    /// Names by their letters, numbers by size, what is missing last.
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a, _), Self::Number(b, _)) => a.total_cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Number(..) => 0,
            Self::Text(_) => 1,
            Self::None => 2,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A table: the first column names the row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartTable {
    /// What it holds, in a few words.
    pub caption: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// `[rows, columns]`.
    pub rows: Vec<Vec<Value>>,
}

impl ChartTable {
    /// An empty table.
    pub fn new(caption: &str, columns: &[&str]) -> Self {
        Self {
            caption: caption.to_owned(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// As a CSV file (RFC 4180): names of columns first, numbers with all their decimals.
    pub fn csv(&self) -> String {
        let head =
            self.columns.iter().map(|name| Value::Text(name.clone()).csv()).collect::<Vec<_>>().join(",");
        let rows = self.rows.iter().map(|row| row.iter().map(Value::csv).collect::<Vec<_>>().join(","));
        std::iter::once(head).chain(rows).map(|line| line + "\r\n").collect()
    }

    /// The same rows sorted by a column; what is missing stays last, and equal rows stay in their order.
    pub fn sorted(&self, column: usize, is_descending: bool) -> Self {
        let mut out = self.clone();
        out.rows.order_by(|a, b| {
            let (Some(a), Some(b)) = (a.get(column), b.get(column)) else { return Ordering::Equal };
            let order = a.order(b);
            let either_is_missing = *a == Value::None || *b == Value::None;
            if is_descending && !either_is_missing { order.reverse() } else { order }
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ChartTable {
        let mut table = ChartTable::new("Two numbers", &["language", "loss, mean"]);
        table.rows.push(vec!["sw".into(), Value::Number(0.5, 2)]);
        table.rows.push(vec!["a \"b\"".into(), Value::None]);
        table.rows.push(vec!["de".into(), Value::Number(0.125, 2)]);
        table
    }

    #[test]
    fn csv_quotes_what_must_be_and_keeps_every_decimal() {
        let expected = "language,\"loss, mean\"\r\nsw,0.5\r\n\"a \"\"b\"\"\",\r\nde,0.125\r\n";
        assert_eq!(table().csv(), expected);
        assert_eq!(Value::Number(0.125, 2).shown(), "0.12");
        assert_eq!(Value::some(Some(f64::NAN), 2), Value::None);
        // A name that a spreadsheet would run is made harmless; a negative number stays one.
        assert_eq!(
            (Value::from("=1+1").csv(), Value::Number(-0.5, 1).csv()),
            ("'=1+1".into(), "-0.5".into())
        );
    }

    #[test]
    fn sorting_leaves_what_is_missing_last() {
        let first = |sorted: ChartTable| sorted.rows.iter().map(|row| row[0].shown()).collect::<Vec<_>>();
        assert_eq!(first(table().sorted(1, false)), ["de", "sw", "a \"b\""]);
        assert_eq!(first(table().sorted(1, true)), ["sw", "de", "a \"b\""]);
        assert_eq!(first(table().sorted(0, false)), ["a \"b\"", "de", "sw"]);
        assert_eq!(first(table().sorted(9, false)), first(table()));
    }
}
