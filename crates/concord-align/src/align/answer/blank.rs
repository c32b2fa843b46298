//! Filler between a marker and its number: "the answer is about $ 18".

use super::latex::UNREAD;
use super::page::Page;
use super::signs::CURRENCY_LETTERS;
use super::words::is_letter;

impl Page<'_> {
    /// Whether a range holds nothing but signs, currencies, unknowns, "is" and "about".
    pub(super) fn is_blank(&self, range: (usize, usize)) -> bool {
        let mut word = String::new();
        // A letter alone is an unknown: x.
        let means_nothing = |word: &str| {
            word.chars().nth(1).is_none() || CURRENCY_LETTERS.contains(&word) || APPROXIMATE.contains(&word)
        };
        for c in self.glyphs_in(range).map(|g| g.c) {
            if matches!(c, '?' | UNREAD) || word.len() > MAX_BYTES {
                return false;
            }
            if is_letter(c) {
                word.push(c);
            } else if means_nothing(&word) {
                word.clear();
            } else {
                return false;
            }
        }
        means_nothing(&word)
    }
}

/// No word below is longer.
const MAX_BYTES: usize = 64;

/// Words that may come between a marker and its number.
const APPROXIMATE: [&str; 40] = [
    "is",
    "about",
    "approximately",
    "approx",
    "exactly",
    "around",
    "roughly",
    "total",
    "ist",
    "etwa",
    "ca",
    "circa",
    "es",
    "est",
    "environ",
    "aproximadamente",
    "около",
    "примерно",
    "ровно",
    "ungefähr",
    "genau",
    "约",
    "約",
    "大约",
    "共",
    "一共",
    "총",
    "약",
    "mraba",
    "ni",
    "sawa",
    "adalah",
    "sekitar",
    "yaklaşık",
    "khoảng",
    "là",
    "প্রায়",
    "लगभग",
    "حوالي",
    "تقريبا",
];
