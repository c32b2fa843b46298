//! A job is planned, its results come back in any order, and the pairs are those that the page picks of the same folder.

use std::fs;
use std::path::{Path, PathBuf};

use concord_align::align::{Material, find_answer_of, select};
use concord_align::data::{
    Session, SessionConfig, archive, check_session, detected_language, read_session, session_of,
};
use concord_align::job::import_archive;
use serde_json::{Value, json};

use crate::given::*;

/// A planned job of the example session, in a folder of its own.
pub(crate) fn planned(name: &str, more: &[&str]) -> PathBuf {
    let folder = folder(name).join("job");
    let (session, out) = (example_path(), folder.display().to_string());
    let args = ["plan", session.to_str().unwrap(), "--model", "lab/Model-7B", "-o", &out];
    ends(0, args.iter().chain(more));
    folder
}

/// The answers to all requests of a folder, as vLLM writes them, with the example's own texts.
pub(crate) fn answers(folder: &Path) -> Vec<String> {
    let session = example();
    let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("requests-gen-"));
    names.sort();
    let requests: Vec<Value> = names
        .iter()
        .flat_map(|path| {
            text(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>()
        })
        .collect();
    let answered = requests.iter().map(|request| {
        let id = request["custom_id"].as_str().unwrap();
        let parts: Vec<&str> = id.split('_').collect();
        let (prompt, first) =
            (&session.prompts[parts[3].parse::<usize>().unwrap()], parts[5].parse::<u32>().unwrap());
        let of_sample = |sample: u32| {
            session.responses.iter().find(|r| {
                r.prompt_id == prompt.id && r.language.as_str() == parts[4] && r.sample == first + sample
            })
        };
        let choices: Vec<Value> = (0..parts[6].parse().unwrap())
            .filter_map(|index: u32| {
                let response = of_sample(index)?;
                Some(json!({
                    "index": index, "finish_reason": response.finish_reason, "token_ids": response.tokens,
                    "message": { "role": "assistant", "content": response.text },
                }))
            })
            .collect();
        let body = json!({ "model": "lab/Model-7B", "choices": choices });
        json!({ "id": "r", "custom_id": id, "error": null, "response": { "status_code": 200, "body": body } })
    });
    answered.map(|line| format!("{line}\n")).collect()
}

pub(crate) fn write_results(folder: &Path, files: &[(&str, String)]) {
    let results = folder.join("results");
    fs::remove_dir_all(&results).unwrap();
    fs::create_dir_all(&results).unwrap();
    for (name, lines) in files {
        let bytes = if name.ends_with(".gz") { packed(lines.as_bytes()) } else { lines.clone().into_bytes() };
        fs::write(results.join(name), bytes).unwrap();
    }
}

/// What the page makes of the folder as a zip, its pairs picked.
fn of_the_page(folder: &Path) -> Session {
    let mut files = Vec::new();
    for below in ["", "results"] {
        for entry in fs::read_dir(folder.join(below)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.push((format!("job/{name}"), fs::read(&path).unwrap()));
            }
        }
    }
    let named: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let imported = import_archive(&archive::write(&named).unwrap()).unwrap().unwrap();
    let mut session = session_of(imported, SessionConfig::default(), "2026-01-01T00:00:00Z".to_owned());
    for response in &mut session.responses {
        find_answer_of(response);
        response.detected_language = detected_language(&response.text, &response.language);
    }
    let picked = select(Material::of(&session), &session.config);
    (session.references, session.pairs) = (picked.references, picked.pairs);
    assert_eq!(check_session(&session), []);
    session
}

#[test]
fn pairs_of_the_command_line_are_those_of_the_page_to_the_byte() {
    let folder = planned("round-trip", &["--most-lines", "40"]);
    let mut lines = answers(&folder);
    let n = lines.len();
    lines.rotate_left(n / 3);
    lines.swap(0, n / 2);
    write_results(
        &folder,
        &[
            ("results-gen-00000.jsonl.gz", lines[..n / 2].concat()),
            (".part-gen-00001.jsonl", lines[n / 3..].concat()),
            (".rest-gen-00001.jsonl", "{}\n".to_owned()),
        ],
    );
    let said = ends(0, ["status".as_ref(), folder.as_os_str()]);
    assert!(said.starts_with("All ") && said.contains(" responses are here."), "{said}");
    ends(0, ["collect".as_ref(), folder.as_os_str()]);
    let file = folder.with_file_name("session.json");
    ends(0, ["session".as_ref(), folder.as_os_str(), "-o".as_ref(), file.as_os_str()]);
    let ours = read_session(&text(&file)).unwrap();
    let pages = of_the_page(&folder);
    assert!(ours.pairs.iter().filter(|pair| pair.skip.is_none()).count() > 20);
    assert_eq!(ours.prompts, pages.prompts);
    let rows = |session: &Session| -> Vec<Value> { session.responses.iter().map(|r| json!(r)).collect() };
    assert_eq!(rows(&ours), rows(&pages));
    for (ours, pages) in [
        (json!(ours.references), json!(pages.references)),
        (json!(ours.pairs), json!(pages.pairs)),
        (json!(ours.handoff), json!(pages.handoff)),
    ] {
        assert_eq!(ours.to_string(), pages.to_string());
    }
    // And the same of the rows, without a session.
    let pairs = folder.join("pairs");
    ends(0, ["select".as_ref(), folder.as_os_str(), "-o".as_ref(), pairs.as_os_str()]);
    let (references, selected) = selected(&pairs);
    assert_eq!((references, selected), (pages.references, pages.pairs));
    // Everything once more changes nothing.
    let before = text(folder.join("responses/responses-00001-of-00001.jsonl"));
    ends(0, ["collect".as_ref(), folder.as_os_str()]);
    assert_eq!(text(folder.join("responses/responses-00001-of-00001.jsonl")), before);
    let hidden = fs::read_dir(folder.join("responses")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(
        hidden.filter(|name| name.to_string_lossy().starts_with('.')).count(),
        0,
        "a part was left behind"
    );
}

#[test]
fn what_is_missing_is_said_and_written_and_completes_the_job() {
    let folder = planned("missing", &["--for", "llama-server"]);
    let lines = answers(&folder);
    let (some, cut) = (lines.len() / 2, &lines[lines.len() - 1][..30]);
    write_results(&folder, &[("results-gen-00000.jsonl", lines[..some].concat() + cut)]);
    let missing = folder.join("requests-gen-missing.jsonl");
    let said = ends(3, ["collect".as_ref(), folder.as_os_str(), "--missing".as_ref(), missing.as_os_str()]);
    assert!(said.contains("1 line cut off at the end of results-gen-00000.jsonl."), "{said}");
    let asked: Vec<Value> = text(&missing).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(asked.len(), lines.len() - some);
    let rest: String = lines[some..].concat();
    fs::write(folder.join("results/results-gen-missing.jsonl"), rest).unwrap();
    let said = ends(0, ["collect".as_ref(), folder.as_os_str(), "--json".as_ref()]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["report"]["nMissing"], json!(0));
    // A plan that is written again changes nothing; another job does not take the folder.
    let job = text(folder.join("job.json"));
    let (session, out) = (example_path(), folder.display().to_string());
    let again = ["plan", session.to_str().unwrap(), "--model", "lab/Model-7B", "-o", &out];
    ends(0, again);
    assert_eq!(text(folder.join("job.json")), job);
    let said = ends(2, again.iter().chain(&["-n", "2"]));
    assert!(said.contains("another job is in this folder: name a new one with -o"), "{said}");
}

#[test]
fn results_of_another_model_wait_for_a_choice_and_strange_files_are_refused() {
    let folder = planned("models", &[]);
    let said = ends(2, ["collect".as_ref(), folder.as_os_str()]);
    assert!(said.contains("there is no file of results in it"), "{said}");
    let lines = answers(&folder).concat().replace("lab/Model-7B", "other/Model");
    write_results(&folder, &[("r.jsonl", lines)]);
    let said = ends(2, ["collect".as_ref(), folder.as_os_str()]);
    assert!(
        said.contains("the server says that \"other/Model\" answered") && said.contains("--model NAME"),
        "{said}"
    );
    assert!(!folder.join("responses").read_dir().is_ok_and(|mut entries| entries.next().is_some()));
    ends(0, ["collect".as_ref(), folder.as_os_str(), "--model".as_ref(), "other/Model".as_ref()]);

    fs::write(folder.join("prompts.jsonl"), text(folder.join("prompts.jsonl")).replace('1', "2")).unwrap();
    let said = ends(2, ["status".as_ref(), folder.as_os_str()]);
    assert!(said.contains("prompts.jsonl is not as it was written"), "{said}");
    let empty = crate::given::folder("no-job");
    let said = ends(2, ["status".as_ref(), empty.as_os_str()]);
    assert!(said.contains("there is no job.json with prompts.jsonl"), "{said}");
}

#[test]
fn a_server_may_have_other_names_for_the_model_and_give_no_log_probs() {
    let plain = planned("names-plain", &[]);
    let folder = planned("names", &["--alias", "default", "--alias", "prod/seven-b", "--no-logprobs"]);
    assert_eq!(text(folder.join("job.json")), text(plain.join("job.json")));
    let requests = |folder: &Path| text(folder.join("requests-gen-00000.jsonl"));
    assert!(requests(&plain).contains("logprobs") && !requests(&folder).contains("logprobs"));
    let lines = answers(&folder);
    let (some, missing) = (lines.len() / 2, folder.join("requests-gen-missing.jsonl"));
    write_results(&folder, &[("r.jsonl", lines[..some].concat().replace("lab/Model-7B", "Prod/Seven-B"))]);
    ends(3, ["collect".as_ref(), folder.as_os_str(), "--missing".as_ref(), missing.as_os_str()]);
    let asked = text(&missing);
    assert!(asked.lines().count() == lines.len() - some && !asked.contains("logprobs"), "{asked}");
    // The folder in the page: no question, and the session names the one that answered.
    assert!(
        of_the_page(&folder).handoff.is_some_and(|handoff| handoff.served.as_deref() == Some("Prod/Seven-B"))
    );
    write_results(&plain, &[("r.jsonl", lines.concat().replace("lab/Model-7B", "default"))]);
    let said = ends(2, ["collect".as_ref(), plain.as_os_str()]);
    assert!(said.contains("the server says that \"default\" answered"), "{said}");
}

#[test]
fn a_job_is_planned_of_a_table_of_prompts() {
    let folder = folder("of-a-table");
    let table = folder.join("prompts.csv");
    fs::write(&table, "id,en,sw,answer\na,How much is 1+1?,1+1 ni ngapi?,2\nb,How much is 2+2?,,4\n")
        .unwrap();
    let out = folder.join("job");
    let said = ends(
        0,
        [
            "plan".as_ref(),
            table.as_os_str(),
            "--model".as_ref(),
            "m".as_ref(),
            "-n".as_ref(),
            "3".as_ref(),
            "--for".as_ref(),
            "other".as_ref(),
            "-o".as_ref(),
            out.as_os_str(),
        ],
    );
    assert!(said.contains("6 responses by 6 requests in 1 file\n"), "{said}");
    assert!(said.contains("row 2: there is a text in 1 of the two or more languages"), "{said}");
    let manifest: Value = serde_json::from_str(&text(out.join("manifest.json"))).unwrap();
    assert_eq!((&manifest["model"]["asked"], &manifest["server"]), (&json!("m"), &json!("other")));
    for name in ["run/server.py", "run/vllm.sh", "train/trl_dpo.py", "results/README.md", "README.md"] {
        assert!(out.join(name).is_file(), "{name}");
    }
}
