//! Prompt sets that only look parallel: texts of one prompt that do not say the same.
//!
//! Nothing here understands a text. Four signs are looked for, each a warning with the prompt and the language, and
//! nothing is left out because of it: the same text in two languages, the wrong script for the language, a length far
//! from what the set's own prompts lead one to expect, and in math a number that the other languages have and this one has
//! not. The thresholds are ours and are meant to be quiet on translations as people make them.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{ProblemKind, RowProblem};
use super::{Language, Prompt, TaskKind, comparable, digit_value};
use crate::data::InOrder;

/// Letters that a text needs before its script is judged, or its being the same as another.
const MIN_LETTERS: usize = 12;
/// Share of the letters in the language's script, below which the script is wrong.
const MIN_SCRIPT_SHARE: f64 = 0.3;
/// Prompts that have both languages, below which there is no usual ratio of lengths.
const MIN_PROMPTS: usize = 5;
/// How many times the usual ratio, or what part of it, is odd.
const ODD_RATIO: f64 = 3.0;
/// Characters that a length has to be off by.
const MIN_OFF_BY: f64 = 24.0;

/// Warnings about texts that do not look like translations of each other; `rows` are the prompts' row numbers.
pub fn parallel_problems(prompts: &[Prompt], rows: &[u32], anchor: &Language) -> Vec<RowProblem> {
    let mut checks = ParallelChecks::new(prompts, rows, anchor);
    while checks.step() {}
    checks.finish()
}

/// The same under way, a prompt at a time, so that a page can look at a large set in slices.
#[derive(Debug)]
pub struct ParallelChecks<'a> {
    prompts: &'a [Prompt],
    rows: &'a [u32],
    anchor: &'a Language,
    /// Ratios of lengths so far; `None` once the usual ones are known.
    ratios: Option<Ratios<'a>>,
    usual: BTreeMap<&'a Language, f64>,
    at: usize,
    out: Vec<RowProblem>,
}

/// Lengths over the anchor's, by language.
type Ratios<'a> = BTreeMap<&'a Language, Vec<f64>>;

impl<'a> ParallelChecks<'a> {
    /// Of prompts with their row numbers.
    pub fn new(prompts: &'a [Prompt], rows: &'a [u32], anchor: &'a Language) -> Self {
        let (ratios, usual) = (Some(BTreeMap::new()), BTreeMap::new());
        Self { prompts, rows, anchor, ratios, usual, at: 0, out: Vec::new() }
    }

    /// Measures the next prompt, and once all are measured judges the next one; false when none is left.
    pub fn step(&mut self) -> bool {
        match (self.prompts.get(self.at), &mut self.ratios) {
            (Some(prompt), Some(ratios)) => add_ratios(ratios, prompt, self.anchor),
            (Some(_), None) => self.judge(),
            (None, ratios) => {
                let Some(ratios) = ratios.take() else { return false };
                (self.usual, self.at) = (usual(ratios), 0);
                return !self.prompts.is_empty();
            }
        }
        self.at += 1;
        true
    }

    /// What was found, in the order of the prompts.
    pub fn finish(self) -> Vec<RowProblem> {
        self.out
    }

    fn judge(&mut self) {
        let prompt = &self.prompts[self.at];
        let mut found = Vec::new();
        same_texts(prompt, self.anchor, &mut found);
        for (language, text) in &prompt.text {
            other_script(language, text, &mut found);
            odd_length(prompt, language, self.anchor, &self.usual, &mut found);
        }
        if prompt.task == TaskKind::Math {
            other_numbers(prompt, self.anchor, &mut found);
        }
        let row = self.rows.get(self.at).copied().unwrap_or_default();
        self.out.extend(found.into_iter().map(|(language, kind, reason, fix)| RowProblem {
            row,
            prompt_id: Some(prompt.id.clone()),
            language: Some(language),
            kind,
            reason,
            fix: fix.to_owned(),
            left_out: false,
        }));
    }
}

/// Language, kind, what is odd, what to do.
type Found = (Language, ProblemKind, String, &'static str);

fn n_letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// The same text in two languages; reported at the one that is not the anchor.
fn same_texts(prompt: &Prompt, anchor: &Language, found: &mut Vec<Found>) {
    let mut first: BTreeMap<String, &Language> = BTreeMap::new();
    let anchor_first = prompt.text.iter().filter(|(l, _)| *l == anchor);
    for (language, text) in anchor_first.chain(prompt.text.iter().filter(|(l, _)| *l != anchor)) {
        if n_letters(text) < MIN_LETTERS {
            continue;
        }
        let text = comparable(text);
        match first.get(&text) {
            Some(other) => {
                let reason = format!("the text is the same as that in {}", other.as_str());
                found.push((language.clone(), ProblemKind::SameText, reason, "translate it, or take it out"));
            }
            None => drop(first.insert(text, language)),
        }
    }
}

/// Few letters in the script of the language.
fn other_script(language: &Language, text: &str, found: &mut Vec<Found>) {
    let scripts = language.scripts();
    let blocks: Option<Vec<IsLetter>> = scripts.iter().map(|script| letters_of(script)).collect();
    let Some(blocks) = blocks.filter(|blocks| !blocks.is_empty()) else { return };
    let total = n_letters(text);
    let n_in = text.chars().filter(|c| c.is_alphabetic() && blocks.iter().any(|is_in| is_in(*c))).count();
    let script = scripts.join(" or ");
    if total >= MIN_LETTERS && (n_in as f64) < MIN_SCRIPT_SHARE * total as f64 {
        let reason = format!("{n_in} of its {total} letters are in the script of this language ({script})");
        let fix = "check that the text stands under the right language";
        found.push((language.clone(), ProblemKind::OtherScript, reason, fix));
    }
}

/// Whether a character is a letter of a script.
type IsLetter = fn(char) -> bool;

/// The letters of a script by its ISO 15924 code, for scripts that are told apart by blocks.
fn letters_of(script: &str) -> Option<IsLetter> {
    Some(match script {
        "Latn" => |c| matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'),
        "Cyrl" => |c| matches!(c, '\u{400}'..='\u{52f}'),
        "Grek" => |c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'),
        "Arab" => |c| matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{feff}'),
        "Hebr" => |c| matches!(c, '\u{590}'..='\u{5ff}'),
        "Deva" => |c| matches!(c, '\u{900}'..='\u{97f}'),
        "Beng" => |c| matches!(c, '\u{980}'..='\u{9ff}'),
        "Taml" => |c| matches!(c, '\u{b80}'..='\u{bff}'),
        "Telu" => |c| matches!(c, '\u{c00}'..='\u{c7f}'),
        "Thai" => |c| matches!(c, '\u{e00}'..='\u{e7f}'),
        "Ethi" => |c| matches!(c, '\u{1200}'..='\u{139f}'),
        "Kore" | "Hang" => |c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}'),
        "Hans" | "Hant" | "Hani" => |c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}'),
        "Jpan" => |c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'),
        _ => return None,
    })
}

fn add_ratios<'a>(ratios: &mut Ratios<'a>, prompt: &'a Prompt, anchor: &Language) {
    for language in prompt.text.keys().filter(|l| *l != anchor) {
        ratios.entry(language).or_default().extend(length_ratio(prompt, language, anchor).map(|r| r.0));
    }
}

/// The median ratio of a language's lengths to the anchor's, where enough prompts have both.
fn usual(mut ratios: Ratios<'_>) -> BTreeMap<&Language, f64> {
    ratios.retain(|_, found| found.len() >= MIN_PROMPTS);
    let median = |mut found: Vec<f64>| {
        found.order_by(f64::total_cmp);
        found[found.len() / 2]
    };
    ratios.into_iter().map(|(language, found)| (language, median(found))).collect()
}

/// Length in characters over that of the anchor's text, and both lengths.
fn length_ratio(prompt: &Prompt, language: &Language, anchor: &Language) -> Option<(f64, f64, f64)> {
    let length = |l: &Language| prompt.text.get(l).map(|text| text.trim().chars().count() as f64);
    let (own, other) = (length(language)?, length(anchor)?);
    (own > 0.0 && other > 0.0).then(|| (own / other, own, other))
}

fn odd_length(
    prompt: &Prompt,
    language: &Language,
    anchor: &Language,
    usual: &BTreeMap<&Language, f64>,
    found: &mut Vec<Found>,
) {
    let Some(usual) = usual.get(language) else { return };
    let Some((ratio, own, other)) = length_ratio(prompt, language, anchor) else { return };
    let is_odd = ratio > ODD_RATIO * usual || ratio * ODD_RATIO < *usual;
    if is_odd && (own - usual * other).abs() > MIN_OFF_BY {
        let expected = usual * other;
        let reason =
            format!("it has {own:.0} characters, where about {expected:.0} go with the anchor's {other:.0}");
        let fix = "check that it is the same question and that nothing is missing";
        found.push((language.clone(), ProblemKind::OddLength, reason, fix));
    }
}

/// A number that no other language has, where all others share one that is missing.
fn other_numbers(prompt: &Prompt, anchor: &Language, found: &mut Vec<Found>) {
    let numbers: BTreeMap<&Language, BTreeSet<String>> =
        prompt.text.iter().map(|(language, text)| (language, numbers_of(text))).collect();
    for (language, own) in &numbers {
        // Of two that differ nobody can say which is wrong; the anchor is taken to be right.
        if numbers.len() == 2 && *language == anchor {
            continue;
        }
        let others = || numbers.iter().filter(|(other, _)| *other != language).map(|(_, found)| found);
        let extra = own.iter().find(|number| !others().any(|found| found.contains(*number)));
        let missing = others()
            .flatten()
            .find(|number| !own.contains(*number) && others().all(|found| found.contains(*number)));
        if let (Some(extra), Some(missing)) = (extra, missing) {
            let reason = format!("it says {extra}, where the other languages say {missing}");
            let fix = "check the numbers: the gold answer can be right for one of them only";
            found.push(((*language).clone(), ProblemKind::OtherNumbers, reason, fix));
        }
    }
}

/// Numbers in digits of any script; marks and spaces between groups of three do not count.
pub(super) fn numbers_of(text: &str) -> BTreeSet<String> {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).and_then(|c| char::from_digit(digit_value(*c)?, 10));
    let (mut out, mut number, mut at) = (BTreeSet::new(), String::new(), 0);
    while at < chars.len() {
        match digit(at) {
            Some(value) => number.push(value),
            None if !number.is_empty() => {
                let is_mark = ".,٫٬'’\u{a0}\u{202f} ".contains(chars[at]);
                let n_after = (at + 1..).take_while(|at| digit(*at).is_some()).count();
                let groups = is_mark && n_after == 3;
                let decimal = is_mark && chars[at] != ' ' && n_after > 0;
                if decimal && !groups {
                    number.push('.');
                } else if !groups {
                    out.insert(plain(&std::mem::take(&mut number)));
                }
            }
            None => {}
        }
        at += 1;
    }
    if !number.is_empty() {
        out.insert(plain(&number));
    }
    out
}

/// A number without zeros at the end of its decimals: 1.50 is 1.5.
fn plain(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, decimals)) => {
            let decimals = decimals.trim_end_matches('0');
            if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") }
        }
        None => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(id: &str, texts: &[(&str, &str)]) -> Prompt {
        let text = texts.iter().map(|(l, text)| (Language::from(*l), (*text).to_owned())).collect();
        Prompt { id: id.into(), task: TaskKind::Math, text, ..Prompt::default() }
    }

    fn problems(prompts: &[Prompt]) -> Vec<(String, ProblemKind)> {
        let rows: Vec<u32> = (1..=prompts.len() as u32).collect();
        let found = parallel_problems(prompts, &rows, &"en".into());
        assert!(found.iter().all(|p| !p.left_out && p.row > 0 && !p.fix.is_empty()));
        found.into_iter().map(|p| (p.language.unwrap().0, p.kind)).collect()
    }

    #[test]
    fn each_sign_is_found() {
        let en = "Anna has 12 apples and buys 5 more. How many has she now?";
        for (texts, wanted) in [
            (vec![("en", en), ("de", "Anna hat 12 Äpfel und kauft 5 dazu. Wie viele hat sie?")], None),
            (vec![("en", en), ("de", en)], Some(("de", ProblemKind::SameText))),
            (
                vec![("en", en), ("ru", "Anna has 12 apples. She buys 5.")],
                Some(("ru", ProblemKind::OtherScript)),
            ),
            (
                vec![("en", en), ("de", "У Анны 12 яблок, она покупает 5.")],
                Some(("de", ProblemKind::OtherScript)),
            ),
            (
                vec![("en", en), ("de", "Anna hat 21 Äpfel und kauft 5 dazu.")],
                Some(("de", ProblemKind::OtherNumbers)),
            ),
            (vec![("en", en), ("ar", "لدى آنا ١٢ تفاحة واشترت ٥ أخرى.")], None),
            (
                vec![("en", en), ("bn", "আনার ১২টি আপেল আছে, সে আরও ৬টি কিনল।")],
                Some(("bn", ProblemKind::OtherNumbers)),
            ),
            // A number in words is no other number.
            (vec![("en", en), ("de", "Anna hat zwölf Äpfel und kauft 5 dazu.")], None),
            (vec![("en", "It costs 1,250 or 2.5"), ("de", "Es kostet 1.250 oder 2,5")], None),
            (vec![("en", "x = 3"), ("de", "x = 3")], None),
        ] {
            let wanted: Vec<_> = wanted.into_iter().map(|(l, kind)| (l.to_owned(), kind)).collect();
            assert_eq!(problems(&[prompt("a", &texts)]), wanted, "{texts:?}");
        }
    }

    #[test]
    fn of_three_languages_the_one_that_differs_is_named() {
        let texts = [("en", "She has 13 pens."), ("de", "Sie hat 12 Stifte."), ("es", "Tiene 12 lápices.")];
        assert_eq!(problems(&[prompt("a", &texts)]), [("en".to_owned(), ProblemKind::OtherNumbers)]);
    }

    #[test]
    fn a_length_is_odd_by_the_sets_own_ratio() {
        let long = "word ".repeat(20);
        let texts = |en: &'static str, zh: &'static str| prompt(en, &[("en", en), ("zh", zh)]);
        let mut set: Vec<Prompt> =
            (0..6).map(|_| prompt("p", &[("en", long.as_str()), ("de", long.as_str())])).collect();
        set.iter_mut().for_each(|p| drop(p.text.insert("de".into(), "wort ".repeat(22))));
        assert_eq!(problems(&set), []);
        set[2].text.insert("de".into(), "wort ".repeat(5));
        set[4].text.insert("de".into(), "wort ".repeat(90));
        assert_eq!(problems(&set), vec![("de".to_owned(), ProblemKind::OddLength); 2]);
        // Four prompts have no usual ratio.
        assert_eq!(problems(&set[1..5]), []);
        assert_eq!(problems(&[texts("How many?", "多少？")]), []);
    }

    #[test]
    fn digits_and_marks() {
        for (text, wanted) in [
            ("1,234 and 5", vec!["1234", "5"]),
            ("1 234", vec!["1234"]),
            ("3 4", vec!["3", "4"]),
            ("2,5 kg.", vec!["2.5"]),
            ("٣٫٥ و ۷", vec!["3.5", "7"]),
            ("", vec![]),
            ("1.50, 2.00", vec!["1.5", "2"]),
        ] {
            assert_eq!(numbers_of(text).into_iter().collect::<Vec<_>>(), wanted, "{text}");
        }
    }
}
