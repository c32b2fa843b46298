//! The number words of each language, made when they are first asked for.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::super::digits::fold_word;
use super::forms::{self, Forms};
use super::more_forms;

/// The number words of a language other than Chinese.
pub(in super::super) fn lexicon_of(primary: &str) -> Option<&'static Lexicon> {
    let (tag, cell) = LEXICONS.iter().find(|(tag, _)| *tag == primary)?;
    Some(cell.get_or_init(|| lexicon(forms_of(tag))))
}

/// A number word and its value.
pub(in super::super) type Lexicon = HashMap<String, u32>;

/// Language, and its lexicon once it was asked for.
type Entry = (&'static str, OnceLock<Lexicon>);

static LEXICONS: [Entry; 21] = [
    ("en", OnceLock::new()),
    ("de", OnceLock::new()),
    ("es", OnceLock::new()),
    ("ru", OnceLock::new()),
    ("ar", OnceLock::new()),
    ("bn", OnceLock::new()),
    ("sw", OnceLock::new()),
    ("fr", OnceLock::new()),
    ("it", OnceLock::new()),
    ("pt", OnceLock::new()),
    ("nl", OnceLock::new()),
    ("sv", OnceLock::new()),
    ("pl", OnceLock::new()),
    ("uk", OnceLock::new()),
    ("cs", OnceLock::new()),
    ("ro", OnceLock::new()),
    ("id", OnceLock::new()),
    ("hi", OnceLock::new()),
    ("da", OnceLock::new()),
    ("nb", OnceLock::new()),
    ("fa", OnceLock::new()),
];

fn forms_of(tag: &str) -> Forms {
    match tag {
        "en" => forms::english(),
        "de" => forms::german(),
        "es" => forms::spanish(),
        "ru" => forms::russian(),
        "ar" => forms::arabic(),
        "bn" => forms::bengali(),
        "sw" => forms::swahili(),
        _ => more_forms::forms(tag).unwrap_or_default(),
    }
}

fn lexicon(forms: Forms) -> Lexicon {
    forms.into_iter().map(|(word, value)| (fold_word(&word).into_iter().collect(), value)).collect()
}
