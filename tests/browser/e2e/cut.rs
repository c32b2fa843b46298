//! Responses that were cut short: counted, run again by one press, and what a review shows of them, of reasoning and of
//! answers that can be read in two ways.

use std::collections::BTreeMap;

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::thoughts::{N, thinking_session};
use serde_json::{Value, json};

use crate::screens::check_widths;
use crate::{LONG, SHORT};

const NOTE: &str = "[data-testid=cut-note]";
const AGAIN: &str = "[data-testid=rerun-cut]";

fn responses(page: &Page) -> Vec<Value> {
    page.click("[data-testid=download-session]");
    let path = page.downloaded("json", SHORT);
    let session: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    std::fs::remove_file(path).unwrap();
    session["responses"].as_array().unwrap().clone()
}

#[test]
fn what_was_cut_is_run_again_by_one_press_and_is_what_a_longer_run_gives() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let settings = "document.querySelector('[data-testid=n]').closest('details').open = true";
    page.driver().script(settings, Vec::new());
    page.set("[data-testid=max-tokens-auto]", "false");
    page.set("[data-testid=max-tokens]", "12");
    page.build_on_screen(1, 2);
    page.wait_visible(NOTE, LONG);
    let mut limit = 12;
    let mut before = responses(&page);
    while page.is_visible(AGAIN) {
        let cut: Vec<&Value> = before.iter().filter(|r| r["finishReason"] == json!("length")).collect();
        let said = page.text(NOTE);
        assert!(said.contains(&format!("{} of 16 responses", cut.len())), "{said}");
        limit *= 2;
        let press = page.text(AGAIN);
        assert!(
            press.contains(&format!("Run {} response", cut.len()))
                && press.contains(&format!("up to {limit} ")),
            "{press}"
        );
        page.click(AGAIN);
        page.wait_for("the longer responses", LONG, || {
            let status = page.text("[data-testid=status-message]");
            (status.starts_with("Done.") && page.text(AGAIN) != press).then_some(())
        });
        let after = responses(&page);
        for (old, new) in before.iter().zip(&after) {
            if old["finishReason"] == json!("stop") {
                assert_eq!(old, new, "what was whole is as it was");
            } else {
                let n = old["tokens"].as_array().unwrap().len();
                assert_eq!(old["tokens"].as_array(), Some(&new["tokens"].as_array().unwrap()[..n].to_vec()));
            }
        }
        before = after;
    }
    assert!(limit > 12, "twelve tokens are too few for a worked answer");
    assert!(!page.is_visible(NOTE), "{}", page.text(NOTE));
    let body = format!(
        "const prompts = (await concord.starterPrompts()).slice(0, 1);
         return (await concord.build({{ prompts, n: 2, maxTokens: {limit} }})).responses"
    );
    let at_once = page.call(&body, LONG);
    let said = |responses: &[Value]| -> BTreeMap<String, Value> {
        let key = |r: &Value| format!("{} {}", r["language"], r["sample"]);
        responses.iter().map(|r| (key(r), json!([r["tokens"], r["text"], r["answer"]]))).collect()
    };
    assert_eq!(said(at_once.as_array().unwrap()), said(&before));
}

#[test]
fn a_review_shows_reasoning_apart_and_both_readings_of_an_answer() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let file = thinking_session();
    the_page_reads_the_answers_so(&page, &file);
    page.pick_file("[data-testid=open-session]", "thoughts.json", file.as_bytes());
    page.wait_visible("[data-testid=summary]", SHORT);
    // The file has no picks yet; setting the minimum makes them.
    page.set("[data-testid=min-margin]", "0");
    page.wait_visible("[data-prompt=tank][data-language=de][data-chosen='0']", SHORT);

    let german = page.text("[data-prompt=tank][data-language=de] .side--chosen");
    for part in ["answer 2125 or 2.125", "ambiguous", "counts as 2125", "✓ answer matches"] {
        assert!(german.contains(part), "{part} is not in {german}");
    }
    let rejected = page.text("[data-prompt=tank][data-language=de] .side--rejected");
    assert!(!rejected.contains("ambiguous") && !rejected.contains("counts as"), "{rejected}");
    // A card is painted when it comes into sight.
    let flour = "[data-testid=result-card][data-prompt=flour]";
    page.click(&format!("{flour} .reference > .more > summary"));
    page.wait_visible(&format!("{flour} [data-testid=candidate]"), SHORT);
    let reference = page.text(&format!("{flour} [data-testid=reference]"));
    assert!(reference.contains("sample 1 · answer 1.5 or 1500 ambiguous"), "{reference}");

    let note = page.text(NOTE);
    for part in [
        "6 of 24 responses were cut short.",
        "6 of 24 responses never got past their reasoning, so they have no text.",
        "1 of them filled the model's context;",
    ] {
        assert!(note.contains(part), "{part} is not in {note}");
    }
    // These are another model's.
    page.click(AGAIN);
    page.wait_visible("[data-testid=fault]", SHORT);
    let said = page.text("[data-testid=fault]");
    assert!(said.contains("a model that thinks") && said.contains("first"), "{said}");

    reasoning_opens_by_key(&page);
    check_widths(&page, "thoughts");
    no_reasoning_is_exported(&page, &file);
}

#[test]
fn reasoning_in_the_texts_of_an_old_session_is_taken_out_of_them() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let mut old: Value = serde_json::from_str(&thinking_session()).unwrap();
    let mut n_thoughts = 0;
    for response in old["responses"].as_array_mut().unwrap() {
        let fields = response.as_object_mut().unwrap();
        fields.remove("reasoningTokens");
        if let Some(reasoning) = fields.remove("reasoning") {
            let (thought, text) = (reasoning.as_str().unwrap(), fields["text"].as_str().unwrap());
            let close = if text.is_empty() { "" } else { "</think>" };
            let whole = format!("<think>{thought}{close}{text}");
            // What an earlier version read of the whole text.
            fields.insert("answer".to_owned(), json!("999"));
            fields.insert("text".to_owned(), json!(whole));
            n_thoughts += 1;
        }
    }
    page.pick_file("[data-testid=open-session]", "old.json", old.to_string().as_bytes());
    let said = format!("old.json is open. {n_thoughts} responses held reasoning");
    page.wait_for(&said, SHORT, || {
        page.text("[data-testid=status-message]").starts_with(&said).then_some(())
    });
    page.wait_visible("[data-prompt=tank][data-language=de][data-chosen='0']", SHORT);
    let german = page.text("[data-prompt=tank][data-language=de] .side--chosen");
    assert!(german.contains("answer 2125 or 2.125") && !german.contains("think"), "{german}");
    assert!(page.text(NOTE).contains("6 of 24 responses never got past"), "{}", page.text(NOTE));
    assert!(responses(&page).iter().all(|response| response["answer"] != json!("999")));
}

/// The answers that the file has are those that the page reads in its texts.
fn the_page_reads_the_answers_so(page: &Page, file: &str) {
    let body = format!(
        "return {file}.responses.map(r => {{
            const found = r.finishReason === 'stop' ? concord.extractAnswer(r.text, r.language) : null;
            return [r.text, [r.answer, r.ambiguous ?? []], [found?.value ?? null, found?.ambiguous ?? []]];
        }})"
    );
    for read in page.call(&body, SHORT).as_array().unwrap() {
        assert_eq!(read[1], read[2], "{}", read[0]);
    }
}

/// All responses of the Arabic row: two of three have reasoning, and one has nothing else.
fn reasoning_opens_by_key(page: &Page) {
    let row = "[data-prompt=tank][data-language=ar]";
    page.click(&format!("{row} .pair__language"));
    page.click(&format!("{row} .pair__open .more > summary"));
    let candidates = format!("{row} [data-testid=candidate]");
    page.wait_visible(&candidates, SHORT);
    assert_eq!(page.texts(&candidates).len(), N);
    let why = page.texts(&format!("{candidates} [data-testid=still-reasoning]"));
    assert_eq!(why, ["No response: the model stopped while still reasoning, after 22 tokens."]);
    let thoughts = format!("{candidates} [data-testid=reasoning]");
    assert_eq!(page.texts(&thoughts).len(), 2);
    assert!(!page.is_visible(&format!("{thoughts} .speech")), "closed until it is asked for");
    let summary = page.driver().find(&format!("{thoughts} > summary")).expect("a summary");
    page.driver().type_into(&summary, "\u{e007}");
    page.wait_visible(&format!("{thoughts} .speech"), SHORT);
}

fn no_reasoning_is_exported(page: &Page, file: &str) {
    page.click("[data-testid=download-trl]");
    let exported = std::fs::read_to_string(page.downloaded("jsonl", SHORT)).unwrap();
    assert_eq!(exported.lines().count(), 5, "{exported}");
    let session: Value = serde_json::from_str(file).unwrap();
    for response in session["responses"].as_array().unwrap() {
        if let Some(reasoning) = response["reasoning"].as_str() {
            let first = reasoning.lines().next().unwrap();
            assert!(!exported.contains(first), "{first}");
        }
    }
}
