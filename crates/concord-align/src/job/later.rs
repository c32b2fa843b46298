//! Results of a job that come after people have begun to judge those that were there.

use std::collections::{HashMap, HashSet};

use crate::data::{
    Handoff, ImportedResponses, InOrder, JobPart, Language, Measurements, Prompt, Response, Session,
    SessionConfig, Similarity, from_json, session_of,
};

/// A response among those of its job.
type Place<'a> = (&'a str, &'a Language, u32);

fn place(response: &Response) -> Place<'_> {
    (&response.prompt_id, &response.language, response.sample)
}

/// Places that a response has which may be picked; one that was cancelled leaves its place to another.
fn taken(session: &Session) -> HashSet<Place<'_>> {
    session.responses.iter().filter(|response| response.is_candidate()).map(place).collect()
}

fn part_of(imported: &ImportedResponses) -> Option<JobPart> {
    from_json(imported.job.as_deref()?).ok()
}

/// How many of the imported responses a session of the same job lacks; `None` where it is of no job, of another one, or of
/// another model, and where the files cannot be used.
pub fn n_later(session: &Session, imported: &ImportedResponses) -> Option<usize> {
    let earlier = session.handoff.as_ref().filter(|_| imported.refusal.is_none())?;
    let (_, _, later) = part_of(imported)?;
    let has_other_model =
        earlier.served.is_some() && later.served.is_some() && earlier.served != later.served;
    (earlier.job == later.job && !has_other_model).then(|| {
        let known = taken(session);
        imported.responses.iter().filter(|response| !known.contains(&place(response))).count()
    })
}

/// The session with what has come since of its job: its log and its settings stay, and so does every response that it has.
/// Answers and languages of the new ones are still to be read, and its pairs to be picked again: it has none.
///
/// What was measured of a row stays where the row has no new response. Cosines stay where no prompt has one, or the files have
/// vectors of the same encoder for those that do; else all are to be compared again.
pub fn session_with_later(earlier: &Session, mut imported: ImportedResponses) -> Session {
    forget_other_texts(earlier, &mut imported);
    let known = taken(earlier);
    let n_all = imported.responses.len();
    imported.responses.retain(|response| !known.contains(&place(response)));
    let n_only_earlier = known.len() - (n_all - imported.responses.len());
    let new: HashSet<(String, Language)> = imported
        .responses
        .iter()
        .map(|response| (response.prompt_id.clone(), response.language.clone()))
        .collect();
    let places: HashSet<Place<'_>> = imported.responses.iter().map(place).collect();
    let kept = earlier.responses.iter().filter(|response| !places.contains(&place(response)));
    let kept: Vec<Response> = kept.cloned().collect();
    imported.responses.extend(kept);
    let languages = part_of(&imported).map(|(config, ..)| config.languages).unwrap_or_default();
    in_order(&mut imported.responses, &imported.prompts, &languages);
    keep_prompts(&mut imported.prompts, &earlier.prompts);

    let later = session_of(imported, earlier.config.clone(), earlier.created.clone());
    let SessionConfig { languages, anchor, encoder, .. } = later.config;
    let (encoder, similarities) = compared(earlier, &new, (encoder, later.similarities));
    let mut measurements = still_true(&earlier.measurements, &new, &earlier.config.anchor);
    if anchor != earlier.config.anchor {
        (measurements.instructed, measurements.translations) = (Vec::new(), Vec::new());
    }
    Session {
        config: SessionConfig { languages, anchor, encoder, ..earlier.config.clone() },
        model: earlier.model.clone(),
        handoff: later.handoff.map(|handoff| joined(earlier.handoff.as_ref(), handoff, n_only_earlier)),
        similarities,
        measurements,
        events: earlier.events.clone(),
        ..later
    }
}

/// Sorts by prompt, language and sample.
fn in_order(responses: &mut [Response], prompts: &[Prompt], languages: &[Language]) {
    let prompt: HashMap<&str, usize> = prompts.iter().map(|prompt| prompt.id.as_str()).zip(0..).collect();
    let language: HashMap<&Language, usize> = languages.iter().zip(0..).collect();
    responses.order_by_key(|response| {
        let prompt = prompt.get(response.prompt_id.as_str()).copied();
        (prompt, language.get(&response.language).copied(), response.sample)
    });
}

/// Puts the session's prompts in the place of the job's: drafts may have been confirmed since.
fn keep_prompts(prompts: &mut [Prompt], earlier: &[Prompt]) {
    let by_id: HashMap<&str, &Prompt> = earlier.iter().map(|prompt| (prompt.id.as_str(), prompt)).collect();
    for prompt in prompts {
        if let Some(own) = by_id.get(prompt.id.as_str()).filter(|own| own.text == prompt.text) {
            prompt.clone_from(own);
        }
    }
}

/// The record of all results: every file once; `n_only_earlier` responses are in the session and not in these files.
fn joined(earlier: Option<&Handoff>, mut later: Handoff, n_only_earlier: usize) -> Handoff {
    for file in earlier.into_iter().flat_map(|earlier| &earlier.imported) {
        if !later.imported.iter().any(|known| known.sha256 == file.sha256) {
            later.imported.push(file.clone());
        }
    }
    later.served = later.served.or_else(|| earlier.and_then(|earlier| earlier.served.clone()));
    later.live = earlier.and_then(|earlier| earlier.live.clone());
    later.imported.order_by_key(|file| file.name.clone());
    later.missing = later.missing.saturating_sub(n_only_earlier);
    later
}

/// Cosines of prompts without new responses.
fn unchanged(similarities: &[Similarity], new: &HashSet<(String, Language)>) -> Vec<Similarity> {
    let changed: HashSet<&str> = new.iter().map(|(prompt_id, _)| prompt_id.as_str()).collect();
    similarities.iter().filter(|own| !changed.contains(own.prompt_id.as_str())).cloned().collect()
}

/// The cosines, and the encoder that they are by: the session's, those of the files, or of each prompt the ones that compare more.
fn compared(
    earlier: &Session,
    new: &HashSet<(String, Language)>,
    (encoder, newer): (Option<String>, Vec<Similarity>),
) -> (Option<String>, Vec<Similarity>) {
    let own = &earlier.config.encoder;
    let is_same = encoder.is_some() && encoder == *own;
    // Of another encoder, they are worth it where they compare as many prompts.
    if newer.is_empty() || !is_same && newer.len() < earlier.similarities.len() {
        let (own, kept) = (own.clone(), earlier.similarities.clone());
        return if new.is_empty() { (own, kept) } else { (None, Vec::new()) };
    }
    if !is_same {
        return (encoder, newer);
    }
    let mut kept = unchanged(&earlier.similarities, new);
    for newer in newer {
        match kept.iter_mut().find(|own| own.prompt_id == newer.prompt_id) {
            Some(own) if own.order.len() > newer.order.len() => {}
            Some(own) => *own = newer,
            None => kept.push(newer),
        }
    }
    (encoder, kept)
}

/// Cosines that the files have of prompts whose responses keep other texts here are of no use.
fn forget_other_texts(earlier: &Session, imported: &mut ImportedResponses) {
    if imported.similarities.is_empty() {
        return;
    }
    let candidates = earlier.responses.iter().filter(|response| response.is_candidate());
    let texts: HashMap<Place<'_>, &str> =
        candidates.map(|response| (place(response), response.text.as_str())).collect();
    let has_other =
        |response: &&Response| texts.get(&place(response)).is_some_and(|own| *own != response.text);
    let others: HashSet<&str> =
        imported.responses.iter().filter(has_other).map(|response| response.prompt_id.as_str()).collect();
    imported.similarities.retain(|newer| !others.contains(newer.prompt_id.as_str()));
}

/// What was measured of rows that are as they were.
fn still_true(measured: &Measurements, new: &HashSet<(String, Language)>, anchor: &Language) -> Measurements {
    let is_new =
        |prompt_id: &str, language: &Language| new.contains(&(prompt_id.to_owned(), language.clone()));
    let mut kept = measured.clone();
    for rows in [&mut kept.own, &mut kept.instructed] {
        rows.retain(|row| !is_new(&row.prompt_id, &row.language));
    }
    kept.translations.retain(|row| !is_new(&row.prompt_id, &row.language) && !is_new(&row.prompt_id, anchor));
    kept.states = unchanged(&kept.states, new);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::FinishReason;
    use crate::data::test_session::sample;
    use crate::job::tests::{job, whole};
    use crate::job::{Dialect, Returned, Sink};

    fn imported(lines: &[String]) -> ImportedResponses {
        let job = job();
        let mut returned = Returned::new(&job, Dialect::Vllm.into());
        returned.results.begin(&format!("{}.jsonl", lines.len()));
        returned.results.push(lines.concat().as_bytes());
        returned.results.end();
        returned.imported(None)
    }

    fn session(lines: &[String]) -> Session {
        session_of(imported(lines), SessionConfig::default(), "2026-11-29T22:00:00.000Z".to_owned())
    }

    /// One that people have worked on.
    fn judged(lines: &[String]) -> Session {
        let mut session = session(lines);
        session.events = sample().events;
        session.config.min_margin = 0.5;
        session.pairs = sample().pairs;
        session
    }

    #[test]
    fn what_comes_later_makes_the_same_responses_as_all_at_once() {
        let lines = whole();
        let all = session(&lines);
        for n_first in 1..lines.len() {
            let earlier = judged(&lines[..n_first]);
            for later in [&lines[n_first..], &lines[..]] {
                let later = imported(later);
                assert_eq!(n_later(&earlier, &later), Some(all.responses.len() - earlier.responses.len()));
                let whole = session_with_later(&earlier, later);
                assert_eq!((&whole.responses, &whole.prompts), (&all.responses, &all.prompts), "{n_first}");
                assert_eq!(whole.config.languages, all.config.languages);
                assert_eq!((whole.config.min_margin, &whole.events), (0.5, &earlier.events));
                assert_eq!((whole.created.as_str(), whole.pairs.len()), (earlier.created.as_str(), 0));
                assert_eq!(whole.handoff.unwrap().missing, 0);
            }
        }
    }

    #[test]
    fn a_response_that_was_judged_stays_when_the_job_is_run_again() {
        let lines = whole();
        let mut earlier = judged(&lines[..1]);
        earlier.responses[0].text = "as it was judged".to_owned();
        let whole = session_with_later(&earlier, imported(&lines));
        assert_eq!(whole.responses.iter().filter(|response| response.text == "as it was judged").count(), 1);
        assert_eq!(whole.responses.len(), session(&lines).responses.len());
        let again = session_with_later(&whole, imported(&lines));
        assert_eq!(n_later(&whole, &imported(&lines)), Some(0));
        assert_eq!(again, whole);
    }

    #[test]
    fn a_cancelled_response_leaves_its_place_and_what_only_the_session_has_stays() {
        let lines = whole();
        let mut earlier = judged(&lines[..2]);
        earlier.responses[1].finish_reason = FinishReason::Cancelled;
        let n = earlier.responses.len();
        let whole = session_with_later(&earlier, imported(&lines[..1]));
        assert_eq!((whole.responses.len(), n_later(&whole, &imported(&lines[..1]))), (n, Some(0)));
        assert!(whole.responses.iter().all(Response::is_candidate));
        assert_eq!(whole.handoff.unwrap().missing, 20 - n);
    }

    #[test]
    fn another_job_and_another_model_are_not_added() {
        let lines = whole();
        let (earlier, later) = (judged(&lines[..1]), imported(&lines));
        let handoff = earlier.handoff.clone().unwrap();
        for other in [
            None,
            Some(Handoff { job: "0".repeat(64), ..handoff.clone() }),
            Some(Handoff { served: Some("Llama".to_owned()), ..handoff }),
        ] {
            assert_eq!(n_later(&Session { handoff: other, ..earlier.clone() }, &later), None);
        }
        assert_eq!(n_later(&earlier, &ImportedResponses { job: None, ..later }), None);
    }

    #[test]
    fn cosines_and_measurements_of_a_prompt_with_new_responses_go() {
        let lines = whole();
        let mut earlier = judged(&lines[..3]);
        let of = |prompt: &Prompt| Similarity {
            prompt_id: prompt.id.clone(),
            order: Vec::new(),
            cosine: Vec::new(),
        };
        earlier.similarities = earlier.prompts.iter().map(of).collect();
        earlier.measurements.states = earlier.similarities.clone();
        earlier.config.encoder = Some("lab/encoder".to_owned());
        assert_eq!(earlier.similarities.len(), 2);
        let whole = session_with_later(&earlier, imported(&lines));
        let kept = |kept: &[Similarity]| kept.iter().map(|own| own.prompt_id.clone()).collect::<Vec<_>>();
        assert_eq!(kept(&whole.measurements.states), ["mgsm-1"], "the second had no Swahili");
        assert_eq!((kept(&whole.similarities), whole.config.encoder), (Vec::new(), None));

        let with_vectors = |earlier: &Session, encoder: &str| {
            let mut later = imported(&lines);
            let (mut config, model, handoff) = part_of(&later).unwrap();
            config.encoder = Some(encoder.to_owned());
            later.job = serde_json::to_string(&(config, model, handoff)).ok();
            later.similarities = later.prompts[1..].iter().map(of).collect();
            kept(&session_with_later(earlier, later).similarities)
        };
        assert_eq!(with_vectors(&earlier, "lab/encoder"), ["mgsm-1", "mgsm-2", "x|y ü"]);
        assert_eq!(with_vectors(&earlier, "another"), ["mgsm-2", "x|y ü"]);
        earlier.responses[0].text = "as it was judged".to_owned();
        earlier.responses.last_mut().unwrap().text = "as it was judged".to_owned();
        assert_eq!(with_vectors(&earlier, "another"), Vec::<String>::new(), "one of them is of another text");
        let same = session_with_later(&earlier, imported(&lines[..3]));
        assert_eq!(same.similarities, earlier.similarities);
    }
}
