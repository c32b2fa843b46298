//! The language of a response, as the language gate sees it and the session records it.

use crate::{
    data::{Language, recorded_language},
    text::{Asked, identify},
};

/// The language of a response that was asked for in `asked`; `None` when unsure, or where it may as well be a relative of
/// `asked`. A text in a script that `asked` is not written in, of a language that cannot be told, is `und` with its script,
/// such as `und-Cyrl`.
pub fn detected_language(text: &str, asked: &Language) -> Option<Language> {
    let scripts = asked.scripts();
    let found = identify(text, Asked { primary: &asked.primary(), scripts: &scripts })?;
    recorded_language(asked, found.script, found.is_asked_script, found.language)
}
