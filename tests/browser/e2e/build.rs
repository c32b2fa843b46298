//! The main job: prompts in, pairs out, on the screen and on WebGPU; every number is computed again.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::recompute::Recomputed;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const N_PROMPTS: usize = 2;
const N_SAMPLES: usize = 4;

#[test]
fn pairs_built_on_the_screen_are_what_the_method_says_and_what_the_file_holds() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.set("[data-testid=backend]", "webgpu");
    page.build_on_screen(N_PROMPTS, N_SAMPLES);
    page.wait_built(LONG);
    let on = "return document.querySelector('[data-testid=backend-label]').dataset.backend";
    assert_eq!(page.driver().script(on, Vec::new()), json!("webgpu"));
    let (session, lines) = download_both(&page);

    let recomputed = Recomputed::new(&session);
    assert_eq!(recomputed.problems(), Vec::<String>::new());
    let starters = page.call("return await concord.starterPrompts()", SHORT);
    assert_eq!(session["prompts"].as_array(), Some(&starters.as_array().unwrap()[..N_PROMPTS].to_vec()));
    assert_eq!(session["config"]["n"], json!(N_SAMPLES));
    assert_eq!(session["config"]["languages"].as_array().map(Vec::len), Some(8), "{}", session["config"]);
    let n_responses = session["responses"].as_array().map(Vec::len);
    assert_eq!(n_responses, Some(N_PROMPTS * 8 * N_SAMPLES));

    assert_eq!(lines, recomputed.trl_lines());
    assert!(!lines.is_empty(), "two prompts in seven languages give at least one pair");
    the_screen_shows(&page, &session, lines.len());
    assert_eq!(site.asked_outside(), Vec::<String>::new());
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn on_webgpu_the_same_seed_gives_the_same_session_after_a_reload() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    let first = build_on_webgpu(&page, 7);
    assert_eq!(Recomputed::new(&first).problems(), Vec::<String>::new());
    the_embeddings_give_the_cosines(&page, &first);
    let lines = page.call(
        "return (await (await concord.exportPairs(window.session, 'trl')).text()).split('\\n').filter(l => l).map(JSON.parse)",
        SHORT,
    );
    assert_eq!(lines.as_array(), Some(&Recomputed::new(&first).trl_lines()));

    page.reload();
    let second = build_on_webgpu(&page, 7);
    assert_eq!(without_time(first.clone()), without_time(second));
    let other = build_on_webgpu(&page, 8);
    assert_ne!(first["responses"], other["responses"], "another seed gives other responses");
}

/// Two prompts in three languages, three samples, all on the GPU.
fn build_on_webgpu(page: &Page, seed: u32) -> Value {
    let info = page.call("return await concord.loadModel('teaching', { backend: 'webgpu' })", LONG);
    assert_eq!(info["backend"], json!("webgpu"), "{info}");
    let body = format!(
        "const prompts = (await concord.starterPrompts()).slice(0, 2);
         window.session = await concord.build({{ prompts, languages: ['en', 'de', 'sw'], n: 3, seed: {seed} }});
         return window.session"
    );
    page.call(&body, LONG)
}

/// `concord.embed` on the same texts gives the cosines that the session records.
fn the_embeddings_give_the_cosines(page: &Page, session: &Value) {
    let prompt = session["prompts"][0]["id"].as_str().unwrap();
    let responses = session["responses"].as_array().unwrap();
    let texts: Vec<&Value> =
        responses.iter().filter(|r| r["promptId"] == json!(prompt)).map(|r| &r["text"]).collect();
    let body = format!(
        "return (await concord.embed({})).map(vector => [...vector])",
        serde_json::to_string(&texts).unwrap()
    );
    let vectors: Vec<Vec<f64>> = serde_json::from_value(page.call(&body, LONG)).unwrap();
    let recorded: Vec<f64> = serde_json::from_value(session["similarities"][0]["cosine"].clone()).unwrap();
    let mut computed = Vec::new();
    for (i, a) in vectors.iter().enumerate() {
        computed.extend(vectors[i + 1..].iter().map(|b| cosine(a, b)));
    }
    assert_eq!(computed.len(), recorded.len());
    let worst = computed.iter().zip(&recorded).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-3, "cosines differ by up to {worst}:\n{computed:?}\n{recorded:?}");
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn without_time(mut session: Value) -> Value {
    session["created"] = Value::Null;
    session
}

/// The session file and the file of pairs, downloaded by their buttons and recomputed by `check_export.py`.
fn download_both(page: &Page) -> (Value, Vec<Value>) {
    page.click("[data-testid=download-session]");
    let session_path = page.downloaded("json", SHORT);
    page.click("[data-testid=download-trl]");
    let pairs_path = page.downloaded("jsonl", SHORT);
    let mut check = xtask::shell::command("python3", ["tests/check_export.py"]);
    xtask::shell::run(check.arg(&session_path).arg(&pairs_path)).unwrap();
    let session = std::fs::read_to_string(session_path).unwrap();
    let pairs = std::fs::read_to_string(pairs_path).unwrap();
    assert!(
        pairs.ends_with('\n') && !pairs.contains('\u{feff}'),
        "lines end with a newline, no byte-order mark"
    );
    let lines = pairs.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (serde_json::from_str(&session).unwrap(), lines)
}

/// Every row on the screen shows the pair of the session; the summary counts them.
fn the_screen_shows(page: &Page, session: &Value, n_lines: usize) {
    let rows = page.driver().script(
        "return [...document.querySelectorAll('[data-testid=pair-row]')].map(row => ({
            promptId: row.dataset.prompt, language: row.dataset.language, skip: row.dataset.skip ?? null,
            chosen: row.dataset.chosen ?? null, rejected: row.dataset.rejected ?? null,
            margin: row.dataset.margin ?? null, text: row.innerText }))",
        Vec::new(),
    );
    let rows = rows.as_array().unwrap();
    let pairs = session["pairs"].as_array().unwrap();
    // The anchor's reference stands above the rows; the anchor has a row of its own only where it has a pair.
    let has_row = |pair: &&Value| pair["skip"] != json!("anchor-language");
    assert_eq!(rows.len(), pairs.iter().filter(has_row).count(), "one row per pair of the session");
    for pair in pairs.iter().filter(has_row) {
        let is_its =
            |row: &&Value| row["promptId"] == pair["promptId"] && row["language"] == pair["language"];
        let row = rows.iter().find(is_its).unwrap_or_else(|| panic!("no row for {pair}"));
        let number = |name: &str| row[name].as_str().map(|text| text.parse::<f64>().unwrap());
        assert_eq!(row["skip"], pair["skip"], "{row}\n{pair}");
        assert_eq!(number("chosen"), pair["chosen"].as_f64(), "{row}\n{pair}");
        assert_eq!(number("rejected"), pair["rejected"].as_f64(), "{row}\n{pair}");
        assert_eq!(number("margin"), pair["margin"].as_f64(), "{row}\n{pair}");
        for side in ["chosen", "rejected"].iter().filter_map(|side| pair[side].as_u64()) {
            let text = said(session, pair, side);
            let shown = squeezed(row["text"].as_str().unwrap());
            assert!(shown.contains(&squeezed(text)), "the row does not show {text:?}:\n{shown}");
        }
    }
    let summary = page.text("[data-testid=summary]");
    let (right, wrong, gold) = judged(session);
    let expected =
        format!("answer is gold in {right} of {gold} chosen · is not in {wrong} of {gold} rejected");
    assert!(
        summary.starts_with(&format!("{n_lines} pair")) && summary.ends_with(&expected),
        "{summary}\n{expected}"
    );
}

/// Pairs with gold: chosen right, rejected wrong, all.
fn judged(session: &Value) -> (usize, usize, usize) {
    let mut counts = (0, 0, 0);
    for pair in session["pairs"].as_array().unwrap().iter().filter(|pair| pair["skip"].is_null()) {
        let prompts = session["prompts"].as_array().unwrap();
        let gold = &prompts.iter().find(|prompt| prompt["id"] == pair["promptId"]).unwrap()["answer"];
        let is_right = |side: &str| {
            let response = response(session, pair, pair[side].as_u64().unwrap());
            response["answer"] == *gold
        };
        counts.0 += usize::from(is_right("chosen"));
        counts.1 += usize::from(!is_right("rejected"));
        counts.2 += 1;
    }
    counts
}

fn said<'a>(session: &'a Value, pair: &Value, sample: u64) -> &'a str {
    response(session, pair, sample)["text"].as_str().unwrap()
}

fn response<'a>(session: &'a Value, pair: &Value, sample: u64) -> &'a Value {
    let is_it = |r: &&Value| {
        r["promptId"] == pair["promptId"] && r["language"] == pair["language"] && r["sample"] == json!(sample)
    };
    session["responses"].as_array().unwrap().iter().find(is_it).unwrap()
}

/// Without white space, which a screen lays out as it likes.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}
