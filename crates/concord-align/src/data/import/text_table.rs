//! Tables as text: CSV and TSV in the dialects that programs write.
//!
//! The delimiter, whether quotation marks belong to the format, and whether the first row names the columns are guessed
//! unless the mapping says so. Rows are numbered without the header.

use serde_json::{Map, Value};

use super::columns::is_known_name;
use super::import_problem::problem;
use super::mapping::Mapping;
use super::reading::{Dialect, Read, number, quoted, refuse};
use crate::data::problem::{DataError, ProblemKind};

/// Characters from which on a cell with spaces is a text and no name of a column.
const TEXT_LENGTH: usize = 30;

pub(super) fn table_rows(text: &str, mapping: &Mapping) -> Result<Read, DataError> {
    let text = text.trim_start_matches(['\n', '\r']);
    let (text, said) = said_delimiter(text);
    let n_fields = |delimiter| read_table(text, delimiter, true, 1).first().map_or(0, Vec::len);
    let given = mapping.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()).or(said);
    // The first of the delimiters that cut the header into most columns.
    let guessed = || *b"\t;|,".iter().max_by_key(|delimiter| n_fields(**delimiter)).unwrap_or(&b',');
    let delimiter = given.unwrap_or_else(guessed);
    if n_fields(delimiter) < 2 {
        let line = text.trim_start().lines().next().unwrap_or_default();
        return Err(refuse(format!("text in one column that begins with \"{}\"", quoted(line))));
    }
    let quoting = mapping.quoting.unwrap_or_else(|| delimiter != b'\t' || quotes_are_the_format(text));
    let mut records = read_table(text, delimiter, quoting, usize::MAX).into_iter().peekable();
    let header = mapping.header.unwrap_or_else(|| records.peek().is_some_and(|first| is_header(first)));
    let names: Vec<String> = if header {
        records.next().unwrap_or_default().iter().map(|name| name.trim().to_owned()).collect()
    } else {
        let n_columns = records.peek().map_or(0, Vec::len);
        (1..=n_columns).map(|at| format!("column {at}")).collect()
    };
    let dialect = Some(Dialect { delimiter: char::from(delimiter), quoting, header });
    let mut rows = Read { columns: columns_of(&names), dialect, ..Read::default() };
    if quoting && text.matches('"').count() % 2 == 1 {
        let reason = "a quotation mark is never closed, so rows after it may be lost".to_owned();
        let fix = "write a quote within a text twice";
        rows.problems.push(problem(0, ProblemKind::BadRow, reason, fix, false));
    }
    for (at, record) in records.enumerate().filter(|(_, record)| !is_empty(record)) {
        let (n, wanted) = (record.len(), names.len());
        let is_longer = record.iter().skip(wanted).any(|field| !field.trim().is_empty());
        if n < wanted || is_longer {
            let what = if header { "the header" } else { "the first row" };
            let reason = format!("the row has {n} columns where {what} has {wanted}");
            let fix = "put texts with a separator or a line break in quotation marks";
            rows.problems.push(problem(number(at), ProblemKind::BadRow, reason, fix, is_longer));
        }
        if is_longer {
            continue;
        }
        let mut row = Map::new();
        for (name, field) in names.iter().zip(record).filter(|(name, _)| !name.is_empty()) {
            // Of two columns of one name the first counts.
            row.entry(name.clone()).or_insert(if field.trim().is_empty() {
                Value::Null
            } else {
                field.into()
            });
        }
        rows.rows.push((number(at), Value::Object(row)));
    }
    if rows.rows.is_empty() {
        return Err(refuse(format!("a table without rows (its columns: {})", quoted(&names.join(", ")))));
    }
    Ok(rows)
}

fn is_empty(record: &[String]) -> bool {
    record.iter().all(|field| field.trim().is_empty())
}

/// The names without empty ones and second ones.
fn columns_of(names: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    names.iter().filter(|name| !name.is_empty() && seen.insert(*name)).cloned().collect()
}

/// The text without the line `sep=;`, with which some spreadsheets begin, and the delimiter that it says.
fn said_delimiter(text: &str) -> (&str, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim_end_matches('\r').trim_matches('"');
    match first.strip_prefix("sep=").map(str::as_bytes) {
        Some([delimiter]) => (rest, Some(*delimiter)),
        _ => (text, None),
    }
}

/// Whether the first row names the columns: one of them is known, or none is a number or a text.
fn is_header(record: &[String]) -> bool {
    let is_number =
        |cell: &str| cell.chars().any(|c| c.is_numeric()) && !cell.chars().any(char::is_alphabetic);
    let is_text = |cell: &str| {
        let ends = cell.ends_with(['.', '?', '!', '。', '？', '！', '।', '؟']);
        ends || cell.chars().count() > TEXT_LENGTH && cell.chars().any(char::is_whitespace)
    };
    let cells = || record.iter().map(|cell| cell.trim());
    cells().any(is_known_name) || !cells().any(|cell| is_number(cell) || is_text(cell))
}

/// At most so many records; reading a text never fails.
fn read_table(text: &str, delimiter: u8, is_quoted: bool, at_most: usize) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(delimiter).quoting(is_quoted).flexible(true).has_headers(false);
    let records = reader.from_reader(text.as_bytes()).into_records().map_while(Result::ok);
    records.take(at_most).map(|record| record.iter().map(str::to_owned).collect()).collect()
}

/// Whether quotation marks of a TSV belong to the format. They do not in files without quoting, which hold texts such as
/// `"No," he said`; and they do not where every one of them could be left out, because no program writes them so: a field is
/// quoted for a tab, a line break or a quotation mark in it, or they all are.
fn quotes_are_the_format(text: &str) -> bool {
    let mut begins = text.match_indices('"').filter(|(at, _)| {
        text[..*at].chars().next_back().is_none_or(|before| matches!(before, '\t' | '\n' | '\r'))
    });
    let first_line = text.lines().next().unwrap_or_default();
    let mut is_needed =
        first_line.split('\t').all(|field| field.len() > 1 && field.starts_with('"') && field.ends_with('"'));
    let mut closed_at = 0;
    let is_closed = |from: usize| {
        let mut chars = text[from..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match (c, chars.peek().map(|(_, next)| *next)) {
                ('"', Some('"')) => drop(chars.next()),
                ('"', None | Some('\t' | '\n' | '\r')) => return Some(from + at + 1),
                ('"', Some(_)) => return None,
                _ => {}
            }
        }
        None
    };
    let is_well_formed = begins.all(|(at, _)| {
        if at < closed_at {
            return true;
        }
        let end = is_closed(at + 1);
        if let Some(end) = end {
            is_needed |= text[at + 1..end - 1].contains(['\t', '\n', '\r', '"']);
            closed_at = end;
        }
        end.is_some()
    });
    is_well_formed && is_needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_from_rows() {
        for (row, wanted) in [
            ("question\tanswer", true),
            ("topic\tlevel", true),
            ("How many are left?\t3", false),
            ("12\t3", false),
            ("Bata wa Janet hutaga mayai 16 kila siku.\t18", false),
            ("多少？\t3", false),
            ("en\tde", true),
            ("英語\tDeutsch", true),
        ] {
            let record: Vec<String> = row.split('\t').map(str::to_owned).collect();
            assert_eq!(is_header(&record), wanted, "{row}");
        }
    }

    #[test]
    fn quotes_of_a_tsv() {
        for (text, wanted) in [
            ("a\tb\n\"x\"\ty\n", false),
            ("a\tb\n\"x\ny\"\tz\n", true),
            ("a\tb\n\"He said \"\"x\"\"\"\tz\n", true),
            ("\"a\"\t\"b\"\n\"x\"\t\"y\"\n", true),
            ("a\tb\n\"No,\" he said\tz\n", false),
        ] {
            assert_eq!(quotes_are_the_format(text), wanted, "{text}");
        }
    }
}
