//! Responses that were cut at the token limit, and making them again, longer.
//!
//! Sampling is by what a row is, so a longer run has the same whole responses and the same beginnings of the cut ones: what
//! is made again takes the place of what was cut, and the session is the one that a longer run would have given.

use std::collections::HashSet;

use super::{Act, Curation, Decision, Stamp, act::PROGRAM, needs};
use crate::data::{
    Language, Measurements, Response, RowScores, RowStatus, Session, SessionConfig, TranslationScores,
};

/// How many responses of a session were cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CutCount {
    /// Responses to prompts.
    pub n_responses: usize,
    /// Those that were cut.
    pub n_cut: usize,
    /// Of those, the ones that a higher limit makes longer: they reached the limit, not the end of the model's context.
    pub n_extendable: usize,
    /// Those that never left their reasoning.
    pub n_still_reasoning: usize,
}

/// Counts the cut responses of a session.
pub fn cut_count(session: &Session) -> CutCount {
    let mut count = CutCount::default();
    for response in session.responses.iter().filter(|response| response.is_candidate()) {
        count.n_responses += 1;
        count.n_cut += usize::from(response.is_cut());
        count.n_extendable += usize::from(is_extendable(response, &session.config));
        count.n_still_reasoning += usize::from(response.is_still_reasoning());
    }
    count
}

fn is_extendable(response: &Response, config: &SessionConfig) -> bool {
    response.is_cut() && config.max_tokens.is_none_or(|limit| response.tokens.len() >= limit as usize)
}

/// Twice the limit that a session was made with.
pub fn longer_limit(session: &Session) -> u32 {
    let longest = || session.responses.iter().map(|response| response.tokens.len()).max().unwrap_or(1);
    let limit = session.config.max_tokens.unwrap_or_else(|| u32::try_from(longest()).unwrap_or(u32::MAX));
    limit.saturating_mul(2).max(1)
}

/// The responses that stay, and the settings for a run that makes the others again with a limit.
pub fn again(session: &Session, max_tokens: u32) -> (Vec<Response>, SessionConfig) {
    let is_kept = |response: &&Response| response.is_candidate() && !response.is_cut();
    let kept = session.responses.iter().filter(is_kept).cloned().collect();
    (kept, SessionConfig { max_tokens: Some(max_tokens), ..session.config.clone() })
}

/// What a run of [`again`] gave, in the place of the session that it was for: with its log, and with what the model was
/// asked about prompts where nothing was cut. A decision about a pair that is another one now, or of which a side was made
/// again, is taken back by an event of its own; the others stand.
pub fn merged(old: &Session, mut new: Session, time: &str) -> Session {
    let remade: HashSet<(&str, &Language, u32)> = old
        .responses
        .iter()
        .filter(|r| r.is_cut())
        .map(|r| (r.prompt_id.as_str(), &r.language, r.sample))
        .collect();
    let prompts: HashSet<&str> = remade.iter().map(|(prompt_id, ..)| *prompt_id).collect();
    new.created.clone_from(&old.created);
    new.events.clone_from(&old.events);
    let mut measurements = without(&old.measurements, &prompts);
    needs::merge_measurements(&mut measurements, std::mem::take(&mut new.measurements));
    new.measurements = measurements;
    let there: HashSet<String> =
        new.responses.iter().filter(|r| r.translation_of.is_some()).map(|r| r.prompt_id.clone()).collect();
    let stays = |r: &&Response| {
        r.translation_of.is_some() && !prompts.contains(r.prompt_id.as_str()) && !there.contains(&r.prompt_id)
    };
    new.responses.extend(old.responses.iter().filter(stays).cloned());

    let (before, mut now) = (Curation::fold(old), Curation::fold(&new));
    let changed: Vec<(String, Language)> = before
        .rows()
        .iter()
        .filter(|row| row.state.status != RowStatus::Undecided)
        .filter(|row| {
            let is_remade = |sample: Option<u32>| {
                sample.is_some_and(|sample| remade.contains(&(row.prompt_id.as_str(), &row.language, sample)))
            };
            let method = now.row(&row.prompt_id, &row.language).map(|now| now.method);
            method != Some(row.method) || is_remade(row.state.chosen) || is_remade(row.state.rejected)
        })
        .map(|row| (row.prompt_id.clone(), row.language.clone()))
        .collect();
    let stamp = Stamp {
        time: time.to_owned(),
        actor: PROGRAM.to_owned(),
        reason: Some("the cut responses were made again".to_owned()),
        ..Stamp::default()
    };
    for (prompt_id, language) in changed {
        let decision = Decision::On((prompt_id.as_str(), &language), Act::Reset);
        // A row that is not there any more has no decision to take back.
        if let Ok(event) = now.event(&new, decision, stamp.clone()) {
            now.take(&event);
            new.events.push(event);
        }
    }
    new
}

/// A note for the case that another model compares the responses than before.
pub fn other_encoder(old: &Session, new: &Session) -> Option<String> {
    let name = |session: &Session| session.config.encoder.clone().unwrap_or_else(|| "nothing".to_owned());
    (old.config.encoder != new.config.encoder).then(|| {
        format!("the responses were compared by {} and are by {} now; load it and do so again for the old numbers", name(old), name(new))
    })
}

/// What was measured, but of the responses of some prompts.
fn without(measured: &Measurements, prompts: &HashSet<&str>) -> Measurements {
    let stays = |prompt_id: &str| !prompts.contains(prompt_id);
    let rows = |rows: &[RowScores]| rows.iter().filter(|row| stays(&row.prompt_id)).cloned().collect();
    let of_translations = |row: &&TranslationScores| stays(&row.prompt_id);
    Measurements {
        model: measured.model.clone(),
        own: rows(&measured.own),
        instructed: rows(&measured.instructed),
        translations: measured.translations.iter().filter(of_translations).cloned().collect(),
        states: measured.states.iter().filter(|states| stays(&states.prompt_id)).cloned().collect(),
        representations: measured.representations.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curation::tests::apply;
    use crate::data::{CurationAct, FinishReason, test_session::sample};

    /// Prompt `a` in Arabic has the pair 0 over 1, which was accepted; its response `at` was cut at three tokens.
    fn cut(at: usize) -> Session {
        let mut session = sample();
        session.config.max_tokens = Some(3);
        session.responses[at].finish_reason = FinishReason::Length;
        session
    }

    /// The same with whole responses, as a longer run gives it.
    fn longer(session: &Session) -> Session {
        let mut longer = Session { events: Vec::new(), created: "later".into(), ..session.clone() };
        longer.config.max_tokens = Some(6);
        for response in longer.responses.iter_mut().filter(|response| response.is_cut()) {
            response.text += " and its end";
            response.finish_reason = FinishReason::Stop;
        }
        longer
    }

    #[test]
    fn what_was_cut_is_counted_and_made_again_alone() {
        let mut session = cut(3);
        session.responses[5].finish_reason = FinishReason::Length;
        session.responses[5].tokens.truncate(2);
        session.responses[6].reasoning = Some("hm".into());
        session.responses[6].text.clear();
        let wanted = CutCount { n_responses: 8, n_cut: 2, n_extendable: 1, n_still_reasoning: 1 };
        assert_eq!(cut_count(&session), wanted);
        let (kept, config) = again(&session, 12);
        assert_eq!((kept.len(), config.max_tokens, longer_limit(&session)), (6, Some(12), 6));
        assert_eq!(SessionConfig { max_tokens: Some(3), ..config }, session.config);
        session.config.max_tokens = None;
        assert_eq!(longer_limit(&session), 6);
    }

    #[test]
    fn a_decision_stands_where_its_pair_is_the_same_and_is_taken_back_where_it_is_not() {
        // Cut in another row: the pair stays.
        let old = cut(0);
        let now = merged(&old, longer(&old), "later");
        assert_eq!((&now.created, &now.events), (&old.created, &old.events));
        assert_eq!(now.config.max_tokens, Some(6));

        // Cut in the pair: what was accepted is not what is there now.
        let old = cut(3);
        let now = merged(&old, longer(&old), "later");
        assert_eq!(now.events.len(), 2);
        assert_eq!((now.events[1].event, now.events[1].seq), (CurationAct::Reset, 1));
        let row = Curation::fold(&now).row("a", &"ar".into()).unwrap().state;
        assert_eq!(row.status, RowStatus::Undecided);

        // The method picks another pair now.
        let old = cut(0);
        let mut new = longer(&old);
        (new.pairs[1].chosen, new.pairs[1].rejected) = (Some(1), Some(0));
        let now = merged(&old, new, "later");
        assert_eq!(Curation::fold(&now).row("a", &"ar".into()).unwrap().state.chosen, Some(1));

        // A row without a decision has nothing to take back.
        let mut old = cut(3);
        apply(&mut old, Decision::Undo, Stamp { actor: "me".into(), ..Stamp::default() }).unwrap();
        assert_eq!(merged(&old, longer(&old), "later").events, old.events);
    }

    #[test]
    fn what_was_measured_of_other_prompts_stays() {
        let mut old = cut(3);
        let row = |prompt_id: &str| RowScores {
            prompt_id: prompt_id.into(),
            language: "en".into(),
            samples: vec![0, 1],
            n_tokens: vec![3, 3],
            logprob: vec![-1.0, -2.0],
        };
        old.measurements.own = vec![row("a"), row("b")];
        let translation = |prompt_id: &str| Response {
            prompt_id: prompt_id.into(),
            sample: 2,
            translation_of: Some(("ar".into(), 0)),
            ..old.responses[0].clone()
        };
        let (of_a, of_b) = (translation("a"), translation("b"));
        old.responses.extend([of_a, of_b.clone()]);
        let new = Session { measurements: Measurements::default(), ..longer(&sample()) };
        let now = merged(&old, new, "later");
        assert_eq!(now.measurements.own, [row("b")]);
        assert_eq!(now.responses[8..], [of_b]);
    }
}
