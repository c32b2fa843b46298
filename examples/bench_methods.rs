//! Measures the methods that need no model on a large session: `cargo xtask bench-methods`.
//!
//! The session is 500 prompts in 8 languages with 8 responses each, unless told otherwise, made of seeded noise. Each step
//! says how long it took and how long its longest part took: on a page the parts run between frames.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]
#![expect(clippy::disallowed_methods, reason = "native code only: steps are timed with the system clock")]

#[path = "../tests/browser/src/large_session.rs"]
#[expect(unreachable_pub, reason = "shared with the end-to-end tests")]
mod large_session;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use concord::align::batchwise::BatchItem;
use concord::align::{BatchSettings, Comparison, Material, PromptIndex, compose, select};
use concord::curation::{Desk, export_rows};
use concord::data::{Method, SessionConfig, SessionReader, SessionWriter};

/// Bytes that a page reads at once.
const PIECE_BYTES: usize = 1 << 18;

fn main() -> ExitCode {
    let numbers: Option<Vec<usize>> = std::env::args().skip(1).map(|text| text.parse().ok()).collect();
    let shape = match numbers.as_deref() {
        Some([]) => [500, 8, 8],
        Some(&[n_prompts, n_languages @ 2..=8, n]) => [n_prompts, n_languages, n],
        _ => {
            println!("cargo xtask bench-methods [PROMPTS LANGUAGES(2..8) RESPONSES]");
            return ExitCode::FAILURE;
        }
    };
    match measure(shape) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure([n_prompts, n_languages, n]: [usize; 3]) -> Result<(), concord::data::DataError> {
    let text = large_session::large_session(n_prompts, n_languages, n);
    println!("{} responses, {:.1} MB of session file", n_prompts * n_languages * n, text.len() as f64 / 1e6);

    let mut reader = SessionReader::default();
    let mut pieces = text.as_bytes().chunks(PIECE_BYTES);
    let mut failure = None;
    steps("read the file", || {
        match reader.step() {
            Ok(true) => return true,
            Ok(false) => {}
            Err(error) => failure = Some(error),
        }
        let piece = pieces.next().filter(|_| failure.is_none());
        piece.inspect(|piece| reader.push(piece)).is_some()
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let start = Instant::now();
    let mut session = reader.finish()?;
    say("check the session", start.elapsed(), start.elapsed());

    let start = Instant::now();
    let picked = select(Material::of(&session), &session.config);
    (session.references, session.pairs) = (picked.references, picked.pairs);
    say("CM-Align in one go", start.elapsed(), start.elapsed());

    let methods = [Method::CmAlign, Method::RandomReference, Method::Lacomsa];
    let configs = methods.map(|method| SessionConfig { method, ..session.config.clone() });
    let start = Instant::now();
    let index = PromptIndex::new(Material::of(&session));
    let mut comparison = Comparison::new(&index, &configs);
    say("index the responses", start.elapsed(), start.elapsed());
    steps("compare three methods", || comparison.step());
    let start = Instant::now();
    let table = comparison.finish();
    say("make the table", start.elapsed(), start.elapsed());

    let start = Instant::now();
    let items = BatchItem::of_rows(&session, &export_rows(&session));
    let batches = compose(&items, &session.config.anchor, &BatchSettings::default());
    say("compose batches", start.elapsed(), start.elapsed());

    let mut writer = SessionWriter::default();
    let mut failure = None;
    steps("write the file", || match writer.piece(&session) {
        Ok(piece) => piece.is_some(),
        Err(error) => {
            failure = Some(error);
            false
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let start = Instant::now();
    let desk = Desk::new(session);
    say("put it on the desk", start.elapsed(), start.elapsed());
    println!(
        "{} pairs by CM-Align, {} agreements, {} batches, {} rows on the desk",
        table.methods[0].selection.pairs.iter().filter(|pair| pair.skip.is_none()).count(),
        table.agreements.len(),
        batches.batches.len(),
        desk.curation().rows().len()
    );
    Ok(())
}

/// Runs a step until it says that nothing is left.
fn steps(name: &str, mut step: impl FnMut() -> bool) {
    let (start, mut longest) = (Instant::now(), Duration::ZERO);
    loop {
        let part = Instant::now();
        let goes_on = step();
        longest = longest.max(part.elapsed());
        if !goes_on {
            return say(name, start.elapsed(), longest);
        }
    }
}

fn say(name: &str, all: Duration, longest: Duration) {
    println!(
        "{name:<24} {:>8.1} ms, longest part {:>7.2} ms",
        all.as_secs_f64() * 1e3,
        longest.as_secs_f64() * 1e3
    );
}
