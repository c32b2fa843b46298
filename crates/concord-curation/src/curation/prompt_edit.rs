//! A prompt set under a person's hands: prompts added, changed and deleted, and nothing taken over before they say so.
//!
//! Only what was changed is copied, so that a set of any size opens at once. Problems are those that reading a file would
//! name, in its words, and each prompt is looked at again only when it changes.

mod drafts;

use std::{collections::HashSet, mem, sync::Arc};

use crate::{
    align::unreadable_gold,
    data::{
        ImportProblem, Language, MOST_LANGUAGES, ProblemKind, Prompt, RowProblem, TaskKind, languages_of,
    },
};

/// A set that is being edited.
#[derive(Clone, Debug)]
pub struct PromptEdit {
    /// The set as it was.
    base: Arc<Vec<Prompt>>,
    anchor: Language,
    /// By rising key.
    rows: Vec<Row>,
    languages: Vec<Language>,
    next_key: usize,
    is_changed: bool,
}

/// A prompt: of the set as it was by its place there, or as it is written now.
#[derive(Clone, Debug)]
struct Row {
    key: usize,
    own: Option<Box<Prompt>>,
    flaw: Option<Flaw>,
    /// Texts that are not blank, and how many of the texts are drafts.
    n_texts: usize,
    n_drafts: usize,
}

impl Row {
    fn new(key: usize, prompt: &Prompt, anchor: &Language) -> Self {
        let mut row = Self { key, own: None, flaw: None, n_texts: 0, n_drafts: 0 };
        row.look_at(prompt, anchor);
        row
    }

    fn look_at(&mut self, prompt: &Prompt, anchor: &Language) {
        self.n_texts = prompt.text.values().filter(|text| is_text(text)).count();
        self.n_drafts = prompt.drafts.len();
        self.flaw = flaw(prompt, self.n_texts, anchor);
    }
}

/// What keeps a prompt from being used, or from getting pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    /// Texts in fewer than two languages.
    TooFew(usize),
    NoAnchor,
}

impl PromptEdit {
    /// Begins with a set; its languages in their order, the anchor first.
    pub fn new(base: Arc<Vec<Prompt>>, anchor: Language) -> Self {
        let row = |(key, prompt)| Row::new(key, prompt, &anchor);
        let rows: Vec<Row> = base.iter().enumerate().map(row).collect();
        let mut languages = languages_of(&base, &anchor);
        if languages.is_empty() {
            languages.push(anchor.clone());
        }
        Self { next_key: base.len(), base, anchor, rows, languages, is_changed: false }
    }

    /// Takes all out, and leaves an empty set: for who edits no further.
    pub fn take(&mut self) -> Self {
        let empty = Self::new(Arc::default(), self.anchor.clone());
        mem::replace(self, empty)
    }

    /// How many prompts there are.
    pub fn n_prompts(&self) -> usize {
        self.rows.len()
    }

    /// How many of them can be used.
    pub fn n_usable(&self) -> usize {
        self.rows.iter().filter(|row| row.flaw != Some(Flaw::TooFew(0))).count()
    }

    /// Whether anything was changed.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The languages that texts are asked for in.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Names of some prompts in a row, which hold as long as the prompt is there.
    pub fn keys(&self, from: usize, n: usize) -> Vec<usize> {
        self.rows.iter().skip(from).take(n).map(|row| row.key).collect()
    }

    /// The place of a prompt, from 0.
    pub fn place(&self, key: usize) -> Option<usize> {
        self.rows.binary_search_by_key(&key, |row| row.key).ok()
    }

    /// A prompt as it is now.
    pub fn prompt(&self, key: usize) -> Option<&Prompt> {
        self.rows.get(self.place(key)?).and_then(|row| self.of_row(row))
    }

    fn of_row<'a>(&'a self, row: &'a Row) -> Option<&'a Prompt> {
        row.own.as_deref().or_else(|| self.base.get(row.key))
    }

    /// Writes a text, which is no draft then; an empty one is none.
    pub fn set_text(&mut self, key: usize, language: &Language, text: String) {
        self.change(key, |prompt| {
            prompt.drafts.remove(language);
            if text.is_empty() {
                prompt.text.remove(language);
            } else {
                prompt.text.insert(language.clone(), text);
            }
        });
    }

    /// Writes the gold answer; an empty one is none.
    pub fn set_answer(&mut self, key: usize, answer: String) {
        self.change(key, |prompt| prompt.answer = Some(answer).filter(|answer| !answer.is_empty()));
    }

    /// Says what kind of answer the prompt asks for.
    pub fn set_task(&mut self, key: usize, task: TaskKind) {
        self.change(key, |prompt| prompt.task = task);
    }

    fn change(&mut self, key: usize, change: impl FnOnce(&mut Prompt)) {
        let Some(place) = self.place(key) else { return };
        let row = &mut self.rows[place];
        let Some(mut prompt) = row.own.take().or_else(|| self.base.get(key).cloned().map(Box::new)) else {
            return;
        };
        change(&mut prompt);
        row.look_at(&prompt, &self.anchor);
        row.own = Some(prompt);
        self.is_changed = true;
    }

    /// Adds a prompt without a text at the end, with an id of its own and the task of the one before; its key.
    pub fn add(&mut self) -> usize {
        let used: HashSet<&str> =
            self.rows.iter().filter_map(|row| self.of_row(row)).map(|prompt| prompt.id.as_str()).collect();
        let mut number = self.rows.len() + 1;
        while used.contains(format!("prompt-{number}").as_str()) {
            number += 1;
        }
        let task = self.rows.last().and_then(|row| self.of_row(row)).map(|prompt| prompt.task);
        let prompt =
            Prompt { id: format!("prompt-{number}"), task: task.unwrap_or_default(), ..Prompt::default() };
        let key = self.next_key;
        self.next_key += 1;
        let row = Row::new(key, &prompt, &self.anchor);
        self.rows.push(Row { own: Some(Box::new(prompt)), ..row });
        self.is_changed = true;
        key
    }

    /// Deletes a prompt; the key of the one that is at its place then, or of the last one.
    pub fn delete(&mut self, key: usize) -> Option<usize> {
        let place = self.place(key)?;
        self.rows.remove(place);
        self.is_changed = true;
        self.rows.get(place).or(self.rows.last()).map(|row| row.key)
    }

    /// Deletes every prompt.
    pub fn delete_all(&mut self) {
        self.is_changed |= !self.rows.is_empty();
        self.rows.clear();
    }

    /// Adds a language, in any spelling, to those that texts are asked for in.
    ///
    /// # Errors
    /// In words for users: it is no language, it is there already, or there are too many.
    pub fn add_language(&mut self, spelling: &str) -> Result<Language, String> {
        let spelling = spelling.trim();
        let Some(language) = Language::parse(spelling) else {
            return Err(format!(
                "\"{spelling}\" is no language that Concord knows: write its name, or a tag such as sw or zh-Hans"
            ));
        };
        if self.languages.contains(&language) {
            return Err(format!("{} is among the languages already", language.info().english));
        }
        if self.languages.len() >= MOST_LANGUAGES {
            return Err(format!("there can be {MOST_LANGUAGES} languages"));
        }
        self.languages.push(language.clone());
        Ok(language)
    }

    /// What is wrong with a prompt, its gold answer too.
    pub fn problems_of(&self, key: usize) -> Vec<RowProblem> {
        let Some(row) = self.place(key).and_then(|place| self.rows.get(place)) else { return Vec::new() };
        let Some(prompt) = self.of_row(row) else { return Vec::new() };
        let found = row.flaw.map(|flaw| self.problem(flaw, prompt));
        let written = prompt.answer.as_deref().is_some_and(|answer| !answer.trim().is_empty());
        let gold =
            if written { unreadable_gold(std::slice::from_ref(prompt), &self.anchor) } else { Vec::new() };
        found.into_iter().chain(gold).collect()
    }

    /// How many problems the set has, without those of gold answers.
    pub fn n_problems(&self) -> usize {
        self.rows.iter().filter(|row| row.flaw.is_some()).count()
    }

    /// These problems, at most so many; those that leave a prompt out come first.
    pub fn problems(&self, most: usize) -> Vec<ImportProblem> {
        let found = self.rows.iter().filter_map(|row| Some((row, row.flaw?)));
        let leaves_out = |(_, flaw): &(&Row, Flaw)| *flaw == Flaw::TooFew(0);
        let ordered = found.clone().filter(leaves_out).chain(found.filter(|found| !leaves_out(found)));
        let problem = |(row, flaw): (&Row, Flaw)| Some(self.problem(flaw, self.of_row(row)?));
        ordered.take(most).filter_map(problem).map(ImportProblem::from).collect()
    }

    fn problem(&self, flaw: Flaw, prompt: &Prompt) -> RowProblem {
        let anchor = &self.anchor;
        let (kind, reason, fix, language) = match flaw {
            Flaw::TooFew(n) => (
                ProblemKind::OneLanguage,
                format!("there is a text in {n} of the two or more languages that consistency needs"),
                "add the same question in another language, or have it drafted",
                None,
            ),
            Flaw::NoAnchor => (
                ProblemKind::MissingAnchor,
                format!("there is no text in the anchor language {}", anchor.as_str()),
                "add it, or choose another anchor",
                Some(anchor.clone()),
            ),
        };
        let left_out = flaw == Flaw::TooFew(0);
        let (prompt_id, fix) = (Some(prompt.id.clone()), fix.to_owned());
        RowProblem { row: 0, prompt_id, language, kind, reason, fix, left_out }
    }

    /// The set as it was left, without the prompts that have no text. What was not changed stays byte for byte; of what was
    /// written, blank texts are none, and gold answers lose the spaces around them.
    pub fn finish(self) -> Vec<Prompt> {
        let base = Arc::try_unwrap(self.base).unwrap_or_else(|shared| shared.as_ref().clone());
        let mut base: Vec<Option<Prompt>> = base.into_iter().map(Some).collect();
        let usable = self.rows.into_iter().filter(|row| row.flaw != Some(Flaw::TooFew(0)));
        usable
            .filter_map(|row| match row.own {
                None => base.get_mut(row.key)?.take(),
                Some(mut prompt) => {
                    prompt.text.retain(|_, text| is_text(text));
                    let answer = prompt.answer.as_deref().map(str::trim).filter(|answer| !answer.is_empty());
                    prompt.answer = answer.map(str::to_owned);
                    Some(*prompt)
                }
            })
            .collect()
    }
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty()
}

fn flaw(prompt: &Prompt, n_texts: usize, anchor: &Language) -> Option<Flaw> {
    if n_texts < 2 {
        Some(Flaw::TooFew(n_texts))
    } else {
        (!prompt.text.get(anchor).is_some_and(|text| is_text(text))).then_some(Flaw::NoAnchor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(id: &str, texts: &[(&str, &str)]) -> Prompt {
        let text = texts.iter().map(|(tag, text)| (Language::from(*tag), (*text).to_owned())).collect();
        Prompt {
            id: id.to_owned(),
            task: TaskKind::Math,
            answer: Some("12".into()),
            text,
            ..Prompt::default()
        }
    }

    fn edit() -> PromptEdit {
        let set = vec![
            prompt("a", &[("en", " How many? "), ("de", "Wie viele?")]),
            prompt("prompt-3", &[("en", "Three?"), ("sw", "Tatu?")]),
            prompt("c", &[("de", "Vier?"), ("sw", "Nne?")]),
        ];
        PromptEdit::new(Arc::new(set), "en".into())
    }

    fn kinds(edit: &PromptEdit) -> Vec<(String, ProblemKind)> {
        let all = edit.problems(9).into_iter();
        all.map(|found| (found.problem.prompt_id.unwrap(), found.problem.kind)).collect()
    }

    #[test]
    fn what_is_not_changed_stays_as_it_was() {
        let edit = edit();
        assert!(!edit.is_changed());
        assert_eq!(edit.languages().iter().map(Language::as_str).collect::<Vec<_>>(), ["en", "de", "sw"]);
        assert_eq!(kinds(&edit), [("c".to_owned(), ProblemKind::MissingAnchor)]);
        let base = edit.base.as_ref().clone();
        assert_eq!(edit.finish(), base);
    }

    #[test]
    fn texts_answers_and_tasks_are_written_and_blank_ones_are_none() {
        let mut edit = edit();
        edit.set_text(2, &"en".into(), "Four?".into());
        edit.set_text(1, &"sw".into(), " \n".into());
        edit.set_answer(0, " see below ".into());
        assert_eq!(edit.problems_of(0)[0].kind, ProblemKind::UnreadableAnswer);
        edit.set_task(0, TaskKind::General);
        assert_eq!(edit.problems_of(0), []);
        assert_eq!(kinds(&edit), [("prompt-3".to_owned(), ProblemKind::OneLanguage)]);
        assert_eq!((edit.n_prompts(), edit.n_usable()), (3, 3), "what is missing may still be drafted");
        edit.set_text(1, &"en".into(), String::new());
        assert_eq!((edit.n_prompts(), edit.n_usable()), (3, 2));
        assert_eq!((edit.n_problems(), edit.problems(0).len()), (1, 0));
        edit.set_answer(2, "  ".into());
        assert_eq!(edit.problems_of(2), []);
        let set = edit.finish();
        assert_eq!(set.iter().map(|prompt| prompt.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!((set[0].answer.as_deref(), set[0].task), (Some("see below"), TaskKind::General));
        assert_eq!(set[0].text[&Language::from("en")], " How many? ");
        assert_eq!((set[1].text.len(), set[1].answer.as_deref()), (3, None));
    }

    #[test]
    fn prompts_are_added_with_an_id_of_their_own_and_deleted() {
        let mut edit = edit();
        assert_eq!(edit.delete(0), Some(1));
        let key = edit.add();
        // "prompt-3" is taken.
        assert_eq!(edit.prompt(key).unwrap().id, "prompt-4");
        assert_eq!(edit.keys(1, 9), [2, key]);
        assert_eq!(edit.problems_of(key)[0].kind, ProblemKind::OneLanguage);
        edit.set_text(key, &"en".into(), "Five?".into());
        edit.set_text(key, &"sw".into(), "Tano?".into());
        assert_eq!(edit.problems_of(key), []);
        assert_eq!((edit.delete(0), edit.place(key), edit.n_prompts()), (None, Some(2), 3));
        let ids: Vec<String> = edit.clone().finish().into_iter().map(|prompt| prompt.id).collect();
        assert_eq!(ids, ["prompt-3", "c", "prompt-4"]);
        assert_eq!(edit.delete(key), Some(2));
        edit.delete_all();
        assert_eq!((edit.n_prompts(), edit.finish().len()), (0, 0));
    }

    #[test]
    fn a_language_is_added_once_and_in_any_spelling() {
        let mut edit = edit();
        assert_eq!(edit.add_language(" Bengali "), Ok("bn".into()));
        assert_eq!(edit.add_language("zh-Hans").map(|language| language.0), Ok("zh-Hans".into()));
        assert!(edit.add_language("deu").unwrap_err().contains("German is among"));
        assert!(edit.add_language("no such thing").unwrap_err().contains("is no language"));
        assert!(edit.add_language("").is_err());
        assert_eq!(edit.languages().len(), 5);
        assert!(!edit.is_changed(), "a language without a text changes nothing");
    }

    #[test]
    fn an_empty_set_can_be_written() {
        let mut edit = PromptEdit::new(Arc::default(), "de".into());
        assert_eq!(edit.languages(), [Language::from("de")]);
        let key = edit.add();
        assert_eq!(edit.prompt(key).unwrap().id, "prompt-1");
        assert_eq!(edit.n_usable(), 0);
    }
}
