//! The contrastive loss, retrieval and cosines of every language pair of a layer, all at once or in slices.

use crate::align::cosines::dot;
use crate::align::distribution::Distribution;
use crate::align::vector_table::VectorTable;
use crate::data::{InOrder, Language, Representations};

/// The temperature of the paper.
pub const TEMPERATURE: f64 = 0.1;

const N_ROWS: usize = 16;

/// Cosines this near to each other are equal.
const TIE: f64 = 1e-9;

/// How two languages relate after a layer, from one to the other.
#[derive(Clone, Debug, PartialEq)]
pub struct PairAlignment {
    /// The language of the sources.
    pub source: Language,
    /// The language of the targets.
    pub target: Language,
    /// Prompts that have both, `n`.
    pub n_prompts: usize,
    /// `L_CTR = -(1/(2n)) sum_j log softmax_i(cos(x_j, y_i) / temperature)[i = j]`, the softmax over all targets of a source,
    /// in nats. The factor 1/2 is the authors' code's and is kept. From 0 upwards; `log(n) / 2` if all
    /// vectors are equal.
    pub loss: f64,
    /// Retrieval@1: the share of sources whose own target is nearer than every other. A tie (to 1e-9) is a miss, so that a
    /// space that cannot tell texts apart finds none, and the order of the prompts changes nothing. With one prompt, 1.
    pub retrieval: f64,
    /// Mean cosine of a source and its own target.
    pub matched: f64,
    /// Mean cosine of a source and another target; `None` with one prompt.
    pub unmatched: Option<f64>,
}

impl PairAlignment {
    /// Matched minus unmatched mean cosine; 0 says that a text's content moves its vector no more than any other text does.
    pub fn gap(&self) -> Option<f64> {
        self.unmatched.map(|unmatched| self.matched - unmatched)
    }
}

/// How all language pairs of a layer relate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerAlignment {
    /// After how many layers.
    pub layer: u32,
    /// Ordered pairs of languages that share a prompt, each followed by its reverse.
    pub pairs: Vec<PairAlignment>,
    /// Unordered pairs that share none.
    pub without_prompts: Vec<(Language, Language)>,
}

/// Means over the ordered language pairs, each counted once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlignmentMeans {
    /// Of the contrastive loss, in nats.
    pub loss: f64,
    /// Of retrieval@1.
    pub retrieval: f64,
    /// Of the matched mean cosine.
    pub matched: f64,
    /// Of the unmatched mean cosine, over the pairs with two prompts or more; `None` if there are none.
    pub unmatched: Option<f64>,
    /// Of matched minus unmatched, over the same.
    pub gap: Option<f64>,
}

impl LayerAlignment {
    /// The means; `None` without pairs.
    pub fn means(&self) -> Option<AlignmentMeans> {
        let mean = |of: fn(&PairAlignment) -> Option<f64>| {
            Distribution::new(self.pairs.iter().filter_map(of)).mean()
        };
        Some(AlignmentMeans {
            loss: mean(|p| Some(p.loss))?,
            retrieval: mean(|p| Some(p.retrieval))?,
            matched: mean(|p| Some(p.matched))?,
            unmatched: mean(|p| p.unmatched),
            gap: mean(PairAlignment::gap),
        })
    }
}

/// A point of the align-then-diverge curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlignmentPoint {
    /// After how many layers.
    pub layer: u32,
    /// Means over the language pairs; `None` if no pair shares a prompt.
    pub means: Option<AlignmentMeans>,
}

/// The curve of some layers, ascending. The caller gives layers of one text and one pooling.
pub fn alignment_curve(layers: &[LayerAlignment]) -> Vec<AlignmentPoint> {
    let mut points: Vec<AlignmentPoint> =
        layers.iter().map(|layer| AlignmentPoint { layer: layer.layer, means: layer.means() }).collect();
    points.order_by_key(|point| point.layer);
    points
}

/// All language pairs of a layer at once. `temperature` is above 0; anything else counts as [`TEMPERATURE`].
pub fn align_layer(representations: &Representations, temperature: f64) -> LayerAlignment {
    let mut alignment = Alignment::new(representations, temperature);
    while alignment.step() {}
    alignment.finish()
}

/// The computation of a layer in slices: each [`Alignment::step`] does a few sources of one pair of languages, in both
/// directions, which is `16 x prompts x dim` multiplications.
#[derive(Clone, Debug)]
pub struct Alignment {
    table: VectorTable,
    temperature: f64,
    /// Unordered language pairs by index, with the prompts that have both.
    todo: Vec<(usize, usize, Vec<usize>)>,
    /// Pairs of `todo` that are done.
    n_done: usize,
    sums: Sums,
    layer: LayerAlignment,
}

impl Alignment {
    /// Makes every vector's length 1 and finds the pairs. `temperature` as in [`align_layer`].
    pub fn new(representations: &Representations, temperature: f64) -> Self {
        let table = VectorTable::new(representations);
        let is_fine = temperature.is_finite() && temperature > 0.0;
        let mut layer = LayerAlignment { layer: representations.layer, ..LayerAlignment::default() };
        let mut todo = Vec::new();
        for first in 0..table.languages().len() {
            for second in first + 1..table.languages().len() {
                let shared = table.shared(first, second);
                if shared.is_empty() {
                    let names = [first, second].map(|l| table.languages()[l].clone());
                    layer.without_prompts.push(names.into());
                } else {
                    todo.push((first, second, shared));
                }
            }
        }
        let sums = Sums::new(todo.first().map_or(0, |(_, _, shared)| shared.len()));
        let temperature = if is_fine { temperature } else { TEMPERATURE };
        Self { table, temperature, todo, n_done: 0, sums, layer }
    }

    /// Does the next slice; whether any is left.
    pub fn step(&mut self) -> bool {
        let Some((first, second, shared)) = self.todo.get(self.n_done) else { return false };
        let until = (self.sums.next_row + N_ROWS).min(shared.len());
        let units = |language: usize| -> Vec<&[f64]> {
            shared.iter().filter_map(|prompt| self.table.unit(*prompt, language)).collect()
        };
        self.sums.add_rows(&units(*first), &units(*second), until, self.temperature);
        if until == shared.len() {
            let names = [*first, *second].map(|l| self.table.languages()[l].clone());
            self.layer.pairs.extend(self.sums.pairs(names, self.temperature));
            self.n_done += 1;
            self.sums = Sums::new(self.todo.get(self.n_done).map_or(0, |(_, _, shared)| shared.len()));
        }
        self.n_done < self.todo.len()
    }

    /// How much is done, from 0 to 1.
    pub fn progress(&self) -> f64 {
        let of_pair = self.sums.next_row as f64 / self.sums.columns.len().max(1) as f64;
        if self.todo.is_empty() { 1.0 } else { (self.n_done as f64 + of_pair) / self.todo.len() as f64 }
    }

    /// What was found so far: the pairs that are done.
    pub fn finish(self) -> LayerAlignment {
        self.layer
    }
}

/// What is kept of the cosines of two languages while they are computed row by row.
#[derive(Clone, Debug)]
struct Sums {
    next_row: usize,
    /// `-sum log softmax`, from first to second language.
    forward: f64,
    n_forward_hits: usize,
    matched: f64,
    unmatched: f64,
    /// By target: what the other direction needs.
    columns: Vec<Line>,
}

/// A source against all targets, or a target against all sources.
#[derive(Clone, Copy, Debug)]
struct Line {
    matched: f64,
    nearest_other: f64,
    /// Largest logit so far, and the sum of `exp(logit - largest)`.
    largest: f64,
    sum: f64,
}

impl Line {
    const EMPTY: Self =
        Self { matched: 0.0, nearest_other: f64::NEG_INFINITY, largest: f64::NEG_INFINITY, sum: 0.0 };

    fn add(&mut self, cosine: f64, is_match: bool, temperature: f64) {
        if is_match {
            self.matched = cosine;
        } else {
            self.nearest_other = self.nearest_other.max(cosine);
        }
        let logit = cosine / temperature;
        if logit > self.largest {
            self.sum = self.sum * (self.largest - logit).exp() + 1.0;
            self.largest = logit;
        } else {
            self.sum += (logit - self.largest).exp();
        }
    }

    /// `-log softmax` of the match.
    fn loss(&self, temperature: f64) -> f64 {
        (self.largest - self.matched / temperature) + self.sum.ln()
    }

    fn is_hit(&self) -> bool {
        self.matched > self.nearest_other + TIE
    }
}

impl Sums {
    fn new(n: usize) -> Self {
        let columns = vec![Line::EMPTY; n];
        Self { next_row: 0, forward: 0.0, n_forward_hits: 0, matched: 0.0, unmatched: 0.0, columns }
    }

    fn add_rows(&mut self, sources: &[&[f64]], targets: &[&[f64]], until: usize, temperature: f64) {
        let first = self.next_row;
        let mut rows = vec![Line::EMPTY; until - first];
        // Targets outside, so that each is read from memory once per slice.
        for (i, target) in targets.iter().enumerate() {
            for (j, row) in (first..until).zip(&mut rows) {
                let cosine = dot(sources[j], target).clamp(-1.0, 1.0);
                row.add(cosine, i == j, temperature);
                self.columns[i].add(cosine, i == j, temperature);
                if i == j {
                    self.matched += cosine;
                } else {
                    self.unmatched += cosine;
                }
            }
        }
        self.forward += rows.iter().map(|row| row.loss(temperature)).sum::<f64>();
        self.n_forward_hits += rows.iter().filter(|row| row.is_hit()).count();
        self.next_row = until;
    }

    /// Both directions, once every row was added.
    fn pairs(&self, [first, second]: [Language; 2], temperature: f64) -> [PairAlignment; 2] {
        let n = self.columns.len();
        let backward: f64 = self.columns.iter().map(|column| column.loss(temperature)).sum();
        let n_backward_hits = self.columns.iter().filter(|column| column.is_hit()).count();
        let pair = |source: &Language, target: &Language, loss: f64, n_hits: usize| PairAlignment {
            source: source.clone(),
            target: target.clone(),
            n_prompts: n,
            loss: loss / (2 * n) as f64,
            retrieval: n_hits as f64 / n as f64,
            matched: self.matched / n as f64,
            unmatched: (n > 1).then(|| self.unmatched / (n * (n - 1)) as f64),
        };
        [
            pair(&first, &second, self.forward, self.n_forward_hits),
            pair(&second, &first, backward, n_backward_hits),
        ]
    }
}
