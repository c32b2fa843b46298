//! Charts and tables of what the scans found.

use super::{
    super::chart::{ChartTable, Curve, Curves, Ink, Matrix, Spectrum, Spread, Value},
    LayerFacts,
};
use crate::{
    align::mlc::{LossForm, MlcSettings, PromptCosines, SetMlc, loss},
    data::Language,
};

/// Two languages, the first before the second in the run.
pub type PairChoice = (Language, Language);

/// What is drawn over the layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metric {
    /// The multilingual consistency loss.
    #[default]
    Loss,
    /// The lowest cosine of two languages; of a pair, its mean cosine.
    Cosine,
    /// Retrieval@1, the mean of both directions.
    Retrieval,
    /// The contrastive loss, the mean of both directions.
    Contrast,
    /// Matched minus unmatched cosine.
    Gap,
}

impl Metric {
    /// Every variant, for lists and for finding one by its name.
    pub const ALL: [Self; 5] = [Self::Loss, Self::Cosine, Self::Retrieval, Self::Contrast, Self::Gap];

    /// In a form's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Cosine => "cosine",
            Self::Retrieval => "retrieval",
            Self::Contrast => "contrast",
            Self::Gap => "gap",
        }
    }

    /// The name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "MLC loss",
            Self::Cosine => "lowest cosine",
            Self::Retrieval => "retrieval@1",
            Self::Contrast => "contrastive loss",
            Self::Gap => "matched minus unmatched",
        }
    }

    /// Which way is good.
    pub fn help(self) -> &'static str {
        match self {
            Self::Loss => {
                "Low where the languages of a prompt point one way. Opposite ways count as one way too."
            }
            Self::Cosine => {
                "The two languages furthest apart. Near -1 the MLC loss is low although they are opposed."
            }
            Self::Retrieval => {
                "How often a prompt's own translation is its nearest; 1 is always, a tie is a miss."
            }
            Self::Contrast => "Low where a prompt's own translation is clearly the nearest.",
            Self::Gap => {
                "How much nearer a prompt's own translation is than another prompt; 0 says that content does not count."
            }
        }
    }
}

/// Unordered language pairs that share a prompt, in the run's order.
pub fn all_pairs(facts: &[LayerFacts]) -> Vec<PairChoice> {
    let Some(first) = facts.first() else { return Vec::new() };
    // Each ordered pair is followed by its reverse.
    first.alignment.pairs.iter().step_by(2).map(|pair| (pair.source.clone(), pair.target.clone())).collect()
}

/// A metric over the layers: the mean over prompts and languages, and some pairs. `languages` in the run's order.
pub fn layer_curves(
    facts: &[LayerFacts],
    sets: &[SetMlc],
    metric: Metric,
    pairs: &[PairChoice],
    (languages, settings): (&[Language], MlcSettings),
) -> Curves {
    let mean = facts.iter().enumerate().map(|(at, layer)| mean_of(layer, sets.get(at), metric)).collect();
    let all = if metric == Metric::Cosine { "all" } else { "mean" };
    let mut curves =
        vec![Curve { name: all.to_owned(), ink: Ink::Text, dash: 0.0, is_strong: true, values: mean }];
    for (first, second) in pairs {
        let values = facts.iter().map(|layer| pair_value(layer, metric, (first, second), settings)).collect();
        let place = |language: &Language| languages.iter().position(|known| known == language).unwrap_or(0);
        // The second language's colour; pairs of one colour differ by their dashes.
        #[expect(clippy::cast_precision_loss, reason = "a handful of languages")]
        let dash = if place(first) == 0 { 0.0 } else { 1.0 + 2.0 * place(first) as f64 };
        let name = format!("{}–{}", first.as_str(), second.as_str());
        curves.push(Curve { name, ink: Ink::Language(place(second)), dash, is_strong: false, values });
    }
    Curves {
        title: format!("Where in the network do languages meet? {} by layer", capital(metric.name())),
        what: metric.name().to_owned(),
        along: "layer".to_owned(),
        places: facts.iter().map(|layer| layer.layer).collect(),
        curves,
        decimals: 4,
    }
}

fn mean_of(layer: &LayerFacts, set: Option<&SetMlc>, metric: Metric) -> Option<f64> {
    let aligned = || layer.alignment.means();
    match metric {
        Metric::Loss => Some(set?.means.as_ref()?.loss),
        Metric::Cosine => Some(set?.means.as_ref()?.min_cosine),
        Metric::Retrieval => Some(aligned()?.retrieval),
        Metric::Contrast => Some(aligned()?.loss),
        Metric::Gap => aligned()?.gap,
    }
}

fn pair_value(
    layer: &LayerFacts,
    metric: Metric,
    pair: (&Language, &Language),
    settings: MlcSettings,
) -> Option<f64> {
    let cosines = || layer.prompts.iter().filter_map(|prompt| cosine_of(prompt, pair));
    match metric {
        Metric::Loss => mean(cosines().map(|cosine| pair_loss(cosine, settings))),
        Metric::Cosine => mean(cosines()),
        Metric::Retrieval => both_ways(layer, pair, |found| Some(found.retrieval)),
        Metric::Contrast => both_ways(layer, pair, |found| Some(found.loss)),
        Metric::Gap => both_ways(layer, pair, |found| found.gap()),
    }
}

/// The loss of two languages: their singular values are `sqrt(1 + |c|)` and `sqrt(1 - |c|)`.
fn pair_loss(cosine: f64, settings: MlcSettings) -> f64 {
    let size = cosine.abs().min(1.0);
    loss(&[(1.0 + size).sqrt(), (1.0 - size).sqrt()], settings).value
}

fn cosine_of(prompt: &PromptCosines, (first, second): (&Language, &Language)) -> Option<f64> {
    let place = |language: &Language| prompt.languages.iter().position(|known| known == language);
    Some(prompt.cosines.at(place(first)?, place(second)?))
}

fn both_ways(
    layer: &LayerFacts,
    (first, second): (&Language, &Language),
    value: impl Fn(&crate::align::alignx::PairAlignment) -> Option<f64>,
) -> Option<f64> {
    let is_one_of = |a: &Language, b: &Language| (a == first && b == second) || (a == second && b == first);
    let found = layer.alignment.pairs.iter().filter(|pair| is_one_of(&pair.source, &pair.target));
    mean(found.filter_map(value))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// The cosines of every two languages: of one prompt, or their means over all.
pub fn language_matrix(layer: &LayerFacts, set: &SetMlc, prompt: Option<usize>) -> Matrix {
    let (names, values, whose) = match prompt.and_then(|at| layer.prompts.get(at)) {
        Some(found) => {
            let n = found.languages.len();
            let value = |i, j| Some(found.cosines.at(i, j));
            let values: Vec<Vec<_>> = (0..n).map(|i| (0..n).map(|j| value(i, j)).collect()).collect();
            (found.languages.clone(), values, format!("prompt {}", prompt.unwrap_or(0) + 1))
        }
        None => {
            let found = &set.language_pairs;
            let n = found.languages.len();
            let value = |i, j| if i == j { Some(1.0) } else { found.at(i, j) };
            let values: Vec<Vec<_>> = (0..n).map(|i| (0..n).map(|j| value(i, j)).collect()).collect();
            (found.languages.clone(), values, format!("mean over {} prompts", layer.prompts.len()))
        }
    };
    Matrix {
        title: format!("Languages against each other after layer {}, {whose}", layer.layer),
        what: "cosine".to_owned(),
        summary: matrix_summary(&names, &values),
        names: names.iter().map(|language| language.as_str().to_owned()).collect(),
        values,
        has_means: true,
        winner: None,
    }
}

fn matrix_summary(names: &[Language], values: &[Vec<Option<f64>>]) -> String {
    let pairs = (0..names.len()).flat_map(|i| (i + 1..names.len()).map(move |j| (i, j)));
    let known: Vec<(f64, usize, usize)> =
        pairs.filter_map(|(i, j)| Some((values.get(i)?.get(j).copied().flatten()?, i, j))).collect();
    let say = |found: Option<&(f64, usize, usize)>| {
        found.map_or_else(String::new, |(value, i, j)| {
            format!("{} and {} ({value:.3})", names[*i].as_str(), names[*j].as_str())
        })
    };
    let low = known.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let high = known.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    if low.is_none() {
        return "No prompt has two languages.".to_owned();
    }
    format!("Closest are {}, furthest apart {}.", say(high), say(low))
}

/// Numbers beside the spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpectrumFacts {
    /// The loss by the authors' code.
    pub code_loss: f64,
    /// The loss as the paper writes it.
    pub paper_loss: f64,
    /// The lowest cosine of two languages.
    pub min_cosine: f64,
    /// Effective rank.
    pub effective_rank: f64,
    /// Prompts they are the mean of.
    pub n_prompts: usize,
}

/// The spectrum of some languages: of one prompt, or the mean over the prompts that have them all. `None` with fewer than two
/// languages.
pub fn spectrum_of(
    layer: &LayerFacts,
    prompt: Option<usize>,
    on: &[Language],
    tau: f64,
) -> Option<(Spectrum, SpectrumFacts)> {
    let chosen: Vec<&PromptCosines> = match prompt {
        Some(at) => layer.prompts.get(at).into_iter().collect(),
        None => layer.prompts.iter().collect(),
    };
    let has_all = |found: &&&PromptCosines| on.iter().all(|language| found.languages.contains(language));
    let whole: Vec<&PromptCosines> = chosen.iter().filter(has_all).copied().collect();
    let (values, facts) = means(&whole, Some(on), tau)?;
    let every = chosen.iter().map(|found| found.languages.len()).max().unwrap_or(0);
    let full: Vec<&PromptCosines> =
        chosen.iter().filter(|found| found.languages.len() == every).copied().collect();
    let all = if every > on.len() { means(&full, None, tau).map(|found| found.0) } else { None };
    let whose = prompt
        .map_or_else(|| format!("mean over {} prompts", facts.n_prompts), |at| format!("prompt {}", at + 1));
    let title = format!("Singular values after layer {}, {whose}", layer.layer);
    Some((Spectrum { title, on: values, all: all.unwrap_or_default() }, facts))
}

fn means(
    prompts: &[&PromptCosines],
    only: Option<&[Language]>,
    tau: f64,
) -> Option<(Vec<f64>, SpectrumFacts)> {
    let (code, paper) = (LossForm::Code, LossForm::Paper);
    let mut facts = SpectrumFacts::default();
    let mut values: Vec<f64> = Vec::new();
    for prompt in prompts {
        let part = only.map_or_else(|| (*prompt).clone(), |languages| prompt.only(languages));
        let Some(found) = part.mlc(MlcSettings { form: code, tau }) else { continue };
        values.resize(values.len().max(found.singular_values.len()), 0.0);
        values.iter_mut().zip(&found.singular_values).for_each(|(sum, value)| *sum += value);
        facts.code_loss += found.loss.value;
        facts.paper_loss += loss(&found.singular_values, MlcSettings { form: paper, tau }).value;
        facts.min_cosine += found.min_cosine;
        facts.effective_rank += found.effective_rank;
        facts.n_prompts += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of prompts")]
    let n = facts.n_prompts as f64;
    if facts.n_prompts == 0 {
        return None;
    }
    values.iter_mut().for_each(|value| *value /= n);
    for sum in [&mut facts.code_loss, &mut facts.paper_loss, &mut facts.min_cosine, &mut facts.effective_rank]
    {
        *sum /= n;
    }
    Some((values, facts))
}

/// How a number of the loss's spreads over the prompts: each name with its values.
pub fn distribution(set: &SetMlc, metric: Metric) -> Spread {
    let (name, found) = match metric {
        Metric::Cosine => ("lowest cosine", &set.min_cosine),
        _ => ("loss", &set.loss),
    };
    Spread { name: name.to_owned(), ink: Ink::Act, values: found.sorted().to_vec() }
}

/// Every two languages after one layer: both directions of what has two.
pub fn pair_table(layer: &LayerFacts, set: &SetMlc) -> ChartTable {
    let columns = [
        "pair",
        "prompts",
        "mean cosine",
        "L_CTR →",
        "L_CTR ←",
        "retrieval@1 →",
        "retrieval@1 ←",
        "matched",
        "unmatched",
        "matched minus unmatched",
    ];
    let mut table = ChartTable::new(&format!("Language pairs after layer {}", layer.layer), &columns);
    for both in layer.alignment.pairs.chunks(2) {
        let [there, back] = both else { continue };
        let place = |language: &Language| set.language_pairs.languages.iter().position(|l| l == language);
        let cosine =
            place(&there.source).zip(place(&there.target)).and_then(|(i, j)| set.language_pairs.at(i, j));
        table.rows.push(vec![
            Value::Text(format!("{}–{}", there.source.as_str(), there.target.as_str())),
            Value::count(there.n_prompts),
            Value::some(cosine, 4),
            Value::some(Some(there.loss), 4),
            Value::some(Some(back.loss), 4),
            Value::some(Some(there.retrieval), 3),
            Value::some(Some(back.retrieval), 3),
            Value::some(Some(there.matched), 4),
            Value::some(there.unmatched, 4),
            Value::some(there.gap(), 4),
        ]);
    }
    table
}

/// A name at the start of a sentence.
fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
