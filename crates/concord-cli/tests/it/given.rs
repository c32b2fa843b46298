//! The example session as a job's folder, and runs of the program.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use concord_align::data::{Column, ColumnKind, Pair, Reference, Response, Session, read_session};
use concord_tables::{Row, write_parquet};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

/// A folder of this test alone, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _old = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn example_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../static/example-session.json")
}

pub(crate) fn example() -> Session {
    read_session(&fs::read_to_string(example_path()).unwrap()).unwrap()
}

/// Runs the program.
pub(crate) fn concord<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_concord")).args(args).output().unwrap()
}

/// Runs it, and expects an exit code; what it said on both streams.
pub(crate) fn ends<S: AsRef<std::ffi::OsStr>>(code: i32, args: impl IntoIterator<Item = S>) -> String {
    let out = concord(args);
    let said = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
    assert_eq!(out.status.code(), Some(code), "{said}");
    said
}

pub(crate) fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

pub(crate) fn lines_of(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// A response as a row; its answer and its language are not told.
pub(crate) fn row_of(response: &Response) -> Value {
    let mut row = json!({
        "prompt_id": response.prompt_id, "language": response.language, "sample": response.sample, "text": response.text,
        "tokens": response.tokens, "logprob": response.logprob, "finish_reason": response.finish_reason, "answer": null,
        "model": null, "custom_id": "c1",
    });
    if let Some((language, sample)) = &response.translation_of {
        row["source_language"] = json!(language);
        row["source_sample"] = json!(sample);
    }
    row
}

/// How responses are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Lines,
    Packed,
    Parquet,
}

/// Writes `job.json`, `prompts.jsonl`, measurements, and the responses into so many files.
pub(crate) fn write_job(session: &Session, folder: &Path, kind: Kind, n_files: usize) {
    fs::write(folder.join("job.json"), json!({ "config": session.config }).to_string()).unwrap();
    fs::write(
        folder.join("manifest.json"),
        json!({ "model": { "asked": session.model.name, "sha256": null } }).to_string(),
    )
    .unwrap();
    let prompts: Vec<Value> = session.prompts.iter().map(|prompt| json!(prompt)).collect();
    fs::write(folder.join("prompts.jsonl"), lines_of(&prompts)).unwrap();
    fs::create_dir_all(folder.join("responses")).unwrap();
    let per_file = session.prompts.len().div_ceil(n_files);
    for (at, prompts) in session.prompts.chunks(per_file).enumerate() {
        let rows: Vec<Value> = prompts
            .iter()
            .flat_map(|prompt| session.responses.iter().filter(|r| r.prompt_id == prompt.id).map(row_of))
            .collect();
        write_rows(&folder.join(format!("responses/responses-{at:05}")), kind, &rows);
    }
    write_measurements(session, folder);
}

pub(crate) fn write_rows(stem: &Path, kind: Kind, rows: &[Value]) {
    let named = |ending: &str| PathBuf::from(format!("{}{ending}", stem.display()));
    match kind {
        Kind::Lines => fs::write(named(".jsonl"), lines_of(rows)).unwrap(),
        Kind::Packed => fs::write(named(".jsonl.gz"), packed(lines_of(rows).as_bytes())).unwrap(),
        Kind::Parquet => {
            let rows = rows.iter().map(|row| row.as_object().unwrap().clone());
            fs::write(named(".parquet"), write_parquet(&columns(), rows).unwrap()).unwrap();
        }
    }
}

pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn columns() -> Vec<Column> {
    use ColumnKind::*;
    [
        ("prompt_id", Text),
        ("language", Text),
        ("sample", Integer),
        ("text", Text),
        ("tokens", IntegerList),
        ("logprob", Number),
        ("finish_reason", Text),
        ("source_language", Text),
        ("source_sample", Integer),
    ]
    .map(|(name, kind)| Column::new(name, kind))
    .to_vec()
}

fn write_measurements(session: &Session, folder: &Path) {
    let mut rows = Vec::new();
    for prompt in &session.prompts {
        let own = |id: &str| id == prompt.id;
        let m = &session.measurements;
        rows.extend(
            session.similarities.iter().filter(|s| own(&s.prompt_id)).map(|s| json!({ "similarity": s })),
        );
        rows.extend(m.states.iter().filter(|s| own(&s.prompt_id)).map(|s| json!({ "states": s })));
        rows.extend(m.own.iter().filter(|s| own(&s.prompt_id)).map(|s| json!({ "own": s })));
        rows.extend(m.instructed.iter().filter(|s| own(&s.prompt_id)).map(|s| json!({ "instructed": s })));
        rows.extend(
            m.translations.iter().filter(|s| own(&s.prompt_id)).map(|s| json!({ "translations": s })),
        );
    }
    fs::create_dir_all(folder.join("measurements")).unwrap();
    fs::write(folder.join("measurements/all.jsonl"), lines_of(&rows)).unwrap();
}

/// References and pairs as `concord select` wrote them.
pub(crate) fn selected(folder: &Path) -> (Vec<Reference>, Vec<Pair>) {
    let references = text(folder.join("references.jsonl"));
    let references = references.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let pairs = match folder.join("pairs.parquet").is_file() {
        true => {
            let bytes = fs::read(folder.join("pairs.parquet")).unwrap();
            concord_tables::read("pairs.parquet", &bytes).unwrap().remove(0).rows
        }
        false => {
            text(folder.join("pairs.jsonl")).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    };
    (references, pairs.iter().map(pair_of).collect())
}

pub(crate) fn pair_of(row: &Row) -> Pair {
    let pair = json!({
        "promptId": row["prompt_id"], "language": row["language"], "chosen": row["concord_chosen_sample"],
        "rejected": row["concord_rejected_sample"], "scores": row["concord_scores"], "cosine": row["concord_cosine"],
        "margin": row["concord_margin"], "skip": row["concord_skip"],
    });
    serde_json::from_value(pair).unwrap()
}
