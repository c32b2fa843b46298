//! The vectors that have come of a job's responses, and what they come to.

use std::collections::BTreeSet;

use super::lines::{Line, Lines};
use super::{EmbedSettings, Job, RequestId, embed_answered, embed_line, embed_requests, read_vectors};
use crate::data::{Language, Response, Similarity};

/// Most notes on what could not be used.
const MOST_NOTES: usize = 3;

/// Takes the answers to requests for vectors, in any number of files.
#[derive(Debug)]
pub struct VectorCollector<'a> {
    job: &'a Job,
    file: String,
    lines: Lines,
    /// By line of the prompt.
    vectors: Vec<Vec<Found>>,
    width: Option<usize>,
    encoders: BTreeSet<String>,
    n_bad: usize,
    notes: Vec<String>,
}

/// The vector of a sample.
#[derive(Debug)]
struct Found {
    language: Language,
    sample: u32,
    vector: Vec<f32>,
}

/// What vectors come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// The cosines of every prompt of which two responses have a vector.
    pub similarities: Vec<Similarity>,
    /// The encoder, as its server calls it.
    pub encoder: Option<String>,
    /// Responses that should have a vector and have none.
    pub n_missing: usize,
    /// What there is to say, a sentence each.
    pub said: Vec<String>,
}

impl<'a> VectorCollector<'a> {
    /// For all prompts of a job.
    pub fn new(job: &'a Job) -> Self {
        Self {
            job,
            file: String::new(),
            lines: Lines::default(),
            vectors: job.prompts.iter().map(|_| Vec::new()).collect(),
            width: None,
            encoders: BTreeSet::new(),
            n_bad: 0,
            notes: Vec::new(),
        }
    }

    fn on_line(&mut self, number: usize, line: Line<'_>) {
        let bytes = match line {
            Line::Whole(bytes) | Line::Last(bytes) if bytes.trim_ascii().is_empty() => return,
            Line::Whole(bytes) | Line::Last(bytes) => bytes,
            Line::TooLong => return self.note(number, "longer than 64 MiB"),
        };
        let Some((id, model)) = embed_answered(self.job, bytes) else {
            return self.note(number, "not an answer to a request for vectors of this job");
        };
        if !self.job.languages_at(id.line).any(|language| *language == id.language) {
            return self.note(number, "of a language that was not asked");
        }
        match read_vectors(bytes, id.count, &mut self.width) {
            Ok(answer) => {
                self.encoders.extend(model);
                for (vector, sample) in answer.vectors.into_iter().zip(id.first..) {
                    if let Some(vector) = vector {
                        self.put(id.line, Found { language: id.language.clone(), sample, vector });
                    }
                }
                if let Some(bad) = answer.bad {
                    self.note(number, &bad.to_string());
                }
            }
            Err(error) => self.note(number, &error.to_string()),
        }
    }

    /// Of two vectors of a sample the later is used.
    fn put(&mut self, line: usize, found: Found) {
        let of_prompt = &mut self.vectors[line];
        match of_prompt.iter_mut().find(|known| known.is_of(&found.language, found.sample)) {
            Some(known) => *known = found,
            None => of_prompt.push(found),
        }
    }

    fn note(&mut self, number: usize, reason: &str) {
        self.n_bad += 1;
        if self.notes.len() < MOST_NOTES {
            self.notes.push(format!("{}, line {number}: {reason}.", self.file));
        }
    }

    /// The requests for the vectors that are missing, as lines.
    pub fn missing_lines(&self, responses: &[Response], settings: &EmbedSettings) -> String {
        let mut lines = String::new();
        for (line, responses) in self.by_prompt(responses) {
            for (id, texts) in embed_requests(self.job, line, responses) {
                if !self.has(&id) {
                    lines += &embed_line(&id, &texts, settings);
                }
            }
        }
        lines
    }

    /// What the vectors of these responses come to. Those of two encoders cannot be compared, so none of them is used.
    pub fn compared(mut self, responses: &[Response]) -> Compared {
        let mut encoders = std::mem::take(&mut self.encoders).into_iter();
        let mut compared = Compared { encoder: encoders.next(), ..Compared::default() };
        if let (Some(first), Some(second)) = (&compared.encoder, encoders.next()) {
            let said = format!(
                "Vectors of two encoders, {first:?} and {second:?}, cannot be compared: none is used. Take the files of one of them away."
            );
            (compared.said, compared.encoder) = (vec![said], None);
            self.vectors.iter_mut().for_each(Vec::clear);
        }
        let has_some = self.vectors.iter().any(|of_prompt| !of_prompt.is_empty());
        let mut n_asked = 0;
        for (line, responses) in self.by_prompt(responses) {
            let (mut order, mut vectors) = (Vec::new(), Vec::new());
            for response in embed_requests(self.job, line, responses).into_iter().flat_map(|(_, texts)| texts)
            {
                n_asked += 1;
                let mut of_prompt = self.vectors[line].iter_mut();
                match of_prompt.find(|found| found.is_of(&response.language, response.sample)) {
                    Some(found) => {
                        order.push((response.language.clone(), response.sample));
                        vectors.push(std::mem::take(&mut found.vector));
                    }
                    None => compared.n_missing += 1,
                }
            }
            compared.similarities.extend(Similarity::of_vectors(&self.job.prompts[line].id, order, &vectors));
        }
        if has_some {
            let n_there = n_asked - compared.n_missing;
            compared.said.push(format!("{n_there} of {n_asked} responses have a vector."));
        }
        compared.said.append(&mut self.notes);
        if self.n_bad > MOST_NOTES {
            compared.said.push(format!("{} lines gave no vectors, or not all.", self.n_bad));
        }
        compared
    }

    /// The responses of each prompt, with its line; they stand in the order of the prompts.
    fn by_prompt<'r>(
        &self,
        responses: &'r [Response],
    ) -> impl Iterator<Item = (usize, &'r [Response])> + use<'r, 'a> {
        let mut prompts = self.job.prompts.iter().enumerate();
        let groups = responses.chunk_by(|a, b| a.prompt_id == b.prompt_id);
        groups.filter_map(move |group| {
            let (line, _) = prompts.find(|(_, prompt)| prompt.id == group[0].prompt_id)?;
            Some((line, group))
        })
    }

    fn has(&self, id: &RequestId) -> bool {
        let of_prompt = &self.vectors[id.line];
        (id.first..id.first + id.count)
            .all(|sample| of_prompt.iter().any(|found| found.is_of(&id.language, sample)))
    }
}

impl Found {
    fn is_of(&self, language: &Language, sample: u32) -> bool {
        (&self.language, self.sample) == (language, sample)
    }
}

impl super::Sink for VectorCollector<'_> {
    fn begin(&mut self, name: &str) {
        self.file = name.to_owned();
        self.lines = Lines::default();
    }

    fn push(&mut self, bytes: &[u8]) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(bytes, &mut |number, line| self.on_line(number, line));
        self.lines = lines;
    }

    fn end(&mut self) {
        std::mem::take(&mut self.lines).end(&mut |number, line| self.on_line(number, line));
    }

    fn cut(&mut self, file: &str) {
        self.lines.give_up_rest();
        self.notes.push(format!("{file} is cut off or damaged."));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::job::tests::{job, whole};
    use crate::job::{Collector, Sink};

    fn responses(job: &Job) -> Vec<Response> {
        let mut collector = Collector::new(job);
        Sink::begin(&mut collector, "a");
        Sink::push(&mut collector, whole().concat().as_bytes());
        Sink::end(&mut collector);
        collector.responses()
    }

    /// What an encoder answers to requests, a line each.
    fn answered(requests: &str, model: &str) -> Vec<String> {
        let answer = |line: &str| {
            let request: Value = serde_json::from_str(line).unwrap();
            let texts = request["body"]["input"].as_array().unwrap();
            let vector = |text: &Value| json!([text.as_str().unwrap().len() as f32, 1.0, 2.0]);
            let data: Vec<Value> = texts
                .iter()
                .zip(0..)
                .map(|(text, i)| json!({ "index": i, "embedding": vector(text) }))
                .collect();
            let body = json!({ "model": model, "data": data });
            json!({ "custom_id": request["custom_id"], "response": { "status_code": 200, "body": body } })
                .to_string()
                + "\n"
        };
        requests.lines().map(answer).collect()
    }

    fn taken<'a>(job: &'a Job, files: &[String]) -> VectorCollector<'a> {
        let mut vectors = VectorCollector::new(job);
        for (file, number) in files.iter().zip(0..) {
            vectors.begin(&format!("results-embed-{number:05}.jsonl"));
            file.as_bytes().chunks(7).for_each(|piece| vectors.push(piece));
            vectors.end();
        }
        vectors
    }

    #[test]
    fn vectors_come_in_parts_and_what_is_missing_is_asked_again() {
        let job = job();
        let responses = responses(&job);
        let settings = EmbedSettings { model: "e5".to_owned(), prefix: "query: ".to_owned() };
        let none = VectorCollector::new(&job);
        let requests = none.missing_lines(&responses, &settings);
        assert_eq!(none.compared(&responses).said, Vec::<String>::new());
        let answers = answered(&requests, "e5");
        assert!(answers.len() > 3, "{requests}");

        let part = taken(&job, &[answers[1..].concat()]);
        let missing = part.missing_lines(&responses, &settings);
        assert_eq!(missing, requests.lines().next().unwrap().to_owned() + "\n");
        let compared = part.compared(&responses);
        assert!(compared.n_missing > 0 && compared.encoder.as_deref() == Some("e5"), "{compared:?}");

        let whole = taken(&job, &[answers[1..].concat(), answers[0].clone()]);
        assert_eq!(whole.missing_lines(&responses, &settings), "");
        let compared = whole.compared(&responses);
        assert_eq!((compared.n_missing, compared.said.len()), (0, 1), "{compared:?}");
        assert_eq!(compared.similarities.len(), job.prompts.len());
        let backwards: Vec<String> = answers.iter().rev().cloned().collect();
        assert_eq!(taken(&job, &backwards).compared(&responses), compared, "the order changes nothing");
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let job = job();
        let responses = responses(&job);
        let settings = EmbedSettings { model: "e5".to_owned(), prefix: String::new() };
        let requests = VectorCollector::new(&job).missing_lines(&responses, &settings);
        let mut lines = answered(&requests, "e5");
        let id = |line: &str| {
            serde_json::from_str::<Value>(line).unwrap()["custom_id"].as_str().unwrap().to_owned()
        };
        let first = id(&lines[0]);
        lines[0] = lines[0].replace(&first, &first.replace("_sw_", "_xx_"));
        lines.push("{\"custom_id\":\"c1_00000000_e_000000_en_0_1\"}\n".to_owned());
        lines.push("not JSON".to_owned());
        let compared = taken(&job, &[lines.concat()]).compared(&responses);
        let said = compared.said.join("\n");
        for words in
            ["of a language that was not asked", "not an answer to a request for vectors of this job"]
        {
            assert!(said.contains(words), "{said}");
        }
        assert!(compared.n_missing > 0, "{said}");

        let two = [answered(&requests, "e5").concat(), answered(&requests, "bge").concat()];
        let compared = taken(&job, &two).compared(&responses);
        assert!(compared.similarities.is_empty() && compared.encoder.is_none());
        assert!(
            compared.said[0].starts_with("Vectors of two encoders, \"bge\" and \"e5\", cannot"),
            "{compared:?}"
        );
    }
}
