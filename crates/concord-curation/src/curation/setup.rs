//! The next run, as it is being set up: which prompts, which languages, which settings.
//!
//! Pure: components call the methods here and never set fields, so a setup is always one that can be
//! shown; [`Setup::blockers`] says in words what still keeps it from running.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use super::PromptEdit;
use crate::data::{
    Language, MOST_TOKENS, MOST_TOKENS_THINKING, Prompt, PromptSource, RunSize, SessionConfig, Spellings,
    check_run, languages_of,
};

/// How many of the starter prompts the first run takes.
pub const STARTER_COUNT: usize = 8;

/// How many prompts a warning names.
const LISTED_IDS: usize = 5;

/// A prompt set that ships with the teaching model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shipped {
    /// The few to begin with.
    Starter,
    /// The many to make pairs of.
    Practice,
}

impl Shipped {
    /// Its name, as a title.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starter => "Starter prompts",
            Self::Practice => "Practice prompts",
        }
    }

    /// Its file in `static`, without the ending.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Starter => "starter-prompts",
            Self::Practice => "practice-prompts",
        }
    }
}

/// Where the prompts came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptOrigin {
    /// A set that ships with the page.
    Shipped(Shipped),
    /// A file that was opened.
    File(String),
    /// A session that was opened.
    Session,
}

impl Default for PromptOrigin {
    fn default() -> Self {
        Self::Shipped(Shipped::Starter)
    }
}

/// Prompts, languages and settings of the next run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    all: Arc<Vec<Prompt>>,
    n_prompts: usize,
    origin: PromptOrigin,
    config: SessionConfig,
}

impl Setup {
    /// Takes a prompt set: all its languages, anchor first; the first [`STARTER_COUNT`] of a set that ships with the page, else all.
    pub fn set_prompts(&mut self, prompts: Vec<Prompt>, origin: PromptOrigin) {
        let n_all = prompts.len();
        (self.n_prompts, self.config.prompt_set) = match &origin {
            PromptOrigin::Shipped(set) => {
                let (source, licence) = ("Concord".into(), "MIT OR Apache-2.0".into());
                (n_all.min(STARTER_COUNT), PromptSource { name: set.name().into(), source, licence })
            }
            PromptOrigin::File(name) => (n_all, PromptSource::named(name)),
            PromptOrigin::Session => (n_all, PromptSource::default()),
        };
        self.all = Arc::new(prompts);
        self.origin = origin;
        self.config.spellings = Spellings::default();
        self.fit_anchor();
        self.config.languages = self.available_languages();
    }

    /// An anchor and a task that the set has.
    fn fit_anchor(&mut self) {
        let available = self.available_languages();
        if !available.contains(&self.config.anchor)
            && let Some(first) = available.first()
        {
            self.config.anchor = first.clone();
        }
        self.config.task = self.all.first().map(|prompt| prompt.task).unwrap_or_default();
    }

    /// The set, to be edited.
    pub fn edit(&self) -> PromptEdit {
        PromptEdit::new(Arc::clone(&self.all), self.config.anchor.clone())
    }

    /// Takes the set as it was edited. What is known of it, its spellings and the choice of languages stay; a language that is
    /// new is answered too.
    pub fn take_edit(&mut self, edit: PromptEdit) {
        let (had_all, old) = (self.n_prompts == self.all.len(), self.available_languages());
        // The editor is now the only one that has the old set, so that nothing is copied.
        self.all = Arc::default();
        self.all = Arc::new(edit.finish());
        self.n_prompts =
            if had_all { self.all.len() } else { self.n_prompts.clamp(1, self.all.len().max(1)) };
        if let PromptOrigin::Shipped(set) = self.origin {
            let name = format!("{}, edited", set.name());
            (self.origin, self.config.prompt_set.name) = (PromptOrigin::File(name.clone()), name);
        }
        self.fit_anchor();
        let chosen = std::mem::take(&mut self.config.languages);
        let is_chosen = |language: &Language| {
            *language == self.config.anchor || chosen.contains(language) || !old.contains(language)
        };
        let chosen = self.available_languages().into_iter().filter(is_chosen).collect();
        self.config.languages = chosen;
    }

    /// Takes the prompts and settings of a session, to run more of the same.
    pub fn set_session(&mut self, prompts: Vec<Prompt>, config: SessionConfig) {
        self.n_prompts = prompts.len();
        self.all = Arc::new(prompts);
        self.origin = PromptOrigin::Session;
        self.config = SessionConfig { imported_pairs: false, ..config };
    }

    /// Takes settings, all but what the prompts decide: languages and their spellings, anchor, task, and what
    /// is known of the set.
    pub fn set_config(&mut self, config: SessionConfig) {
        let old = std::mem::replace(&mut self.config, config);
        self.config.languages = old.languages;
        self.config.anchor = old.anchor;
        self.config.task = old.task;
        self.config.spellings = old.spellings;
        self.config.prompt_set = old.prompt_set;
    }

    /// Changes one setting.
    pub fn change(&mut self, change: impl FnOnce(&mut SessionConfig)) {
        change(&mut self.config);
    }

    /// Runs the first `n` prompts, at least one.
    pub fn set_count(&mut self, n: usize) {
        self.n_prompts = n.clamp(1, self.all.len().max(1)).min(self.all.len());
    }

    /// Answers in a language or not; the anchor always stays.
    pub fn toggle_language(&mut self, language: &Language) {
        if *language == self.config.anchor {
            return;
        }
        let chosen: BTreeSet<Language> = self.config.languages.iter().cloned().collect();
        let was_chosen = chosen.contains(language);
        self.config.languages = self
            .available_languages()
            .into_iter()
            .filter(|known| if known == language { !was_chosen } else { chosen.contains(known) })
            .collect();
    }

    /// Makes a language the anchor; it comes first and is answered.
    pub fn set_anchor(&mut self, anchor: Language) {
        let mut chosen: BTreeSet<Language> = self.config.languages.iter().cloned().collect();
        chosen.insert(anchor.clone());
        self.config.anchor = anchor;
        self.config.languages =
            self.available_languages().into_iter().filter(|known| chosen.contains(known)).collect();
    }

    /// The prompts that will run.
    pub fn prompts(&self) -> &[Prompt] {
        &self.all[..self.n_prompts.min(self.all.len())]
    }

    /// All prompts of the set.
    pub fn available(&self) -> &[Prompt] {
        &self.all
    }

    /// How many prompts the set has.
    pub fn n_available(&self) -> usize {
        self.all.len()
    }

    /// Where they came from.
    pub fn origin(&self) -> &PromptOrigin {
        &self.origin
    }

    /// The settings.
    pub fn config(&self) -> &SessionConfig {
        &self.config
    }

    /// Every language of the set: the anchor first, then those of the language table in its order, then by tag.
    pub fn available_languages(&self) -> Vec<Language> {
        languages_of(&self.all, &self.config.anchor)
    }

    /// Responses the run will make: one per prompt text in a chosen language and sample.
    pub fn n_responses(&self) -> usize {
        RunSize::of(self.prompts(), &self.config).n_responses
    }

    /// Tokens that the run makes at most, by a model with a context of `seq_len` tokens that thinks or does not: the
    /// responses times their limit, or times the highest that would be measured.
    pub fn most_tokens(&self, seq_len: u32, thinks: bool) -> f64 {
        let most = if thinks { MOST_TOKENS_THINKING } else { MOST_TOKENS };
        let limit = self.config.max_tokens.unwrap_or(most).min(seq_len);
        self.n_responses() as f64 * f64::from(limit)
    }

    /// How many texts of the run's prompts, in its languages, are drafts that nobody has confirmed.
    pub fn n_drafts(&self) -> usize {
        let drafts = self.prompts().iter().flat_map(|prompt| prompt.drafts.keys());
        drafts.filter(|language| self.config.languages.contains(language)).count()
    }

    /// What keeps this from running, each with what to do; empty when it can run.
    pub fn blockers(&self) -> Vec<Cow<'static, str>> {
        let config = &self.config;
        let mut found: Vec<Cow<'_, str>> = Vec::new();
        if self.prompts().is_empty() {
            found.push("There are no prompts: open a prompt set, or take the starter prompts.".into());
        } else if config.languages.len() < 2 {
            found.push("Consistency needs two languages: choose at least one besides the anchor.".into());
        }
        if config.n < 2 {
            found.push("A pair needs two responses: set samples to 2 or more.".into());
        }
        if config.max_tokens == Some(0) {
            found.push("Responses need room: set the token limit to 1 or more.".into());
        }
        let lacks_anchor = |prompt: &Prompt| !prompt.text.contains_key(&config.anchor);
        if !self.prompts().is_empty() && self.prompts().iter().all(lacks_anchor) {
            found.push("No prompt has a text in the anchor language: choose another anchor.".into());
        }
        // What only a file or a script can set.
        if found.is_empty() {
            let problems = check_run(self.prompts(), config);
            found.extend(
                problems.into_iter().map(|problem| format!("This run cannot start. {problem}.").into()),
            );
        }
        found
    }

    /// What a run should not be started without knowing, each with what to do; nothing that keeps this from running.
    pub fn warnings(&self) -> Vec<String> {
        let found = [self.lacking_anchor(), self.in_one_language(), self.unconfirmed()];
        found.into_iter().flatten().collect()
    }

    /// That prompts have nothing that another language could be compared with.
    fn in_one_language(&self) -> Option<String> {
        let languages = &self.config.languages;
        let is_alone = |prompt: &&Prompt| prompt.text.keys().filter(|l| languages.contains(l)).count() < 2;
        let n = self.prompts().iter().filter(is_alone).count();
        (n > 0 && languages.len() > 1).then(|| {
            format!(
                "{n} of {} prompts have a text in one of these languages only, so they get no pair. Write the others under \"Edit\", or have them drafted there.",
                self.prompts().len()
            )
        })
    }

    /// That texts are drafts.
    fn unconfirmed(&self) -> Option<String> {
        let is_asked = |prompt: &&Prompt| prompt.drafts.keys().any(|l| self.config.languages.contains(l));
        let n_prompts = self.prompts().iter().filter(is_asked).count();
        let (texts, are) =
            if self.n_drafts() == 1 { ("text", "is a draft") } else { ("texts", "are drafts") };
        (n_prompts > 0).then(|| {
            format!(
                "{} {texts} in {n_prompts} of {} prompts {are} that nobody has confirmed. Read them under \"Edit\" first, or their rows say so in what you export.",
                self.n_drafts(),
                self.prompts().len(),
            )
        })
    }

    /// What will leave rows without a pair.
    fn lacking_anchor(&self) -> Option<String> {
        let (anchor, prompts) = (&self.config.anchor, self.prompts());
        let lacking: Vec<&str> =
            prompts.iter().filter(|p| !p.text.contains_key(anchor)).map(|p| p.id.as_str()).collect();
        if lacking.is_empty() || lacking.len() == prompts.len() {
            return None;
        }
        let more = if lacking.len() > LISTED_IDS { ", …" } else { "" };
        let instead = match names(&anchors_of_all(prompts)) {
            names if names.is_empty() => "No language has a text in every prompt.".to_owned(),
            names => format!("As the anchor of every prompt you can choose {names}."),
        };
        Some(format!(
            "{} of {} prompts have no {} text, so they get no reference and no pair: {}{more}. {instead}",
            lacking.len(),
            prompts.len(),
            anchor.info().english,
            lacking[..lacking.len().min(LISTED_IDS)].join(", "),
        ))
    }
}

/// The languages that every prompt has a text in, by tag: those that can be the anchor of all.
pub fn anchors_of_all(prompts: &[Prompt]) -> Vec<Language> {
    let Some(first) = prompts.first() else { return Vec::new() };
    let of_all = first.text.keys().filter(|l| prompts.iter().all(|prompt| prompt.text.contains_key(l)));
    of_all.cloned().collect()
}

/// English names, joined.
fn names(languages: &[Language]) -> String {
    languages.iter().map(|language| language.info().english).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
