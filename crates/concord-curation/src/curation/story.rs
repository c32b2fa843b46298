//! What a run has brought, in the few numbers of one line.

use std::collections::{BTreeSet, HashMap};

use crate::data::{InOrder, Language, Session, SkipReason};

/// What a run has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Story {
    /// Rows with a pair.
    pub n_pairs: usize,
    /// Prompts that have at least one.
    pub n_prompts: usize,
    /// Languages that have at least one.
    pub n_languages: usize,
    /// Rows that should have a pair and have none; the anchor's do not count.
    pub n_without: usize,
    /// Mean cosine of the chosen responses to their references, from -1 to 1, over the pairs that have one; `None` without
    /// any.
    pub agreement: Option<f64>,
}

/// Counts a session's pairs; one pass over its responses.
pub fn story(session: &Session) -> Story {
    let mut samples: HashMap<(&str, &Language), Vec<u32>> = HashMap::new();
    for response in session.responses.iter().filter(|response| response.is_candidate()) {
        samples.entry((&response.prompt_id, &response.language)).or_default().push(response.sample);
    }
    samples.values_mut().for_each(|row| row.order());
    let (mut story, mut prompts, mut languages) = (Story::default(), BTreeSet::new(), BTreeSet::new());
    let (mut sum, mut n_measured) = (0.0, 0_u32);
    for pair in &session.pairs {
        match pair.skip {
            Some(SkipReason::AnchorLanguage) => continue,
            Some(_) => {
                story.n_without += 1;
                continue;
            }
            None => story.n_pairs += 1,
        }
        prompts.insert(&pair.prompt_id);
        languages.insert(&pair.language);
        let place = samples
            .get(&(pair.prompt_id.as_str(), &pair.language))
            .and_then(|row| row.iter().position(|sample| Some(*sample) == pair.chosen));
        if let Some(cosine) = place.and_then(|place| pair.cosine.get(place)) {
            sum += f64::from(*cosine);
            n_measured += 1;
        }
    }
    story.n_prompts = prompts.len();
    story.n_languages = languages.len();
    story.agreement = (n_measured > 0).then(|| sum / f64::from(n_measured));
    story
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Pair, test_session::sample};

    #[test]
    fn a_session_is_told_in_five_numbers() {
        let mut session = sample();
        let pair = |prompt: &str, language: &str, chosen, cosine: &[f32], skip| Pair {
            prompt_id: prompt.into(),
            language: Language::from(language),
            chosen: Some(chosen),
            cosine: cosine.to_vec(),
            skip,
            ..session.pairs[0].clone()
        };
        let pairs = vec![
            pair("a", "ar", 1, &[0.25, 0.75], None),
            pair("a", "en", 0, &[], Some(SkipReason::AnchorLanguage)),
            // Its chosen response has no cosine, so it says nothing of the mean.
            pair("b", "ar", 0, &[], None),
            pair("b", "de", 0, &[0.5], Some(SkipReason::SmallMargin)),
        ];
        session.pairs = pairs;
        let wanted = Story { n_pairs: 2, n_prompts: 2, n_languages: 1, n_without: 1, agreement: Some(0.75) };
        assert_eq!(story(&session), wanted);
    }

    #[test]
    fn a_session_without_pairs_has_no_agreement() {
        let session = Session { pairs: Vec::new(), ..sample() };
        assert_eq!(story(&session), Story::default());
    }
}
