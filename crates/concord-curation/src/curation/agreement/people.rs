//! How far people agree with each other, by language and by two.
//!
//! A unit is a row (prompt and language) as its people left it. All its judgements count, settled or not: a settled conflict
//! is no agreement. What is computed is computed in steps, each short, so that a page never waits.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::super::Curation;
use super::judgement::{Judgement, N_PREFERENCES, preference};
use crate::align::raters::{Coefficient, Estimating, Level, Measure, Ratings, Unit, Weights};
use crate::data::Language;

/// Resamples behind an interval.
const N_RESAMPLES: usize = 1000;

/// How far people agree with each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PeopleAgreement {
    /// Who decided, in the order in which they first did.
    pub actors: Vec<String>,
    /// All rows.
    pub all: Reliability,
    /// In the order in which the languages first appear.
    pub by_language: Vec<(Language, Reliability)>,
    /// Every two people, each two once.
    pub pairs: Vec<PairAgreement>,
}

/// How far all people agree on some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reliability {
    /// Of all pairs of people who judged the same row, the share that judged it alike.
    pub same: Coefficient,
    /// Krippendorff's alpha of the judgements, as names.
    pub alpha: Coefficient,
    /// Krippendorff's alpha of the preferences, as ranks.
    pub ordinal_alpha: Coefficient,
}

/// How far two people agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairAgreement {
    /// Place of the one among the actors.
    pub first: u32,
    /// Place of the other.
    pub second: u32,
    /// Share of the rows that both judged which they judged alike.
    pub same: Coefficient,
    /// Cohen's kappa of the judgements.
    pub kappa: Coefficient,
    /// Cohen's kappa of the preferences with linear weights.
    pub weighted_kappa: Coefficient,
}

/// Agreement under way.
#[derive(Debug)]
pub struct Agreeing {
    actors: Vec<String>,
    languages: Vec<Language>,
    /// Which language each unit is in.
    language_of: Vec<usize>,
    judgements: Ratings,
    preferences: Ratings,
    seed: u32,
    n_resampled: usize,
    under_way: Option<Estimating>,
    done: Vec<Coefficient>,
}

/// Whose ratings a coefficient is of.
#[derive(Clone, Copy, Debug)]
enum Scope {
    All,
    Language(usize),
    People(usize, usize),
}

/// Coefficients of a scope.
const PER_SCOPE: usize = 3;

impl Agreeing {
    /// Of everything that people said; the seed is that of the intervals.
    pub fn new(curation: &Curation, seed: u32) -> Self {
        let actors: Vec<String> = curation.actors().map(str::to_owned).collect();
        let (mut languages, mut prompts) = (Vec::new(), HashMap::new());
        let (mut language_of, mut judged, mut preferred) = (Vec::new(), Vec::new(), Vec::new());
        for row in curation.rows().iter().filter(|row| !row.votes.is_empty()) {
            let n_prompts = prompts.len();
            let cluster = *prompts.entry(row.prompt_id.as_str()).or_insert(n_prompts);
            let language = languages.iter().position(|known| *known == row.language).unwrap_or_else(|| {
                languages.push(row.language.clone());
                languages.len() - 1
            });
            let (mut judgements, mut preferences) = (vec![None; actors.len()], vec![None; actors.len()]);
            for vote in &row.votes {
                if let Some(place) = actors.iter().position(|actor| *actor == vote.actor) {
                    judgements[place] = Judgement::of(row.method, vote.state).map(Judgement::value);
                    preferences[place] = preference(row.method, vote.state);
                }
            }
            language_of.push(language);
            judged.push(Unit { cluster, values: judgements });
            preferred.push(Unit { cluster, values: preferences });
        }
        Self {
            actors,
            languages,
            language_of,
            judgements: Ratings { n_values: Judgement::ALL.len(), units: judged },
            preferences: Ratings { n_values: N_PREFERENCES, units: preferred },
            seed,
            n_resampled: 0,
            under_way: None,
            done: Vec::new(),
        }
    }

    /// Does one step; false when none is left.
    pub fn step(&mut self) -> bool {
        let Some(estimating) = &mut self.under_way else {
            let Some(scope) = self.scopes().nth(self.done.len() / PER_SCOPE) else { return false };
            self.under_way = Some(self.begun(scope, self.done.len() % PER_SCOPE));
            return true;
        };
        if self.n_resampled < N_RESAMPLES && estimating.is_defined() {
            estimating.resample();
            self.n_resampled += 1;
        } else {
            self.done.push(estimating.finish());
            (self.under_way, self.n_resampled) = (None, 0);
        }
        true
    }

    /// What has been found; all of it once [`Self::step`] has said false.
    pub fn finish(self) -> PeopleAgreement {
        let found: Vec<(Scope, &[Coefficient])> =
            self.scopes().zip(self.done.chunks_exact(PER_SCOPE)).collect();
        let reliability =
            |of: &[Coefficient]| Reliability { same: of[0], alpha: of[1], ordinal_alpha: of[2] };
        let mut out = PeopleAgreement { actors: self.actors.clone(), ..PeopleAgreement::default() };
        for (scope, of) in found {
            match scope {
                Scope::All => out.all = reliability(of),
                Scope::Language(at) => out.by_language.push((self.languages[at].clone(), reliability(of))),
                Scope::People(first, second) => out.pairs.push(PairAgreement {
                    first: first as u32,
                    second: second as u32,
                    same: of[0],
                    kappa: of[1],
                    weighted_kappa: of[2],
                }),
            }
        }
        out
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> + use<> {
        let n = self.actors.len();
        let two = (0..n).flat_map(move |i| (i + 1..n).map(move |j| Scope::People(i, j)));
        std::iter::once(Scope::All).chain((0..self.languages.len()).map(Scope::Language)).chain(two)
    }

    /// The coefficient of a scope by its place in [`Reliability`] or [`PairAgreement`].
    fn begun(&self, scope: Scope, place: usize) -> Estimating {
        let ratings = if place < 2 { &self.judgements } else { &self.preferences };
        let measure = match (place, scope) {
            (0, _) => Measure::Percent,
            (1, Scope::People(..)) => Measure::Kappa(Weights::Equal),
            (1, _) => Measure::Alpha(Level::Nominal),
            (_, Scope::People(..)) => Measure::Kappa(Weights::Linear),
            _ => Measure::Alpha(Level::Ordinal),
        };
        match scope {
            Scope::All => Estimating::new(ratings, measure, self.seed),
            Scope::Language(language) => {
                let units = ratings.units.iter().zip(&self.language_of);
                let units = units.filter(|(_, at)| **at == language).map(|(unit, _)| unit.clone()).collect();
                Estimating::new(&Ratings { n_values: ratings.n_values, units }, measure, self.seed)
            }
            Scope::People(first, second) => {
                Estimating::new(&ratings.of_two(first, second), measure, self.seed)
            }
        }
    }
}
