//! What the lesson knows: the link, the scenes, the texts, and what was predicted.

use std::{collections::BTreeMap, sync::Arc};

use leptos::{ev, prelude::*, task::spawn_local};

use super::host::{Host, fetch_text};
use crate::lesson::{
    Link, LinkProblem, Prediction, Question, Scenes, Step, Verdict,
    result::{LessonResult, StepResult},
    texts::{LANGUAGES, Texts},
};

/// Milliseconds that a step is shown, and then its answer, while the lesson plays.
const PLAY_MS: u64 = 6_000;

/// The lesson; a handle on signals.
#[derive(Clone, Copy)]
pub struct Lesson {
    host: StoredValue<Host, LocalStorage>,
    /// What is shown.
    pub link: RwSignal<Link>,
    /// What of the link could not be read.
    pub problems: RwSignal<Vec<LinkProblem>>,
    /// What the steps show; `None` while it is computed.
    pub scenes: RwSignal<Option<Arc<Scenes>>>,
    /// Why there are no scenes, in words.
    pub fault: RwSignal<Option<String>>,
    /// Whether they are of the session on the desk.
    pub is_mine: RwSignal<bool>,
    /// English texts, and those of the language.
    texts: RwSignal<(Arc<Texts>, Arc<Texts>)>,
    /// What is predicted now, by step.
    pub predicted: RwSignal<BTreeMap<usize, Prediction>>,
    /// What was predicted when the answer was first shown, and whether it held, by step.
    pub results: RwSignal<BTreeMap<usize, StepResult>>,
    /// Steps whose answer is shown.
    pub revealed: RwSignal<Vec<Step>>,
    /// Where the number that was pressed comes from.
    pub origin: RwSignal<Option<String>>,
    /// The term that is explained.
    pub term: RwSignal<Option<String>>,
    /// Whether it goes on by itself.
    pub is_playing: RwSignal<bool>,
}

impl Lesson {
    /// A fresh one; [`Lesson::start`] fills it.
    pub fn new(host: Host) -> Self {
        Self {
            host: StoredValue::new_local(host),
            link: RwSignal::default(),
            problems: RwSignal::default(),
            scenes: RwSignal::default(),
            fault: RwSignal::default(),
            is_mine: RwSignal::new(false),
            texts: RwSignal::default(),
            predicted: RwSignal::default(),
            results: RwSignal::default(),
            revealed: RwSignal::default(),
            origin: RwSignal::default(),
            term: RwSignal::default(),
            is_playing: RwSignal::new(false),
        }
    }

    /// The one of this view.
    pub fn here() -> Self {
        expect_context()
    }

    /// Follows the address, and fetches texts and scenes whenever what they depend on changes.
    pub fn start(self) {
        self.read();
        let handle = window_event_listener(ev::hashchange, move |_| self.read());
        on_cleanup(move || handle.remove());
        let language = Memo::new(move |_| self.link.with(|link| link.language));
        Effect::new(move |_| self.fetch_texts(language.get()));
        // What decides the scenes.
        let of = Memo::new(move |_| {
            let link = self.link.get();
            (
                Link { seed: link.seed, prompts: link.prompts, margin: link.margin, ..Link::default() },
                self.is_mine.get(),
            )
        });
        Effect::new(move |_| of.with(|(link, is_mine)| self.fetch_scenes(link.write(), *is_mine)));
        Effect::new(move |_| self.play());
    }

    fn read(self) {
        let hash = window().location().hash().unwrap_or_default();
        if !hash.trim_start_matches('#').starts_with("lesson") {
            return;
        }
        let (link, problems) = Link::read(&hash, &LANGUAGES);
        if self.link.with_untracked(|now| *now != link) {
            self.origin.set(None);
            self.term.set(None);
            self.link.set(link);
        }
        self.problems.set(problems);
    }

    /// Changes the address; what is shown follows.
    pub fn go(self, change: impl FnOnce(&mut Link)) {
        let mut link = self.link.get_untracked();
        change(&mut link);
        // Refused only in a document without a location.
        let _set = window().location().set_hash(&link.write());
    }

    fn fetch_texts(self, language: &'static str) {
        spawn_local(async move {
            let mut english = self.texts.with_untracked(|texts| Arc::clone(&texts.0));
            if english.all().next().is_none() {
                english =
                    Arc::new(Texts::read(&fetch_text("static/lesson/en.ftl").await.unwrap_or_default()));
            }
            let own = match language {
                "en" => Arc::clone(&english),
                other => {
                    let file = fetch_text(&format!("static/lesson/{other}.ftl")).await;
                    Arc::new(Texts::read(&file.unwrap_or_default()))
                }
            };
            if self.link.try_with_untracked(|link| link.language) == Some(language) {
                self.texts.set((english, own));
            }
        });
    }

    fn fetch_scenes(self, link: String, is_mine: bool) {
        let host = self.host.get_value();
        self.scenes.set(None);
        self.fault.set(None);
        self.revealed.set(Vec::new());
        spawn_local(async move {
            let found = host.scenes(&link, is_mine).await;
            match found {
                Ok(Some(scenes)) => {
                    let _gone = self.scenes.try_set(Some(Arc::new(scenes)));
                }
                // There is no session of one's own: the example it is.
                Ok(None) => {
                    let _gone = self.is_mine.try_set(false);
                }
                Err(reason) => {
                    let _gone = self.fault.try_set(Some(reason));
                }
            }
        });
    }

    /// Whether texts and scenes are here; tracked.
    pub fn is_ready(self) -> bool {
        self.scenes.with(Option::is_some) && self.texts.with(|texts| texts.0.all().next().is_some())
    }

    /// A text in the lesson's language, else in English; its name if there is none. Tracked.
    pub fn t(self, name: &str, values: &[(&str, &str)]) -> String {
        self.texts.with(|(english, own)| {
            own.get(name, values).or_else(|| english.get(name, values)).unwrap_or_else(|| name.to_owned())
        })
    }

    /// Whether a text is there.
    pub fn has(self, name: &str) -> bool {
        self.texts.with(|(english, _)| english.get(name, &[]).is_some())
    }

    /// Whether the lesson's language has a text of its own by that name.
    pub fn has_own(self, name: &str) -> bool {
        self.texts.with(|(_, own)| own.get(name, &[]).is_some())
    }

    /// Names of the terms.
    pub fn terms(self) -> Vec<String> {
        self.texts.with(|(english, _)| english.names("term-").map(str::to_owned).collect())
    }

    /// The step that is shown; tracked.
    pub fn step(self) -> Step {
        self.link.with(|link| link.step)
    }

    /// What a step asks.
    pub fn question(self, step: Step) -> Option<Question> {
        self.scenes.with_untracked(|scenes| scenes.as_ref()?.question(step))
    }

    /// Whether the answer of a step is shown; tracked.
    pub fn is_revealed(self, step: Step) -> bool {
        self.revealed.with(|revealed| revealed.contains(&step))
    }

    /// Shows the answer of a step. The first prediction counts.
    pub fn reveal(self, step: Step) {
        let Some(question) = self.question(step) else { return };
        let prediction = self.predicted.with_untracked(|all| all.get(&step.number()).cloned());
        if let Some(prediction) = prediction {
            let verdict = question.verdict(&prediction);
            let result = StepResult::new(step, prediction, question.right(), verdict);
            self.results.update(|results| {
                results.entry(step.number()).or_insert(result);
            });
        }
        self.revealed.update(|revealed| revealed.push(step));
    }

    /// How right the prediction of a step is now.
    pub fn verdict(self, step: Step) -> Option<Verdict> {
        let prediction = self.predicted.with(|all| all.get(&step.number()).cloned())?;
        Some(self.question(step)?.verdict(&prediction))
    }

    /// The result, to be downloaded.
    pub fn result(self, name: String) -> LessonResult {
        let steps = self.results.with_untracked(|results| results.values().cloned().collect());
        LessonResult::new(name, format!("#{}", self.link.get_untracked().write()), steps)
    }

    /// Goes on by itself: the answer, then the next step, to the end.
    fn play(self) {
        let step = self.step();
        let is_shown = self.is_revealed(step);
        if !self.is_playing.get() || !self.is_ready() {
            return;
        }
        if step.next() == step && is_shown {
            return self.is_playing.set(false);
        }
        let go_on = move || {
            if self.is_playing.get_untracked() && self.step() == step {
                if is_shown || self.question(step).is_none() {
                    self.go(|link| link.step = step.next());
                } else {
                    self.reveal(step);
                }
            }
        };
        let handle = set_timeout_with_handle(go_on, std::time::Duration::from_millis(PLAY_MS));
        on_cleanup(move || {
            if let Ok(handle) = handle {
                handle.clear();
            }
        });
    }
}
