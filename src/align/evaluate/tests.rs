//! Cases counted by hand, and what must not change a judgement.

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
    assert_eq!((out.mixed_rows, out.reference_right, out.single_right), (rate(3, 4), rate(1, 2), rate(3, 6)));
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
