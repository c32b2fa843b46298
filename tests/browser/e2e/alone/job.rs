//! The results of a job in a large file.

use std::fs;

use browser_tests::driver::Gpu;
use browser_tests::memory;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use super::LongTasks;
use crate::job::{MODEL, said, written};
use crate::{LONG, SHORT};

/// Bytes of a file that nobody would want in memory whole.
const LARGE_BYTES: usize = 200 << 20;
/// The most that reading it may add to what the page holds.
const MOST_BYTES: u64 = 300 << 20;

#[test]
fn two_hundred_megabytes_of_results_neither_hold_up_the_page_nor_fill_its_memory() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.click(MODEL);
    let folder = written(&page);
    let asked = fs::read_to_string(folder.join("requests-gen-00000.jsonl")).unwrap();
    let files = [
        ("job.json", fs::read(folder.join("job.json")).unwrap()),
        ("prompts.jsonl", fs::read(folder.join("prompts.jsonl")).unwrap()),
        ("results.jsonl", with_log_probs(&asked).into_bytes()),
    ];
    assert!(files[2].1.len() >= LARGE_BYTES);
    page.click("section:has(#prompts-title) > details:has(#paste-prompts) > summary");
    let tasks = LongTasks::watch(&page);
    let ancestor = page.driver().process();
    let before = memory::renderer_anonymous_bytes(ancestor);
    tasks.check("open 200 MB of results", || {
        page.pick_files("[data-testid=open-responses]", &files);
        let mut peak = before;
        page.wait_for("the results", LONG, || {
            peak = peak.max(memory::renderer_anonymous_bytes(ancestor));
            page.is_visible("[data-testid=job-said]").then_some(())
        });
        println!("200 MB of results: {} MB more than before at the peak", (peak - before) >> 20);
        assert!(peak - before < MOST_BYTES);
        assert!(said(&page)[0].starts_with("All "));
        page.click("[data-testid=cancel-responses]");
    });
}

/// Answers whose log-probs make them large, again and again until they fill the file: the same twice is one.
fn with_log_probs(asked: &str) -> String {
    let entry = json!({ "token": "abcd", "bytes": [97, 98, 99, 100], "logprob": -0.5, "top_logprobs": [
        { "token": "abcd", "bytes": [97, 98, 99, 100], "logprob": -0.5 },
    ]});
    let entries = vec![entry; 200];
    let lines: Vec<String> = asked
        .lines()
        .map(|line| {
            let request: Value = serde_json::from_str(line).unwrap();
            let choices: Vec<Value> = (0..request["body"]["n"].as_u64().unwrap())
                .map(|index| {
                    json!({ "index": index, "finish_reason": "stop", "logprobs": { "content": entries },
                        "message": { "role": "assistant", "content": "abcd".repeat(200) } })
                })
                .collect();
            let body = json!({ "model": "concord/teaching-model", "choices": choices });
            let line = json!({ "custom_id": request["custom_id"], "error": null,
                "response": { "status_code": 200, "body": body } });
            format!("{line}\n")
        })
        .collect();
    let mut file = String::with_capacity(LARGE_BYTES + (8 << 20));
    let mut lines = lines.iter().cycle();
    while file.len() < LARGE_BYTES {
        file.push_str(lines.next().unwrap());
    }
    file
}
