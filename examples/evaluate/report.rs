//! What is printed of problems with gold answers.

use std::collections::BTreeMap;

use concord::align::{self, Evaluating, Evaluation, PairQuality, Rate};
use concord::data::{
    InOrder, Language, Measurements, Method, Pair, Prompt, Reference, Response, SessionConfig, Similarity,
};
use serde_json::{Value, json};

use crate::samples::{ChosenTexts, Samples};

/// Resamples behind an interval.
const N_RESAMPLES: usize = 1_000;

/// What a method picked.
pub(crate) struct Picked {
    pub(crate) references: Vec<Reference>,
    pub(crate) pairs: Vec<Pair>,
}

/// Settings for these prompts: their task, and all their languages, the anchor first.
pub(crate) fn settings(prompts: &[Prompt], n: u32, seed: u32) -> SessionConfig {
    let base = SessionConfig { n, seed, ..SessionConfig::default() };
    let mut languages: Vec<Language> =
        prompts.iter().flat_map(|prompt| prompt.text.keys().cloned()).collect();
    languages.order_by_key(|language| (*language != base.anchor, language.clone()));
    languages.dedup();
    let task = prompts.first().map(|prompt| prompt.task).unwrap_or_default();
    SessionConfig { task, languages, ..base }
}

/// Has a method pick references and pairs.
pub(crate) fn pick(
    method: Method,
    prompts: &[Prompt],
    responses: &[Response],
    similarities: &[Similarity],
    config: &SessionConfig,
) -> Picked {
    let config = SessionConfig { method, ..config.clone() };
    let measurements = Measurements::default();
    let material = align::Material { prompts, responses, similarities, measurements: &measurements };
    let selection = align::select(material, &config);
    Picked { references: selection.references, pairs: selection.pairs }
}

pub(crate) struct MathReport {
    greedy: Evaluation,
    cm_align: Evaluation,
    random_reference: Evaluation,
    samples: Samples,
    chosen: ChosenTexts,
}

impl MathReport {
    pub(crate) fn new(
        prompts: &[Prompt],
        greedy: &[Response],
        sampled: &[Response],
        picked: [&Picked; 2],
        config: &SessionConfig,
    ) -> Self {
        let judge = |responses, picked: Option<&Picked>| {
            let (references, pairs) =
                picked.map_or((&[][..], &[][..]), |picked| (&picked.references[..], &picked.pairs[..]));
            let mut evaluating = Evaluating::new(prompts, responses, references, pairs, config, config.seed);
            (0..N_RESAMPLES).for_each(|_| evaluating.resample());
            evaluating.finish()
        };
        let [cm_align, random_reference] = picked;
        Self {
            greedy: judge(greedy, None),
            cm_align: judge(sampled, Some(cm_align)),
            random_reference: judge(sampled, Some(random_reference)),
            samples: Samples::of(prompts, sampled, &config.anchor),
            chosen: ChosenTexts::of(prompts, sampled, &cm_align.pairs),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let of_pairs = |judged: &Evaluation| {
            let PairQuality { chosen_right, rejected_wrong, right_over_wrong, coverage } = judged.pairs;
            json!({
                "chosenRight": share(chosen_right),
                "rejectedWrong": share(rejected_wrong),
                "rightOverWrong": interval(right_over_wrong),
                "coverage": share(coverage),
                "referenceRight": share(judged.reference_right),
            })
        };
        json!({
            "accuracy": accuracy(&self.greedy),
            "sampledAccuracy": accuracy(&self.cm_align),
            "rightAmongSamples": by_language(&self.samples.right_among),
            "mixedRows": share(self.cm_align.mixed_rows),
            "singleRight": share(self.cm_align.single_right),
            "wrongTwice": share(self.samples.wrong_twice),
            "unfinished": share(self.samples.unfinished),
            "foreignScript": share(self.chosen.foreign_script),
            "falseSums": share(self.chosen.false_sums),
            "cmAlign": of_pairs(&self.cm_align),
            "randomReference": of_pairs(&self.random_reference),
        })
    }

    pub(crate) fn print(&self, n: u32, temperature: f32) {
        println!(
            "{} problems; right answers in percent: greedy, of {n} samples at temperature {temperature}, and rows with one among them",
            self.greedy.n_prompts
        );
        for (greedy, sampled) in self.greedy.languages.iter().zip(&self.cm_align.languages) {
            let language = greedy.language.as_str();
            let among = self.samples.right_among.get(&greedy.language).copied().unwrap_or_default();
            println!(
                "  {language:<8} {:5.1} {:7.1} {:7.1}",
                percent(greedy.accuracy),
                percent(sampled.accuracy),
                percent(among)
            );
        }
        println!();
        let lines = [
            ("rows of other languages with right and wrong samples", self.cm_align.mixed_rows),
            ("wrong samples whose answer another one of the row has", self.samples.wrong_twice),
            ("samples that did not end", self.samples.unfinished),
            ("chosen responses with words in another script", self.chosen.foreign_script),
            ("chosen responses with a sum that does not hold", self.chosen.false_sums),
            ("single anchor responses that are right", self.cm_align.single_right),
        ];
        for (what, rate) in lines {
            println!("{what:<56} {:5.1} %", percent(rate));
        }
        println!();
        println!(
            "pairs              reference right   number   chosen right   rejected wrong   right over wrong"
        );
        for (name, judged) in [("CM-Align", &self.cm_align), ("random reference", &self.random_reference)] {
            let PairQuality { chosen_right, rejected_wrong, right_over_wrong, coverage } = judged.pairs;
            let span = right_over_wrong.interval.unwrap_or_default();
            println!(
                "{name:<18} {:>13.1} % {:>8} {:>12.1} % {:>14.1} % {:>9.1} % [{:.1}, {:.1}]",
                percent(judged.reference_right),
                coverage.part,
                percent(chosen_right),
                percent(rejected_wrong),
                percent(right_over_wrong),
                100.0 * span.low,
                100.0 * span.high,
            );
        }
    }
}

fn accuracy(judged: &Evaluation) -> BTreeMap<&str, f64> {
    judged.languages.iter().map(|quality| (quality.language.as_str(), share(quality.accuracy))).collect()
}

fn by_language(rates: &BTreeMap<Language, Rate>) -> BTreeMap<&str, f64> {
    rates.iter().map(|(language, &rate)| (language.as_str(), share(rate))).collect()
}

/// 0 of nothing.
pub(crate) fn share(rate: Rate) -> f64 {
    rate.share.unwrap_or(0.0)
}

pub(crate) fn percent(rate: Rate) -> f64 {
    100.0 * share(rate)
}

pub(crate) fn interval(rate: Rate) -> Value {
    let span = rate.interval.unwrap_or_default();
    json!({ "share": share(rate), "low": span.low, "high": span.high })
}
