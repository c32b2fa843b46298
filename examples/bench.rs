//! Measures generation: `cargo xtask bench`.
//!
//! First the counters of a job of 4 prompts x 8 languages x 8 samples, which do not depend on the
//! hardware, then tokens per second at 1, 8 and 40 rows, on the GPU and on the CPU reference. On the GPU
//! also the shares of what it can do at most, which two tiny kernels measure in the same run:
//!
//! - of the bandwidth: bytes of weights read per step x steps per second / bytes per second of one large read;
//! - of the arithmetic: 2 x weights multiplied per step and row x rows x steps per second / FLOP per second of chained
//!   fused multiply-adds.
//!
//! The prefill of the timed runs counts as a step, so both shares are a little too low.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]
#![expect(clippy::disallowed_methods, reason = "native code only: runs are timed with the system clock")]

#[path = "support/peaks.rs"]
mod peaks;
#[path = "support/plans.rs"]
mod plans;
#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use concord::data::Prompt;
use concord::engine::{Adapter, Gpu, GpuModel, Loader, Tier};
use concord::generate::{Capacity, Counters, Job, LanguageModel, Need, Room, Scheduler};
use concord::reference::{Numerics, ReferenceModel, Weights};
use concord::weights::{ModelFile, ModelTensor};
use peaks::Peaks;
use support::{Asked, Asking, Failure, Model, respond};

const USAGE: &str = "\
cargo xtask bench [options]
  --model FILE      GGUF file (static/teaching-model.gguf)
  --data FILE       problems, one JSON object per line (tests/data/held-out.jsonl)
  --backend NAME    gpu, software (the software adapter), cpu, or all (all)
  --max-tokens N    longest response of the job (32)
  --plan            print what keys and values of well-known models take on devices of 4, 8 and 24 GB, and nothing else";

const N_PROMPTS: usize = 4;
const N_SAMPLES: u32 = 8;
const ROWS: [u32; 3] = [1, 8, 40];
/// At first; the pool then follows the jobs.
const CAPACITY: Capacity = Capacity { n_slots: 512, n_table_rows: 64, max_batch_tokens: 256, max_rows: 64 };
const ROOM: Room = Room { least: 512, usual: 65_536, most: 65_536 };

/// How a backend is driven and measured.
#[derive(Clone, Copy)]
struct Pace {
    /// Decode steps per call.
    steps_per_call: u32,
    /// Tokens of each row in the timed runs: the first comes from prefill, the others from decode.
    timed_tokens: u32,
}

const HARDWARE: Pace = Pace { steps_per_call: 8, timed_tokens: 65 };
const SOFTWARE: Pace = Pace { steps_per_call: 8, timed_tokens: 9 };
const CPU: Pace = Pace { steps_per_call: 1, timed_tokens: 33 };

struct Options {
    model: PathBuf,
    data: PathBuf,
    backend: String,
    max_tokens: u32,
    plan: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self {
            model: "static/teaching-model.gguf".into(),
            data: "tests/data/held-out.jsonl".into(),
            backend: "all".to_owned(),
            max_tokens: 32,
            plan: false,
        };
        while let Some(flag) = args.next() {
            if flag == "--plan" {
                options.plan = true;
                continue;
            }
            let value = args.next().ok_or_else(|| format!("{flag}: a value is missing\n\n{USAGE}"))?;
            match flag.as_str() {
                "--model" => options.model = value.into(),
                "--data" => options.data = value.into(),
                "--backend" if ["gpu", "software", "cpu", "all"].contains(&value.as_str()) => {
                    options.backend = value;
                }
                "--max-tokens" => options.max_tokens = value.parse()?,
                _ => return Err(format!("there is no option {flag} {value}\n\n{USAGE}").into()),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    let done = Options::parse(std::env::args().skip(1)).and_then(|options| pollster::block_on(run(&options)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Failure> {
    if options.plan {
        print!("{}", plans::table().await);
        return Ok(());
    }
    let file = Model::read(&options.model)?;
    let asked = ask(&file, options)?;
    let gpu = match options.backend.as_str() {
        "gpu" => Some(Gpu::new(Adapter::Fastest).await?),
        "software" => Some(Gpu::new(Adapter::Software).await?),
        "all" => Gpu::new(Adapter::Fastest).await.inspect_err(|error| println!("GPU: {error}\n")).ok(),
        _ => None,
    };
    if let Some(gpu) = gpu {
        println!("GPU: {} ({:?})", gpu.name(), gpu.tier());
        let peaks = Peaks::measure(&gpu).await?;
        println!("  {peaks}");
        let weights = Loader::load(&gpu, &file.header, &std::fs::read(&options.model)?).await?;
        let mut model = GpuModel::new(&gpu, weights, CAPACITY).await?;
        let pace = if gpu.tier() == Tier::Software { SOFTWARE } else { HARDWARE };
        measure(&mut model, pace, Some(peaks), &file, &asked, options).await?;
    }
    if ["cpu", "all"].contains(&options.backend.as_str()) {
        println!("CPU reference, one thread");
        let start = Instant::now();
        let weights = file.weights()?;
        print_load(&file, start.elapsed().as_secs_f64());
        let mut model = ReferenceModel::new(weights, CAPACITY);
        measure(&mut model, CPU, None, &file, &asked, options).await?;
    }
    Ok(())
}

fn ask(file: &Model, options: &Options) -> Result<Vec<Asked>, Failure> {
    let text = std::fs::read_to_string(&options.data)?;
    let mut asked = Vec::new();
    for line in text.lines().take(N_PROMPTS) {
        let prompt: Prompt = serde_json::from_str(line)?;
        for (language, text) in &prompt.text {
            let (prompt_id, language) = (prompt.id.clone(), language.as_str().to_owned());
            asked.push(Asked { prompt_id, language, tokens: file.chat_tokens(text)? });
        }
    }
    Ok(asked)
}

async fn measure<M: LanguageModel>(
    model: &mut M,
    Pace { steps_per_call, timed_tokens }: Pace,
    peaks: Option<Peaks>,
    file: &Model,
    asked: &[Asked],
    options: &Options,
) -> Result<(), Failure> {
    let asking = Asking { n: N_SAMPLES, temperature: 0.9, seed: 1, max_tokens: options.max_tokens };
    let jobs = asking.jobs(asked, file.tokenizer.end_ids());
    *model.counters_mut() = Counters::default();
    let (secs, used) = timed(model, steps_per_call, jobs).await?;
    let counters = model.counters();
    print_counters(&counters, asked, model.shape().n_layers);
    print_pool(model, file, used);
    println!("  {:.2} s, {:.0} tokens/s\n", secs, f64::from(counters.tokens_generated) / secs);

    for n_rows in ROWS {
        let asking = Asking { n: n_rows, max_tokens: timed_tokens, ..asking };
        // No stop tokens: every row runs to its limit. The first run warms up.
        let jobs = || asking.jobs(&asked[..1], &[]);
        timed(model, steps_per_call, jobs()).await?;
        let (secs, _used) = timed(model, steps_per_call, jobs()).await?;
        let n_tokens = f64::from(n_rows * timed_tokens);
        print!("  {n_rows:>3} rows: {:>8.1} tokens/s", n_tokens / secs);
        if let Some(peaks) = peaks {
            let steps_per_sec = f64::from(timed_tokens) / secs;
            let [n_bytes, n_weights] = per_step(&file.header);
            let bandwidth = n_bytes * steps_per_sec / peaks.bytes_per_sec;
            let arithmetic = 2.0 * n_weights * f64::from(n_rows) * steps_per_sec / peaks.flop_per_sec;
            print!(
                ", {:.1} % of the bandwidth, {:.1} % of the arithmetic",
                100.0 * bandwidth,
                100.0 * arithmetic
            );
        }
        println!();
    }
    println!();
    Ok(())
}

/// How long the weights took, what they take, and the most that the process took until now, where Linux says it.
fn print_load(file: &Model, secs: f64) {
    let numerics = Numerics::of(&file.header.tensors);
    let mega = |n_bytes: u64| n_bytes as f64 / 1e6;
    let held = mega(Weights::n_bytes(&file.header, numerics));
    let of_file = mega(file.header.header.data_end);
    print!(
        "  loaded in {secs:.2} s; weights of {of_file:.1} MB are held in {held:.1} MB ({})",
        numerics.as_str()
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    match peak.map(|kilo: u64| mega(1024 * kilo)) {
        Some(peak) => println!("; peak of the process {peak:.1} MB"),
        None => println!(),
    }
}

/// Bytes and numbers of the weights that a decode step reads: all but an embedding table that is not the head too.
fn per_step(file: &ModelFile) -> [f64; 2] {
    let has_head = file.tensor(ModelTensor::Head).is_some();
    let read =
        file.tensors.iter().filter(|placed| !(has_head && placed.tensor == ModelTensor::TokenEmbedding));
    read.fold([0.0, 0.0], |[bytes, weights], placed| {
        let info = &placed.info;
        [bytes + info.n_bytes as f64, weights + (info.n_rows() * info.n_cols()) as f64]
    })
}

/// Runs jobs on a scheduler of their own; seconds, and slots that could not hold less: of prompts and responses once each.
async fn timed<M: LanguageModel>(
    model: &mut M,
    steps_per_call: u32,
    jobs: Vec<Job>,
) -> Result<(f64, u32), Failure> {
    let mut scheduler = Scheduler::new(model.shape(), steps_per_call).with_room(ROOM);
    let max_rows = model.shape().max_rows;
    let own = |job: &Job| job.max_tokens - 1;
    let used = Need::of_jobs(&jobs, max_rows, own).wanted;
    let start = Instant::now();
    respond(model, &mut scheduler, jobs, || ()).await?;
    Ok((start.elapsed().as_secs_f64(), used))
}

/// Keys and values as the model holds them after a job, and what its rows take at most at once.
fn print_pool<M: LanguageModel>(model: &M, file: &Model, used: u32) {
    let h = &file.header.hyperparameters;
    let slot_bytes = 4.0 * f64::from(h.n_layers) * f64::from(h.kv_dim());
    let held = model.shape().n_slots;
    println!(
        "  keys and values: {held} tokens held ({:.1} MB), {used} needed by the rows at once ({:.1} MB), held / needed {:.2}",
        f64::from(held) * slot_bytes / 1e6,
        f64::from(used) * slot_bytes / 1e6,
        f64::from(held) / f64::from(used)
    );
    println!("  buffers in all   {:.1} MB", model.counters().gpu_bytes as f64 / 1e6);
}

fn print_counters(counters: &Counters, asked: &[Asked], n_layers: u32) {
    let per = |n: f64, of: u32| n / f64::from(of.max(1));
    let n_once: usize = asked.iter().map(|asked| asked.tokens.len()).sum();
    println!("  {} prompts in all languages x {N_SAMPLES} samples", asked.len());
    println!("  prompt tokens evaluated          {:>8}", counters.prompt_tokens_evaluated);
    println!("    of each prompt once            {n_once:>8}");
    println!("    and shared beginnings once     {:>8}", n_distinct_prefixes(asked));
    println!("  tokens generated                 {:>8}", counters.tokens_generated);
    println!("  decode steps                     {:>8}", counters.steps);
    println!(
        "  dispatches per decode step       {:>8.1} (at most 10 x layers + 10 = {})",
        per(f64::from(counters.decode_dispatches), counters.steps),
        10 * n_layers + 10
    );
    println!(
        "  bytes read back per token        {:>8.1} (at most 32)",
        per(counters.bytes_read_back as f64, counters.tokens_generated)
    );
    println!(
        "  submits per token                {:>8.3}",
        per(f64::from(counters.submits), counters.tokens_generated)
    );
}

/// Tokens of all prompts, those of a shared beginning counted once.
fn n_distinct_prefixes(asked: &[Asked]) -> usize {
    let prefixes = asked.iter().flat_map(|asked| (1..=asked.tokens.len()).map(|n| &asked.tokens[..n]));
    prefixes.collect::<BTreeSet<_>>().len()
}
