//! What the model is told when a method asks it about responses: the words, in one place for the page and the native tools.
//!
//! Both wordings are **ours**: the papers translate with another model (MAPO), or print no wording we could take over.
//! Changing a word changes every score that was measured with it, so a session records scores, not instructions.

use crate::data::Language;

/// The user's turn that asks for a translation, for MAPO and LIDR. The model's turn is the translation alone.
///
/// Languages go by their English names, or by their tag where that is all there is. The text is trimmed.
pub fn translate(text: &str, from: &Language, to: &Language) -> String {
    let (from, to) = (from.info().english, to.info().english);
    let text = text.trim();
    format!("Translate the following text from {from} to {to}. Reply with the translation only.\n\n{text}")
}

/// The user's turn `c_en` of the implicit cross-lingual reward: an instruction to answer in `language` before the
/// anchor's own prompt.
pub fn answer_in(prompt: &str, language: &Language) -> String {
    let (language, prompt) = (language.info().english, prompt.trim());
    format!("Please answer the following in {language}.\n\n{prompt}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_go_by_name_and_texts_are_trimmed() {
        let (de, en, unknown) = (Language::from("de"), Language::from("en"), Language::from("tlh"));
        let wanted = "Translate the following text from German to English. Reply with the translation only.\n\nDrei Äpfel";
        assert_eq!(translate(" Drei Äpfel\n", &de, &en), wanted);
        assert_eq!(answer_in(" 2 + 3?", &de), "Please answer the following in German.\n\n2 + 3?");
        assert!(translate("x", &en, &unknown).contains("from English to tlh."));
    }
}
