//! The language-matching loss with a classifier trained on the spot: small, seeded, and in slices.

use super::classifier::{Adam, Classifier, Parts, cross_entropy};
use super::vectors::{raw, shorten, standardise};
use crate::align::random::SplitMix64;
use crate::align::vector_table::VectorTable;
use crate::data::{Language, Representations};

/// Vectors whose parts are computed per slice, and first vectors whose pairs are scored per slice.
const N_PER_SLICE: usize = 8;

/// How the classifier is trained. The paper trains it with the model; on fixed vectors all but `hidden` is **ours**.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatchSettings {
    /// Decides weights, split and order.
    pub seed: u32,
    /// Width of the hidden layer, as in the paper; at least 1.
    pub hidden: usize,
    /// Steps of Adam.
    pub n_steps: usize,
    /// Prompts per step; all ordered pairs of their vectors in both languages are the mini-batch.
    pub prompts_per_step: usize,
    /// Adam's learning rate, from 0 to 1.
    pub learning_rate: f64,
    /// Share of the prompts left out of training; at least one prompt is, and at least one is not.
    pub held_out: f64,
    /// Longer vectors are shortened to this many entries by feature hashing; 0 leaves them whole.
    pub max_dim: usize,
}

impl Default for MatchSettings {
    fn default() -> Self {
        Self {
            seed: 0,
            hidden: 128,
            n_steps: 300,
            prompts_per_step: 8,
            learning_rate: 1e-3,
            held_out: 0.2,
            max_dim: 256,
        }
    }
}

/// How well the classifier does on all ordered pairs of the vectors of some prompts in two languages, each vector with
/// itself too: `(2n)^2` pairs of `n` prompts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MatchQuality {
    /// Prompts.
    pub n_prompts: usize,
    /// Mean cross-entropy, in nats; `log 2` is a guess.
    pub loss: f64,
    /// Share of pairs that it gets right. Equal outputs say "different languages".
    pub accuracy: f64,
    /// Share of pairs that always giving the more common label gets right: one half, because both languages have a vector of
    /// every prompt.
    pub majority: f64,
}

/// The language-matching loss of two languages after one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LanguageMatch {
    /// One language.
    pub first: Language,
    /// The other.
    pub second: Language,
    /// After how many layers.
    pub layer: u32,
    /// On the prompts it was trained on.
    pub train: MatchQuality,
    /// On prompts left out of training: what of the languages can be read from a vector.
    pub held_out: MatchQuality,
    /// The mini-batch's loss before each step.
    pub losses: Vec<f64>,
    /// Entries of a vector that the classifier saw.
    pub dim: usize,
}

/// What a slice does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Train,
    /// Computes the parts of the vectors from here on.
    Parts(usize),
    /// Scores the pairs of the vectors from here on with all of their group.
    Score(usize),
    Done,
}

/// A training in slices.
#[derive(Clone, Debug)]
pub struct MatchTraining {
    settings: MatchSettings,
    /// `[2 prompts]`: of each prompt both languages' vectors, those to train on first.
    vectors: Vec<Vec<f64>>,
    n_train: usize,
    classifier: Classifier,
    adam: Adam,
    numbers: SplitMix64,
    /// Prompts to train on in this epoch's order, and the next one's place.
    order: Vec<usize>,
    next: usize,
    phase: Phase,
    parts: Vec<Parts>,
    found: LanguageMatch,
}

impl MatchTraining {
    /// Prepares the vectors of the prompts that have both languages; `None` if there are fewer than two such prompts, since
    /// one has to be left out of training, or if the languages are one.
    pub fn new(
        representations: &Representations,
        first: &Language,
        second: &Language,
        settings: MatchSettings,
    ) -> Option<Self> {
        let table = VectorTable::new(representations);
        let index = |language: &Language| table.languages().iter().position(|other| other == language);
        let languages = [index(first)?, index(second)?];
        let mut shared = table.shared(languages[0], languages[1]);
        let n = shared.len();
        if n < 2 || first == second {
            return None;
        }
        let rate = Some(settings.learning_rate).filter(|rate| rate.is_finite());
        let learning_rate = rate.unwrap_or(MatchSettings::default().learning_rate).clamp(0.0, 1.0);
        let settings = MatchSettings { hidden: settings.hidden.max(1), learning_rate, ..settings };
        let mut numbers = SplitMix64::new(u64::from(settings.seed));
        numbers.shuffle(&mut shared);
        let n_held_out = ((n as f64 * settings.held_out).round() as usize).clamp(1, n - 1);
        let n_train = n - n_held_out;
        let place = |prompt: &usize| languages.map(|language| table.place(*prompt, language));
        let places: Vec<usize> = shared.iter().flat_map(place).flatten().collect();
        let mut vectors = raw(representations, &places);
        standardise(&mut vectors, 2 * n_train);
        let vectors = shorten(vectors, settings.max_dim, settings.seed);
        let dim = vectors.first().map_or(0, Vec::len);
        let classifier = Classifier::new(dim, settings.hidden, settings.seed);
        let adam = Adam::new(classifier.weights().len(), settings.learning_rate);
        let found = LanguageMatch {
            first: first.clone(),
            second: second.clone(),
            layer: representations.layer,
            train: MatchQuality { n_prompts: n_train, ..MatchQuality::default() },
            held_out: MatchQuality { n_prompts: n_held_out, ..MatchQuality::default() },
            losses: Vec::new(),
            dim,
        };
        let phase = if settings.n_steps == 0 { Phase::Parts(0) } else { Phase::Train };
        let order = (0..n_train).collect();
        let parts = Vec::new();
        let next = n_train;
        Some(Self { settings, vectors, n_train, classifier, adam, numbers, order, next, phase, parts, found })
    }

    /// Does the next slice: one step of Adam, or a few vectors of the evaluation. Whether any is left.
    pub fn step(&mut self) -> bool {
        let n = self.vectors.len();
        match self.phase {
            Phase::Train => {
                self.train_once();
                if self.found.losses.len() >= self.settings.n_steps {
                    self.phase = Phase::Parts(0);
                }
            }
            Phase::Parts(from) => {
                let until = (from + N_PER_SLICE).min(n);
                self.parts.extend(self.vectors[from..until].iter().map(|v| self.classifier.parts(v)));
                self.phase = if until < n { Phase::Parts(until) } else { Phase::Score(0) };
            }
            Phase::Score(from) => {
                let until = (from + N_PER_SLICE).min(n);
                (from..until).for_each(|i| self.score(i));
                self.phase = if until < n { Phase::Score(until) } else { Phase::Done };
            }
            Phase::Done => {}
        }
        self.phase != Phase::Done
    }

    /// How much is done, from 0 to 1: steps and vectors count alike.
    pub fn progress(&self) -> f64 {
        let (n_steps, n) = (self.settings.n_steps, self.vectors.len());
        let done = match self.phase {
            Phase::Train => self.found.losses.len(),
            Phase::Parts(from) => n_steps + from,
            Phase::Score(from) => n_steps + n + from,
            Phase::Done => n_steps + 2 * n,
        };
        done as f64 / (n_steps + 2 * n) as f64
    }

    /// The mini-batches' losses so far.
    pub fn losses(&self) -> &[f64] {
        &self.found.losses
    }

    /// The result, once no slice is left.
    pub fn result(&self) -> Option<&LanguageMatch> {
        (self.phase == Phase::Done).then_some(&self.found)
    }

    fn train_once(&mut self) {
        let n = self.settings.prompts_per_step.clamp(1, self.n_train);
        if self.next + n > self.n_train {
            self.numbers.shuffle(&mut self.order);
            self.next = 0;
        }
        let prompts = &self.order[self.next..self.next + n];
        self.next += n;
        let batch: Vec<&[f64]> =
            prompts.iter().flat_map(|p| [2 * p, 2 * p + 1]).map(|at| self.vectors[at].as_slice()).collect();
        let languages: Vec<bool> = (0..batch.len()).map(|at| at % 2 == 1).collect();
        let gradient = self.classifier.gradient(&batch, &languages);
        self.adam.step(self.classifier.weights_mut(), &gradient.by_weight);
        self.found.losses.push(gradient.loss);
    }

    /// Adds the pairs of vector `i` with all vectors of its group to the group's means.
    fn score(&mut self, i: usize) {
        let split = 2 * self.n_train;
        let (group, quality) = if i < split {
            (0..split, &mut self.found.train)
        } else {
            (split..self.vectors.len(), &mut self.found.held_out)
        };
        let share = 1.0 / (group.len() * group.len()) as f64;
        let (mut loss, mut n_right, n_pairs) = (0.0, 0, group.len());
        for j in group {
            let is_same = i % 2 == j % 2;
            let logits = self.classifier.logits(&self.parts[i], &self.parts[j]);
            loss += cross_entropy(logits, is_same).0;
            n_right += usize::from((logits[1] > logits[0]) == is_same);
        }
        quality.loss += loss * share;
        quality.accuracy += n_right as f64 * share;
        // Half of a vector's pairs are with its own language.
        quality.majority += (n_pairs / 2) as f64 * share;
    }
}

/// The whole training at once; `None` as in [`MatchTraining::new`].
pub fn language_match(
    representations: &Representations,
    first: &Language,
    second: &Language,
    settings: MatchSettings,
) -> Option<LanguageMatch> {
    let mut training = MatchTraining::new(representations, first, second, settings)?;
    while training.step() {}
    training.result().cloned()
}
