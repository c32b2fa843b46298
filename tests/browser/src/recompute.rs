//! What a session must hold, computed again from its responses and cosines: CM-Align for tasks with a
//! final number and for general ones, and the file of pairs. Written from the method's description; shares no code with it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Scores are f32 in the session and f64 here.
const TOLERANCE: f64 = 1e-5;

/// A session with its responses by row and its cosines by pair of responses.
pub struct Recomputed<'a> {
    session: &'a Value,
    /// Candidates by prompt and language, in order of sample.
    rows: BTreeMap<(&'a str, &'a str), Vec<&'a Value>>,
    /// Cosines by prompt, both ways round.
    cosines: BTreeMap<&'a str, BTreeMap<(Place<'a>, Place<'a>), f64>>,
}

/// Language and sample of a response.
type Place<'a> = (&'a str, u64);

impl<'a> Recomputed<'a> {
    /// Sorts out a session. Panics where a field is missing or of the wrong kind.
    pub fn new(session: &'a Value) -> Self {
        let mut rows: BTreeMap<_, Vec<&Value>> = BTreeMap::new();
        for response in list(session, "responses") {
            if text(response, "finishReason") != "cancelled" {
                rows.entry((text(response, "promptId"), text(response, "language")))
                    .or_default()
                    .push(response);
            }
        }
        rows.values_mut().for_each(|row| row.sort_by_key(|response| sample(response)));
        let mut cosines = BTreeMap::new();
        for record in list(session, "similarities") {
            cosines.insert(text(record, "promptId"), cosines_of(record));
        }
        Self { session, rows, cosines }
    }

    /// Everything that does not hold, in words; empty when all does.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.problems_of_completeness();
        for prompt in list(self.session, "prompts") {
            let id = text(prompt, "id");
            let reference = match text(prompt, "task") {
                "general" => self.most_consistent(id),
                _ => self.voted(id),
            };
            let recorded = find(list(self.session, "references"), id);
            if sample_at(recorded, "sample") != reference.sample {
                problems.push(format!(
                    "{id}: the reference is {:?}, recomputed {:?}",
                    recorded, reference.sample
                ));
            }
            let share = recorded["voteShare"].as_f64();
            let is_equal = match (share, reference.vote_share) {
                (Some(a), Some(b)) => (a - b).abs() < TOLERANCE,
                (a, b) => a.is_none() == b.is_none(),
            };
            if !is_equal {
                problems.push(format!("{id}: vote share {share:?}, recomputed {:?}", reference.vote_share));
            }
            problems.extend(self.problems_of_pairs(prompt, &reference));
        }
        problems
    }

    /// Numbers that the screen shows: pairs made, and rows that could hold one.
    pub fn n_pairs(&self) -> (usize, usize) {
        let pairs = list(self.session, "pairs");
        let anchor = text(&self.session["config"], "anchor");
        let rows = pairs.iter().filter(|pair| text(pair, "language") != anchor).count();
        (pairs.iter().filter(|pair| !pair["chosen"].is_null() && pair["skip"].is_null()).count(), rows)
    }

    /// Lines without the columns that say where a row comes from.
    pub fn bare(lines: &[Value]) -> Vec<Value> {
        let mut lines = lines.to_vec();
        for row in lines.iter_mut().filter_map(Value::as_object_mut) {
            row.retain(|name, _| !name.starts_with("concord_"));
        }
        lines
    }

    /// The lines that the file for TRL must have, but for where they come from, as parsed JSON, in the order of the session's pairs.
    pub fn trl_lines(&self) -> Vec<Value> {
        let mut lines = Vec::new();
        for pair in list(self.session, "pairs") {
            let (id, language) = (text(pair, "promptId"), text(pair, "language"));
            let (Some(chosen), Some(rejected)) = (sample_at(pair, "chosen"), sample_at(pair, "rejected"))
            else {
                continue;
            };
            if !pair["skip"].is_null() {
                continue;
            }
            let prompts = list(self.session, "prompts");
            let prompt = prompts.iter().find(|prompt| text(prompt, "id") == id).expect("the pair's prompt");
            let said = |wanted: u64| {
                let row = &self.rows[&(id, language)];
                let response = row.iter().find(|response| sample(response) == wanted).expect("the response");
                text(response, "text").trim()
            };
            let turn = |role: &str, content: &str| json!([{ "role": role, "content": content }]);
            lines.push(json!({
                "prompt": turn("user", text(&prompt["text"], language).trim()),
                "chosen": turn("assistant", said(chosen)),
                "rejected": turn("assistant", said(rejected)),
                "prompt_id": id,
                "language": self.session["config"]["spellings"].get(language).and_then(Value::as_str).unwrap_or(language),
            }));
        }
        lines
    }

    /// Every prompt has n responses in every language that it has a text in, numbered from 0.
    fn problems_of_completeness(&self) -> Vec<String> {
        let config = &self.session["config"];
        let n = config["n"].as_u64().expect("config.n");
        let languages: Vec<&str> = list(config, "languages").iter().filter_map(Value::as_str).collect();
        let mut problems = Vec::new();
        for prompt in list(self.session, "prompts") {
            for language in languages.iter().filter(|language| prompt["text"][**language].is_string()) {
                let row = self.rows.get(&(text(prompt, "id"), *language));
                let samples: Vec<u64> = row.into_iter().flatten().map(|response| sample(response)).collect();
                if samples != (0..n).collect::<Vec<_>>() {
                    problems
                        .push(format!("{} {language}: samples {samples:?}, not 0..{n}", text(prompt, "id")));
                }
            }
        }
        problems
    }

    /// Majority of the anchor's answers; within it the highest mean cosine to the others with its answer. A response that was
    /// cut votes, but is picked only where no whole one has an answer.
    fn voted(&self, id: &'a str) -> Picked<'a> {
        let anchor = text(&self.session["config"], "anchor");
        let row = self.rows.get(&(id, anchor)).cloned().unwrap_or_default();
        let mut votes: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for response in &row {
            if let Some(answer) = response["answer"].as_str() {
                votes.entry(answer).or_default().push(sample(response));
            }
        }
        let whole: Vec<u64> =
            row.iter().filter(|r| is_whole(r) && r["answer"].is_string()).map(|r| sample(r)).collect();
        let could_be = |voter: &u64| whole.is_empty() || whole.contains(voter);
        let leading = votes.values().filter(|voters| voters.iter().any(could_be));
        let Some(most) = leading.map(Vec::len).max() else { return Picked::default() };
        // Equal counts: every voter of a leading answer stands, and the cosines decide.
        let mut standing = Vec::new();
        for (&answer, voters) in votes.iter().filter(|(_, voters)| voters.len() == most) {
            for &voter in voters.iter().filter(|voter| could_be(voter)) {
                let others = voters.iter().filter(|&&other| other != voter);
                let sum: f64 = others.map(|&other| self.cosine(id, (anchor, voter), (anchor, other))).sum();
                standing.push((sum / (voters.len() - 1).max(1) as f64, voter, answer));
            }
        }
        let highest = standing.iter().map(|(mean, ..)| *mean).fold(f64::NEG_INFINITY, f64::max);
        // Means are compared as f32 there and as f64 here: the session's pick stands if it is as high.
        standing.retain(|(mean, ..)| *mean > highest - TOLERANCE);
        standing.sort_by_key(|(_, voter, _)| *voter);
        let recorded = sample_at(find(list(self.session, "references"), id), "sample");
        let picked = standing.iter().find(|(_, voter, _)| Some(*voter) == recorded).unwrap_or(&standing[0]);
        let vote_share = Some(most as f64 / row.len() as f64);
        Picked { sample: Some(picked.1), answer: Some(picked.2), vote_share, is_graded: false }
    }

    /// The anchor's response with the highest mean cosine to its siblings; a whole one where there is one.
    fn most_consistent(&self, id: &'a str) -> Picked<'a> {
        let anchor = text(&self.session["config"], "anchor");
        let row = self.rows.get(&(id, anchor)).cloned().unwrap_or_default();
        let has_whole = row.iter().any(|response| is_whole(response));
        let mean = |of: u64| {
            let others = row.iter().map(|response| sample(response)).filter(|other| *other != of);
            let sum: f64 = others.map(|other| self.cosine(id, (anchor, of), (anchor, other))).sum();
            sum / (row.len() - 1).max(1) as f64
        };
        let able = row.iter().filter(|response| is_whole(response) || !has_whole);
        let means: Vec<(f64, u64)> = able.map(|r| (mean(sample(r)), sample(r))).collect();
        let highest = means.iter().map(|(mean, _)| *mean).fold(f64::NEG_INFINITY, f64::max);
        let mut standing = means.iter().filter(|(mean, _)| *mean > highest - TOLERANCE).map(|(_, at)| *at);
        let recorded = sample_at(find(list(self.session, "references"), id), "sample");
        let picked = standing.clone().find(|at| Some(*at) == recorded).or_else(|| standing.next());
        Picked { sample: picked, is_graded: true, ..Picked::default() }
    }

    /// How far a response agrees with the reference: by its cosine in general tasks, else 1 if it states the same answer.
    fn agreement(&self, id: &str, language: &'a str, response: &Value, reference: &Picked<'a>) -> f64 {
        match (reference.is_graded, reference.sample) {
            (true, Some(to)) => {
                let anchor = text(&self.session["config"], "anchor");
                self.cosine(id, (language, sample(response)), (anchor, to))
            }
            _ => f64::from(u8::from(
                reference.answer.is_some() && response["answer"].as_str() == reference.answer,
            )),
        }
    }

    fn problems_of_pairs(&self, prompt: &'a Value, reference: &Picked<'a>) -> Vec<String> {
        let id = text(prompt, "id");
        let anchor = text(&self.session["config"], "anchor");
        let mut problems = Vec::new();
        for pair in list(self.session, "pairs").iter().filter(|pair| text(pair, "promptId") == id) {
            let language = text(pair, "language");
            if language == anchor {
                continue;
            }
            let row = self.rows.get(&(id, language)).cloned().unwrap_or_default();
            let scores: Vec<f64> =
                row.iter().map(|response| self.agreement(id, language, response, reference)).collect();
            let recorded: Vec<f64> = list(pair, "scores").iter().filter_map(Value::as_f64).collect();
            let are_near = recorded.len() == scores.len()
                && recorded.iter().zip(&scores).all(|(a, b)| (a - b).abs() < TOLERANCE);
            let are_right = if reference.is_graded { are_near } else { recorded == scores };
            if reference.sample.is_some() && !are_right {
                problems.push(format!("{id} {language}: scores {recorded:?}, recomputed {scores:?}"));
            }
            let expected = self.pick(id, language, &row, reference);
            let found = (sample_at(pair, "chosen"), sample_at(pair, "rejected"));
            let is_kept = pair["skip"].is_null();
            match expected {
                Some((chosen, rejected)) if !is_kept || found != (Some(chosen), Some(rejected)) => {
                    problems.push(format!("{id} {language}: {pair}, recomputed {chosen} over {rejected}"));
                }
                None if is_kept => {
                    problems.push(format!("{id} {language}: a pair {found:?} where none can be"))
                }
                _ => {}
            }
        }
        problems
    }

    /// Chosen: right and nearest to the reference, not surely in another language, and whole where there is such a one.
    /// Rejected: wrong and farthest. In general tasks nearest and farthest alone.
    fn pick(
        &self,
        id: &'a str,
        language: &'a str,
        row: &[&'a Value],
        reference: &Picked<'a>,
    ) -> Option<(u64, u64)> {
        let config = &self.session["config"];
        let anchor = text(config, "anchor");
        let to_reference = |response: &Value| {
            self.cosine(id, (language, sample(response)), (anchor, reference.sample.unwrap_or(0)))
        };
        let in_language = |response: &Value| {
            let detected = response["detectedLanguage"].as_str();
            config["languageGate"] != json!(true) || detected.is_none_or(|detected| detected == language)
        };
        reference.sample?;
        let agrees = |response: &Value| {
            reference.is_graded || self.agreement(id, language, response, reference) == 1.0
        };
        let differs = |response: &Value| reference.is_graded || !agrees(response);
        let needs_whole =
            row.iter().any(|response| agrees(response) && in_language(response) && is_whole(response));
        let mut chosen: Option<(f64, &Value)> = None;
        let mut rejected: Option<(f64, &Value)> = None;
        for &response in row {
            let cosine = to_reference(response);
            let may_be_chosen =
                agrees(response) && in_language(response) && (!needs_whole || is_whole(response));
            if may_be_chosen && chosen.is_none_or(|(highest, _)| cosine > highest) {
                chosen = Some((cosine, response));
            }
            if differs(response) && rejected.is_none_or(|(lowest, _)| cosine < lowest) {
                rejected = Some((cosine, response));
            }
        }
        let (chosen, rejected) = (chosen?.1, rejected?.1);
        let words = |response: &'a Value| text(response, "text").split_whitespace().collect::<Vec<_>>();
        (words(chosen) != words(rejected)).then(|| (sample(chosen), sample(rejected)))
    }

    fn cosine(&self, id: &str, a: Place<'a>, b: Place<'a>) -> f64 {
        if a == b {
            return 1.0;
        }
        *self.cosines[id].get(&(a, b)).unwrap_or_else(|| panic!("{id}: no cosine of {a:?} and {b:?}"))
    }
}

#[derive(Default)]
struct Picked<'a> {
    sample: Option<u64>,
    answer: Option<&'a str>,
    vote_share: Option<f64>,
    /// Whether responses agree with it by degree, as in general tasks.
    is_graded: bool,
}

/// Whether a response came to its own end.
fn is_whole(response: &Value) -> bool {
    text(response, "finishReason") != "length"
}

/// The upper triangle of a similarity record, by pairs of responses.
fn cosines_of(record: &Value) -> BTreeMap<(Place<'_>, Place<'_>), f64> {
    let order: Vec<Place<'_>> = list(record, "order").iter().filter_map(place).collect();
    assert_eq!(order.len(), list(record, "order").len(), "order holds [language, sample]");
    let mut values = list(record, "cosine").iter().filter_map(Value::as_f64);
    let mut cosines = BTreeMap::new();
    for (i, &a) in order.iter().enumerate() {
        for &b in &order[i + 1..] {
            let value = values.next().expect("n (n - 1) / 2 cosines");
            cosines.insert((a, b), value);
            cosines.insert((b, a), value);
        }
    }
    assert!(values.next().is_none(), "n (n - 1) / 2 cosines and no more");
    cosines
}

fn place(entry: &Value) -> Option<Place<'_>> {
    Some((entry[0].as_str()?, entry[1].as_u64()?))
}

fn find<'a>(records: &'a [Value], id: &str) -> &'a Value {
    records
        .iter()
        .find(|record| text(record, "promptId") == id)
        .unwrap_or_else(|| panic!("no record of {id}"))
}

fn list<'a>(record: &'a Value, name: &str) -> &'a [Value] {
    record[name].as_array().unwrap_or_else(|| panic!("{name} is a list in {}", shortened(record)))
}

fn text<'a>(record: &'a Value, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_else(|| panic!("{name} is a text in {}", shortened(record)))
}

fn sample(response: &Value) -> u64 {
    sample_at(response, "sample").expect("a response has a sample")
}

fn sample_at(record: &Value, name: &str) -> Option<u64> {
    record[name].as_u64()
}

fn shortened(record: &Value) -> String {
    record.to_string().chars().take(200).collect()
}
