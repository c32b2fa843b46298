//! What is written in letters and is no word: units, formulas, variables, acronyms, addresses, code.

use std::ops::Range;

use unicode_script::Script;

/// Longest acronym, in letters.
const ACRONYM: usize = 5;
/// Longest name of a variable or unit that has a digit, in letters.
const NAME: usize = 3;
/// Longest tag, in bytes.
const TAG: usize = 120;

/// Units and what is calculated with, as they are written everywhere; in lower case.
const UNITS: &str = " mm cm dm km nm ml cl dl hl mg kg ms min mins sec secs hr hrs km/h kmh mph lb lbs oz ft yd gal rs tk pm am \
                     kw kwh mw gw wh kj mj gj kcal cal hz khz mhz ghz kb mb gb tb bit pa kpa mpa mol rad deg max mod lcm gcd \
                     log ln lim sin cos tan cot sec exp sqrt pi vs id ok cc sq ";

/// Whether foreign letters of a word are a sign rather than a word; `range` is where they stand, `word` the whole word.
pub(super) fn is_symbol(text: &str, range: &Range<usize>, word: &Range<usize>, script: Script) -> bool {
    let (letters, word_text) = (&text[range.clone()], &text[word.clone()]);
    let n = letters.chars().filter(|c| c.is_alphabetic()).count();
    match script {
        Script::Greek => n == 1,
        Script::Latin => {
            let spelled = letters.to_lowercase();
            let is_command = text[..word.start].ends_with('\\');
            let has_digit = word_text.chars().any(char::is_numeric);
            let is_address = word_text.contains(['.', '_']);
            let is_acronym =
                n <= ACRONYM && letters.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
            n == 1
                || is_command
                || is_address
                || is_acronym
                || has_digit && n <= NAME
                || UNITS.split_ascii_whitespace().any(|unit| unit == spelled)
        }
        _ => false,
    }
}

/// The places of a text that are no prose.
pub(super) struct Symbols(Vec<Range<usize>>);

impl Symbols {
    pub(super) fn of(text: &str) -> Self {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let n = match c {
                '`' => code(rest),
                '<' => tag(rest),
                '\\' => environment(rest),
                c if c.is_ascii_graphic() => address(rest),
                _ => None,
            };
            if let Some(n) = n {
                out.push(at..at + n);
            }
            // What is written without a space is looked at as a whole, once.
            at += n.unwrap_or_else(|| if c.is_ascii_graphic() { plain(rest) } else { c.len_utf8() });
        }
        Self(out)
    }

    /// Whether a range lies in one of them.
    pub(super) fn cover(&self, range: &Range<usize>) -> bool {
        let after = self.0.partition_point(|place| place.start <= range.start);
        after.checked_sub(1).is_some_and(|i| range.end <= self.0[i].end)
    }
}

/// A fenced block, or what stands between two backticks of a line.
fn code(rest: &str) -> Option<usize> {
    if let Some(inside) = rest.strip_prefix("```") {
        return Some(inside.find("```").map_or(rest.len(), |n| n + 6));
    }
    let line = rest.lines().next().unwrap_or_default();
    line.get(1..)?.find('`').map(|n| n + 2)
}

/// `<b>`, `</answer>`.
fn tag(rest: &str) -> Option<usize> {
    let end = rest.bytes().take(TAG).position(|byte| byte == b'>')?;
    let inside = rest.get(1..end)?;
    let name = inside.trim_start_matches('/');
    (name.starts_with(|c: char| c.is_ascii_alphabetic()) && !inside.contains(['<', '\n'])).then_some(end + 1)
}

/// `\begin{align}` with the name.
fn environment(rest: &str) -> Option<usize> {
    let is_one = rest.starts_with("\\begin{") || rest.starts_with("\\end{");
    if is_one { rest.bytes().take(TAG).position(|byte| byte == b'}').map(|n| n + 1) } else { None }
}

/// An address of the web or of mail: ASCII without a space.
fn address(rest: &str) -> Option<usize> {
    let n = rest.bytes().position(|byte| !byte.is_ascii_graphic()).unwrap_or(rest.len());
    let run = &rest[..n];
    let is_mail = run.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    (run.contains("://") || run.starts_with("www.") || is_mail).then_some(n)
}

/// How far to go on where nothing begins: to the next sign that may begin something.
fn plain(rest: &str) -> usize {
    let is_end = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b'`' | b'<' | b'\\');
    rest.bytes().skip(1).position(is_end).map_or(rest.len(), |n| n + 1)
}
