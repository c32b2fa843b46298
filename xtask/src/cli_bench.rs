//! `cargo xtask bench-methods --cli`: time and memory of the command line on a million made-up math responses.
//!
//! 15,625 prompts in 8 languages with 8 responses each, in 16 files, and forced scores for the method that needs a pass of
//! its own. The pairs of 16 shards, merged, must be those of the whole run, byte for byte.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::shell;

const N_PROMPTS: usize = 15_625;
const N_SAMPLES: usize = 8;
const N_FILES: usize = 16;
/// A language, and a sentence that says a sum and its answer in it.
pub(crate) const LANGUAGES: [(&str, &str); 8] = [
    ("en", "First I add the two baskets of apples together, so A + B = C. The answer is C."),
    ("de", "Zuerst zähle ich die beiden Körbe mit Äpfeln zusammen, also A + B = C. Die Antwort ist C."),
    ("es", "Primero sumo las manzanas de las dos cestas, así que A + B = C. La respuesta es C."),
    ("fr", "D'abord j'additionne les pommes des deux paniers, donc A + B = C. La réponse est C."),
    ("ru", "Сначала я складываю яблоки из двух корзин, поэтому A + B = C. Ответ: C."),
    ("zh-Hans", "首先把两个篮子里的苹果加起来，所以 A + B = C。答案是 C。"),
    ("bn", "প্রথমে আমি দুটি ঝুড়ির আপেল যোগ করি, তাই A + B = C। উত্তর হল C।"),
    ("sw", "Kwanza najumlisha maembe ya vikapu viwili, kwa hiyo A + B = C. Jibu ni C."),
];

/// Makes the responses, runs the commands on them, and says how long each took and how much memory it had at most.
///
/// # Errors
/// When the program cannot be built, a command fails, or shards differ from the whole.
pub fn run() -> Result<(), Failure> {
    let (program, folder) = program("bench-cli")?;
    let n_bytes = make(&folder)?;
    println!(
        "{} responses in {N_FILES} files, {:.0} MB",
        N_PROMPTS * LANGUAGES.len() * N_SAMPLES,
        n_bytes as f64 / 1e6
    );

    let path = |name: &str| folder.join(name).display().to_string();
    let (job, stats, whole, shards) =
        (folder.display().to_string(), path("stats.json"), path("whole"), path("pairs"));
    measured(&program, "stats, icr", &["stats", &job, "--method", "icr", "-o", &stats])?;
    measured(&program, "select, cm-align", &["select", &job, "-o", &whole])?;
    let icr = path("icr");
    measured(&program, "select, icr", &["select", &job, "--method", "icr", "--stats", &stats, "-o", &icr])?;
    measured_shards(&program, N_FILES, &["select", &job, "-o", &shards])?;
    let merged = path("merged.jsonl");
    measured(&program, "merge of the pairs", &["merge", &shards, "-o", &merged])?;
    let responses = path("responses.jsonl.gz");
    measured(&program, "merge of the responses to gzip", &["merge", &job, "-o", &responses])?;
    let same = std::fs::read(&merged).map_err(Failure::file(Path::new(&merged)))?
        == std::fs::read(folder.join("whole/pairs.jsonl")).map_err(Failure::file(&folder))?;
    if !same {
        return Err(Failure::Check(
            "the merged pairs of the shards are not those of the whole run".to_owned(),
        ));
    }
    println!("the pairs of 16 shards, merged, are those of the whole run");
    std::fs::remove_dir_all(&folder).map_err(Failure::file(&folder))
}

/// The program, built as it is shipped, and an empty folder of this name to work in.
///
/// # Errors
/// When it cannot be built, or the folder not be emptied.
pub(crate) fn program(folder: &str) -> Result<(PathBuf, PathBuf), Failure> {
    shell::run_quietly(
        shell::cargo(["build", "--quiet", "--locked", "--profile", "cli", "--package", "concord-cli"])
            .stdin(Stdio::null()),
    )?;
    let target = shell::target();
    let folder = target.join(folder);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    std::fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    Ok((target.join("cli/concord"), folder))
}

/// Runs a command on each of so many shards, one after the other; what all took, and the most memory that one had.
pub(crate) fn measured_shards(program: &Path, n_shards: usize, args: &[&str]) -> Result<(), Failure> {
    let mut all = Spent::default();
    for part in 1..=n_shards {
        let shard = format!("{part}/{n_shards}");
        let one = timed(program, &[args, &["--shard", &shard]].concat())?;
        let memory_kb = all.memory_kb.max(one.memory_kb);
        all = Spent { took: all.took + one.took, busy: all.busy + one.busy, memory_kb };
    }
    say(&format!("{}, cm-align, {n_shards} shards one after the other", args[0]), &all);
    Ok(())
}

pub(crate) fn measured(program: &Path, name: &str, args: &[&str]) -> Result<(), Failure> {
    say(name, &timed(program, args)?);
    Ok(())
}

fn say(name: &str, spent: &Spent) {
    let [took, busy] = [spent.took, spent.busy].map(|time| time.as_secs_f64());
    let memory = spent.memory_kb as f64 / 1024.0;
    println!("{name:<50} {took:>7.1} s, {busy:>6.1} s of a processor, {memory:>5.0} MB at most");
}

/// What a run has taken; without /proc only the time is known.
#[derive(Default)]
struct Spent {
    took: Duration,
    /// The time that a processor worked on it, which other programs do not lengthen.
    busy: Duration,
    /// Its largest memory (VmHWM).
    memory_kb: u64,
}

/// Runs a command, and looks at it until it ends.
fn timed(program: &Path, args: &[&str]) -> Result<Spent, Failure> {
    let start = Instant::now();
    let mut child =
        Command::new(program).args(args).stdout(Stdio::null()).spawn().map_err(Failure::file(program))?;
    let [status, stat] = ["status", "stat"].map(|name| format!("/proc/{}/{name}", child.id()));
    let mut spent = Spent::default();
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let of_line =
            |line: &str| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok();
        spent.memory_kb = spent.memory_kb.max(text.lines().find_map(of_line).unwrap_or(0));
        // Hundredths of a second in its own code and in the system's, the 12th and 13th after the name in brackets.
        let text = std::fs::read_to_string(&stat).unwrap_or_default();
        let numbers = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        let ticks: u64 = numbers.filter_map(|number| number.parse::<u64>().ok()).sum();
        spent.busy = spent.busy.max(Duration::from_millis(ticks * 10));
        if let Some(ended) = child.try_wait().map_err(Failure::file(program))? {
            if !ended.success() {
                return Err(Failure::Check(format!("concord {} failed: {ended}", args.join(" "))));
            }
            return Ok(Spent { took: start.elapsed(), ..spent });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A generator of small numbers that is the same everywhere.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Writes the job; its bytes of responses.
fn make(folder: &Path) -> Result<u64, Failure> {
    for below in ["responses", "measurements"] {
        let below = folder.join(below);
        std::fs::create_dir_all(&below).map_err(Failure::file(&below))?;
    }
    let tags = LANGUAGES.map(|(tag, _)| format!("\"{tag}\"")).join(",");
    let job = format!(
        "{{\"config\":{{\"task\":\"math\",\"anchor\":\"en\",\"languages\":[{tags}],\"n\":{N_SAMPLES},\"seed\":1}}}}\n"
    );
    let job_file = folder.join("job.json");
    std::fs::write(&job_file, job).map_err(Failure::file(&job_file))?;
    let create = |name: &str| {
        let path = folder.join(name);
        File::create(&path).map(BufWriter::new).map_err(Failure::file(&path))
    };
    let fail = || Failure::file(folder);
    let (mut prompts, mut scores) = (create("prompts.jsonl")?, create("measurements/instructed.jsonl")?);
    let (mut numbers, mut n_bytes) = (Numbers::new(1), 0);
    for at in 0..N_FILES {
        let mut out = create(&format!("responses/responses-{at:05}.jsonl"))?;
        for prompt in at * N_PROMPTS / N_FILES..(at + 1) * N_PROMPTS / N_FILES {
            let (a, b) = (2 + numbers.below(90), 2 + numbers.below(90));
            let texts = LANGUAGES.map(|(tag, _)| format!("\"{tag}\":\"{tag}: {a} + {b}?\"")).join(",");
            writeln!(prompts, "{{\"index\":{prompt},\"id\":\"p-{prompt}\",\"task\":\"math\",\"answer\":\"{}\",\"text\":{{{texts}}}}}", a + b)
                .map_err(fail())?;
            for (tag, sentence) in LANGUAGES {
                let mut logprobs = Vec::new();
                for sample in 0..N_SAMPLES {
                    let answer = a + b + [0, 0, 0, 1, 10][numbers.below(5) as usize];
                    let text = sentence
                        .replace('A', &a.to_string())
                        .replace('B', &b.to_string())
                        .replace('C', &answer.to_string());
                    let tokens: Vec<String> = (0..24).map(|_| numbers.below(50_000).to_string()).collect();
                    let logprob = format!("-{}.{}", numbers.below(40), 1 + numbers.below(9));
                    let line = format!(
                        "{{\"prompt_id\":\"p-{prompt}\",\"language\":\"{tag}\",\"sample\":{sample},\"text\":\"{text}\",\"tokens\":[{}],\"logprob\":{logprob},\
                         \"finish_reason\":\"stop\",\"answer\":null,\"model\":\"made up\",\"custom_id\":\"c1_0_g_{prompt:06}_{tag}_{sample}_1\"}}\n",
                        tokens.join(",")
                    );
                    n_bytes += line.len() as u64;
                    out.write_all(line.as_bytes()).map_err(fail())?;
                    logprobs.push(logprob);
                }
                let samples = (0..N_SAMPLES).map(|sample| sample.to_string()).collect::<Vec<_>>().join(",");
                let lengths =
                    (0..N_SAMPLES).map(|_| (20 + numbers.below(9)).to_string()).collect::<Vec<_>>().join(",");
                writeln!(
                    scores,
                    "{{\"instructed\":{{\"promptId\":\"p-{prompt}\",\"language\":\"{tag}\",\"samples\":[{samples}],\"nTokens\":[{lengths}],\"logprob\":[{}]}}}}",
                    logprobs.join(",")
                )
                .map_err(fail())?;
            }
        }
        out.flush().map_err(fail())?;
    }
    prompts.flush().and_then(|()| scores.flush()).map_err(fail())?;
    Ok(n_bytes)
}
