//! The pairs are the page's, whatever way the responses come in.

use std::fs;

use concord_align::align::{Material, select};
use concord_align::data::{Method, SessionConfig, SessionUnpacker, read_session};
use serde_json::Value;

use crate::given::*;

#[test]
fn the_example_session_gives_the_references_and_pairs_that_it_holds() {
    let (session, out) = (example(), folder("example"));
    ends(0, ["select".into(), example_path(), "-o".into(), out.clone()]);
    let (references, pairs) = selected(&out);
    assert!(pairs.iter().filter(|pair| pair.skip.is_none()).count() > 10);
    assert_eq!(references, session.references);
    assert_eq!(pairs, session.pairs);
}

#[test]
fn lines_packed_lines_and_parquet_give_the_same_pairs() {
    let session = example();
    for kind in [Kind::Lines, Kind::Packed, Kind::Parquet] {
        let folder = folder(&format!("kind-{kind:?}"));
        write_job(&session, &folder, kind, 3);
        for to in ["jsonl", "parquet"] {
            let out = folder.join(format!("pairs-{to}"));
            ends(0, ["select".into(), folder.clone(), "--to".into(), to.into(), "-o".into(), out.clone()]);
            let (references, pairs) = selected(&out);
            // Answers and languages were read anew of the texts.
            assert_eq!(references, session.references, "{kind:?} {to}");
            assert_eq!(pairs, session.pairs, "{kind:?} {to}");
        }
    }
}

#[test]
fn a_late_shard_reads_no_file_that_ends_before_it() {
    let session = example();
    let shard = |folder: &std::path::Path, part: &str, out: &str, code: i32| {
        let args = ["select".into(), folder.to_owned(), "--shard".into(), part.into()];
        ends(code, args.into_iter().chain(["-o".into(), folder.join(out)]))
    };
    for kind in [Kind::Lines, Kind::Packed, Kind::Parquet] {
        let folder = folder(&format!("late-{kind:?}"));
        write_job(&session, &folder, kind, session.prompts.len());
        shard(&folder, "1/1", "whole", 0);
        (1..=3).for_each(|part| _ = shard(&folder, &format!("{part}/3"), "shards", 0));
        let merged = folder.join("merged.jsonl");
        ends(0, ["merge".into(), folder.join("shards"), "-o".into(), merged.clone()]);
        let whole = fs::read_dir(folder.join("whole")).unwrap().map(|entry| entry.unwrap().path());
        let whole: Vec<_> = whole.filter(|path| path.to_string_lossy().contains("/pairs")).collect();
        assert_eq!(text(merged), text(&whole[0]), "{kind:?}");
    }
    let folder = folder("late");
    write_job(&session, &folder, Kind::Lines, session.prompts.len());
    let first = folder.join("responses/responses-00000.jsonl");
    fs::write(&first, text(&first) + "no row\n").unwrap();
    let said = shard(&folder, "1/1", "whole", 2);
    assert!(said.contains("responses-00000.jsonl"), "{said}");
    shard(&folder, "3/3", "late", 0);
}

#[test]
fn every_method_picks_as_the_page_does_and_shards_are_the_whole() {
    let (session, folder) = (example(), folder("methods"));
    write_job(&session, &folder, Kind::Lines, 2);
    for method in Method::ALL {
        let config = SessionConfig { method, ..session.config.clone() };
        let wanted = select(Material::of(&session), &config);
        let name = method.as_str();
        let (whole, shards) = (folder.join(format!("whole-{name}")), folder.join(format!("shards-{name}")));
        let stats = folder.join(format!("stats-{name}.json"));
        ends(0, ["stats".into(), folder.clone(), "--method".into(), name.into(), "-o".into(), stats.clone()]);
        ends(
            0,
            ["select".into(), folder.clone(), "--method".into(), name.into(), "-o".into(), whole.clone()],
        );
        assert_eq!(selected(&whole), (wanted.references, wanted.pairs), "{name}");

        let needs_stats = matches!(method, Method::Lidr | Method::Icr | Method::Lacomsa);
        for part in 1..=3 {
            let shard = format!("{part}/3");
            let mut args = vec![
                "select".into(),
                folder.clone(),
                "--method".into(),
                name.into(),
                "--shard".into(),
                shard.into(),
                "-o".into(),
                shards.clone(),
            ];
            if needs_stats {
                let said = ends(2, &args);
                assert!(
                    said.contains(&format!("{name} looks at the whole set before it judges a prompt")),
                    "{said}"
                );
                args.extend(["--stats".into(), stats.clone()]);
            }
            ends(0, &args);
            assert!(ends(0, &args).contains("is there already, so nothing was done"));
        }
        for (kind, flag) in [("pairs", None), ("references", Some("--references"))] {
            let merged = folder.join(format!("{kind}-{name}.jsonl"));
            let mut args = vec!["merge".into(), shards.clone(), "-o".into(), merged.clone()];
            args.extend(flag.map(Into::into));
            ends(0, &args);
            assert_eq!(text(merged), text(whole.join(format!("{kind}.jsonl"))), "{name}");
        }
    }
}

#[test]
fn missing_responses_are_told_and_the_rest_is_done() {
    let (mut session, folder) = (example(), folder("missing"));
    let last = session.prompts.last().unwrap().id.clone();
    session.responses.retain(|response| {
        response.prompt_id != last && (response.language.as_str(), response.sample) != ("de", 3)
    });
    // Cosines of a response that is not there are refused, as in a session.
    (session.similarities, session.measurements) = Default::default();
    write_job(&session, &folder, Kind::Lines, 1);
    let out = folder.join("pairs");
    let said = ends(3, ["--json".into(), "select".into(), folder.clone(), "-o".into(), out.clone()]);
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&told["exit"], &told["nMissing"]), (&Value::from(3), &Value::from(7 + 64)));
    let (references, pairs) = selected(&out);
    assert_eq!((references.len(), pairs.len()), (session.prompts.len(), session.pairs.len()));
    ends(3, ["stats".into(), folder.clone(), "-o".into(), folder.join("stats.json")]);
    ends(3, ["session".into(), folder.clone(), "-o".into(), folder.join("session.json")]);
    fs::rename(out.join("pairs.jsonl"), out.join("pairs-00001-of-00002.jsonl")).unwrap();
    let said = ends(3, ["merge".into(), out, "-o".into(), folder.join("merged.jsonl")]);
    assert!(said.contains("missing: pairs-00002-of-00002"), "{said}");
}

#[test]
fn a_job_becomes_a_session_that_opens() {
    let (session, folder) = (example(), folder("session"));
    write_job(&session, &folder, Kind::Lines, 2);
    let (json, zip) = (folder.join("out.json"), folder.join("out.concord.zip"));
    ends(0, ["session".into(), folder.clone(), "-o".into(), json.clone()]);
    ends(0, ["session".into(), folder.clone(), "-o".into(), zip.clone()]);
    let made = read_session(&text(&json)).unwrap();
    let mut unpacker = SessionUnpacker::new(fs::read(&zip).unwrap()).unwrap();
    while unpacker.step().unwrap() {}
    assert_eq!(unpacker.complete().unwrap(), made);
    assert_eq!((&made.references, &made.pairs), (&session.references, &session.pairs));
    assert_eq!((&made.prompts, &made.similarities), (&session.prompts, &session.similarities));
    let mut responses = session.responses.clone();
    responses.iter_mut().for_each(|response| response.reasoning_tokens = None);
    let names = |all: &[concord_align::data::Response]| {
        all.iter()
            .map(|r| {
                (r.prompt_id.clone(), r.sample, r.text.clone(), r.answer.clone(), r.detected_language.clone())
            })
            .collect::<Vec<_>>()
    };
    let mut wanted = names(&responses);
    let mut found = names(&made.responses);
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
    // What the page saved can be selected from, packed or not.
    ends(0, ["select".into(), zip, "-o".into(), folder.join("of-zip")]);
    assert_eq!(selected(&folder.join("of-zip")), (session.references, session.pairs));
}

#[test]
fn rows_in_any_order_are_put_in_order() {
    let (session, folder) = (example(), folder("order"));
    write_job(&session, &folder, Kind::Lines, 1);
    let file = folder.join("responses/responses-00000.jsonl");
    let whole = text(&file);
    let mut lines: Vec<&str> = whole.lines().collect();
    lines.reverse();
    lines.push(lines[7]);
    fs::write(&file, lines.join("\n")).unwrap();
    let said = ends(2, ["select".into(), folder.clone(), "-o".into(), folder.join("pairs")]);
    assert!(said.contains("put the rows in order with `concord merge FILES --job DIR -o FILE`"), "{said}");
    let ordered = folder.join("ordered.jsonl");
    let said = ends(0, ["merge".into(), file, "--job".into(), folder.clone(), "-o".into(), ordered.clone()]);
    assert!(said.contains("1 responses were there twice: the first stayed"), "{said}");
    ends(0, ["select".into(), ordered, "-o".into(), folder.join("pairs")]);
    assert_eq!(selected(&folder.join("pairs")), (session.references, session.pairs));
    assert!(
        fs::read_dir(&folder).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.'))
    );
}
