//! The table of known languages, `languages.txt`. A line is a language: tag, its name for itself, its English name, scripts
//! (the usual one first), other codes (ISO 639-2 and 639-3, deprecated tags, members of a macrolanguage), other names.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A line of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) tag: &'static str,
    pub(super) native: &'static str,
    pub(super) english: &'static str,
    /// ISO 15924 codes, the usual one first.
    pub(super) scripts: Vec<&'static str>,
}

struct Table {
    rows: Vec<Row>,
    /// Places of rows by tag as it stands.
    by_tag: HashMap<&'static str, usize>,
    /// Places of rows by every code, as [`code_key`] writes it.
    by_code: HashMap<String, usize>,
    /// Places of rows by every name, as [`name_key`] writes it.
    by_name: HashMap<String, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (by_tag, by_code, by_name) = Default::default();
    let mut table = Table { rows: Vec::new(), by_tag, by_code, by_name };
    for (at, line) in include_str!("languages.txt").lines().enumerate() {
        let mut fields = line.split('|').map(str::trim);
        let mut field = || fields.next().unwrap_or_default();
        let (tag, native, english, scripts, codes, others) =
            (field(), field(), field(), field(), field(), field());
        table.by_tag.insert(tag, at);
        for code in codes.split_whitespace().chain([tag]) {
            table.by_code.insert(code_key(code), at);
        }
        let spelled = others.split(',').chain([native, english]).filter(|name| !name.trim().is_empty());
        for key in spelled.flat_map(|name| [name_key(name), folded(&name_key(name))]) {
            table.by_name.entry(key).or_insert(at);
        }
        table.rows.push(Row { tag, native, english, scripts: scripts.split_whitespace().collect() });
    }
    table
});

/// A spelling as codes are looked up: lower case, `-` between subtags.
pub(super) fn code_key(spelling: &str) -> String {
    spelling.trim().to_ascii_lowercase().replace('_', "-")
}

/// A spelling as names are looked up: NFC, lower case, words apart by one space, without brackets.
fn name_key(spelling: &str) -> String {
    let text: String = spelling.nfc().flat_map(char::to_lowercase).collect();
    let words =
        text.split(|c: char| c.is_whitespace() || "_-()（）".contains(c)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// A name in Latin letters without their marks; another as it is.
fn folded(name: &str) -> String {
    let plain: String = name.nfd().filter(|c| !is_combining_mark(*c)).collect();
    if plain.is_ascii() { plain } else { name.to_owned() }
}

/// The row that a spelling names as a whole: a tag, a code or a name.
pub(super) fn row_of(spelling: &str) -> Option<&'static Row> {
    let table = &*TABLE;
    let at = table
        .by_tag
        .get(spelling)
        .or_else(|| table.by_code.get(&code_key(spelling)))
        .or_else(|| table.by_name.get(&name_key(spelling)))?;
    table.rows.get(*at)
}

/// Whether some language of the table is written in a script, given as a subtag.
pub(super) fn is_known_script(subtag: &str) -> bool {
    subtag == "Hani" || TABLE.rows.iter().any(|row| row.scripts.contains(&subtag))
}

/// Every row, in the order of the table: the eight languages of the teaching model first.
pub(super) fn rows() -> &'static [Row] {
    &TABLE.rows
}

/// The row of the longest part of a canonical tag that the table has.
pub(super) fn row_of_longest(mut tag: &str) -> Option<&'static Row> {
    let table = &*TABLE;
    loop {
        if let Some(at) = table.by_tag.get(tag) {
            return table.rows.get(*at);
        }
        match tag.rfind('-') {
            Some(end) => tag = &tag[..end],
            // Languages whose own tags have a script, by their first.
            None => return table.by_code.get(tag).and_then(|at| table.rows.get(*at)),
        }
    }
}
