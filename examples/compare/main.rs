//! Compares the methods of choosing pairs on held-out problems with gold answers: `cargo xtask compare`.
//!
//! Samples responses of the teaching model on the CPU, asks it what MAPO, LIDR and the implicit cross-lingual reward
//! need, lets every method choose from the same responses, and prints how often the chosen response is right and the
//! rejected one wrong by the gold answers, which no method sees. Fewer responses per row are the first ones of the most.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]

#[path = "../support/measured.rs"]
mod measured;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use concord::data::{Language, MeasureKind, Prompt, Session, SessionConfig, read_session, write_session};
use measured::Measurer;

/// What went wrong, in words.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "\
cargo xtask compare [options]
  --prompts N     only the first N problems (12)
  --seeds N       seeds 1..=N (3)
  --threads N     threads (2)
  --model FILE    GGUF file (static/teaching-model.gguf)
  --data FILE     problems, one JSON object per line (tests/data/held-out.jsonl)
  --sessions DIR  keep what was measured there, a session file per seed, and measure nothing that is there
  --json          print the numbers as JSON
  --write         put the table into docs/results.md";

/// What the methods beside CM-Align need of the model.
const KINDS: [MeasureKind; 3] = [MeasureKind::Instructed, MeasureKind::Translations, MeasureKind::Translated];

/// Responses per prompt and language that are compared; the last is how many are sampled.
const COUNTS: [u32; 3] = [4, 8, 16];

pub(crate) struct Options {
    pub(crate) model: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) sessions: Option<PathBuf>,
    pub(crate) n_prompts: usize,
    pub(crate) n_seeds: u32,
    pub(crate) n_threads: usize,
    pub(crate) json: bool,
    pub(crate) write: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self {
            model: "static/teaching-model.gguf".into(),
            data: "tests/data/held-out.jsonl".into(),
            sessions: None,
            n_prompts: 12,
            n_seeds: 3,
            n_threads: 2,
            json: false,
            write: false,
        };
        while let Some(flag) = args.next() {
            match flag.as_str() {
                "--json" => options.json = true,
                "--write" => options.write = true,
                _ => {
                    let value =
                        args.next().ok_or_else(|| format!("{flag}: a value is missing\n\n{USAGE}"))?;
                    match flag.as_str() {
                        "--model" => options.model = value.into(),
                        "--data" => options.data = value.into(),
                        "--sessions" => options.sessions = Some(value.into()),
                        "--prompts" => options.n_prompts = value.parse()?,
                        "--seeds" => options.n_seeds = value.parse::<u32>()?.max(1),
                        "--threads" => options.n_threads = value.parse::<usize>()?.max(1),
                        _ => return Err(format!("there is no option {flag}\n\n{USAGE}").into()),
                    }
                }
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
    let prompts = read_prompts(options)?;
    let model =
        std::fs::read(&options.model).map_err(|error| format!("{}: {error}", options.model.display()))?;
    let sessions: Vec<Session> = (1..=options.n_seeds)
        .map(|seed| session(&model, &prompts, seed, options))
        .collect::<Result<_, _>>()?;
    let table = table::Table::new(&sessions, &COUNTS);
    if options.json {
        println!("{:#}", table.json());
    } else {
        println!("{}", table.markdown());
    }
    if options.write { write(Path::new("docs/results.md"), &table.markdown()) } else { Ok(()) }
}

fn read_prompts(options: &Options) -> Result<Vec<Prompt>, Failure> {
    let text = std::fs::read_to_string(&options.data)
        .map_err(|error| format!("{}: {error}", options.data.display()))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(options.n_prompts);
    let prompts: Vec<Prompt> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    if prompts.is_empty() { Err("there are no problems to compare on".into()) } else { Ok(prompts) }
}

/// What was measured with a seed: from its file if that is there and holds these problems, else now.
fn session(model: &[u8], prompts: &[Prompt], seed: u32, options: &Options) -> Result<Session, Failure> {
    let kept = options.sessions.as_ref().map(|folder| folder.join(format!("compare-seed-{seed}.json")));
    if let Some(kept) = kept.as_ref().filter(|kept| kept.is_file()) {
        let session = read_session(&std::fs::read_to_string(kept)?)?;
        return match session.prompts == prompts && session.config.seed == seed {
            true => Ok(session),
            false => Err(format!("{} holds other problems; delete it", kept.display()).into()),
        };
    }
    let config = config(prompts, seed);
    let share = prompts.len().div_ceil(options.n_threads).max(1);
    let measured: Vec<Result<Option<Session>, Failure>> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            prompts.chunks(share).map(|prompts| scope.spawn(|| measure(model, prompts, &config))).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Result<Option<Session>, Failure>>| {
            thread.join().unwrap_or_else(|_| Err("a thread died".into()))
        };
        threads.into_iter().map(join).collect()
    });
    let mut all: Option<Session> = None;
    for part in measured {
        match (&mut all, part?) {
            (Some(all), Some(part)) => add(all, part),
            (None, part) => all = part,
            (Some(_), None) => {}
        }
    }
    let session = all.ok_or("there are no problems to compare on")?;
    if let Some(kept) = kept {
        std::fs::write(&kept, write_session(&session)?)?;
    }
    Ok(session)
}

/// Builds a session from some prompts, one after the other, and measures it; `None` without prompts.
fn measure(model: &[u8], prompts: &[Prompt], config: &SessionConfig) -> Result<Option<Session>, Failure> {
    let mut measurer = Measurer::load(model)?;
    let mut all: Option<Session> = None;
    for prompt in prompts {
        let session = measurer.session(std::slice::from_ref(prompt), config, &KINDS)?;
        eprintln!("seed {}: {}", config.seed, prompt.id);
        match &mut all {
            Some(all) => add(all, session),
            None => all = Some(session),
        }
    }
    Ok(all)
}

/// Puts the prompts of another session with the same settings behind those that are there.
fn add(all: &mut Session, more: Session) {
    all.prompts.extend(more.prompts);
    all.responses.extend(more.responses);
    all.references.extend(more.references);
    all.pairs.extend(more.pairs);
    all.similarities.extend(more.similarities);
    all.measurements.instructed.extend(more.measurements.instructed);
    all.measurements.translations.extend(more.measurements.translations);
}

/// The page's settings, with as many responses as the largest comparison takes.
fn config(prompts: &[Prompt], seed: u32) -> SessionConfig {
    // Prompts are built one by one, and all by the same limit.
    let max_tokens = Some(96);
    let base = SessionConfig { n: COUNTS[COUNTS.len() - 1], seed, max_tokens, ..SessionConfig::default() };
    let mut languages: Vec<Language> =
        prompts.iter().flat_map(|prompt| prompt.text.keys().cloned()).collect();
    languages.sort_by_key(|language| (*language != base.anchor, language.clone()));
    languages.dedup();
    SessionConfig { languages, ..base }
}

/// Puts the table between its two marks.
fn write(path: &Path, table: &str) -> Result<(), Failure> {
    const MARKS: [&str; 2] = ["<!-- compare: begin -->", "<!-- compare: end -->"];
    let text = std::fs::read_to_string(path)?;
    let ends = text.find(MARKS[0]).zip(text.find(MARKS[1])).filter(|(begin, end)| begin < end);
    let Some((begin, end)) = ends else {
        return Err(format!("{} lacks the lines {} and {}", path.display(), MARKS[0], MARKS[1]).into());
    };
    let before = &text[..begin + MARKS[0].len()];
    Ok(std::fs::write(path, format!("{before}\n\n{table}\n\n{}", &text[end..]))?)
}
