//! Measures a model and the pairs made from it on held-out problems: `cargo xtask evaluate`.
//!
//! Greedy accuracy per language; then, from n sampled responses per prompt and language, how many rows hold both right and
//! wrong answers, what is wrong with the texts, how often CM-Align's chosen response is right and its rejected one wrong by
//! the gold answers (which the method never sees), and the same with a random reference. Prompts that list their `right`
//! texts instead of a gold answer are general ones: there a response is right if it is one of them.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]

mod general;
mod report;
mod samples;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use concord::align;
use concord::data::{FinishReason, Language, Method, Pair, Prompt, Response, SessionConfig, Similarity};
use concord::generate::{Capacity, LanguageModel, Pooling, Scheduler};
use concord::reference::ReferenceModel;
use general::{GeneralReport, RightTexts};
use report::{MathReport, Picked};
use serde::Deserialize;
use serde_json::json;
use support::{Answered, Asked, Asking, Failure, Model, respond};

const USAGE: &str = "\
cargo xtask evaluate [options]
  --model FILE    GGUF file (static/teaching-model.gguf)
  --data FILE     prompts, as lines or an array of JSON (tests/data/held-out.jsonl)
  --limit N       only the first N problems
  --n N           responses per prompt and language (8)
  --seed N        seed of the sampled responses (1)
  --threads N     threads (2)
  --pairs FOLDER  also write the pairs there, as cm-align.jsonl and random-reference.jsonl
  --json          print only the numbers, as JSON";

const TEMPERATURE: f32 = 0.9;
const MAX_TOKENS: u32 = 96;
/// What is compared, and the files for pairs.
const METHODS: [(Method, &str); 2] =
    [(Method::CmAlign, "cm-align.jsonl"), (Method::RandomReference, "random-reference.jsonl")];
const CAPACITY: Capacity = Capacity { n_slots: 8192, n_table_rows: 48, max_batch_tokens: 256, max_rows: 48 };

struct Options {
    model: PathBuf,
    data: PathBuf,
    limit: usize,
    n: u32,
    seed: u32,
    n_threads: usize,
    pairs: Option<PathBuf>,
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
            pairs: None,
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
                "--pairs" => options.pairs = Some(value.into()),
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
    let problems = read_prompts(&options.data, options.limit)?;
    let mut json = json!({});
    if !problems.math.is_empty() {
        let answered = answer_all(&file, &problems.math, options)?;
        let (config, picked) = pick_all(&problems.math, &answered, options);
        if let Some(folder) = &options.pairs {
            for (picked, (_, name)) in picked.iter().zip(METHODS) {
                write_pairs(&folder.join(name), &problems.math, &answered.sampled, &picked.pairs)?;
            }
        }
        let found =
            MathReport::new(&problems.math, &answered.greedy, &answered.sampled, picked.each_ref(), &config);
        if !options.json {
            found.print(options.n, TEMPERATURE);
        }
        json = found.json();
    }
    if !problems.general.is_empty() {
        let answered = answer_all(&file, &problems.general, options)?;
        let (_, picked) = pick_all(&problems.general, &answered, options);
        let found = GeneralReport::new(&problems.right, &answered.sampled, picked.each_ref());
        if !options.json {
            found.print();
        }
        json["general"] = found.json();
    }
    if options.json {
        println!("{json:#}");
    }
    Ok(())
}

/// What each of the methods picks, and the settings that they share.
fn pick_all(prompts: &[Prompt], answered: &Part, options: &Options) -> (SessionConfig, [Picked; 2]) {
    let config = report::settings(prompts, options.n, options.seed);
    let picked = METHODS
        .map(|(method, _)| report::pick(method, prompts, &answered.sampled, &answered.similarities, &config));
    (config, picked)
}

/// Prompts to measure on.
#[derive(Default)]
struct Problems {
    /// With gold answers, or without any where only their pairs are wanted.
    math: Vec<Prompt>,
    /// With right texts.
    general: Vec<Prompt>,
    right: RightTexts,
}

/// A line of the file: a prompt, and the right texts of a general one.
#[derive(Deserialize)]
struct Line {
    #[serde(flatten)]
    prompt: Prompt,
    #[serde(default)]
    right: BTreeMap<Language, Vec<String>>,
}

/// A file of one prompt a line, or of an array of them.
fn read_prompts(path: &Path, limit: usize) -> Result<Problems, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines: Vec<Line> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text)?
    } else {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.map(serde_json::from_str).collect::<Result<_, _>>()?
    };
    let mut out = Problems::default();
    for Line { prompt, right } in lines.into_iter().take(limit) {
        if right.is_empty() {
            out.math.push(prompt);
        } else {
            out.right.insert(prompt.id.clone(), right);
            out.general.push(prompt);
        }
    }
    if out.math.is_empty() && out.general.is_empty() {
        return Err("there are no prompts to measure on".into());
    }
    Ok(out)
}

/// Writes pairs for a trainer, a JSON object per line.
fn write_pairs(
    path: &Path,
    prompts: &[Prompt],
    responses: &[Response],
    pairs: &[Pair],
) -> Result<(), Failure> {
    let asked: HashMap<&str, &Prompt> = prompts.iter().map(|prompt| (prompt.id.as_str(), prompt)).collect();
    let texts = samples::texts_of(responses);
    let mut file =
        BufWriter::new(File::create(path).map_err(|error| format!("{}: {error}", path.display()))?);
    for pair in pairs {
        let text =
            |sample: Option<u32>| texts.get(&(pair.prompt_id.as_str(), &pair.language, sample?)).copied();
        let Some((chosen, rejected)) = text(pair.chosen).zip(text(pair.rejected)) else { continue };
        let prompt = asked.get(pair.prompt_id.as_str()).and_then(|prompt| prompt.text.get(&pair.language));
        let row = json!({
            "id": pair.prompt_id, "language": pair.language, "prompt": prompt, "chosen": chosen, "rejected": rejected,
        });
        writeln!(file, "{row}")?;
    }
    Ok(file.flush()?)
}

/// All threads together.
fn answer_all(file: &Model, prompts: &[Prompt], options: &Options) -> Result<Part, Failure> {
    let share = prompts.len().div_ceil(options.n_threads).max(1);
    let progress = Progress::new(prompts, options.n);
    let measured: Vec<Result<Part, Failure>> = std::thread::scope(|scope| {
        let threads: Vec<_> = prompts
            .chunks(share)
            .map(|prompts| scope.spawn(|| pollster::block_on(measure(file, prompts, options, &progress))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread died".into())))
            .collect()
    });
    let mut all = Part::default();
    for part in measured {
        let part = part?;
        all.greedy.extend(part.greedy);
        all.sampled.extend(part.sampled);
        all.similarities.extend(part.similarities);
    }
    Ok(all)
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

/// What the model made of some prompts.
#[derive(Default)]
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
        detected_language: concord::data::detected_language(&text, &language),
        model: None,
        translation_of: None,
        language,
        text,
        reasoning: None,
        reasoning_tokens: None,
        tokens: answered.tokens,
        logprob: Some(answered.logprob),
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
