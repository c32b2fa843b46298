//! The second stage of a job: requests for vectors, and cosines of the vectors that have come.

use std::fs;
use std::path::{Path, PathBuf};

use concord_align::align::cosine_triangle;
use concord_align::data::{Similarity, read_session};
use serde_json::{Value, json};

use crate::given::*;
use crate::job::{answers, planned, write_results};

/// A vector that depends on the text.
fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.1; 8];
    text.bytes().enumerate().for_each(|(at, byte)| vector[(at + usize::from(byte)) % 8] += f32::from(byte));
    vector
}

fn requests(folder: &Path) -> Vec<Value> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("requests-embed-"));
    files.sort();
    let lines = |path: &PathBuf| {
        text(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>()
    };
    files.iter().flat_map(lines).collect()
}

/// What a server answers; its list is in another order than what was asked.
fn answered(requests: &[Value]) -> Vec<Value> {
    let answer = |request: &Value| {
        let texts = request["body"]["input"].as_array().unwrap();
        let entry = |(index, text): (usize, &Value)| json!({ "index": index, "embedding": vector(text.as_str().unwrap()) });
        let data: Vec<Value> = texts.iter().enumerate().map(entry).rev().collect();
        let body = json!({ "model": request["body"]["model"], "data": data });
        json!({ "custom_id": request["custom_id"], "error": null, "response": { "status_code": 200, "body": body } })
    };
    requests.iter().map(answer).collect()
}

fn similarities(folder: &Path) -> Vec<Similarity> {
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        serde_json::from_value(line["similarity"].clone()).unwrap()
    };
    text(folder.join("measurements/similarity.jsonl")).lines().map(line).collect()
}

#[test]
fn cosines_come_of_the_vectors_that_a_server_sends() {
    let folder = planned("embed", &[]);
    write_results(&folder, &[("results-gen-00000.jsonl", answers(&folder).concat())]);
    let at = folder.display().to_string();
    ends(0, ["collect", &at]);
    let said = ends(2, ["embed", &at]);
    assert!(said.contains("name the encoder"), "{said}");
    let said = ends(0, ["embed", &at, "--model", "lab/encoder", "--prefix", "query: "]);
    assert!(said.contains("vectors are in 1 file"), "{said}");
    let all = requests(&folder);
    let n_texts: usize = all.iter().map(|request| request["body"]["input"].as_array().unwrap().len()).sum();
    assert!(said.contains(&format!("requests for {n_texts} vectors")), "{said}");
    assert!(all.iter().all(|request| request["body"]["input"][0].as_str().unwrap().starts_with("query: ")));
    assert!(!folder.join("measurements/similarity.jsonl").exists());

    // A part of them: what is missing is asked for again, and nothing else.
    let lines = answered(&all);
    let half = lines.len() / 2;
    fs::write(folder.join("results/.part-embed-00000.jsonl"), lines_of(&lines[..half])).unwrap();
    let said = ends(3, ["embed", &at]);
    assert!(said.contains("responses have a vector"), "{said}");
    assert_eq!(requests(&folder), all[half..]);

    // All, in another order, and one of them twice and once as an error.
    let mut rest = lines[half..].to_vec();
    rest.reverse();
    rest.push(lines[0].clone());
    let mut failed = lines[1].clone();
    failed["response"]["status_code"] = json!(500);
    fs::write(folder.join("results/results-embed-00001.jsonl"), lines_of(&rest)).unwrap();
    fs::write(folder.join("results/.part-embed-00002.jsonl"), lines_of(&[failed])).unwrap();
    let said = ends(0, ["embed", &at]);
    assert!(said.contains(&format!("{n_texts} of {n_texts} responses have a vector")), "{said}");
    assert!(said.contains("status 500"), "{said}");
    assert!(requests(&folder).is_empty(), "nothing is left to ask for");
    // The first stage's results are as they were.
    assert!(ends(0, ["status", &at]).contains("responses are here."));

    let found = similarities(&folder);
    let session = example();
    assert_eq!(found.len(), session.prompts.len());
    for similarity in &found {
        let texts = similarity.order.iter().map(|(language, sample)| {
            let response = session.response(&similarity.prompt_id, language, *sample).unwrap();
            vector(&format!("query: {}", response.text))
        });
        let vectors: Vec<Vec<f32>> = texts.collect();
        assert_eq!(similarity.cosine, cosine_triangle(&vectors), "{}", similarity.prompt_id);
    }
    // The methods and the session take them.
    let file = folder.with_file_name("session.json");
    ends(0, ["session", &at, "-o", file.to_str().unwrap()]);
    assert_eq!(read_session(&text(&file)).unwrap().similarities, found);
    ends(0, ["select", &at, "-o", folder.join("pairs").to_str().unwrap()]);
    assert!(text(folder.join("pairs/pairs.jsonl")).contains("\"concord_cosine\":[0."));

    // Another encoder beside these vectors is refused, and so are vectors of another than was asked.
    let said = ends(2, ["embed", &at, "--model", "lab/other"]);
    assert!(said.contains("move results-embed-* away"), "{said}");
    let mut other = lines[0].clone();
    other["response"]["body"]["model"] = json!("lab/third");
    fs::write(folder.join("results/.part-embed-00002.jsonl"), lines_of(&[other])).unwrap();
    let said = ends(2, ["embed", &at]);
    assert!(said.contains("\"lab/third\" answered"), "{said}");
}
