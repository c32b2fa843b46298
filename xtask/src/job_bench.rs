//! `cargo xtask bench-methods --job N`: a made-up job of N prompts through the command line: planned, answered, collected and
//! selected, with time, memory and bytes of each step. 104,167 prompts are ten million responses (docs/scale.md).

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli_bench::{self, LANGUAGES, Numbers};
use crate::failure::Failure;

/// Languages of a prompt: those of the other bench, and four more that have its sentences.
const N_LANGUAGES: usize = 12;
/// Parts of the selection, as a cluster would share it out.
const N_SHARDS: usize = 16;

/// Runs all of it and says what each step took.
///
/// # Errors
/// When the program cannot be built or a step fails.
pub fn run(n_prompts: usize) -> Result<(), Failure> {
    let (program, folder) = cli_bench::program("bench-job")?;
    let path = |name: &str| folder.join(name).display().to_string();
    let (prompts, job, pairs) = (path("prompts.jsonl"), path("job"), path("pairs"));
    write_prompts(Path::new(&prompts), n_prompts)?;
    let plan = ["plan", &prompts, "--model", "made-up/7B", "-n", "8", "-o", &job];
    cli_bench::measured(&program, "plan", &plan)?;
    let (n_bytes, n_lines) = answer(Path::new(&job))?;
    println!("{n_lines} result lines, {:.1} GB", n_bytes as f64 / 1e9);
    cli_bench::measured(&program, "status", &["status", &job])?;
    cli_bench::measured(&program, "collect", &["collect", &job, "--to", "jsonl.gz"])?;
    cli_bench::measured_shards(&program, N_SHARDS, &["select", &job, "-o", &pairs])?;
    for name in ["job/responses", "pairs"] {
        println!("{name}: {:.2} GB", bytes_of(&folder.join(name))? as f64 / 1e9);
    }
    std::fs::remove_dir_all(&folder).map_err(Failure::file(&folder))
}

fn tag(at: usize) -> &'static str {
    LANGUAGES.get(at).map_or_else(|| ["it", "pt", "fi", "id"][at - LANGUAGES.len()], |(tag, _)| *tag)
}

fn write_prompts(path: &Path, n_prompts: usize) -> Result<(), Failure> {
    let fail = || Failure::file(path);
    let mut out = File::create(path).map(BufWriter::new).map_err(fail())?;
    for prompt in 0..n_prompts {
        let texts: Vec<String> = (0..N_LANGUAGES)
            .map(|at| format!("\"{}\":\"{}: how many are {prompt} and 7?\"", tag(at), tag(at)))
            .collect();
        writeln!(
            out,
            "{{\"id\":\"p-{prompt}\",\"answer\":\"{}\",\"text\":{{{}}}}}",
            prompt + 7,
            texts.join(",")
        )
        .map_err(fail())?;
    }
    out.flush().map_err(fail())
}

/// Answers every request of a folder: a sentence of the language as often as makes 200 tokens, and their ids.
fn answer(job: &Path) -> Result<(u64, u64), Failure> {
    let (mut n_bytes, mut n_lines, mut numbers) = (0, 0, Numbers::new(2));
    for entry in std::fs::read_dir(job).map_err(Failure::file(job))? {
        let path = entry.map_err(Failure::file(job))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(shard) = name.strip_prefix("requests-") else { continue };
        let place: PathBuf = job.join("results").join(format!("results-{shard}"));
        let mut out = File::create(&place).map(BufWriter::new).map_err(Failure::file(&place))?;
        for line in BufReader::new(File::open(&path).map_err(Failure::file(&path))?).lines() {
            let line = line.map_err(Failure::file(&path))?;
            let request: Value =
                serde_json::from_str(&line).map_err(|error| Failure::Check(format!("{name}: {error}")))?;
            let written = result_of(&request, &mut numbers);
            (n_bytes, n_lines) = (n_bytes + written.len() as u64, n_lines + 1);
            out.write_all(written.as_bytes()).map_err(Failure::file(&place))?;
        }
        out.flush().map_err(Failure::file(&place))?;
    }
    Ok((n_bytes, n_lines))
}

fn result_of(request: &Value, numbers: &mut Numbers) -> String {
    let id = request["custom_id"].as_str().unwrap_or_default();
    let parts: Vec<&str> = id.split('_').collect();
    let prompt: u64 = parts.get(3).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    let known = LANGUAGES.iter().find(|(tag, _)| parts.get(4) == Some(tag));
    let sentence = known.map_or(LANGUAGES[0].1, |(_, sentence)| *sentence);
    let choices: Vec<String> = (0..request["body"]["n"].as_u64().unwrap_or(1))
        .map(|index| {
            let answer = prompt + 7 + [0, 0, 0, 1, 10][numbers.below(5) as usize];
            let text = sentence
                .replace('A', &prompt.to_string())
                .replace('B', "7")
                .replace('C', &answer.to_string());
            let tokens: Vec<String> = (0..200).map(|_| numbers.below(50_000).to_string()).collect();
            format!(
                "{{\"index\":{index},\"message\":{{\"role\":\"assistant\",\"content\":\"{0} {0} {0} {0}\"}},\"finish_reason\":\"stop\",\"token_ids\":[{1}]}}",
                text,
                tokens.join(",")
            )
        })
        .collect();
    format!(
        "{{\"id\":\"vllm-1\",\"custom_id\":\"{id}\",\"response\":{{\"status_code\":200,\"request_id\":\"r\",\"body\":{{\"model\":\"made-up/7B\",\"choices\":[{}]}}}},\"error\":null}}\n",
        choices.join(",")
    )
}

fn bytes_of(folder: &Path) -> Result<u64, Failure> {
    let mut n_bytes = 0;
    for entry in std::fs::read_dir(folder).map_err(Failure::file(folder))? {
        let entry = entry.map_err(Failure::file(folder))?;
        n_bytes += entry.metadata().map_err(Failure::file(folder))?.len();
    }
    Ok(n_bytes)
}
