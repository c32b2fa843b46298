//! What the screen looks at, and the computations behind it: in slices, dropped when what they were for has changed.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{slices::in_slices, state::Workbench};
use crate::{
    align::mlc::{LossForm, MlcSettings, SetMlc, TAU},
    data::{Language, RepresentedText},
    pictures::represent::{LayerFacts, LayerScan, MlcScan, Source, sources},
};

/// Choices and what was computed for them.
#[derive(Clone, Copy)]
pub struct Study {
    /// The page.
    pub page: Workbench,
    /// What was read, and how it became one vector.
    pub source: RwSignal<Option<Source>>,
    /// Which layer, by its place among the facts.
    pub at: RwSignal<usize>,
    /// Which prompt; `None` is the mean over all.
    pub prompt: RwSignal<Option<usize>>,
    /// Temperature of the loss.
    pub tau: RwSignal<f64>,
    /// Form of the loss.
    pub form: RwSignal<LossForm>,
    /// Languages switched off in the spectrum.
    pub off: RwSignal<Vec<Language>>,
    /// What is known of each layer; empty while it is computed.
    pub facts: RwSignal<Arc<Vec<LayerFacts>>>,
    /// The loss of each layer; empty while it is computed.
    pub sets: RwSignal<Arc<Vec<SetMlc>>>,
    /// Layers that are done, and how many there are.
    pub progress: RwSignal<(usize, usize)>,
}

impl Study {
    /// Starts with the first source of the session; computes again whenever source, record or settings change.
    pub fn new(page: Workbench) -> Self {
        let study = Self {
            page,
            source: RwSignal::new(None),
            at: RwSignal::new(0),
            prompt: RwSignal::new(None),
            tau: RwSignal::new(TAU),
            form: RwSignal::new(LossForm::default()),
            off: RwSignal::new(Vec::new()),
            facts: RwSignal::default(),
            sets: RwSignal::default(),
            progress: RwSignal::new((0, 0)),
        };
        // Counts what is asked for: a computation for an older count is of no use any more.
        let (scan, mlc) = (StoredValue::new(0_u32), StoredValue::new(0_u32));
        Effect::new(move |_| {
            page.record.track();
            let found = study.sources();
            let chosen =
                study.source.get().filter(|source| found.contains(source)).or(found.first().copied());
            if chosen != study.source.get_untracked() {
                return study.source.set(chosen);
            }
            if let Some(source) = chosen {
                scan.update_value(|n| *n += 1);
                study.scan(source, scan);
            }
        });
        Effect::new(move |_| {
            let settings = study.settings();
            let facts = study.facts.get();
            mlc.update_value(|n| *n += 1);
            study.sets.set(Arc::default());
            if !facts.is_empty() {
                study.losses(facts, settings, mlc);
            }
        });
        study
    }

    /// What the session has states of.
    pub fn sources(self) -> Vec<Source> {
        self.page.desk.with_untracked(|desk| {
            desk.as_ref()
                .map(|desk| sources(&desk.session().measurements.representations))
                .unwrap_or_default()
        })
    }

    /// Form and temperature; tracked.
    pub fn settings(self) -> MlcSettings {
        MlcSettings { form: self.form.get(), tau: self.tau.get() }
    }

    /// The session's languages, anchor first as the run has them.
    pub fn languages(self) -> Vec<Language> {
        self.page.sheet.with(|sheet| sheet.languages.clone())
    }

    /// Whether all is computed; tracked.
    pub fn is_ready(self) -> bool {
        let n = self.facts.with(|facts| facts.len());
        n > 0 && self.sets.with(|sets| sets.len()) == n
    }

    /// How far it is.
    pub fn progress_words(self) -> String {
        let (done, total) = self.progress.get();
        format!("Comparing languages: {done} of {total} layers")
    }

    /// Gives the chosen layer and its losses to `draw`; tracked.
    pub fn with_layer<T>(self, draw: impl FnOnce(&LayerFacts, &SetMlc) -> T) -> Option<T> {
        let at = self.at.get();
        self.facts.with(|facts| self.sets.with(|sets| Some(draw(facts.get(at)?, sets.get(at)?))))
    }

    /// Whether all texts look the same at a layer, as each is seen by its last token; tracked.
    pub fn sees_one_token(self, layer: &LayerFacts) -> bool {
        self.source.get().is_some_and(|source| layer.sees_one_token(source))
    }

    fn scan(self, source: Source, count: StoredValue<u32>) {
        let mine = count.get_value();
        let Some(session) = self.page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.shared()))
        else {
            return;
        };
        self.facts.set(Arc::default());
        spawn_local(async move {
            let all = &session.measurements.representations;
            let mut scan = LayerScan::new(all, source);
            let is_wanted = move || count.try_get_value() == Some(mine);
            in_slices(|| {
                let is_left = is_wanted() && scan.step(all);
                if is_wanted() && self.progress.get_untracked() != scan.progress() {
                    self.progress.set(scan.progress());
                }
                is_left
            })
            .await;
            if is_wanted() {
                let facts = scan.finish();
                let last = facts.len().saturating_sub(1);
                // MLC looks at the last layer, AlignX at the middle one.
                let at = if source.0 == RepresentedText::Plain { last.div_ceil(2) } else { last };
                self.at.set(at);
                self.facts.set(Arc::new(facts));
            }
        });
    }

    fn losses(self, facts: Arc<Vec<LayerFacts>>, settings: MlcSettings, count: StoredValue<u32>) {
        let mine = count.get_value();
        spawn_local(async move {
            let mut scan = MlcScan::new(settings);
            let is_wanted = move || count.try_get_value() == Some(mine);
            in_slices(|| is_wanted() && scan.step(&facts)).await;
            if is_wanted() {
                self.sets.set(Arc::new(scan.finish()));
            }
        });
    }
}
