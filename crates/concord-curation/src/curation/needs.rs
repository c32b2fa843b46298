//! What the methods need from the model beyond the responses, how much of it is there, and how it grows part by part.
//!
//! A need is met row by row, so asking again after a cut goes on where it stopped.

use std::collections::{HashMap, HashSet};

use crate::data::{
    Language, MeasureKind, Measurements, ModelRecord, Prompt, Representations, RepresentedText, Response,
    RowScores, Session, TranslationScores,
};

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
    pub fn missing(&self, need: MeasureKind) -> Missing {
        let is_there = self.there(need);
        let mut out = Missing::default();
        for (at, prompt) in self.session.prompts.iter().enumerate() {
            let rows = self.session.config.languages.iter();
            let open = rows.filter(|language| !is_there.contains(&(prompt.id.as_str(), *language)));
            let n_texts: usize = open.map(|language| self.n_texts(need, prompt, language)).sum();
            if n_texts > 0 {
                out.n_texts += n_texts;
                out.prompts.push((at, n_texts));
            }
        }
        out
    }

    /// Prompts and languages that a need is met for.
    fn there(&self, need: MeasureKind) -> HashSet<(&'a str, &'a Language)> {
        let measured = &self.session.measurements;
        let of_rows = |rows: &'a [RowScores]| {
            rows.iter().map(|row| (row.prompt_id.as_str(), &row.language)).collect::<HashSet<_>>()
        };
        let of_texts = |text| {
            let found = measured.representations.iter().filter(move |found| found.text == text);
            let order = found.flat_map(|found| &found.order);
            order.map(|(prompt_id, language)| (prompt_id.as_str(), language)).collect()
        };
        match need {
            MeasureKind::Own => of_rows(&measured.own),
            MeasureKind::Instructed => of_rows(&measured.instructed),
            MeasureKind::Translations => {
                measured.translations.iter().map(|row| (row.prompt_id.as_str(), &row.language)).collect()
            }
            // Counted one by one.
            MeasureKind::Translated => HashSet::new(),
            // Where the generator's own states scored, they are there already.
            MeasureKind::States if !is_scored_by_encoder(self.session) => {
                self.n_candidates.keys().copied().collect()
            }
            MeasureKind::States => {
                let rows = measured.states.iter().flat_map(|states| {
                    states.order.iter().map(|(language, _)| (states.prompt_id.as_str(), language))
                });
                rows.collect()
            }
            MeasureKind::Chat => of_texts(RepresentedText::Chat),
            MeasureKind::Plain => of_texts(RepresentedText::Plain),
        }
    }

    /// Texts of a prompt and language that a need takes.
    fn n_texts(&self, need: MeasureKind, prompt: &Prompt, language: &Language) -> usize {
        let count = |language: &Language| {
            self.n_candidates.get(&(prompt.id.as_str(), language)).copied().unwrap_or(0)
        };
        let anchor = &self.session.config.anchor;
        let (n, n_anchor) = (count(language), count(anchor));
        match need {
            MeasureKind::Own | MeasureKind::States => n,
            MeasureKind::Instructed if n_anchor == 0 => 0,
            MeasureKind::Instructed => n,
            MeasureKind::Translations | MeasureKind::Translated if language == anchor => 0,
            MeasureKind::Translations => n * n_anchor,
            MeasureKind::Translated if n == 0 || n_anchor == 0 => 0,
            MeasureKind::Translated => 2_usize
                .saturating_sub(self.translated.get(&(prompt.id.as_str(), language)).copied().unwrap_or(0)),
            MeasureKind::Chat | MeasureKind::Plain => usize::from(prompt.text.contains_key(language)),
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
pub fn merge_measurements(there: &mut Measurements, newer: Measurements) {
    let is_other = |old: &ModelRecord| newer.model.as_ref().is_some_and(|new| new.sha256 != old.sha256);
    if there.model.as_ref().is_some_and(is_other) {
        *there = Measurements::default();
    }
    let of_row = |row: &RowScores| (row.prompt_id.clone(), row.language.clone());
    let of_translation = |row: &TranslationScores| (row.prompt_id.clone(), row.language.clone());
    put(&mut there.own, newer.own, of_row);
    put(&mut there.instructed, newer.instructed, of_row);
    put(&mut there.translations, newer.translations, of_translation);
    put(&mut there.states, newer.states, |states| states.prompt_id.clone());
    for newer in newer.representations {
        let of = |found: &Representations| (found.text, found.pooling, found.layer, found.dim);
        match there.representations.iter_mut().find(|old| of(old) == of(&newer)) {
            Some(old) => put_vectors(old, newer),
            None => there.representations.push(newer),
        }
    }
    there.model = newer.model.or(there.model.take());
}

/// Puts vectors to those of the same layer: a text that was read again has its new one.
fn put_vectors(there: &mut Representations, newer: Representations) {
    let is_new: HashSet<&(String, Language)> = newer.order.iter().collect();
    let kept: Vec<usize> = (0..there.order.len()).filter(|at| !is_new.contains(&there.order[*at])).collect();
    if kept.len() < there.order.len() {
        there.values = kept.iter().flat_map(|at| there.vector(*at)).copied().collect();
        there.order = kept.iter().map(|at| there.order[*at].clone()).collect();
    }
    there.order.extend(newer.order);
    there.values.extend(newer.values);
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
            (MeasureKind::Own, 8),
            (MeasureKind::Instructed, 8),
            (MeasureKind::Translations, 2 * 2 * 2),
            (MeasureKind::Translated, 2 * 2),
            (MeasureKind::States, 0),
            (MeasureKind::Chat, 4),
            (MeasureKind::Plain, 4),
        ] {
            assert_eq!(NeedCounter::new(&session).missing(need).n_texts, n_texts, "{need:?}");
        }
        let mut by_encoder = session;
        by_encoder.config.encoder = Some("m, layer 3, mean".into());
        assert_eq!(NeedCounter::new(&by_encoder).missing(MeasureKind::States).n_texts, 0);
        by_encoder.config.encoder = Some("an encoder".into());
        assert_eq!(NeedCounter::new(&by_encoder).missing(MeasureKind::States).prompts, [(0, 4), (1, 4)]);
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
        assert_eq!(counter.missing(MeasureKind::Own).prompts, [(1, 2)]);
        assert_eq!(counter.missing(MeasureKind::States).prompts, [(0, 4)]);
        assert_eq!(counter.missing(MeasureKind::Translated).prompts, [(0, 1), (1, 2)]);
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
    fn states_come_prompt_by_prompt_and_layer_by_layer() {
        let states = |layer: u32, rows: &[(&str, f32)]| Representations {
            layer,
            n_layers: 1,
            dim: 2,
            order: rows.iter().map(|(id, _)| ((*id).to_owned(), Language::from("en"))).collect(),
            values: rows.iter().flat_map(|(_, value)| [*value, -value]).collect(),
            ..Representations::default()
        };
        let of = |representations: Vec<Representations>| Measurements {
            representations,
            ..Measurements::default()
        };
        let mut there = of(vec![states(0, &[("a", 1.0), ("b", 2.0)]), states(1, &[("a", 3.0), ("b", 4.0)])]);
        merge_measurements(
            &mut there,
            of(vec![states(0, &[("c", 5.0)]), states(1, &[("c", 6.0), ("a", 7.0)])]),
        );
        let merged = vec![
            states(0, &[("a", 1.0), ("b", 2.0), ("c", 5.0)]),
            states(1, &[("b", 4.0), ("c", 6.0), ("a", 7.0)]),
        ];
        assert_eq!(there, of(merged));
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
