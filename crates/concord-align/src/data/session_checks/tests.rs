//! Sessions that are wrong in one way each, and those that are right.

use super::*;
use crate::data::{CurationAct, SkipReason, test_session::sample};

type Change = fn(&mut Session);

fn found(change: Change) -> Vec<String> {
    let mut session = sample();
    change(&mut session);
    check_session(&session).into_iter().map(|problem| problem.field).collect()
}

#[test]
fn absurd_numbers_are_named() {
    let cases: [(Change, &str); 18] = [
        (|s| s.config.n = 0, "config.n"),
        (|s| s.config.n = 1_000_000, "config.n"),
        (|s| s.config.n = u32::MAX, "config.n"),
        (|s| s.config.temperature = -1.0, "config.temperature"),
        (|s| s.config.max_tokens = Some(0), "config.maxTokens"),
        (|s| s.responses[1].logprob = Some(f32::INFINITY), "responses[1].logprob"),
        (|s| s.responses[1].logprob = Some(2.0), "responses[1].logprob"),
        (|s| s.responses[3].sample = 2, "responses[3].sample"),
        (|s| s.responses[3].sample = u32::MAX, "responses[3].sample"),
        (|s| s.references[0].consistency[1] = f32::NAN, "references[0].consistency[1]"),
        (|s| s.references[0].mean_cosine[0] = -3.0, "references[0].meanCosine[0]"),
        (|s| s.references[0].vote_share = Some(2.0), "references[0].voteShare"),
        (|s| s.pairs[1].scores[1] = f32::INFINITY, "pairs[1].scores[1]"),
        (|s| s.pairs[1].cosine = vec![0.5, 5.0], "pairs[1].cosine[1]"),
        (|s| s.pairs[1].margin = Some(f32::NEG_INFINITY), "pairs[1].margin"),
        (|s| s.similarities[0].cosine[3] = 5.0, "similarities[0].cosine[3]"),
        (
            |s| {
                s.responses[3].translation_of = Some((Language::from("en"), 0));
                s.responses[3].sample = u32::MAX;
            },
            "responses[3].sample",
        ),
        (|s| s.events[0].seq = u32::MAX, "events[0].seq"),
    ];
    for (change, field) in cases {
        assert!(found(change).contains(&field.to_owned()), "{field}: {:?}", found(change));
    }
}

#[test]
fn parts_that_do_not_fit_together_are_named() {
    let cases: [(Change, &str); 28] = [
        (|s| s.prompts[1].drafts = [("bn".into(), String::new())].into(), "prompts[1].drafts"),
        (|s| s.prompts[1].id = "a".into(), "prompts[1].id"),
        (|s| s.config.languages.push(Language::from("en")), "config.languages[2]"),
        (|s| s.config.anchor = Language::from("fr"), "config.anchor"),
        (|s| s.responses[0].prompt_id = "x".into(), "responses[0].promptId"),
        (|s| s.responses[1].sample = 0, "responses[1]"),
        (|s| s.responses.push(s.responses[2].clone()), "responses[8]"),
        (|s| s.references[1].prompt_id = "a".into(), "references[1].promptId"),
        (|s| s.references[1].prompt_id = "x".into(), "references[1].promptId"),
        (|s| s.references[0].sample = Some(9), "references[0].sample"),
        (|s| s.references[0].language = Language::from("fr"), "references[0].sample"),
        (|s| s.references[0].consistency.push(1.0), "references[0].consistency"),
        (|s| s.pairs[0].prompt_id = "x".into(), "pairs[0].promptId"),
        (|s| s.pairs[0].language = Language::from("fr"), "pairs[0].language"),
        (|s| s.pairs.push(s.pairs[1].clone()), "pairs[4]"),
        (|s| s.pairs[1].chosen = Some(9), "pairs[1].chosen"),
        (|s| s.pairs[1].rejected = Some(9), "pairs[1].rejected"),
        (|s| s.pairs[1].rejected = Some(0), "pairs[1]"),
        (|s| s.pairs[1].rejected = None, "pairs[1]"),
        (|s| s.pairs[1].scores.push(0.0), "pairs[1].scores"),
        (|s| s.pairs[1].cosine = vec![0.5], "pairs[1].cosine"),
        (|s| s.similarities[0].prompt_id = "x".into(), "similarities[0].promptId"),
        (|s| s.similarities.push(s.similarities[0].clone()), "similarities[1].promptId"),
        (|s| s.similarities[0].cosine.push(0.5), "similarities[0].cosine"),
        (|s| s.similarities[0].order.clear(), "similarities[0].cosine"),
        (|s| s.similarities[0].order[2].1 = 7, "similarities[0].order[2]"),
        (|s| s.similarities[0].order[1].1 = 0, "similarities[0].order[1]"),
        (|s| s.events.push(s.events[0].clone()), "events[1].seq"),
    ];
    for (change, field) in cases {
        assert!(found(change).contains(&field.to_owned()), "{field}: {:?}", found(change));
    }
}

#[test]
fn prompts_share_a_bound_on_their_languages() {
    let many = |s: &mut Session| {
        for i in 0..=MOST_LANGUAGES {
            let mut prompt = s.prompts[0].clone();
            prompt.id = format!("p{i}");
            prompt.text = [(Language(format!("x{i}")), "?".to_owned())].into();
            s.prompts.push(prompt);
        }
    };
    assert_eq!(found(many).len(), 1);
}

#[test]
fn what_the_product_makes_is_right() {
    let cases: [Change; 8] = [
        |_| {},
        // A run that was cancelled, for a script.
        |s| {
            s.responses[3].finish_reason = crate::data::FinishReason::Cancelled;
            (s.references, s.pairs, s.similarities) = Default::default();
        },
        // A cancelled response is no candidate, so it has no score.
        |s| {
            s.responses[7].finish_reason = crate::data::FinishReason::Cancelled;
            s.pairs[3].scores.pop();
        },
        // Translations stand after the samples.
        |s| {
            let mut made = s.responses[2].clone();
            (made.sample, made.translation_of) = (2, Some((Language::from("en"), 0)));
            s.responses.insert(4, made);
            s.pairs[1].chosen = Some(2);
        },
        // Decisions about rows that another method or limit has left without a pair, or that are not there.
        |s| s.events[0].item = "x".into(),
        |s| (s.events[0].event, s.events[0].after.chosen) = (CurationAct::Choose, Some(9)),
        |s| (s.pairs[1].skip, s.pairs[1].margin) = (Some(SkipReason::SmallMargin), Some(0.0)),
        // Languages that no prompt has, and texts that were not asked.
        |s| {
            s.config.languages.push(Language::from("sw"));
            s.prompts[0].text.insert(Language::from("bn"), "?".into());
        },
    ];
    for (i, change) in cases.into_iter().enumerate() {
        assert_eq!(found(change), Vec::<String>::new(), "{i}");
    }
}

#[test]
fn a_check_stops_where_nobody_reads_on_and_each_step_is_short() {
    let mut session = sample();
    let response = session.responses[0].clone();
    session.responses.extend((0..300_000).map(|_| response.clone()));
    let mut checks = SessionChecks::new(&session);
    let mut n_steps = 0;
    while checks.step() {
        n_steps += 1;
    }
    assert_eq!((checks.finish().len(), n_steps), (MOST_PROBLEMS, 0));
    session.responses.truncate(8);
    let prompt = session.prompts[0].clone();
    session.prompts.extend((0..10_000).map(|i| Prompt { id: format!("p{i}"), ..prompt.clone() }));
    let mut checks = SessionChecks::new(&session);
    let mut n_steps = 0;
    while checks.step() {
        n_steps += 1;
    }
    assert_eq!(checks.finish(), []);
    assert!((4..20).contains(&n_steps), "{n_steps}");
}
