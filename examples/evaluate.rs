//! Measures a model and the pairs made from it on held-out problems: `cargo xtask evaluate`.
//!
//! Greedy accuracy per language; then, from n sampled responses per prompt and language, how many rows
//! hold both right and wrong answers, how often CM-Align's chosen response is right and its rejected one
//! wrong by the gold answers (which the method never sees), and the same with a random reference.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use concord::align::{self, Evaluation, PairQuality, Rate, evaluate_parts};
use concord::data::{
    FinishReason, Language, Measurements, Method, Prompt, Response, SessionConfig, Similarity,
};
use concord::generate::{Capacity, LanguageModel, Pooling, Scheduler};
use concord::reference::ReferenceModel;
use serde_json::json;
use support::{Answered, Asked, Asking, Failure, Model, respond};

const USAGE: &str = "\
cargo xtask evaluate [options]
  --model FILE    GGUF file (static/teaching-model.gguf)
  --data FILE     problems, one JSON object per line (tests/data/held-out.jsonl)
  --limit N       only the first N problems
  --n N           responses per prompt and language (8)
  --seed N        seed of the sampled responses (1)
  --threads N     threads (2)
  --json          print only the numbers, as JSON";

const TEMPERATURE: f32 = 0.9;
const MAX_TOKENS: u32 = 96;
const CAPACITY: Capacity = Capacity { n_slots: 8192, n_table_rows: 48, max_batch_tokens: 256, max_rows: 48 };

struct Options {
    model: PathBuf,
    data: PathBuf,
    limit: usize,
    n: u32,
    seed: u32,
    n_threads: usize,
    json: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self {
            model: "static/teaching-model.gguf".into(),
            data: "tests/data/held-out.jsonl".into(),
            limit: usize::MAX,
            n: 8,
            seed: 1,
            n_threads: 2,
            json: false,
        };
        while let Some(flag) = args.next() {
            if flag == "--json" {
                options.json = true;
                continue;
            }
            let value = args.next().ok_or_else(|| format!("{flag}: a value is missing\n\n{USAGE}"))?;
            match flag.as_str() {
                "--model" => options.model = value.into(),
                "--data" => options.data = value.into(),
                "--limit" => options.limit = value.parse()?,
                "--n" => options.n = value.parse()?,
                "--seed" => options.seed = value.parse()?,
                "--threads" => options.n_threads = value.parse::<usize>()?.max(1),
                _ => return Err(format!("there is no option {flag}\n\n{USAGE}").into()),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let file = Model::read(&options.model)?;
    let prompts = read_prompts(options)?;
    let share = prompts.len().div_ceil(options.n_threads).max(1);
    let progress = Progress::new(&prompts, options.n);
    let measured: Vec<Result<Part, Failure>> = std::thread::scope(|scope| {
        let threads: Vec<_> = prompts
            .chunks(share)
            .map(|prompts| scope.spawn(|| pollster::block_on(measure(&file, prompts, options, &progress))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread died".into())))
            .collect()
    });
    let parts: Vec<Part> = measured.into_iter().collect::<Result<_, _>>()?;
    let (mut greedy, mut sampled, mut similarities) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        greedy.extend(part.greedy);
        sampled.extend(part.sampled);
        similarities.extend(part.similarities);
    }
    let report = report(&prompts, &greedy, &sampled, &similarities, options);
    if options.json {
        println!("{:#}", report.json());
    } else {
        print_table(&report, options);
    }
    Ok(())
}

fn read_prompts(options: &Options) -> Result<Vec<Prompt>, Failure> {
    let text = std::fs::read_to_string(&options.data)
        .map_err(|error| format!("{}: {error}", options.data.display()))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(options.limit);
    let prompts: Vec<Prompt> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    match prompts.iter().find(|prompt| prompt.answer.is_none()) {
        Some(prompt) => Err(format!("problem {} has no gold answer", prompt.id).into()),
        None if prompts.is_empty() => Err("there are no problems to measure on".into()),
        None => Ok(prompts),
    }
}

/// Tells on stderr how far all threads are.
struct Progress {
    n_done: AtomicUsize,
    n_responses: usize,
}

impl Progress {
    fn new(prompts: &[Prompt], n: u32) -> Self {
        let n_rows: usize = prompts.iter().map(|prompt| prompt.text.len()).sum();
        Self { n_done: AtomicUsize::new(0), n_responses: n_rows * (n as usize + 1) }
    }

    fn tell(&self) {
        let n_done = self.n_done.fetch_add(1, Ordering::Relaxed) + 1;
        if n_done.is_multiple_of(200) || n_done == self.n_responses {
            eprintln!("{n_done} of {} responses", self.n_responses);
        }
    }
}

/// What one thread found out about its prompts.
struct Part {
    greedy: Vec<Response>,
    sampled: Vec<Response>,
    similarities: Vec<Similarity>,
}

async fn measure(
    file: &Model,
    prompts: &[Prompt],
    options: &Options,
    progress: &Progress,
) -> Result<Part, Failure> {
    let mut model = ReferenceModel::new(file.weights()?, CAPACITY);
    let mut scheduler = Scheduler::new(model.shape(), 1);
    let mut asked = Vec::new();
    for prompt in prompts {
        for (language, text) in &prompt.text {
            let (prompt_id, language) = (prompt.id.clone(), language.as_str().to_owned());
            asked.push(Asked { prompt_id, language, tokens: file.chat_tokens(text)? });
        }
    }
    let sampling =
        Asking { n: options.n, temperature: TEMPERATURE, seed: options.seed, max_tokens: MAX_TOKENS };
    let mut responses = Vec::new();
    for asking in [Asking { n: 1, temperature: 0.0, ..sampling }, sampling] {
        let jobs = asking.jobs(&asked, file.tokenizer.end_ids());
        let answered = respond(&mut model, &mut scheduler, jobs, || progress.tell()).await?;
        let responses_of = answered
            .into_iter()
            .map(|(row, answered)| response(file, &asked[row.job as usize], row.sample, answered));
        responses.push(responses_of.collect::<Vec<_>>());
    }
    let (sampled, greedy) = (responses.pop().unwrap_or_default(), responses.pop().unwrap_or_default());
    let similarities = embed(&mut model, &mut scheduler, file, &sampled).await?;
    Ok(Part { greedy, sampled, similarities })
}

fn response(file: &Model, asked: &Asked, sample: u32, answered: Answered) -> Response {
    let text = file.tokenizer.decode(&answered.tokens, false);
    let language = Language::from(asked.language.as_str());
    let found = align::find_answer(&text, &language);
    let (answer, ambiguous) = found.map(|found| (found.value, found.ambiguous)).unzip();
    Response {
        prompt_id: asked.prompt_id.clone(),
        sample,
        answer,
        ambiguous: ambiguous.unwrap_or_default(),
        detected_language: concord::worker::jobs::detected::detected_language(&text, &language),
        model: None,
        translation_of: None,
        language,
        text,
        reasoning: None,
        reasoning_tokens: None,
        tokens: answered.tokens,
        logprob: answered.logprob,
        finish_reason: if answered.is_cut { FinishReason::Length } else { FinishReason::Stop },
    }
}

/// Cosines of the responses of each prompt by the model's own middle layer, mean-pooled.
async fn embed(
    model: &mut ReferenceModel,
    scheduler: &mut Scheduler,
    file: &Model,
    responses: &[Response],
) -> Result<Vec<Similarity>, Failure> {
    let layer = file.header.hyperparameters.n_layers.div_ceil(2);
    let mut similarities = Vec::new();
    for responses in responses.chunk_by(|a, b| a.prompt_id == b.prompt_id) {
        let texts: Vec<Vec<u32>> = responses
            .iter()
            .map(|response| file.tokenizer.encode(&response.text, false))
            .collect::<Result<_, _>>()?;
        let vectors = scheduler.embed(model, &texts, layer, Pooling::Mean).await?;
        similarities.push(Similarity {
            prompt_id: responses[0].prompt_id.clone(),
            order: responses.iter().map(|response| (response.language.clone(), response.sample)).collect(),
            cosine: align::cosine_triangle(&vectors),
        });
    }
    Ok(similarities)
}

#[derive(Debug)]
struct Report {
    greedy: Evaluation,
    cm_align: Evaluation,
    random_reference: Evaluation,
    n_cut: usize,
}

impl Report {
    fn json(&self) -> serde_json::Value {
        let accuracy: BTreeMap<&str, f64> =
            self.greedy.languages.iter().map(|q| (q.language.as_str(), share(q.accuracy))).collect();
        json!({
            "accuracy": accuracy,
            "mixedRows": share(self.cm_align.mixed_rows),
            "chosenRight": share(self.cm_align.pairs.chosen_right),
            "rejectedWrong": share(self.cm_align.pairs.rejected_wrong),
            "randomReference": {
                "chosenRight": share(self.random_reference.pairs.chosen_right),
                "rejectedWrong": share(self.random_reference.pairs.rejected_wrong),
            },
        })
    }
}

fn report(
    prompts: &[Prompt],
    greedy: &[Response],
    sampled: &[Response],
    similarities: &[Similarity],
    options: &Options,
) -> Report {
    let base = SessionConfig { n: options.n, seed: options.seed, ..SessionConfig::default() };
    let mut languages: Vec<Language> =
        prompts.iter().flat_map(|prompt| prompt.text.keys().cloned()).collect();
    languages.sort_by_key(|language| (*language != base.anchor, language.clone()));
    languages.dedup();
    let config = SessionConfig { languages, ..base };
    let by = |method| {
        let config = SessionConfig { method, ..config.clone() };
        let measurements = Measurements::default();
        let material =
            align::Material { prompts, responses: sampled, similarities, measurements: &measurements };
        let picked = align::select(material, &config);
        evaluate_parts(prompts, sampled, &picked.references, &picked.pairs, &config)
    };
    Report {
        greedy: evaluate_parts(prompts, greedy, &[], &[], &config),
        cm_align: by(Method::CmAlign),
        random_reference: by(Method::RandomReference),
        n_cut: sampled.iter().filter(|response| response.finish_reason == FinishReason::Length).count(),
    }
}

/// 0 of nothing.
fn share(rate: Rate) -> f64 {
    rate.share.unwrap_or(0.0)
}

fn print_table(report: &Report, options: &Options) {
    let percent = |rate| 100.0 * share(rate);
    println!(
        "{} problems; right answers in percent: greedy, and of {} samples at temperature {TEMPERATURE}",
        report.greedy.n_prompts, options.n
    );
    for (greedy, sampled) in report.greedy.languages.iter().zip(&report.cm_align.languages) {
        let language = greedy.language.as_str();
        println!("  {language:<8} {:5.1} {:7.1}", percent(greedy.accuracy), percent(sampled.accuracy));
    }
    println!();
    println!("non-English rows with right and wrong samples  {:5.1} %", percent(report.cm_align.mixed_rows));
    println!("samples cut at {MAX_TOKENS} tokens                       {:5}", report.n_cut);
    println!();
    println!("pairs              reference right   number   chosen right   rejected wrong");
    for (name, judged) in [("CM-Align", &report.cm_align), ("random reference", &report.random_reference)] {
        let PairQuality { chosen_right, rejected_wrong, coverage, .. } = judged.pairs;
        println!(
            "{name:<18} {:>13.1} % {:>8} {:>12.1} % {:>14.1} %",
            percent(judged.reference_right),
            coverage.part,
            percent(chosen_right),
            percent(rejected_wrong),
        );
    }
}
