//! What the methods need of the model beyond the responses, how much of it is there, and how it grows part by part.
//!
//! A need is met row by row, so asking again after a cut goes on where it stopped.

use std::collections::{HashMap, HashSet};

use crate::data::{
    Language, Measurements, Method, ModelRecord, Response, RowScores, Session, TranslationScores,
};

/// Something that a model says of a session's responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// The likelihood of each response after its own prompt: [`Measurements::own`].
    Own,
    /// The likelihood of each response after the anchor's prompt: [`Measurements::instructed`].
    Instructed,
    /// The likelihood of each anchor response as a translation of each response: [`Measurements::translations`].
    Translations,
    /// Translations that the model writes: responses with `translationOf`.
    Translated,
    /// Cosines of the generator's own states: [`Measurements::states`].
    States,
}

impl Need {
    /// What a method needs of the model; `None` for those that need no more than the responses.
    pub fn of(method: Method) -> Option<Self> {
        match method {
            Method::CmAlign | Method::RandomReference => None,
            Method::Mapo => Some(Self::Translations),
            Method::Lidr => Some(Self::Translated),
            Method::Icr => Some(Self::Instructed),
            Method::Lacomsa => Some(Self::States),
        }
    }
}

/// How much of a need is met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Texts that the model is still to read or write.
    pub n_texts: usize,
    /// Places in [`Session::prompts`] with such texts, and how many each has; ascending.
    pub prompts: Vec<(usize, usize)>,
}

/// Counts what is missing of a session, for several needs at once.
pub struct NeedCounter<'a> {
    session: &'a Session,
    /// Candidates of each prompt and language.
    n_candidates: HashMap<(&'a str, &'a Language), usize>,
    /// Translations from and into each language but the anchor, of two.
    translated: HashMap<(&'a str, &'a Language), usize>,
}

impl<'a> NeedCounter<'a> {
    /// Counts the session's responses once.
    pub fn new(session: &'a Session) -> Self {
        let mut n_candidates: HashMap<(&str, &Language), usize> = HashMap::new();
        let mut translated: HashMap<(&str, &Language), usize> = HashMap::new();
        for response in &session.responses {
            if let Some((from, _)) = &response.translation_of {
                // Into the anchor's language it belongs to the row it comes from, else to the row it was written for.
                let of = if *from == session.config.anchor { &response.language } else { from };
                *translated.entry((response.prompt_id.as_str(), of)).or_default() += 1;
            } else if response.is_candidate() {
                *n_candidates.entry((&response.prompt_id, &response.language)).or_default() += 1;
            }
        }
        Self { session, n_candidates, translated }
    }

    /// What is missing of a need.
    pub fn missing(&self, need: Need) -> Missing {
        let is_there = self.there(need);
        let mut out = Missing::default();
        for (at, prompt) in self.session.prompts.iter().enumerate() {
            let rows = self.session.config.languages.iter();
            let open = rows.filter(|language| !is_there.contains(&(prompt.id.as_str(), *language)));
            let n_texts: usize = open.map(|language| self.n_texts(need, &prompt.id, language)).sum();
            if n_texts > 0 {
                out.n_texts += n_texts;
                out.prompts.push((at, n_texts));
            }
        }
        out
    }

    /// Prompts and languages that a need is met for.
    fn there(&self, need: Need) -> HashSet<(&'a str, &'a Language)> {
        let measured = &self.session.measurements;
        let of_rows = |rows: &'a [RowScores]| {
            rows.iter().map(|row| (row.prompt_id.as_str(), &row.language)).collect::<HashSet<_>>()
        };
        match need {
            Need::Own => of_rows(&measured.own),
            Need::Instructed => of_rows(&measured.instructed),
            Need::Translations => {
                measured.translations.iter().map(|row| (row.prompt_id.as_str(), &row.language)).collect()
            }
            // Counted one by one.
            Need::Translated => HashSet::new(),
            // Where the generator's own states scored, they are there already.
            Need::States if !is_scored_by_encoder(self.session) => {
                self.n_candidates.keys().copied().collect()
            }
            Need::States => {
                let rows = measured.states.iter().flat_map(|states| {
                    states.order.iter().map(|(language, _)| (states.prompt_id.as_str(), language))
                });
                rows.collect()
            }
        }
    }

    /// Texts of a prompt and language that a need takes.
    fn n_texts(&self, need: Need, prompt_id: &str, language: &Language) -> usize {
        let count = |language: &Language| self.n_candidates.get(&(prompt_id, language)).copied().unwrap_or(0);
        let anchor = &self.session.config.anchor;
        let (n, n_anchor) = (count(language), count(anchor));
        match need {
            Need::Own | Need::States => n,
            Need::Instructed if n_anchor == 0 => 0,
            Need::Instructed => n,
            Need::Translations | Need::Translated if language == anchor => 0,
            Need::Translations => n * n_anchor,
            Need::Translated if n == 0 || n_anchor == 0 => 0,
            Need::Translated => {
                2_usize.saturating_sub(self.translated.get(&(prompt_id, language)).copied().unwrap_or(0))
            }
        }
    }
}

/// Whether another model than the generator compared the responses.
pub fn is_scored_by_encoder(session: &Session) -> bool {
    let by_generator = format!("{}, layer ", session.model.name);
    session.config.encoder.as_ref().is_some_and(|name| !name.starts_with(&by_generator))
}

/// One request's worth of what was measured, put to what is there: rows measured again are replaced, others stay. What
/// another model said goes, so that all numbers are one model's.
pub fn merge_measurements(there: &mut Measurements, mut newer: Measurements) {
    let is_other = |old: &ModelRecord| newer.model.as_ref().is_some_and(|new| new.sha256 != old.sha256);
    if there.model.as_ref().is_some_and(is_other) {
        *there = Measurements::default();
    }
    let of_row = |row: &RowScores| (row.prompt_id.clone(), row.language.clone());
    let of_translation = |row: &TranslationScores| (row.prompt_id.clone(), row.language.clone());
    put(&mut there.own, std::mem::take(&mut newer.own), of_row);
    put(&mut there.instructed, std::mem::take(&mut newer.instructed), of_row);
    put(&mut there.translations, std::mem::take(&mut newer.translations), of_translation);
    put(&mut there.states, std::mem::take(&mut newer.states), |states| states.prompt_id.clone());
    there.take(newer);
}

/// Puts translations to a session's responses: one of the same response into the same language is replaced.
pub fn merge_translated(responses: &mut Vec<Response>, newer: Vec<Response>) {
    type Key = (String, Language, Option<(Language, u32)>);
    let key = |response: &Response| -> Key {
        (response.prompt_id.clone(), response.language.clone(), response.translation_of.clone())
    };
    let keys: HashSet<Key> = newer.iter().map(key).collect();
    responses.retain(|old| old.translation_of.is_none() || !keys.contains(&key(old)));
    responses.extend(newer);
}

fn put<T, K: std::hash::Hash + Eq>(there: &mut Vec<T>, newer: Vec<T>, key: impl Fn(&T) -> K) {
    let keys: HashSet<K> = newer.iter().map(&key).collect();
    there.retain(|old| !keys.contains(&key(old)));
    there.extend(newer);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Similarity, test_session::sample};

    fn translation(prompt_id: &str, language: &str, from: &str) -> Response {
        let translation_of = Some((Language::from(from), 0));
        let mut response = sample().responses[0].clone();
        response.sample = 2;
        Response {
            prompt_id: prompt_id.into(),
            language: Language::from(language),
            translation_of,
            ..response
        }
    }

    fn row(prompt_id: &str, language: &str, logprob: f32) -> RowScores {
        RowScores {
            prompt_id: prompt_id.into(),
            language: Language::from(language),
            samples: vec![0, 1],
            n_tokens: vec![3, 3],
            logprob: vec![logprob; 2],
        }
    }

    /// Two prompts, the anchor and one more language, two samples each.
    #[test]
    fn a_fresh_session_misses_everything() {
        let session =
            Session { model: ModelRecord { name: "m".into(), ..ModelRecord::default() }, ..sample() };
        for (need, n_texts) in [
            (Need::Own, 8),
            (Need::Instructed, 8),
            (Need::Translations, 2 * 2 * 2),
            (Need::Translated, 2 * 2),
            (Need::States, 0),
        ] {
            assert_eq!(NeedCounter::new(&session).missing(need).n_texts, n_texts, "{need:?}");
        }
        let mut by_encoder = session;
        by_encoder.config.encoder = Some("m, layer 3, mean".into());
        assert_eq!(NeedCounter::new(&by_encoder).missing(Need::States).n_texts, 0);
        by_encoder.config.encoder = Some("an encoder".into());
        assert_eq!(NeedCounter::new(&by_encoder).missing(Need::States).prompts, [(0, 4), (1, 4)]);
    }

    #[test]
    fn what_is_there_is_not_asked_for_again() {
        let mut session = sample();
        session.measurements.own = vec![row("a", "en", -1.0), row("a", "ar", -1.0), row("b", "en", -1.0)];
        session.measurements.states = vec![Similarity {
            prompt_id: "b".into(),
            order: vec![(Language::from("en"), 0), (Language::from("ar"), 0)],
            cosine: vec![0.5],
        }];
        session.config.encoder = Some("an encoder".into());
        session.responses.push(translation("a", "ar", "en"));
        let counter = NeedCounter::new(&session);
        assert_eq!(counter.missing(Need::Own).prompts, [(1, 2)]);
        assert_eq!(counter.missing(Need::States).prompts, [(0, 4)]);
        assert_eq!(counter.missing(Need::Translated).prompts, [(0, 1), (1, 2)]);
    }

    #[test]
    fn a_part_replaces_its_rows_and_leaves_the_others() {
        let model = |sha: &str| Some(ModelRecord { sha256: sha.into(), ..ModelRecord::default() });
        let mut there = Measurements {
            model: model("x"),
            own: vec![row("a", "en", -1.0), row("a", "ar", -1.0)],
            ..Measurements::default()
        };
        merge_measurements(
            &mut there,
            Measurements { model: model("x"), own: vec![row("a", "ar", -2.0)], ..Measurements::default() },
        );
        assert_eq!(there.own, [row("a", "en", -1.0), row("a", "ar", -2.0)]);
        merge_measurements(
            &mut there,
            Measurements { model: model("y"), own: vec![row("b", "en", -3.0)], ..Measurements::default() },
        );
        assert_eq!((there.own, there.model), (vec![row("b", "en", -3.0)], model("y")));
    }

    #[test]
    fn a_translation_made_again_is_replaced() {
        let mut responses = sample().responses;
        let n_samples = responses.len();
        merge_translated(&mut responses, vec![translation("a", "ar", "en"), translation("b", "ar", "en")]);
        merge_translated(&mut responses, vec![translation("a", "en", "ar"), translation("b", "ar", "en")]);
        let translated: Vec<_> =
            responses[n_samples..].iter().map(|r| (r.prompt_id.as_str(), r.language.as_str())).collect();
        assert_eq!(translated, [("a", "ar"), ("a", "en"), ("b", "ar")]);
    }
}
