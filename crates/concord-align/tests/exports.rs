//! Every export on hard data, loaded by the libraries that trainers load it with (`exports/check.py`): `datasets`, `pyarrow`
//! and `mlcroissant`, which `cargo xtask test` fetches and puts on Python's path.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use concord_align::data::{
    Column, CurationAct, CurationEvent, DecisionLog, ExportFormat, ExportOptions, ExportRow, FinishReason,
    Language, Pair, PairWriter, Part, Prompt, PromptSource, Reference, Response, RowRecord, RowState,
    RowStatus, Session, SideFacts, Tally, TaskKind, TextFinder, Written, beside, file_name,
    llama_factory_name, part_name,
};
use serde_json::json;

/// Texts that readers have been seen to break.
const HARD: [(&str, &str); 14] = [
    ("plain", "other"),
    ("2024-05-01", "2024-05-02T10:00:00Z"),
    ("a\u{2028}b\u{2029}c\u{85}d", "\u{b}\u{c}\u{1c}x"),
    ("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{1f600}", "\u{1f468}\u{1f469}"),
    ("ক\u{200d}্ কি", "কী"),
    ("  padded\t\n", "\u{a0}also\u{3000}"),
    ("\u{1f}odd ends\u{1c}", "x"),
    ("=HYPERLINK(\"http://x\",\"y\")", "@SUM(1+1)"),
    ("<script>alert(1)</script>", "</s>&amp;\"'\\"),
    ("A\u{30a}", "B\u{30a} = 3"),
    ("", "empty chosen"),
    ("same", " same\n"),
    ("\u{e4}", "a\u{308}"),
    ("\u{200b}\u{feff}", "unseen chosen"),
];

/// A session whose pairs have these texts in each language; `pick` says which language has which.
fn session(
    languages: &[&str],
    n_prompts: usize,
    pick: impl Fn(&str, usize) -> Option<(String, String)>,
) -> Session {
    let languages: Vec<Language> = languages.iter().map(|tag| Language::from(*tag)).collect();
    let mut session = Session { created: "2026-11-27T09:00:00Z".into(), ..Session::default() };
    session.config.languages.clone_from(&languages);
    session.config.n = 2;
    session.app.version = "0.1.0".into();
    // What is in a file's name of a model goes into YAML, Markdown and JSON.
    session.model.name = "tiny: \"model\" <script>|`#".into();
    for at in 0..n_prompts {
        let id = format!("p{at}");
        let text =
            languages.iter().map(|l| (l.clone(), format!("{} {at}?\u{2028}{{x}}", l.as_str()))).collect();
        session.prompts.push(Prompt { id: id.clone(), task: TaskKind::Math, text, ..Prompt::default() });
        session.references.push(Reference {
            prompt_id: id.clone(),
            language: "en".into(),
            sample: None,
            consistency: Vec::new(),
            mean_cosine: Vec::new(),
            vote_share: None,
            skip: None,
        });
        for language in &languages {
            let Some((chosen, rejected)) = pick(language.as_str(), at) else { continue };
            for (sample, text) in [(0, chosen), (1, rejected)] {
                session.responses.push(response(&id, language, sample, text));
            }
            session.pairs.push(Pair {
                prompt_id: id.clone(),
                language: language.clone(),
                chosen: Some(0),
                rejected: Some(1),
                scores: vec![0.75, 0.25],
                cosine: Vec::new(),
                margin: Some(0.5),
                skip: None,
            });
        }
    }
    session
}

fn response(id: &str, language: &Language, sample: u32, text: String) -> Response {
    Response {
        prompt_id: id.to_owned(),
        language: language.clone(),
        sample,
        text,
        reasoning: None,
        reasoning_tokens: None,
        tokens: vec![1],
        logprob: Some(-1.0),
        finish_reason: FinishReason::Stop,
        answer: None,
        ambiguous: Vec::new(),
        detected_language: None,
        translation_of: None,
        model: None,
    }
}

/// Every other row is accepted.
fn rows(session: &Session) -> Vec<ExportRow> {
    let statuses = [RowStatus::Accepted, RowStatus::Undecided].into_iter().cycle();
    let row = |(pair, status): (&Pair, RowStatus)| ExportRow {
        prompt_id: pair.prompt_id.clone(),
        language: pair.language.clone(),
        chosen: 0,
        rejected: 1,
        record: RowRecord { status, reasons: vec!["fluency".into()], ..RowRecord::default() },
    };
    session.pairs.iter().zip(statuses).map(row).collect()
}

fn save(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Writes a session in a format as its zip would hold it.
fn write(folder: &Path, session: &Session, options: &ExportOptions) {
    let (finder, rows, mut writer) =
        (TextFinder::new(session), rows(session), PairWriter::new(options.clone()));
    rows.iter().for_each(|row| writer.write(&finder.record(row), None));
    let written = writer.finish();
    let mut parts = Vec::new();
    for file in &written.files {
        let mut named = vec![(part_name(options, file.language.as_ref()), &file.text)];
        named.extend(
            file.language.as_ref().map(|language| (llama_factory_name(language), &file.llama_factory)),
        );
        for (path, text) in named {
            let bytes =
                if path.ends_with(".parquet") { parquet(text, &written) } else { text.clone().into_bytes() };
            let mut counter = Tally::default();
            bytes.chunks(1_000).for_each(|bytes| counter.push(bytes));
            save(folder, &path, &bytes);
            parts.push(Part::new(path, file.language.clone(), file.n_rows, counter));
        }
    }
    let mut log = DecisionLog::default();
    while log.step(session) {}
    let facts = SideFacts {
        session,
        n_responses: session.responses.len(),
        options,
        written: &written,
        parts: &parts,
        batches_read_me: None,
        decisions: log.finish(),
    };
    for (path, text) in beside(&facts) {
        save(folder, &path, text.as_bytes());
    }
}

/// Lines as the page's reader makes Parquet of them.
fn parquet(lines: &str, written: &Written) -> Vec<u8> {
    let columns: Vec<Column> =
        written.columns.iter().map(|column| Column::new(column.name, column.kind)).collect();
    let rows = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    concord_tables::write_parquet(&columns, rows).unwrap()
}

/// Writes every format of a session, and what it was made of.
fn write_all(name: &str, session: &Session) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("exports-{name}"));
    let _not_there = fs::remove_dir_all(&folder);
    for format in ExportFormat::ALL {
        let options = ExportOptions {
            zip: true,
            licence: "CC-BY-4.0".into(),
            name: "you/your-pairs".into(),
            ..ExportOptions::of(format)
        };
        assert!(file_name(&options).ends_with(".zip"));
        write(&folder.join(format.as_str()), session, &options);
        let options = ExportOptions { parquet: true, ..options };
        write(&folder.join(format!("{}-parquet", format.as_str())), session, &options);
    }
    let text =
        |row: &ExportRow, sample| &session.response(&row.prompt_id, &row.language, sample).unwrap().text;
    let wanted: Vec<_> = rows(session)
        .iter()
        .map(|row| {
            let prompt = session.prompts.iter().find(|prompt| prompt.id == row.prompt_id).unwrap();
            json!({
                "prompt_id": row.prompt_id, "language": row.language, "prompt": prompt.text[&row.language],
                "chosen": text(row, 0), "rejected": text(row, 1), "status": row.record.status,
            })
        })
        .collect();
    save(&folder, "wanted.json", json!(wanted).to_string().as_bytes());
    folder
}

/// What the script says of a folder: whether all holds, and its output.
fn check(folder: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports/check.py");
    let output = Command::new("python3").arg("-B").arg(script).arg(folder).output();
    let output = output.unwrap_or_else(|error| panic!("python3 cannot be run: {error}"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn hard_texts_come_out_of_every_library_as_they_went_in() {
    let mut session = session(&["sw", "no", "zh-Hans", "all", "de"], HARD.len(), |language, at| {
        let (chosen, rejected) = HARD[at];
        match language {
            // One row, and a language in which every text is a date.
            "no" => (at == 0).then(|| ("ja".into(), "nei".into())),
            "de" => Some((format!("2024-05-{:02}", at + 1), format!("2023-01-{:02} 10:00:00", at + 1))),
            _ => Some((chosen.into(), rejected.into())),
        }
    });
    // What a person wrote goes into YAML, Markdown and JSON.
    session.config.prompt_set = PromptSource {
        name: "MGSM: <b>\"ours\"</b> | #1".into(),
        source: "https://huggingface.co/datasets/juletxara/mgsm".into(),
        licence: "CC-BY-SA-4.0".into(),
    };
    let state = RowState { chosen: Some(0), rejected: Some(1), ..RowState::default() };
    for (seq, actor) in ["Ada", "Bob", "Ada"].into_iter().enumerate() {
        session.events.push(CurationEvent {
            seq: seq as u32,
            time: format!("2026-11-2{seq}T10:00:00Z"),
            actor: actor.into(),
            item: "p0".into(),
            lang: "sw".into(),
            event: CurationAct::Accept,
            before: state,
            after: RowState { status: RowStatus::Accepted, ..state },
            reason: None,
            shown_order: None,
            seed: None,
            reasons: Vec::new(),
            sample: None,
            text: None,
            rows: Vec::new(),
        });
    }
    let (holds, said) = check(&write_all("hard", &session));
    assert!(holds && said.contains("all hold"), "{said}");
}

#[test]
fn ten_thousand_rows_load_in_every_format() {
    let languages = ["sw", "de", "bn", "ja", "zh-Hans", "ar", "th", "te", "ru", "es"];
    let session = session(&languages, 1_000, |language, at| {
        Some((format!("{language} {at}"), format!("{at} \u{1f600}")))
    });
    assert_eq!(session.pairs.len(), 10_000);
    let (holds, said) = check(&write_all("many", &session));
    assert!(holds && said.contains("all hold") && said.contains("10000 rows"), "{said}");
}

/// The script finds what it is there to find.
#[test]
fn a_spoilt_file_does_not_pass() {
    let session =
        session(&["sw", "de"], 2, |language, at| Some((format!("{language} {at}"), format!("{at} no"))));
    type Spoil = fn(String) -> String;
    let cases: [(&str, &str, Spoil); 7] = [
        ("padding", "trl/pairs.trl.jsonl", |text| text.replacen("\"sw 0\"", "\" sw 0\"", 1)),
        ("a row less", "kto/pairs.kto.jsonl", |text| {
            text.lines().skip(1).map(|line| format!("{line}\n")).collect()
        }),
        ("a byte-order mark", "full/pairs.full.jsonl", |text| format!("\u{feff}{text}")),
        ("a list", "llama-factory/pairs.llamafactory.jsonl", |text| {
            text.replacen(
                "\"chosen\":{\"from\":\"gpt\",\"value\":\"sw 0\"}",
                "\"chosen\":[{\"from\":\"gpt\",\"value\":\"sw 0\"}]",
                1,
            )
        }),
        ("another language", "hub/README.md", |text| text.replacen("language: [\"de\"", "language: [no", 1)),
        ("another hash", "hub/data/sw/train.jsonl", |text| text + "\n"),
        ("a raw separator", "ms-swift/pairs.swift.jsonl", |text| text.replacen("\\u2028", "\u{2028}", 1)),
    ];
    for (at, (what, path, spoil)) in cases.into_iter().enumerate() {
        let folder = write_all(&format!("spoilt-{at}"), &session);
        let whole = fs::read_to_string(folder.join(path)).unwrap();
        let spoilt = spoil(whole.clone());
        assert_ne!(spoilt, whole, "{what}");
        fs::write(folder.join(path), spoilt).unwrap();
        let (holds, said) = check(&folder);
        assert!(!holds && said.contains("differs"), "{what} was not found: {said}");
    }
}
