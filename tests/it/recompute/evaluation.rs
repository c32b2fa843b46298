//! Evaluation, comparison, batches and losses against an independent recomputation in Python (tests/recompute): random
//! sessions must agree with it, and results with one thing changed must not.

use concord::align::batchwise::BatchItem;
use concord::align::{
    BatchSettings, Comparison, Composition, Evaluating, LossSettings, Material, PromptIndex, compose, losses,
    select,
};
use concord::data::{
    BatchPlan, ExportRow, FinishReason, Language, Measurements, Method, Prompt, Response, RowScores, Session,
    SessionConfig, Similarity, TaskKind, export_batches, writable_rows,
};
use serde_json::{Value, json};

use super::{check_agrees, recompute};
use crate::numbers::{Numbers, blank_session};

const LANGUAGES: [&str; 4] = ["en", "de", "zh-Hans", "sw"];
const N_RESAMPLES: usize = 100;

/// The last prompts have a gold answer that is no number, and none.
fn prompts() -> Vec<Prompt> {
    let gold = |i: usize| match i {
        10 => Some("many".to_owned()),
        11 => None,
        _ => Some(format!("{}.0", i % 3 + 1)),
    };
    let text = |i: usize| {
        // A prompt lacks a language.
        let languages = LANGUAGES.iter().filter(|l| i != 4 || **l != "zh-Hans");
        languages.map(|l| (Language::from(*l), format!("{i} in {l}?"))).collect()
    };
    let prompt = |i| Prompt {
        id: format!("p{i:02}"),
        task: TaskKind::Math,
        answer: gold(i),
        text: text(i),
        ..Prompt::default()
    };
    (0..12).map(prompt).collect()
}

fn responses(prompt: &Prompt, numbers: &mut Numbers) -> Vec<Response> {
    let mut out = Vec::new();
    for language in prompt.text.keys() {
        // The last one is a translation of the anchor's first.
        for sample in 0..6 {
            let answer = (numbers.below(9) > 0).then(|| (1 + numbers.below(4) % 3).to_string());
            out.push(Response {
                prompt_id: prompt.id.clone(),
                language: language.clone(),
                sample,
                text: format!("{sample}: {}", answer.as_deref().unwrap_or("-")),
                reasoning: None,
                reasoning_tokens: None,
                tokens: vec![1; 1 + numbers.below(6) as usize],
                logprob: Some(-(numbers.below(640) as f32) / 64.0 - 0.25),
                ambiguous: Vec::new(),
                finish_reason: if numbers.below(25) == 0 {
                    FinishReason::Cancelled
                } else {
                    FinishReason::Stop
                },
                answer,
                detected_language: None,
                model: None,
                translation_of: (sample == 5).then(|| ("en".into(), 0)),
            });
        }
    }
    out
}

fn session(seed: u64) -> Session {
    let mut numbers = Numbers::new(seed);
    let config = SessionConfig {
        languages: LANGUAGES.map(Language::from).to_vec(),
        n: 5,
        seed: seed as u32,
        anchor_pairs: seed % 2 == 1,
        ..SessionConfig::default()
    };
    let prompts = prompts();
    let responses: Vec<Response> = prompts.iter().flat_map(|p| responses(p, &mut numbers)).collect();
    let similarity = |prompt: &Prompt| {
        let of_prompt = responses.iter().filter(|r| r.prompt_id == prompt.id && r.translation_of.is_none());
        let order: Vec<_> = of_prompt.map(|r| (r.language.clone(), r.sample)).collect();
        let n = order.len() as u64;
        let cosine = (0..n * (n - 1) / 2).map(|i| (i * 37 % 101) as f32 / 101.0).collect();
        Similarity { prompt_id: prompt.id.clone(), order, cosine }
    };
    let similarities: Vec<Similarity> = prompts.iter().map(similarity).collect();
    let mut own: Vec<RowScores> = Vec::new();
    for rows in responses.chunk_by(|a, b| (&a.prompt_id, &a.language) == (&b.prompt_id, &b.language)) {
        own.push(RowScores {
            prompt_id: rows[0].prompt_id.clone(),
            language: rows[0].language.clone(),
            samples: rows.iter().map(|r| r.sample).collect(),
            n_tokens: rows.iter().map(|r| r.tokens.len() as u32).collect(),
            logprob: rows.iter().map(|r| r.logprob.unwrap()).collect(),
        });
    }
    // One row was not measured, and one response has no token.
    own.remove(6);
    own[1].n_tokens[0] = 0;
    let measurements = Measurements { own, ..Measurements::default() };
    let material = Material {
        prompts: &prompts,
        responses: &responses,
        similarities: &similarities,
        measurements: &measurements,
    };
    let mut picked = select(material, &config);
    // The margins of math are all 1: others, for the bands.
    let with_pair = picked.pairs.iter_mut().filter(|pair| pair.chosen.is_some());
    with_pair.enumerate().for_each(|(i, pair)| pair.margin = Some((i % 13) as f32 / 8.0 + 0.125));
    Session {
        config,
        references: picked.references,
        pairs: picked.pairs,
        prompts,
        responses,
        similarities,
        measurements,
        ..blank_session()
    }
}

fn evaluation(session: &Session) -> Value {
    let Session { prompts, responses, references, pairs, config, .. } = session;
    let mut evaluating = Evaluating::new(prompts, responses, references, pairs, config, 7);
    (0..N_RESAMPLES).for_each(|_| evaluating.resample());
    json!({ "seed": 7, "nResamples": N_RESAMPLES, "evaluation": evaluating.finish() })
}

fn comparison(session: &Session) -> Value {
    // LIDR is there for its translations, LaCoMSA for the pairs that it draws.
    let methods = [Method::CmAlign, Method::RandomReference, Method::Lidr, Method::Lacomsa];
    let configs = methods.map(|method| SessionConfig { method, ..session.config.clone() });
    let index = PromptIndex::new(Material::of(session));
    let mut comparison = Comparison::new(&index, &configs);
    let n_steps = session.prompts.len() + N_RESAMPLES;
    (0..n_steps).for_each(|_| {
        comparison.step();
    });
    json!({ "nResamples": N_RESAMPLES, "table": comparison.finish() })
}

fn batches(session: &Session, composition: Composition, seed: u32) -> Value {
    let picked = session.pairs.iter().filter_map(|pair| {
        let (prompt_id, language) = (pair.prompt_id.clone(), pair.language.clone());
        let (chosen, rejected) = pair.chosen.zip(pair.rejected)?;
        Some(ExportRow { prompt_id, language, chosen, rejected, record: Default::default() })
    });
    let (rows, _) = writable_rows(session, &picked.collect::<Vec<_>>());
    let settings = BatchSettings {
        composition,
        groups_per_batch: 1 + seed % 3,
        batches_per_step: 1 + seed % 2,
        n_epochs: 2,
        seed,
        complete_groups_only: seed % 4 == 3,
    };
    let items = BatchItem::of_rows(session, &rows);
    let batches = compose(&items, &session.config.anchor, &settings);
    let plan = BatchPlan {
        composition: "Composed.".into(),
        batch_size: batches.batch_size,
        batches_per_step: settings.batches_per_step,
        n_epochs: settings.n_epochs,
        seed,
        has_one_size: batches.has_one_size(),
    };
    let export = export_batches(session, &batches.batched_rows(&rows), &plan);
    json!({ "rows": rows, "batches": batches, "statistics": batches.statistics(&items), "jsonl": export.rows.text })
}

fn results(session: &Session) -> Value {
    let compositions = [Composition::AnchorIncluded, Composition::AnchorExcluded, Composition::Random];
    let composed = compositions.into_iter().flat_map(|c| (0..4).map(move |seed| (c, seed)));
    let settings = LossSettings::default();
    let config = &session.config;
    let own = &session.measurements.own;
    let found = losses(&session.pairs, own, &config.anchor, &config.languages, settings, None);
    json!({
        "evaluation": evaluation(session),
        "comparison": comparison(session),
        "batches": composed.map(|(c, seed)| batches(session, c, seed)).collect::<Vec<_>>(),
        "losses": { "settings": settings, "losses": found },
    })
}

#[test]
fn random_sessions_agree_with_the_recomputation() {
    for seed in 1..5 {
        let session = session(seed);
        let results = results(&session);
        check_agrees(&format!("evaluation-agree-{seed}"), &session, &results);
        let n_pairs = &results["evaluation"]["evaluation"]["pairs"]["coverage"]["part"];
        assert!(n_pairs.as_u64().unwrap() > 10, "{n_pairs} pairs say too little");
    }
}

#[test]
fn one_change_in_the_results_is_found() {
    let session = session(1);
    let right = results(&session);
    for (i, pointer) in [
        "/evaluation/evaluation/pairs/rightOverWrong/share",
        "/evaluation/evaluation/pairs/rightOverWrong/interval/low",
        "/evaluation/evaluation/bands/0/pairs/chosenRight/part",
        "/evaluation/evaluation/mixedRows/whole",
        "/comparison/table/agreements/0/kappa",
        "/comparison/table/agreements/1/differing/0/prompt",
        "/comparison/table/methods/1/languages/1/quality/coverage/part",
        "/comparison/table/responses/agreement/rankC",
        "/comparison/table/responses/variance",
        "/batches/0/batches/batches/0/items/0",
        "/batches/0/statistics/steps/0/nLanguages",
        "/batches/8/statistics/nSplitGroups",
        "/losses/losses/all/orpo",
        "/losses/losses/preferenceGap",
    ]
    .into_iter()
    .enumerate()
    {
        let mut changed = right.clone();
        let value = changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"));
        *value = json!(value.as_f64().unwrap_or_else(|| panic!("{pointer} is {value}")) + 0.001);
        let (agrees, said) = recompute(&format!("evaluation-changed-{i}"), &session, &changed);
        assert!(!agrees, "{pointer} was changed and not found: {said}");
    }
    let mut other_order = right.clone();
    let jsonl = right["batches"][0]["jsonl"].as_str().unwrap();
    let mut lines: Vec<&str> = jsonl.lines().collect();
    lines.swap(0, 1);
    other_order["batches"][0]["jsonl"] = json!(lines.join("\n"));
    assert!(!recompute("evaluation-changed-order", &session, &other_order).0, "two lines changed places");
}
