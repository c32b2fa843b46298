//! Makes the session that the page shows as an example, and says where consistency misleads: `cargo xtask example-session`.
//!
//! The teaching model answers the starter prompts with the page's own settings and is asked everything that it can be asked
//! without an encoder. Its states are turned and rounded, so that the file is small: no cosine changes by more than 0.003. Rows
//! are decided by the gold answers, under that name.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]

#[path = "../support/measured.rs"]
mod measured;

use std::path::PathBuf;
use std::process::ExitCode;

use concord::align::cosines::dot;
use concord::align::symmetric::spectrum;
use concord::align::{answer::answer_key, gold_answer};
use concord::curation::{Act, Cell, Decision, Desk, PromptOrigin, Row, Setup, Shipped, Stamp};
use concord::data::{MeasureKind, Prompt, Session, write_session};
use concord::lesson::misleads::{Misleads, find};
use measured::Measurer;

/// What went wrong, in words.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "\
cargo xtask example-session [options]
  --prompts N  only the first N prompts (as many starters as the page runs, all of other problems)
  --data FILE  problems, one JSON object per line, instead of the starter prompts; nothing but the responses is measured
  --model FILE GGUF file (static/teaching-model.gguf)
  --write      put the session into static/example-session.json";

/// The file that `--write` writes.
const EXAMPLE: &str = "static/example-session.json";
/// When the example was made, always the same so that the file is.
const CREATED: &str = "2026-11-29T00:00:00Z";
/// Steps of the rounding to the root mean square of what is rounded.
const STEPS: f64 = 128.0;
/// All that the model can be asked without an encoder.
const KINDS: [MeasureKind; 6] = [
    MeasureKind::Own,
    MeasureKind::Instructed,
    MeasureKind::Translations,
    MeasureKind::Translated,
    MeasureKind::Chat,
    MeasureKind::Plain,
];

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<(), Failure> {
    let (mut n_prompts, mut data, mut write) = (None, None, false);
    let mut model = PathBuf::from("static/teaching-model.gguf");
    while let Some(flag) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{flag}: a value is missing\n\n{USAGE}"));
        match flag.as_str() {
            "--prompts" => n_prompts = Some(value()?.parse()?),
            "--data" => data = Some(PathBuf::from(value()?)),
            "--model" => model = value()?.into(),
            "--write" => write = true,
            _ => return Err(format!("there is no option {flag}\n\n{USAGE}").into()),
        }
    }
    let read = |path: &PathBuf| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let (prompts, kinds): (Vec<Prompt>, &[MeasureKind]) = match &data {
        None => (serde_json::from_slice(&read(&"static/starter-prompts.json".into())?)?, &KINDS),
        Some(path) => {
            let text = String::from_utf8(read(path)?)?;
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            (lines.map(serde_json::from_str).collect::<Result<_, _>>()?, &[])
        }
    };
    if write && data.is_some() {
        return Err("the example is made of the starter prompts: leave out --data or --write".into());
    }
    let mut setup = Setup::default();
    let n_all = prompts.len();
    setup.set_prompts(prompts, PromptOrigin::Shipped(Shipped::Starter));
    if let Some(n) = n_prompts.or(data.as_ref().map(|_| n_all)) {
        setup.set_count(n);
    }
    let mut session = Measurer::load(&read(&model)?)?.session(setup.prompts(), setup.config(), kinds)?;
    session.created = CREATED.to_owned();
    shrink_states(&mut session);
    let session = decided(session)?;
    print(&session);
    if write {
        std::fs::write(EXAMPLE, write_session(&session)?)?;
    }
    Ok(())
}

/// Makes the states small without changing what stands between them: they are turned into the directions that they span, of
/// which there are no more than vectors, and rounded to a power of two near a hundredth of their size.
fn shrink_states(session: &mut Session) {
    for record in &mut session.measurements.representations {
        let n = record.order.len();
        let wide = |at: usize| record.vector(at).iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
        let vectors: Vec<Vec<f64>> = (0..n).map(wide).collect();
        let gram: Vec<f64> = (0..n * n).map(|at| dot(&vectors[at / n], &vectors[at % n])).collect();
        let size = (0..n).map(|at| gram[at * n + at]).sum::<f64>() / (n * n).max(1) as f64;
        let step = (size.sqrt() / STEPS).log2().floor().exp2();
        let turned = spectrum(&gram, n);
        let value = |at: usize| turned.values[at % n].max(0.0).sqrt() * turned.vectors[at % n][at / n];
        record.values = (0..n * n).map(|at| ((value(at) / step).round() * step) as f32).collect();
        record.dim = n as u32;
    }
}

/// Decides the rows whose right answer is known, as somebody would who knows it and nothing else.
fn decided(session: Session) -> Result<Session, Failure> {
    let mut desk = Desk::new(session);
    let cells: Vec<Cell> = desk.cells().collect();
    for cell in cells {
        let Some(act) = act_of(desk.session(), desk.row(cell)) else { continue };
        let stamp = Stamp { time: CREATED.to_owned(), actor: "Gold answers".to_owned(), ..Stamp::default() };
        let event = desk.event(Decision::On(cell, act), stamp)?;
        desk.take(event);
    }
    Ok(desk.session().clone())
}

fn act_of(session: &Session, row: Option<&Row>) -> Option<Act> {
    let row = row?;
    let prompt = session.prompts.iter().find(|prompt| prompt.id == row.prompt_id)?;
    let gold = answer_key(&gold_answer(prompt, &session.config.anchor)?);
    let is_right = |sample: Option<u32>| {
        let answer = session.response(&row.prompt_id, &row.language, sample?)?.answer.as_deref();
        Some(answer.map(answer_key).as_ref() == Some(&gold))
    };
    match (is_right(row.state.chosen)?, is_right(row.state.rejected)?) {
        (true, false) => Some(Act::Accept),
        (false, true) => Some(Act::Swap),
        _ => Some(Act::LeaveOut),
    }
}

/// How often consistency misleads, and where.
fn print(session: &Session) {
    let Misleads { agreed, foreign, chance, n_prompts, n_rows } = find(session);
    println!(
        "A majority of the reference's language agrees on a wrong answer: {} of {n_prompts} prompts",
        agreed.len()
    );
    for case in &agreed {
        println!(
            "  {} sample {}: {} of {} say {}",
            case.prompt_id,
            case.sample + 1,
            case.n_same,
            case.n,
            case.answer
        );
    }
    println!(
        "The highest score is that of a response with another language's words: {} of {n_rows} rows",
        foreign.len()
    );
    for case in &foreign {
        println!(
            "  {} {} sample {} ({:.3}): {}",
            case.prompt_id,
            case.language.as_str(),
            case.sample + 1,
            case.score,
            case.words.join(" ")
        );
    }
    println!(
        "The reference is right and one drawn by chance is wrong: {} of {n_prompts} prompts",
        chance.len()
    );
    for case in &chance {
        println!(
            "  {}: sample {} is right; sample {} was drawn; {} of {} are right",
            case.prompt_id,
            case.sample + 1,
            case.drawn + 1,
            case.n_right,
            case.n
        );
    }
}
