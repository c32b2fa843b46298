//! How good a pair set is, judged by gold answers (methods §6). Only prompts with a gold answer count.
//!
//! A response is right if its answer is the same exact value as the gold answer; one without an answer is wrong. Every
//! rate is a share in 0..=1, `None` where nothing was counted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::answer::{canonical_answer, same_answer};
use crate::data::{Language, Pair, Prompt, Reference, Response, Session, SessionConfig};

/// `part` of `whole`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many are so.
    pub part: u32,
    /// Of how many.
    pub whole: u32,
    /// `part / whole`, `None` if `whole` is 0.
    pub share: Option<f64>,
}

impl Rate {
    /// Counts one more case.
    pub fn count(&mut self, is_so: bool) {
        self.part += u32::from(is_so);
        self.whole += 1;
        self.share = Some(f64::from(self.part) / f64::from(self.whole));
    }
}

/// How good the pairs of a group of rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairQuality {
    /// Pairs whose chosen response is right.
    pub chosen_right: Rate,
    /// Pairs whose rejected response is wrong.
    pub rejected_wrong: Rate,
    /// Pairs with both.
    pub right_over_wrong: Rate,
    /// Rows (prompt and language; the anchor only with anchor pairs) that have a pair.
    pub coverage: Rate,
}

/// The judgement of one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LanguageQuality {
    /// Which.
    pub language: Language,
    /// Responses that are right, over all samples; with one greedy response a prompt, the greedy accuracy.
    pub accuracy: Rate,
    /// Its pairs.
    pub pairs: PairQuality,
}

/// The judgement of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// Prompts with a gold answer that is a number.
    pub n_prompts: u32,
    /// In the order of the settings.
    pub languages: Vec<LanguageQuality>,
    /// All pairs.
    pub pairs: PairQuality,
    /// Non-anchor rows whose samples hold both right and wrong responses.
    pub mixed_rows: Rate,
    /// References with the right answer.
    pub reference_right: Rate,
    /// Anchor responses that are right: what a single random sample would reach as the reference.
    pub single_right: Rate,
}

/// Judges a session as the method left it.
pub fn evaluate(session: &Session) -> Evaluation {
    evaluate_parts(&session.prompts, &session.responses, &session.references, &session.pairs, &session.config)
}

/// Judges what a method picked from these responses.
pub fn evaluate_parts(
    prompts: &[Prompt],
    responses: &[Response],
    references: &[Reference],
    pairs: &[Pair],
    config: &SessionConfig,
) -> Evaluation {
    let gold = gold_of(prompts, &config.anchor);
    let mut out = Evaluation { n_prompts: gold.len() as u32, ..Evaluation::default() };
    let quality = |language: &Language| LanguageQuality {
        language: language.clone(),
        accuracy: Rate::default(),
        pairs: PairQuality::default(),
    };
    out.languages = config.languages.iter().map(quality).collect();
    let mut right: HashMap<Key<'_>, bool> = HashMap::new();
    let mut rows: HashMap<(&str, &Language), [bool; 2]> = HashMap::new();
    for r in responses.iter().filter(|r| r.is_candidate()) {
        let Some(gold) = gold.get(r.prompt_id.as_str()) else { continue };
        let is_right = r.answer.as_deref().is_some_and(|answer| same_answer(answer, gold));
        right.insert((&r.prompt_id, &r.language, r.sample), is_right);
        rows.entry((&r.prompt_id, &r.language)).or_default()[usize::from(is_right)] = true;
        if let Some(language) = out.languages.iter_mut().find(|q| q.language == r.language) {
            language.accuracy.count(is_right);
        }
        if r.language == config.anchor {
            out.single_right.count(is_right);
        }
    }
    rows.iter()
        .filter(|((_, l), _)| **l != config.anchor)
        .for_each(|(_, [wrong, right])| out.mixed_rows.count(*wrong && *right));
    for reference in references.iter().filter(|r| gold.contains_key(r.prompt_id.as_str())) {
        let key = reference.sample.map(|s| (reference.prompt_id.as_str(), &reference.language, s));
        key.into_iter()
            .for_each(|key| out.reference_right.count(right.get(&key).copied().unwrap_or_default()));
    }
    let asked = |p: &&Pair| config.anchor_pairs || p.language != config.anchor;
    for pair in pairs.iter().filter(|p| gold.contains_key(p.prompt_id.as_str())).filter(asked) {
        count_pair(&mut out.pairs, pair, &right);
        if let Some(language) = out.languages.iter_mut().find(|q| q.language == pair.language) {
            count_pair(&mut language.pairs, pair, &right);
        }
    }
    out
}

/// Prompt id, language, sample.
type Key<'a> = (&'a str, &'a Language, u32);

/// Canonical gold answers by prompt id, read with the habits of the anchor language.
fn gold_of<'a>(prompts: &'a [Prompt], anchor: &Language) -> HashMap<&'a str, String> {
    let gold = |p: &'a Prompt| Some((p.id.as_str(), canonical_answer(p.answer.as_deref()?, anchor)?));
    prompts.iter().filter_map(gold).collect()
}

fn count_pair(quality: &mut PairQuality, pair: &Pair, right: &HashMap<Key<'_>, bool>) {
    let picked = pair.chosen.zip(pair.rejected);
    quality.coverage.count(picked.is_some());
    if let Some((chosen, rejected)) = picked {
        let is_right = |sample| {
            right.get(&(pair.prompt_id.as_str(), &pair.language, sample)).copied().unwrap_or_default()
        };
        let (chosen_right, rejected_wrong) = (is_right(chosen), !is_right(rejected));
        quality.chosen_right.count(chosen_right);
        quality.rejected_wrong.count(rejected_wrong);
        quality.right_over_wrong.count(chosen_right && rejected_wrong);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::{Material, select};
    use crate::data::{FinishReason, Measurements, Task};

    fn response(prompt: &str, language: &str, sample: u32, answer: &str) -> Response {
        Response {
            prompt_id: prompt.into(),
            language: language.into(),
            sample,
            text: format!("{sample} {answer}"),
            tokens: Vec::new(),
            logprob: 0.0,
            finish_reason: FinishReason::Stop,
            answer: Some(answer.to_owned()).filter(|a| !a.is_empty()),
            detected_language: None,
            translation_of: None,
        }
    }

    fn prompt(id: &str, answer: Option<&str>) -> Prompt {
        let text = ["en", "de", "sw"].map(|l| (Language::from(l), "?".to_owned())).into();
        Prompt { id: id.into(), task: Task::Math, answer: answer.map(str::to_owned), text }
    }

    fn rate(part: u32, whole: u32) -> Rate {
        Rate { part, whole, share: (whole > 0).then(|| f64::from(part) / f64::from(whole)) }
    }

    #[test]
    fn counted_by_hand() {
        let prompts = [prompt("a", Some("1,000")), prompt("b", Some("2")), prompt("c", None)];
        let mut responses = Vec::new();
        for (id, language, answers) in [
            ("a", "en", ["1000", "1000.0", "5"]),
            ("a", "de", ["1000", "7", ""]),
            ("a", "sw", ["7", "7", "7"]),
            ("b", "en", ["3", "3", "2"]),
            ("b", "de", ["3", "2", "2"]),
            ("b", "sw", ["2", "3", "4"]),
            ("c", "en", ["1", "1", "2"]),
            ("c", "de", ["1", "1", "2"]),
        ] {
            responses.extend(answers.iter().enumerate().map(|(i, a)| response(id, language, i as u32, a)));
        }
        let config = SessionConfig {
            languages: ["en", "de", "sw"].map(Language::from).into(),
            ..SessionConfig::default()
        };
        let material = Material {
            prompts: &prompts,
            responses: &responses,
            similarities: &[],
            measurements: &Measurements::default(),
        };
        let picked = select(material, &config);
        let out = evaluate_parts(&prompts, &responses, &picked.references, &picked.pairs, &config);
        assert_eq!(out.n_prompts, 2);
        let accuracy: Vec<Rate> = out.languages.iter().map(|l| l.accuracy).collect();
        assert_eq!(accuracy, [rate(3, 6), rate(3, 6), rate(1, 6)]);
        assert_eq!(
            (out.mixed_rows, out.reference_right, out.single_right),
            (rate(3, 4), rate(1, 2), rate(3, 6))
        );
        // a/de: 1000 over 7. a/sw: nobody agrees. b: the reference says 3, so b/de is 3 over 2 and b/sw 3 over 2.
        assert_eq!(out.pairs.coverage, rate(3, 4));
        assert_eq!(out.pairs.chosen_right, rate(1, 3));
        assert_eq!(out.pairs.rejected_wrong, rate(1, 3));
        assert_eq!(out.pairs.right_over_wrong, rate(1, 3));
        assert_eq!(out.languages[1].pairs.coverage, rate(2, 2));
        assert_eq!(out.languages[0].pairs.coverage, rate(0, 0));
    }

    #[test]
    fn without_gold_nothing_is_counted() {
        let out = evaluate_parts(
            &[prompt("a", None)],
            &[response("a", "en", 0, "1")],
            &[],
            &[],
            &SessionConfig::default(),
        );
        assert_eq!(out, Evaluation::default());
    }
}
