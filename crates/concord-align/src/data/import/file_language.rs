//! The language that the name of a file says: `bn`, `mgsm_bn`, `ben_Beng.devtest`, `bn_IN`, `data/bn/test`.

use std::collections::BTreeSet;

use crate::data::Language;

/// Parts of a name that one spelling of a language may take: `zh_Hant_TW`.
const MOST_PARTS: usize = 3;

/// The languages of files by their names. What all names have in common is looked at last, so that `id_en` and `id_de` are
/// not both Indonesian.
pub(super) fn file_languages(names: &[&str]) -> Vec<Option<String>> {
    let parts: Vec<Vec<Vec<&str>>> = names.iter().map(|name| levels(name)).collect();
    let words = |levels: &Vec<Vec<&str>>| levels.iter().flatten().map(|word| word.to_lowercase()).collect();
    let sets: Vec<BTreeSet<String>> = parts.iter().map(words).collect();
    let common: BTreeSet<String> = match sets.split_first() {
        Some((first, rest)) if !rest.is_empty() => {
            first.iter().filter(|word| rest.iter().all(|set| set.contains(*word))).cloned().collect()
        }
        _ => BTreeSet::new(),
    };
    let own = |levels: &Vec<Vec<&str>>| {
        let is_own = |word: &&&str| !common.contains(&word.to_lowercase());
        let own = levels.iter().map(|words| words.iter().filter(is_own).copied().collect::<Vec<_>>());
        own.collect::<Vec<_>>().iter().find_map(|words| spelling_in(words))
    };
    parts
        .iter()
        .map(|levels| own(levels).or_else(|| levels.iter().find_map(|words| spelling_in(words))))
        .collect()
}

/// The words of a file's name without its ending, then those of its folders from the inside out.
fn levels(name: &str) -> Vec<Vec<&str>> {
    let mut levels: Vec<&str> = name.rsplit('/').collect();
    if let Some(file) = levels.first_mut() {
        *file = file.rsplit_once('.').map_or(*file, |(stem, _)| stem);
    }
    levels
        .iter()
        .map(|part| part.split(['_', '-', '.', ' ', '(', ')']).filter(|word| !word.is_empty()).collect())
        .collect()
}

/// The longest run of words that is a language, the last of them.
fn spelling_in(words: &[&str]) -> Option<String> {
    (1..=MOST_PARTS.min(words.len())).rev().find_map(|n| {
        // A date is no part of a language's name; a region may have three digits.
        let is_date = |word: &&str| word.len() != 3 && word.bytes().all(|b| b.is_ascii_digit());
        let runs = words.windows(n).rev().filter(|run| !run.iter().any(is_date));
        runs.map(|run| run.join("_")).find(|spelling| Language::known(spelling).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_languages() {
        for (names, wanted) in [
            (vec!["mgsm_bn.tsv", "mgsm_sw.tsv"], vec!["bn", "sw"]),
            (vec!["bn.csv"], vec!["bn"]),
            (vec!["Bengali.json"], vec!["Bengali"]),
            (vec!["flores/ben_Beng.devtest.jsonl"], vec!["ben_Beng"]),
            (vec!["questions-bn_IN.csv"], vec!["bn_IN"]),
            (vec!["data/bn/test.tsv", "data/sw/test.tsv"], vec!["bn", "sw"]),
            (vec!["id_en.tsv", "id_de.tsv"], vec!["en", "de"]),
            (vec!["en_id.tsv", "de_id.tsv"], vec!["en", "de"]),
            (vec!["mgsm_de_2026-11-27.tsv"], vec!["de"]),
            (vec!["x_zh_Hant.tsv", "x_zh_Hans.tsv"], vec!["zh_Hant", "zh_Hans"]),
        ] {
            let found: Vec<String> = file_languages(&names).into_iter().flatten().collect();
            assert_eq!(found, wanted);
        }
        assert_eq!(file_languages(&["prompts.csv"]), [None]);
    }
}
