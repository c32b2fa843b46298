//! What is printed of general prompts: their world is closed, so that a text is true if it is one of the right ones.

use std::collections::{BTreeMap, HashMap};

use concord::align::Rate;
use concord::data::{InOrder, Language, Pair, Response};
use serde_json::{Value, json};

use crate::report::{Picked, percent, share};

/// Prompt id -> language -> the right texts.
pub(crate) type RightTexts = HashMap<String, BTreeMap<Language, Vec<String>>>;

pub(crate) struct GeneralReport {
    true_samples: Rate,
    cm_align: Choices,
    random_reference: Choices,
    /// Of the rows where one method chose a true text and the other one a false one: those where CM-Align did.
    preferred: Rate,
    /// Deciles of CM-Align's margins, the lowest and the highest included.
    deciles: Vec<f32>,
}

/// How true the pairs of a method are.
struct Choices {
    chosen_true: Rate,
    rejected_false: Rate,
}

impl GeneralReport {
    pub(crate) fn new(right: &RightTexts, responses: &[Response], picked: [&Picked; 2]) -> Self {
        let is_true: HashMap<(&str, &Language, u32), bool> = responses
            .iter()
            .map(|response| {
                let texts = right.get(&response.prompt_id).and_then(|texts| texts.get(&response.language));
                let is_right =
                    texts.is_some_and(|texts| texts.iter().any(|text| text == response.text.trim()));
                ((response.prompt_id.as_str(), &response.language, response.sample), is_right)
            })
            .collect();
        let truth = |pair: &Pair, sample: Option<u32>| {
            is_true.get(&(pair.prompt_id.as_str(), &pair.language, sample?)).copied()
        };
        let choices = |picked: &Picked| {
            let mut out = Choices { chosen_true: Rate::of(0, 0), rejected_false: Rate::of(0, 0) };
            for pair in &picked.pairs {
                truth(pair, pair.chosen).into_iter().for_each(|is_true| out.chosen_true.count(is_true));
                truth(pair, pair.rejected).into_iter().for_each(|is_true| out.rejected_false.count(!is_true));
            }
            out
        };
        let [cm_align, random_reference] = picked;
        let mut preferred = Rate::of(0, 0);
        for (ours, theirs) in cm_align.pairs.iter().zip(&random_reference.pairs) {
            let both = truth(ours, ours.chosen).zip(truth(theirs, theirs.chosen));
            both.into_iter()
                .filter(|(ours, theirs)| ours != theirs)
                .for_each(|(ours, _)| preferred.count(ours));
        }
        let mut true_samples = Rate::of(0, 0);
        is_true.values().for_each(|&is_true| true_samples.count(is_true));
        Self {
            true_samples,
            cm_align: choices(cm_align),
            random_reference: choices(random_reference),
            preferred,
            deciles: deciles(&cm_align.pairs),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let of_pairs = |choices: &Choices| {
            json!({
                "chosenTrue": share(choices.chosen_true),
                "rejectedFalse": share(choices.rejected_false),
            })
        };
        json!({
            "trueSamples": share(self.true_samples),
            "marginDeciles": self.deciles,
            "cmAlign": of_pairs(&self.cm_align),
            "randomReference": of_pairs(&self.random_reference),
            "preferred": { "share": share(self.preferred), "rows": self.preferred.whole },
        })
    }

    pub(crate) fn print(&self) {
        println!();
        println!("general: {:.1} % of the samples are true", percent(self.true_samples));
        for (name, choices) in [("CM-Align", &self.cm_align), ("random reference", &self.random_reference)] {
            println!(
                "{name:<18} chosen true {:5.1} %, rejected false {:5.1} %",
                percent(choices.chosen_true),
                percent(choices.rejected_false)
            );
        }
        println!(
            "CM-Align's choice is the true one in {:.1} % of {} rows where the two differ in truth",
            percent(self.preferred),
            self.preferred.whole
        );
        println!("deciles of the margin: {:.3?}", self.deciles);
    }
}

fn deciles(pairs: &[Pair]) -> Vec<f32> {
    let mut margins: Vec<f32> =
        pairs.iter().filter(|pair| pair.chosen.is_some()).filter_map(|pair| pair.margin).collect();
    margins.order_by(f32::total_cmp);
    let Some(last) = margins.len().checked_sub(1) else { return Vec::new() };
    (0..=10).map(|tenth| margins[tenth * last / 10]).collect()
}
