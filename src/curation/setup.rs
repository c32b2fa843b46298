//! The next run, as it is being set up: which prompts, which languages, which settings.
//!
//! Pure: components call the methods here and never set fields, so a setup is always one that can be
//! shown; [`Setup::blockers`] says in words what still keeps it from running.

use std::{borrow::Cow, collections::BTreeSet};

use crate::data::{
    Language, MOST_TOKENS, MOST_TOKENS_THINKING, Prompt, RunSize, SessionConfig, Spellings, check_run,
    languages_of,
};

/// How many of the starter prompts the first run takes.
pub const STARTER_COUNT: usize = 8;

/// How many prompts a warning names.
const LISTED_IDS: usize = 5;

/// Where the prompts came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PromptOrigin {
    /// Those that ship with the teaching model.
    #[default]
    Starter,
    /// A file that was opened.
    File(String),
    /// A session that was opened.
    Session,
}

/// Prompts, languages and settings of the next run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    all: Vec<Prompt>,
    n_prompts: usize,
    origin: PromptOrigin,
    config: SessionConfig,
}

impl Setup {
    /// Takes a prompt set: all its languages, anchor first; the first [`STARTER_COUNT`] of the starter set, else all.
    pub fn set_prompts(&mut self, prompts: Vec<Prompt>, origin: PromptOrigin) {
        self.n_prompts = match origin {
            PromptOrigin::Starter => prompts.len().min(STARTER_COUNT),
            _ => prompts.len(),
        };
        self.all = prompts;
        self.origin = origin;
        self.config.spellings = Spellings::default();
        let available = self.available_languages();
        if !available.contains(&self.config.anchor)
            && let Some(first) = available.first()
        {
            self.config.anchor = first.clone();
        }
        self.config.task = self.all.first().map(|prompt| prompt.task).unwrap_or_default();
        self.config.languages = self.available_languages();
    }

    /// Takes the prompts and settings of a session, to run more of the same.
    pub fn set_session(&mut self, prompts: Vec<Prompt>, config: SessionConfig) {
        self.n_prompts = prompts.len();
        self.all = prompts;
        self.origin = PromptOrigin::Session;
        self.config = config;
    }

    /// Takes settings, all but what the prompts decide: languages and their spellings, anchor and task.
    pub fn set_config(&mut self, config: SessionConfig) {
        let old = std::mem::replace(&mut self.config, config);
        self.config.languages = old.languages;
        self.config.anchor = old.anchor;
        self.config.task = old.task;
        self.config.spellings = old.spellings;
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

    /// All prompts of the set, those that will not run among them.
    pub fn all_prompts(&self) -> &[Prompt] {
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

    /// What will leave rows without a pair, each with what to do; nothing that keeps this from running.
    pub fn warnings(&self) -> Vec<String> {
        let (anchor, prompts) = (&self.config.anchor, self.prompts());
        let lacking: Vec<&str> =
            prompts.iter().filter(|p| !p.text.contains_key(anchor)).map(|p| p.id.as_str()).collect();
        if lacking.is_empty() || lacking.len() == prompts.len() {
            return Vec::new();
        }
        let more = if lacking.len() > LISTED_IDS { ", …" } else { "" };
        let instead = match names(&anchors_of_all(prompts)) {
            names if names.is_empty() => "No language has a text in every prompt.".to_owned(),
            names => format!("As the anchor of every prompt you can choose {names}."),
        };
        vec![format!(
            "{} of {} prompts have no {} text, so they get no reference and no pair: {}{more}. {instead}",
            lacking.len(),
            prompts.len(),
            anchor.info().english,
            lacking[..lacking.len().min(LISTED_IDS)].join(", "),
        )]
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
mod tests {
    use super::*;
    use crate::data::TaskKind;

    fn prompt(id: &str, languages: &[&str]) -> Prompt {
        let text = languages.iter().map(|tag| (Language::from(*tag), format!("{id} in {tag}"))).collect();
        Prompt { id: id.to_owned(), task: TaskKind::Math, answer: None, text }
    }

    fn tags(languages: &[Language]) -> Vec<&str> {
        languages.iter().map(Language::as_str).collect()
    }

    #[test]
    fn starter_prompts_run_eight_and_the_anchor_comes_first() {
        let mut setup = Setup::default();
        let all: Vec<Prompt> = (0..20).map(|i| prompt(&i.to_string(), &["ar", "de", "en", "sw"])).collect();
        setup.set_prompts(all, PromptOrigin::Starter);
        assert_eq!((setup.prompts().len(), setup.n_available()), (8, 20));
        assert_eq!(tags(&setup.config().languages), ["en", "de", "ar", "sw"]);
        assert_eq!(setup.n_responses(), 8 * 4 * 8);
        assert!(setup.blockers().is_empty());
        setup.set_count(100);
        assert_eq!(setup.prompts().len(), 20);
        setup.set_count(0);
        assert_eq!(setup.prompts().len(), 1);
    }

    #[test]
    fn languages_are_toggled_in_place_and_the_anchor_stays() {
        let mut setup = Setup::default();
        setup.set_prompts(vec![prompt("a", &["ar", "de", "en"])], PromptOrigin::File("x".into()));
        setup.toggle_language(&"ar".into());
        setup.toggle_language(&"en".into());
        assert_eq!(tags(&setup.config().languages), ["en", "de"]);
        setup.toggle_language(&"ar".into());
        setup.set_anchor("de".into());
        assert_eq!(tags(&setup.config().languages), ["de", "en", "ar"]);
    }

    #[test]
    fn a_set_without_the_anchor_takes_another() {
        let mut setup = Setup::default();
        setup.set_prompts(vec![prompt("a", &["sw", "de"])], PromptOrigin::File("x".into()));
        assert_eq!(setup.config().anchor.as_str(), "de");
    }

    #[test]
    fn responses_count_only_texts_that_exist() {
        let mut setup = Setup::default();
        setup.set_prompts(vec![prompt("a", &["en", "de"]), prompt("b", &["en"])], PromptOrigin::Session);
        assert_eq!(setup.n_responses(), 3 * 8);
    }

    #[test]
    fn a_run_costs_its_responses_times_their_limit() {
        let mut setup = Setup::default();
        setup.set_prompts(vec![prompt("a", &["en", "de"])], PromptOrigin::Session);
        assert_eq!(setup.most_tokens(4_096, false), 16.0 * 1_024.0);
        assert_eq!((setup.most_tokens(4_096, true), setup.most_tokens(500, true)), (16.0 * 4_096.0, 8_000.0));
        setup.change(|config| config.max_tokens = Some(100));
        assert_eq!(setup.most_tokens(4_096, true), 1_600.0);
    }

    #[test]
    fn prompts_without_the_anchor_are_named_with_anchors_that_all_have() {
        let mut setup = Setup::default();
        let set = vec![
            prompt("a", &["de", "en", "sw"]),
            prompt("b", &["de", "sw"]),
            prompt("c", &["de", "sw", "zh-Hans"]),
        ];
        assert_eq!(tags(&anchors_of_all(&set)), ["de", "sw"]);
        setup.set_prompts(set, PromptOrigin::File("x".into()));
        let warnings = setup.warnings();
        assert!(warnings[0].contains("2 of 3 prompts have no English text"), "{warnings:?}");
        assert!(warnings[0].contains(": b, c.") && warnings[0].contains("German, Swahili"), "{warnings:?}");
        assert!(setup.blockers().is_empty());
        setup.set_anchor("de".into());
        assert_eq!(setup.warnings(), Vec::<String>::new());
        setup.set_anchor("fr".into());
        assert_eq!((setup.warnings().len(), setup.blockers().len()), (0, 1));
        let many = (0..9).map(|i| prompt(&format!("p{i}"), &["de", "sw"]));
        let many = many.chain([prompt("q", &["en", "sw"])]).collect();
        setup.set_anchor("en".into());
        setup.set_prompts(many, PromptOrigin::File("y".into()));
        assert!(setup.warnings()[0].contains("p4, …. As the anchor"), "{:?}", setup.warnings());
        assert_eq!(anchors_of_all(&[]), []);
    }

    #[test]
    fn code_prompts_can_run() {
        let mut setup = Setup::default();
        let code = Prompt { task: TaskKind::Code, ..prompt("a", &["en", "de"]) };
        setup.set_prompts(vec![code], PromptOrigin::File("x".into()));
        assert_eq!((setup.config().task, setup.blockers().len()), (TaskKind::Code, 0));
    }

    #[test]
    fn each_blocker_is_named() {
        let mut setup = Setup::default();
        assert_eq!(setup.blockers().len(), 1);
        setup.set_prompts(vec![prompt("a", &["en", "de"])], PromptOrigin::Session);
        setup.toggle_language(&"de".into());
        setup.change(|config| {
            config.n = 1;
            config.max_tokens = Some(0);
        });
        assert_eq!(setup.blockers().len(), 3);
    }
    #[test]
    fn settings_of_a_file_that_no_run_could_have_block_it() {
        let mut setup = Setup::default();
        let prompts: Vec<Prompt> = (0..600).map(|i| prompt(&i.to_string(), &["en", "de"])).collect();
        setup.set_prompts(prompts, PromptOrigin::Session);
        assert_eq!(setup.blockers().len(), 0);
        for (n, wanted) in
            [(u32::MAX, "n: the number is 4294967295; it must be 1 to 1024"), (1_024, "1228800 responses")]
        {
            setup.change(|config| config.n = n);
            let blockers = setup.blockers();
            assert!(blockers.len() == 1 && blockers[0].contains(wanted), "{blockers:?}");
        }
    }

    #[test]
    fn languages_are_asked_in_the_order_that_scripts_ask_them() {
        let mut setup = Setup::default();
        let prompts = vec![prompt("a", &["ar", "sw", "zz"]), prompt("b", &["sw", "de", "en"])];
        setup.set_prompts(prompts.clone(), PromptOrigin::File("x".into()));
        assert_eq!(setup.config().languages, languages_of(&prompts, &"en".into()));
    }
}
