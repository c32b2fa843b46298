//! Texts that the loaded model drafts where a prompt has none: which are missing, what they are translated from, and the mark
//! that says that nobody has confirmed them.

use super::{PromptEdit, Row, is_text};
use crate::{
    curation::{Refused, draft_text},
    data::{Language, Prompt},
};

impl PromptEdit {
    /// How many texts are missing that could be translated.
    pub fn n_missing(&self) -> usize {
        let n_languages = self.languages.len();
        let missing =
            |row: &Row| if row.n_texts > row.n_drafts { n_languages.saturating_sub(row.n_texts) } else { 0 };
        self.rows.iter().map(missing).sum()
    }

    /// How many texts are drafts.
    pub fn n_drafts(&self) -> usize {
        self.rows.iter().map(|row| row.n_drafts).sum()
    }

    /// These missing texts, prompt by prompt.
    pub fn missing(&self) -> Vec<(usize, Language)> {
        let of_row = |row: &Row| {
            let prompt = self.of_row(row).filter(|_| row.n_texts > row.n_drafts);
            let languages =
                self.languages.iter().filter(|language| prompt.is_some_and(|p| lacks(p, language)));
            languages.map(|language| (row.key, language.clone())).collect::<Vec<_>>()
        };
        self.rows.iter().filter(|row| row.n_texts < self.languages.len()).flat_map(of_row).collect()
    }

    /// What a missing text is translated from: the prompt's id, and its text in English, else in the anchor, else in the first
    /// language that has one. A draft is not translated again. `None` once the text is there, or the prompt is gone.
    pub fn source(&self, key: usize, into: &Language) -> Option<(&str, &Language, &str)> {
        let prompt = self.prompt(key).filter(|prompt| lacks(prompt, into))?;
        let english = Language::from("en");
        let first = [&english, &self.anchor].into_iter().chain(&self.languages);
        let is_source =
            |language: &&Language| !lacks(prompt, language) && !prompt.drafts.contains_key(language);
        let (from, text) = prompt.text.get_key_value(first.into_iter().find(is_source)?)?;
        Some((&prompt.id, from, text))
    }

    /// Takes what a model wrote as the draft of a text; `false` where the text is there by now, or the prompt is gone.
    ///
    /// # Errors
    /// Why it can be no draft.
    pub fn put_draft(
        &mut self,
        key: usize,
        into: &Language,
        reply: &str,
        model: &str,
    ) -> Result<bool, Refused> {
        let Some((_, _, source)) = self.source(key, into) else { return Ok(false) };
        let text = draft_text(reply, source, into)?;
        self.change(key, |prompt| {
            prompt.text.insert(into.clone(), text);
            prompt.drafts.insert(into.clone(), model.to_owned());
        });
        Ok(true)
    }

    /// Takes the mark off a draft: somebody has read it.
    pub fn confirm(&mut self, key: usize, language: &Language) {
        self.change(key, |prompt| drop(prompt.drafts.remove(language)));
    }

    /// Takes a draft away.
    pub fn discard(&mut self, key: usize, language: &Language) {
        self.change(key, |prompt| {
            if prompt.drafts.remove(language).is_some() {
                prompt.text.remove(language);
            }
        });
    }

    /// Takes the mark off every draft.
    pub fn confirm_all(&mut self) {
        self.change_drafts(|prompt| prompt.drafts.clear());
    }

    /// Takes every draft away.
    pub fn discard_all(&mut self) {
        self.change_drafts(|prompt| {
            for language in std::mem::take(&mut prompt.drafts).into_keys() {
                prompt.text.remove(&language);
            }
        });
    }

    fn change_drafts(&mut self, change: impl Fn(&mut Prompt)) {
        let keys: Vec<usize> = self.rows.iter().filter(|row| row.n_drafts > 0).map(|row| row.key).collect();
        keys.into_iter().for_each(|key| self.change(key, &change));
    }

    /// The prompt after a place that has a draft, from the first on after the last.
    pub fn next_draft(&self, after: Option<usize>) -> Option<usize> {
        let from = after.map_or(0, |place| place + 1).min(self.rows.len());
        let has_draft = |row: &&Row| row.n_drafts > 0;
        let (before, rest) = self.rows.split_at(from);
        rest.iter().find(has_draft).or(before.iter().find(has_draft)).map(|row| row.key)
    }
}

fn lacks(prompt: &Prompt, language: &Language) -> bool {
    !prompt.text.get(language).is_some_and(|text| is_text(text))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn prompt(id: &str, texts: &[(&str, &str)]) -> Prompt {
        let text = texts.iter().map(|(tag, text)| (Language::from(*tag), (*text).to_owned())).collect();
        Prompt { id: id.to_owned(), text, ..Prompt::default() }
    }

    /// Three prompts in German, English and Swahili, one without each.
    fn edit() -> PromptEdit {
        let set = vec![
            prompt("a", &[("de", "Wie viele?"), ("en", "How many?")]),
            prompt("b", &[("en", "Three?"), ("sw", "Tatu?")]),
            prompt("c", &[("de", "Vier?"), ("sw", "Nne?")]),
        ];
        PromptEdit::new(Arc::new(set), "de".into())
    }

    fn drafted() -> PromptEdit {
        let mut edit = edit();
        for (key, language, reply) in [(0, "sw", "Ngapi?"), (1, "de", "Drei?"), (2, "en", "Four?")] {
            assert_eq!(edit.put_draft(key, &language.into(), reply, "Tiny"), Ok(true), "{language}");
        }
        edit
    }

    #[test]
    fn what_is_missing_is_translated_from_english_else_from_the_anchor_and_never_from_a_draft() {
        let mut edit = edit();
        let missing = edit.missing();
        assert_eq!(edit.n_missing(), 3);
        let tags: Vec<(usize, &str)> = missing.iter().map(|(key, tag)| (*key, tag.as_str())).collect();
        assert_eq!(tags, [(0, "sw"), (1, "de"), (2, "en")]);
        let (en, de, sw) = (Language::from("en"), Language::from("de"), Language::from("sw"));
        assert_eq!(edit.source(0, &sw), Some(("a", &en, "How many?")));
        assert_eq!(edit.source(2, &en), Some(("c", &de, "Vier?")));
        assert_eq!(edit.source(0, &en), None, "it is there");
        edit.put_draft(2, &en, "Four?", "Tiny").unwrap();
        edit.add_language("Bengali").unwrap();
        assert_eq!(edit.n_missing(), 5, "two of before, and Bengali three times");
        let bn = Language::from("bn");
        assert_eq!(edit.source(2, &bn), Some(("c", &de, "Vier?")), "the English text is a draft");
        edit.set_text(1, &sw, String::new());
        assert_eq!(edit.source(1, &sw), Some(("b", &en, "Three?")));
        // A prompt without a text has nothing to translate.
        let key = edit.add();
        let n_missing = edit.n_missing();
        assert_eq!((n_missing, edit.missing().len()), (6, 6));
        edit.set_text(key, &"pt".into(), " ".into());
        assert_eq!((edit.n_missing(), edit.source(key, &sw)), (n_missing, None));
        edit.set_text(key, &sw, "Tano?".into());
        assert_eq!(edit.source(key, &en), Some(("prompt-4", &sw, "Tano?")));
    }

    #[test]
    fn a_draft_is_marked_until_it_is_confirmed_or_written_anew_and_discarded_with_its_text() {
        let mut edit = drafted();
        let (en, de, sw) = (Language::from("en"), Language::from("de"), Language::from("sw"));
        assert_eq!((edit.n_drafts(), edit.n_missing(), edit.is_changed()), (3, 0, true));
        assert_eq!(edit.prompt(0).unwrap().drafted_by(&sw), Some("Tiny"));
        assert_eq!(
            (edit.next_draft(None), edit.next_draft(Some(0)), edit.next_draft(Some(2))),
            (Some(0), Some(1), Some(0))
        );
        edit.confirm(0, &sw);
        edit.set_text(1, &de, "Drei Stück?".into());
        assert_eq!((edit.n_drafts(), edit.next_draft(None)), (1, Some(2)));
        edit.discard(2, &en);
        edit.discard(0, &de);
        assert_eq!((edit.n_drafts(), edit.n_missing(), edit.next_draft(Some(1))), (0, 1, None));
        let set = edit.finish();
        assert!(set.iter().all(|prompt| prompt.drafts.is_empty()));
        assert_eq!(set[0].text[&sw], "Ngapi?");
        assert_eq!(set[0].text[&de], "Wie viele?", "what is no draft is not discarded");
        assert_eq!(set[1].text[&de], "Drei Stück?");
        assert!(!set[2].text.contains_key(&en));
    }

    #[test]
    fn all_drafts_are_confirmed_or_discarded_at_once_and_go_along_with_the_set() {
        let mut confirmed = drafted();
        confirmed.confirm_all();
        assert_eq!((confirmed.n_drafts(), confirmed.n_missing()), (0, 0));
        let mut discarded = drafted();
        discarded.discard_all();
        let base = edit().finish();
        assert_eq!((discarded.n_drafts(), discarded.n_missing()), (0, 3));
        assert_eq!(discarded.finish(), base);
        let set = drafted().finish();
        assert_eq!(set[2].drafted_by(&"en".into()), Some("Tiny"));
        let again = PromptEdit::new(Arc::new(set), "de".into());
        assert_eq!((again.n_drafts(), again.is_changed()), (3, false));
    }

    #[test]
    fn a_text_that_came_meanwhile_stays_and_a_draft_that_says_nothing_is_refused() {
        let (mut edit, sw) = (edit(), Language::from("sw"));
        assert_eq!(edit.put_draft(0, &sw, " \"How many?\"\n", "Tiny"), Err(Refused::Same));
        assert_eq!(edit.put_draft(0, &sw, "\n", "Tiny"), Err(Refused::Empty));
        assert!(!edit.is_changed());
        edit.set_text(0, &sw, "Kiasi gani?".into());
        assert_eq!(edit.put_draft(0, &sw, "Ngapi?", "Tiny"), Ok(false));
        edit.delete(1);
        assert_eq!(edit.put_draft(1, &"de".into(), "Drei?", "Tiny"), Ok(false));
        assert_eq!((edit.n_drafts(), edit.prompt(0).unwrap().text[&sw].as_str()), (0, "Kiasi gani?"));
    }
}
