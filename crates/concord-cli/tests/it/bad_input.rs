//! What cannot be read is refused with the file, the line and what to do, and exit code 2.

use std::fs;
use std::path::{Path, PathBuf};

use concord_align::data::{Column, ColumnKind, archive};
use concord_tables::write_parquet;
use serde_json::json;

use crate::given::*;

/// A job of the example, without its responses.
fn job(name: &str) -> PathBuf {
    let (session, folder) = (example(), folder(name));
    write_job(&session, &folder, Kind::Lines, 1);
    fs::remove_file(folder.join("responses/responses-00000.jsonl")).unwrap();
    folder
}

/// What `select` says of the files of a job's folder `responses`.
fn said_of(folder: &Path) -> String {
    let said = ends(2, ["select".into(), folder.to_owned(), "-o".into(), folder.join("pairs")]);
    assert!(!folder.join("pairs/pairs.jsonl").exists());
    let left = fs::read_dir(folder.join("pairs")).into_iter().flatten().count();
    assert_eq!(left, 0, "a part was left behind");
    said
}

/// The same of one file, by its name.
fn said_of_file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let file = folder.join("responses").join(name);
    fs::write(&file, bytes).unwrap();
    let said = said_of(folder);
    fs::remove_file(&file).unwrap();
    said.replace(&file.display().to_string(), "FILE")
}

const ROW: &str = r#"{"prompt_id":"starter-001","language":"en","sample":0,"text":"7"}"#;

#[test]
fn a_bad_line_is_named() {
    let folder = job("bad-lines");
    let told = |lines: &str| said_of_file(&folder, "r.jsonl", lines.as_bytes());
    let two = |second: &str| told(&format!("{ROW}\n{second}\n"));
    for (said, wanted) in [
        (
            two("{\"prompt_id\":"),
            "concord select: FILE, line 2: this is not a JSON object (EOF while parsing a value at line 1 column 13): correct the line or take it out\n",
        ),
        (
            two("hello"),
            "concord select: FILE, line 2: this is not a JSON object (expected value at line 1 column 1): correct the line or take it out\n",
        ),
        (
            two(r#"{"prompt_id":"starter-001","language":"en","sample":1}"#),
            "concord select: FILE, line 2: there is no \"text\": rows need prompt_id, language, sample and text\n",
        ),
        (
            two(r#"{"prompt_id":"other","language":"en","sample":1,"text":"7"}"#),
            "concord select: FILE, line 2: the prompt \"other\" is not in the job's prompts.jsonl: take the folder of the job that made these responses (--job)\n",
        ),
        (
            two(r#"{"prompt_id":"starter-001","language":"en","sample":8,"text":"7"}"#),
            "concord select: FILE, line 2: the sample is 8, and the job asks for 8 (config.n): samples are 0 to 7\n",
        ),
        (
            two(ROW),
            "concord select: FILE, line 2: starter-001, en, sample 0 is there twice: keep one, such as by `concord merge`\n",
        ),
        (
            two(
                r#"{"prompt_id":"starter-001","language":"en","sample":1,"text":"7","finish_reason":"tool_calls"}"#,
            ),
            "concord select: FILE, line 2: unknown variant `tool_calls`, expected one of `stop`, `length`, `cancelled` at line 1 column 93: correct the row or take it out\n",
        ),
    ] {
        assert_eq!(said, wanted);
    }
}

#[test]
fn a_line_over_64_mib_is_refused() {
    let folder = job("long-line");
    let mut long = format!("{ROW}\n").into_bytes();
    long.extend(std::iter::repeat_n(b'a', (64 << 20) + 2));
    let wanted = "concord select: FILE, line 2: the line is longer than 64 MiB: a line is one response, so check what wrote the file\n";
    assert_eq!(said_of_file(&folder, "r.jsonl", &long), wanted);
}

#[test]
fn a_cut_or_damaged_gzip_is_named() {
    let folder = job("gzip");
    let rows: Vec<String> =
        (0..8).map(|at| ROW.replace("\"sample\":0", &format!("\"sample\":{at}"))).collect();
    let whole = packed((rows.join("\n") + "\n").as_bytes());
    for bytes in [&whole[..whole.len() - 9], b"PK\x03\x04 no gzip at all"] {
        let said = said_of_file(&folder, "r.jsonl.gz", bytes);
        assert!(said.starts_with("concord select: FILE, line "), "{said}");
        assert!(
            said.ends_with(": the gzip data end here or are damaged: copy or make the file again\n"),
            "{said}"
        );
    }
}

#[test]
fn parquet_of_other_columns_or_none_is_named() {
    let folder = job("parquet");
    let columns = [Column::new("id", ColumnKind::Text), Column::new("n", ColumnKind::Integer)];
    let row = json!({ "id": "a", "n": 1 }).as_object().unwrap().clone();
    let bytes = write_parquet(&columns, [row].into_iter()).unwrap();
    assert_eq!(
        said_of_file(&folder, "r.parquet", &bytes),
        "concord select: FILE: it has no column \"prompt_id\" (it has id, n): rows need prompt_id, language, sample and text\n"
    );
    let said = said_of_file(&folder, "r.parquet", &bytes[..bytes.len() - 20]);
    assert!(said.starts_with("concord select: FILE: this file is damaged ("), "{said}");
}

#[test]
fn folders_and_names_that_cannot_be_are_told() {
    let folder = job("places");
    let select = |path: PathBuf| ends(2, ["select".into(), path, "-o".into(), folder.join("pairs")]);
    let told = |path: &Path, words: &str| {
        assert_eq!(select(path.to_owned()), format!("concord select: {}: {words}\n", path.display()));
    };
    let empty = "there is no file of responses in it: give files that end in .jsonl, .jsonl.gz or .parquet, or a folder that holds some";
    told(&folder.join("responses"), empty);
    let nothing =
        "it cannot be read (No such file or directory (os error 2)): give a file or a folder that is there";
    told(&folder.join("nothing"), nothing);
    fs::write(folder.join("responses/r.txt"), "x").unwrap();
    told(
        &folder.join("responses/r.txt"),
        "its name does not say what it is: it must end in .jsonl, .jsonl.gz or .parquet",
    );
    let other = crate::given::folder("no-job/a/b/c");
    fs::write(other.join("r.jsonl"), ROW).unwrap();
    let said = select(other.join("r.jsonl"));
    let wanted = "there is no job.json with prompts.jsonl beside it, nor above it: name the folder of the job with --job DIR\n";
    assert!(said.ends_with(wanted), "{said}");
    fs::write(folder.join("job.json"), r#"{"config":{"n":0,"anchor":"en","languages":["en"]}}"#).unwrap();
    fs::write(folder.join("responses/r.jsonl"), ROW).unwrap();
    let said = select(folder.clone());
    assert!(said.contains("job.json: config.n: the number is 0; it must be 1 to "), "{said}");
}

#[test]
fn sessions_that_are_none_are_told() {
    let folder = folder("no-session");
    let told = |name: &str, bytes: &[u8]| {
        let file = folder.join(name);
        fs::write(&file, bytes).unwrap();
        let said = ends(2, ["select".into(), file.clone(), "-o".into(), folder.join("pairs")]);
        said.replace(&file.display().to_string(), "FILE")
    };
    let zip = |name: &str| archive::write(&[(name, b"{}")]).unwrap();
    let no_manifest = told("a.zip", &zip("a.json"));
    assert!(
        no_manifest.starts_with(
            "concord select: FILE: this zip archive is not a Concord session (it has no manifest.json)"
        ),
        "{no_manifest}"
    );
    // The packer writes no such name, so it is put in afterwards, in both places where it stands.
    let mut leads_out = zip("aa/bb/manifest.json");
    for at in (0..leads_out.len() - 6).rev() {
        if leads_out[at..].starts_with(b"aa/bb/") {
            leads_out[at..at + 6].copy_from_slice(b"../../");
        }
    }
    let outside = told("b.zip", &leads_out);
    let words = "concord select: FILE: this zip archive has a file named \"../../manifest.json\", which leads out of it: pack it again\n";
    assert_eq!(outside, words);
    assert!(!folder.join("../../manifest.json").exists());
    let words = "concord select: FILE: this file is not complete JSON (line 1, column 12): get it again, or pick the file that Concord saved\n";
    assert_eq!(told("c.json", b"{\"schema\": "), words);
    assert!(told("d.json", b"[]").starts_with("concord select: FILE: schema: this file has no schema tag"));
}

#[test]
fn arguments_and_statistics_that_do_not_fit_are_told() {
    let (session, folder) = (example(), folder("arguments"));
    write_job(&session, &folder, Kind::Lines, 1);
    let said = ends(
        2,
        ["select".into(), folder.clone(), "--shard".into(), "3/2".into(), "-o".into(), folder.join("pairs")],
    );
    assert!(said.contains("write I/N with I from 1 to N, such as 1/16"), "{said}");
    ends(2, ["select"]);
    ends(2, ["no-such-command"]);
    assert!(ends(0, ["--version"]).starts_with("concord "));
    let stats = folder.join("stats.json");
    ends(0, ["stats".into(), folder.clone(), "--method".into(), "icr".into(), "-o".into(), stats.clone()]);
    let select = |method: &str| {
        [
            "--json".into(),
            "select".into(),
            folder.clone(),
            "--method".into(),
            method.into(),
            "--stats".into(),
            stats.clone(),
            "-o".into(),
            folder.join("pairs"),
        ]
    };
    let out = concord(select("lidr"));
    assert_eq!(out.status.code(), Some(2));
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let wanted =
        format!("{}: these statistics are of icr, not of lidr: run `concord stats` again", stats.display());
    assert_eq!((&told["exit"], &told["error"]), (&json!(2), &json!(wanted)));
    assert_eq!(String::from_utf8(out.stderr).unwrap(), format!("concord select: {wanted}\n"));
    ends(0, select("icr"));
}
