//! A small session for tests: two prompts, English and Arabic, two responses each, one event.

use super::{
    AppRecord, CurationAct, CurationEvent, ExportRow, FinishReason, Language, ModelRecord, Pair, Prompt,
    Reference, Response, RowRecord, RowState, RowStatus, SESSION_SCHEMA, Session, SessionConfig, Similarity,
    SkipReason, TaskKind,
};

/// Prompt `a` has a pair in Arabic (chosen 0, rejected 1); prompt `b` has no reference.
pub fn sample() -> Session {
    let languages = [Language::from("en"), Language::from("ar")];
    let prompt = |id: &str, answer: Option<&str>| Prompt {
        id: id.into(),
        task: TaskKind::Math,
        answer: answer.map(str::to_owned),
        text: languages.iter().map(|l| (l.clone(), format!("{id} in {}?", l.as_str()))).collect(),
        ..Prompt::default()
    };
    let response = |id: &str, language: &Language, sample: u32, answer: Option<&str>| Response {
        prompt_id: id.into(),
        language: language.clone(),
        sample,
        text: format!("{} {sample}: {}", language.as_str(), answer.unwrap_or("?")),
        reasoning: None,
        reasoning_tokens: None,
        tokens: vec![1, 2, sample],
        logprob: Some(-0.1 - sample as f32),
        ambiguous: Vec::new(),
        finish_reason: FinishReason::Stop,
        answer: answer.map(str::to_owned),
        detected_language: (sample == 0).then(|| language.clone()),
        model: None,
        translation_of: None,
    };
    let answers = [
        ("a", 0, [Some("3"), Some("3")]),
        ("a", 1, [Some("3"), Some("4")]),
        ("b", 0, [None; 2]),
        ("b", 1, [None; 2]),
    ];
    let responses = answers.iter().flat_map(|(id, language, answers)| {
        answers.iter().enumerate().map(move |(i, a)| (*id, *language, i as u32, *a))
    });
    let responses = responses.map(|(id, language, i, a)| response(id, &languages[language], i, a)).collect();
    let reference = |id: &str, sample, consistency: Vec<f32>, skip| Reference {
        prompt_id: id.into(),
        language: languages[0].clone(),
        sample,
        consistency,
        mean_cosine: vec![0.1; 2],
        vote_share: sample.map(|_| 1.0),
        skip,
    };
    let pair = |id: &str, language: usize, picked: Option<(u32, u32)>, skip| Pair {
        prompt_id: id.into(),
        language: languages[language].clone(),
        chosen: picked.map(|p| p.0),
        rejected: picked.map(|p| p.1),
        scores: vec![1.0, 0.0],
        cosine: Vec::new(),
        margin: picked.map(|_| 1.0),
        skip,
    };
    Session {
        handoff: None,
        schema: SESSION_SCHEMA.into(),
        created: "2026-11-21T09:00:00Z".into(),
        app: AppRecord { version: "0.1.0".into() },
        config: SessionConfig { languages: languages.to_vec(), n: 2, ..SessionConfig::default() },
        model: ModelRecord::default(),
        prompts: vec![prompt("a", Some("3")), prompt("b", None)],
        responses,
        references: vec![
            reference("a", Some(0), vec![1.0, 1.0], None),
            reference("b", None, Vec::new(), Some(SkipReason::NoAnswer)),
        ],
        pairs: vec![
            pair("a", 0, None, Some(SkipReason::AnchorLanguage)),
            pair("a", 1, Some((0, 1)), None),
            pair("b", 0, None, Some(SkipReason::AnchorLanguage)),
            pair("b", 1, None, Some(SkipReason::NoReference)),
        ],
        similarities: vec![Similarity {
            prompt_id: "a".into(),
            order: languages.iter().flat_map(|l| [(l.clone(), 0), (l.clone(), 1)]).collect(),
            cosine: vec![0.9, 0.1, 1.0 / 3.0, -0.25, 0.7, 1e-7],
        }],
        measurements: super::Measurements::default(),
        events: vec![accepted(&languages[1])],
    }
}

/// The one event: somebody accepts the pair of prompt `a`.
fn accepted(language: &Language) -> CurationEvent {
    let method =
        RowState { chosen: Some(0), rejected: Some(1), status: RowStatus::Undecided, flagged: false };
    CurationEvent {
        seq: 0,
        time: "2026-11-21T09:01:00Z".into(),
        actor: "me".into(),
        item: "a".into(),
        lang: language.clone(),
        event: CurationAct::Accept,
        before: method,
        after: RowState { status: RowStatus::Accepted, ..method },
        reason: None,
        shown_order: Some(vec![1, 0]),
        seed: Some(7),
        reasons: Vec::new(),
        sample: None,
        text: None,
        rows: Vec::new(),
    }
}

/// A row of the Arabic responses to export, that nobody has decided.
pub fn row(prompt_id: &str, chosen: u32, rejected: u32) -> ExportRow {
    ExportRow {
        prompt_id: prompt_id.into(),
        language: "ar".into(),
        chosen,
        rejected,
        record: RowRecord::default(),
    }
}
