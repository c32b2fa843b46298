//! The language of a response, as the language gate sees it and the session records it.

use crate::{
    data::Language,
    text::{Asked, identify},
};

/// The language of a response that was asked for in `asked`; `None` when unsure, or where it may as well be a relative of
/// `asked`. A text in a script that `asked` is not written in, of a language that cannot be told, is `und` with its script,
/// such as `und-Cyrl`.
pub fn detected_language(text: &str, asked: &Language) -> Option<Language> {
    let scripts = asked.scripts();
    let found = identify(text, Asked { primary: &asked.primary(), scripts: &scripts })?;
    let named = found.language.map(Language::from);
    if found.is_asked_script {
        return named.filter(|named| named.primary() == asked.primary() || !named.may_be(asked));
    }
    let unnamed = || Language::from(format!("und-{}", found.script).as_str());
    Some(named.filter(|named| !named.may_be(asked)).unwrap_or_else(unnamed))
}
