//! Checks a whole session: numbers are within bounds, names exist, and parts fit together.
//!
//! Methods, screen and exports index and allocate by what is checked here, without asking again. Nothing is repaired: a wrong
//! record is refused with the path of the field, its value and what is allowed. Log entries about rows that the session
//! does not have are allowed, because the log is never shortened; the page reports them.

use std::collections::{HashMap, HashSet};

use super::config_checks::{check_languages, check_settings};
use super::limits::{HIGHEST_SAMPLE, MOST_LANGUAGES};
use super::problem::{FieldProblem, MOST_PROBLEMS};
use super::problem_list::{AS_SAVED, Problems};
use super::session_numbers as numbers;
use super::{Language, Pair, Prompt, Reference, Response, Session, Similarity, measurement_checks};

/// About how many values a step looks at.
const STEP_VALUES: usize = 4_096;

/// Lists of a session, measurements among them.
const N_LISTS: usize = 11;

/// What is wrong with a session; empty where nothing is.
pub fn check_session(session: &Session) -> Vec<FieldProblem> {
    let mut checks = SessionChecks::new(session);
    while checks.step() {}
    checks.finish()
}

/// A check under way, so that a page can do it in slices.
#[derive(Debug)]
pub struct SessionChecks<'a> {
    session: &'a Session,
    list: usize,
    at: usize,
    known: Known<'a>,
    problems: Problems,
}

impl<'a> SessionChecks<'a> {
    /// Checks the settings, and is ready for the lists.
    pub fn new(session: &'a Session) -> Self {
        let mut problems = Problems::default();
        let of_config = check_settings(&session.config).into_iter().chain(check_languages(&session.config));
        problems.list.extend(of_config.map(|p| FieldProblem { field: format!("config.{}", p.field), ..p }));
        let languages = session.config.languages.iter().collect();
        Self { session, list: 0, at: 0, known: Known { languages, ..Known::default() }, problems }
    }

    /// Checks some elements; false when none is left or there are problems enough.
    pub fn step(&mut self) -> bool {
        let mut n_values = 0;
        while n_values < STEP_VALUES {
            if self.list == N_LISTS || self.problems.list.len() >= MOST_PROBLEMS {
                return false;
            }
            match self.element() {
                Some(n) => (self.at, n_values) = (self.at + 1, n_values + n),
                None => (self.list, self.at) = (self.list + 1, 0),
            }
        }
        true
    }

    /// What was found, at most [`MOST_PROBLEMS`].
    pub fn finish(mut self) -> Vec<FieldProblem> {
        self.problems.list.truncate(MOST_PROBLEMS);
        self.problems.list
    }

    /// Checks the next element of the current list, and says how many values it has; `None` at the end of the list.
    fn element(&mut self) -> Option<usize> {
        let (session, i, m) = (self.session, self.at, &self.session.measurements);
        let (known, problems) = (&mut self.known, &mut self.problems);
        let ids = &known.prompts;
        Some(match self.list {
            0 => known.prompt(i, session.prompts.get(i)?, problems),
            1 => known.response(i, session.responses.get(i)?, session.config.n, problems),
            2 => known.reference(i, session.references.get(i)?, problems),
            3 => known.pair(i, session.pairs.get(i)?, problems),
            4 => known.similarity(i, session.similarities.get(i)?, problems),
            5 => measurement_checks::scores("measurements.own", i, m.own.get(i)?, ids, problems),
            6 => {
                measurement_checks::scores("measurements.instructed", i, m.instructed.get(i)?, ids, problems)
            }
            7 => measurement_checks::translations(i, m.translations.get(i)?, ids, problems),
            8 => measurement_checks::states(i, m.states.get(i)?, ids, problems),
            9 => measurement_checks::representations(i, m.representations.get(i)?, ids, problems),
            _ => {
                let seq = session.events.get(i)?.seq;
                if seq as usize != i {
                    let reason = format!("entry {i} of the log says it is number {seq}");
                    problems.add(
                        format!("events[{i}].seq"),
                        reason,
                        "restore the log's order; entries are never removed",
                    );
                }
                1
            }
        })
    }
}

/// What the elements so far have named.
#[derive(Debug, Default)]
struct Known<'a> {
    languages: HashSet<&'a Language>,
    prompts: HashSet<&'a str>,
    text_languages: HashSet<&'a Language>,
    rows: HashMap<(&'a str, &'a Language), Row>,
    /// Row and sample of every response.
    samples: HashSet<(usize, u32)>,
    references: HashSet<&'a str>,
    pairs: HashSet<(&'a str, &'a Language)>,
    similarities: HashSet<&'a str>,
}

/// The responses of a prompt in a language.
#[derive(Clone, Copy, Debug)]
struct Row {
    idx: usize,
    n_candidates: usize,
}

impl<'a> Known<'a> {
    fn prompt(&mut self, i: usize, prompt: &'a Prompt, problems: &mut Problems) -> usize {
        if !self.prompts.insert(&prompt.id) {
            problems.add(
                format!("prompts[{i}].id"),
                format!("\"{}\" is used twice", prompt.id),
                "give every prompt its own id",
            );
        }
        let n_before = self.text_languages.len();
        self.text_languages.extend(prompt.text.keys());
        if n_before <= MOST_LANGUAGES && self.text_languages.len() > MOST_LANGUAGES {
            let reason = format!("the texts so far are in {} languages", self.text_languages.len());
            problems.add(
                format!("prompts[{i}].text"),
                reason,
                format!("all together there can be {MOST_LANGUAGES}"),
            );
        }
        if let Some(language) = prompt.drafts.keys().find(|language| !prompt.text.contains_key(language)) {
            problems.add(
                format!("prompts[{i}].drafts"),
                format!("the draft in {} has no text", language.as_str()),
                "leave this language out of the drafts",
            );
        }
        prompt.text.len()
    }

    fn response(&mut self, i: usize, response: &'a Response, n: u32, problems: &mut Problems) -> usize {
        problems.prompt(|| format!("responses[{i}].promptId"), &response.prompt_id, &self.prompts);
        let (is_candidate, sample) = (response.is_candidate(), response.sample);
        let allowed = match response.translation_of {
            Some(_) => (sample > HIGHEST_SAMPLE).then(|| format!("it must be 0 to {HIGHEST_SAMPLE}")),
            None => (sample >= n).then(|| format!("it must be below config.n, which is {n}")),
        };
        if let Some(allowed) = allowed {
            problems.add(format!("responses[{i}].sample"), format!("the number is {sample}"), allowed);
        }
        let n_rows = self.rows.len();
        let row = self.rows.entry((&response.prompt_id, &response.language));
        let row = row.or_insert(Row { idx: n_rows, n_candidates: 0 });
        row.n_candidates += usize::from(is_candidate);
        if !self.samples.insert((row.idx, sample)) {
            let language = response.language.as_str();
            let reason = format!("{} / {language} / sample {sample} is there twice", response.prompt_id);
            problems.add(format!("responses[{i}]"), reason, "keep one of the two");
        }
        numbers::of_response(i, response, &mut problems.visit());
        4
    }

    fn reference(&mut self, i: usize, reference: &'a Reference, problems: &mut Problems) -> usize {
        let Reference { prompt_id, language, sample, consistency, mean_cosine, .. } = reference;
        let field = |name: &str| format!("references[{i}].{name}");
        problems.prompt(|| field("promptId"), prompt_id, &self.prompts);
        if !self.references.insert(prompt_id) {
            problems.add(
                field("promptId"),
                format!("\"{prompt_id}\" has a reference already"),
                "keep one of the two",
            );
        }
        self.sample(|| field("sample"), (prompt_id, language, *sample), problems);
        self.per_candidate(|| field("consistency"), (prompt_id, language), consistency.len(), problems);
        self.per_candidate(|| field("meanCosine"), (prompt_id, language), mean_cosine.len(), problems);
        numbers::of_reference(i, reference, &mut problems.visit());
        4 + consistency.len() + mean_cosine.len()
    }

    fn pair(&mut self, i: usize, pair: &'a Pair, problems: &mut Problems) -> usize {
        let Pair { prompt_id, language, chosen, rejected, scores, cosine, .. } = pair;
        let field = |name: &str| format!("pairs[{i}].{name}");
        problems.prompt(|| field("promptId"), prompt_id, &self.prompts);
        if !self.languages.contains(language) {
            let reason = format!("\"{}\" is not among the languages", language.as_str());
            problems.add(field("language"), reason, "add it to config.languages, or delete this entry");
        }
        if !self.pairs.insert((prompt_id, language)) {
            let reason = format!("{prompt_id} / {} has an entry already", language.as_str());
            problems.add(format!("pairs[{i}]"), reason, "keep one of the two");
        }
        if chosen.is_some() != rejected.is_some() || (chosen.is_some() && chosen == rejected) {
            let reason = "chosen and rejected are not two responses".to_owned();
            problems.add(format!("pairs[{i}]"), reason, "set them to two different samples, or both to null");
        }
        self.sample(|| field("chosen"), (prompt_id, language, *chosen), problems);
        self.sample(|| field("rejected"), (prompt_id, language, *rejected), problems);
        self.per_candidate(|| field("scores"), (prompt_id, language), scores.len(), problems);
        self.per_candidate(|| field("cosine"), (prompt_id, language), cosine.len(), problems);
        numbers::of_pair(i, pair, &mut problems.visit());
        8 + scores.len() + cosine.len()
    }

    fn similarity(&mut self, i: usize, similarity: &'a Similarity, problems: &mut Problems) -> usize {
        let Similarity { prompt_id, order, cosine } = similarity;
        problems.prompt(|| format!("similarities[{i}].promptId"), prompt_id, &self.prompts);
        if !self.similarities.insert(prompt_id) {
            let reason = format!("\"{prompt_id}\" has cosines already");
            problems.add(format!("similarities[{i}].promptId"), reason, "keep one of the two");
        }
        let mut seen = HashSet::new();
        for (j, (language, sample)) in order.iter().enumerate() {
            let is_known = self.has(prompt_id, language, *sample);
            if !is_known || !seen.insert((language, *sample)) {
                let what = if is_known { "is there twice" } else { "is no response" };
                let reason = format!("{prompt_id} / {} / sample {sample} {what}", language.as_str());
                problems.add(format!("similarities[{i}].order[{j}]"), reason, AS_SAVED);
                break;
            }
        }
        problems.n_cosines(&format!("similarities[{i}]"), similarity);
        numbers::of_similarity("similarities", i, similarity, &mut problems.visit());
        4 + 4 * order.len() + cosine.len()
    }

    fn has(&self, prompt_id: &str, language: &Language, sample: u32) -> bool {
        self.rows.get(&(prompt_id, language)).is_some_and(|row| self.samples.contains(&(row.idx, sample)))
    }

    /// A sample that is picked has to be there.
    fn sample(
        &self,
        field: impl Fn() -> String,
        (prompt, language, sample): (&str, &Language, Option<u32>),
        problems: &mut Problems,
    ) {
        if let Some(sample) = sample.filter(|sample| !self.has(prompt, language, *sample)) {
            let reason = format!("there is no response {prompt} / {} / sample {sample}", language.as_str());
            problems.add(field(), reason, "set it to a sample that is there, or to null");
        }
    }

    /// A list by candidate has one value for each, or none at all.
    fn per_candidate(
        &self,
        field: impl Fn() -> String,
        row: (&str, &Language),
        n: usize,
        problems: &mut Problems,
    ) {
        let n_candidates = self.rows.get(&row).map_or(0, |row| row.n_candidates);
        if n != 0 && n != n_candidates {
            problems.add(field(), format!("there are {n} values for {n_candidates} responses"), AS_SAVED);
        }
    }
}

#[cfg(test)]
mod tests;
