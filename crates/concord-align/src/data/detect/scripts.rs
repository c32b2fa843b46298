//! Which script a text is in, by the blocks of its letters.

/// The scripts that are told apart: first and last letter, ISO 15924 code. `Hani` and `Hira` are Chinese characters and
/// kana, which [`ScriptCounts`] puts together.
const BLOCKS: [(char, char, &str); 48] = [
    ('A', 'Z', "Latn"),
    ('a', 'z', "Latn"),
    ('\u{aa}', '\u{2af}', "Latn"),
    ('\u{370}', '\u{3ff}', "Grek"),
    ('\u{400}', '\u{52f}', "Cyrl"),
    ('\u{531}', '\u{58f}', "Armn"),
    ('\u{590}', '\u{5ff}', "Hebr"),
    ('\u{600}', '\u{6ff}', "Arab"),
    ('\u{750}', '\u{77f}', "Arab"),
    ('\u{780}', '\u{7bf}', "Thaa"),
    ('\u{7c0}', '\u{7ff}', "Nkoo"),
    ('\u{8a0}', '\u{8ff}', "Arab"),
    ('\u{900}', '\u{97f}', "Deva"),
    ('\u{980}', '\u{9ff}', "Beng"),
    ('\u{a00}', '\u{a7f}', "Guru"),
    ('\u{a80}', '\u{aff}', "Gujr"),
    ('\u{b00}', '\u{b7f}', "Orya"),
    ('\u{b80}', '\u{bff}', "Taml"),
    ('\u{c00}', '\u{c7f}', "Telu"),
    ('\u{c80}', '\u{cff}', "Knda"),
    ('\u{d00}', '\u{d7f}', "Mlym"),
    ('\u{d80}', '\u{dff}', "Sinh"),
    ('\u{e00}', '\u{e7f}', "Thai"),
    ('\u{e80}', '\u{eff}', "Laoo"),
    ('\u{f00}', '\u{fff}', "Tibt"),
    ('\u{1000}', '\u{109f}', "Mymr"),
    ('\u{10a0}', '\u{10ff}', "Geor"),
    ('\u{1100}', '\u{11ff}', "Kore"),
    ('\u{1200}', '\u{139f}', "Ethi"),
    ('\u{1400}', '\u{167f}', "Cans"),
    ('\u{1780}', '\u{17ff}', "Khmr"),
    ('\u{1800}', '\u{18af}', "Mong"),
    ('\u{1a00}', '\u{1a1f}', "Bugi"),
    ('\u{1b80}', '\u{1bbf}', "Sund"),
    ('\u{1c50}', '\u{1c7f}', "Olck"),
    ('\u{1e00}', '\u{1eff}', "Latn"),
    ('\u{1f00}', '\u{1fff}', "Grek"),
    ('\u{2d30}', '\u{2d7f}', "Tfng"),
    ('\u{2d80}', '\u{2ddf}', "Ethi"),
    ('\u{3041}', '\u{30ff}', "Hira"),
    ('\u{3400}', '\u{9fff}', "Hani"),
    ('\u{a980}', '\u{a9df}', "Java"),
    ('\u{abc0}', '\u{abff}', "Mtei"),
    ('\u{ac00}', '\u{d7af}', "Kore"),
    ('\u{fb50}', '\u{fdff}', "Arab"),
    ('\u{fe70}', '\u{fefc}', "Arab"),
    ('\u{1e900}', '\u{1e95f}', "Adlm"),
    ('\u{20000}', '\u{323af}', "Hani"),
];

/// Share of kana among Chinese characters and kana, from which on a text is Japanese.
const MIN_KANA_SHARE: f32 = 0.05;

/// The script of a letter; `Zyyy` where it is none of those told apart.
fn script_of(letter: char) -> &'static str {
    let after = BLOCKS.partition_point(|(first, _, _)| *first <= letter);
    match after.checked_sub(1).map(|at| BLOCKS[at]) {
        Some((_, last, script)) if letter <= last => script,
        _ => "Zyyy",
    }
}

/// Letters of a text by script.
#[derive(Debug, Default)]
pub(super) struct ScriptCounts {
    of: Vec<(&'static str, usize)>,
}

impl ScriptCounts {
    pub(super) fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for letter in text.chars().filter(|char| char.is_alphabetic()) {
            counts.add(script_of(letter), 1);
        }
        let (kana, han) = (counts.n("Hira"), counts.n("Hani"));
        if kana > 0 && kana as f32 >= MIN_KANA_SHARE * (kana + han) as f32 {
            counts.of.retain(|(script, _)| !matches!(*script, "Hira" | "Hani"));
            counts.add("Jpan", kana + han);
        }
        counts
    }

    fn add(&mut self, script: &'static str, n: usize) {
        match self.of.iter_mut().find(|(own, _)| *own == script) {
            Some((_, count)) => *count += n,
            None => self.of.push((script, n)),
        }
    }

    pub(super) fn n(&self, script: &str) -> usize {
        self.of.iter().find(|(own, _)| *own == script).map_or(0, |(_, n)| *n)
    }

    pub(super) fn total(&self) -> usize {
        self.of.iter().map(|(_, n)| n).sum()
    }

    /// The script with most letters, and how many; `None` without any letter.
    pub(super) fn most(&self) -> Option<(&'static str, usize)> {
        self.of.iter().copied().max_by_key(|(_, n)| *n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_in_order() {
        assert!(BLOCKS.windows(2).all(|pair| pair[0].1 < pair[1].0));
        assert!(BLOCKS.iter().all(|(first, last, _)| first <= last));
    }

    #[test]
    fn scripts_of_texts() {
        for (text, script) in [
            ("Anna has 3", "Latn"),
            ("Ответ", "Cyrl"),
            ("答案是42", "Hani"),
            ("彼女はりんごを三つ買いました", "Jpan"),
            ("답은 3", "Kore"),
            ("ਜਵਾਬ", "Guru"),
            ("ފެން", "Thaa"),
            ("Πόσα", "Grek"),
            ("12 + 3", ""),
        ] {
            assert_eq!(ScriptCounts::of(text).most().map_or("", |(script, _)| script), script, "{text}");
        }
    }
}
