//! Measures real models on the CPU in headless Chromium, and beside them those of wllama, which is llama.cpp in WebAssembly:
//! `cargo xtask bench --browser --peers`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a command-line tool that ends by panicking")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use browser_tests::driver::{Driver, Gpu};
use serde_json::{Value, json};
use xtask::server::{Reply, serve};
use xtask::{real, shell, site, tools};

const MODELS: [&str; 2] = ["SmolLM2-135M-Instruct-Q4_1.gguf", "gemma-3-270m-Q4_K_M.gguf"];
const N_SAMPLES: u32 = 8;
const N_TOKENS: u32 = 32;
const TEMPERATURE: f32 = 0.9;
const MIB: f64 = 1_048_576.0;
const ROUNDS: u32 = 3;
/// Each run asks another number of it, so that no engine finds the prompt among those it has seen.
const PROMPT: &str = "A farmer grows apples, pears and plums on a hill beside the river. In spring she counts the trees of \
    every row and writes the numbers into a small book, so that she can tell in autumn which rows gave the most fruit. This \
    year there are twelve rows of apple trees, nine rows of pear trees and seven rows of plum trees, and every row has the \
    same number of trees. A friend who helps her asks her how many trees there are in all, and how many boxes they must bring. \
    Her answer:";
/// What is measured: the engine as it is loaded, samples, tokens of each, and whether they are asked for together.
const CASES: [(&str, u32, u32, bool); 7] = [
    ("concord", 1, 1, true),
    ("wllama", 1, 1, true),
    ("concord", 1, N_TOKENS, true),
    ("wllama", 1, N_TOKENS, true),
    ("concord", N_SAMPLES, N_TOKENS, true),
    ("wllama", N_SAMPLES, N_TOKENS, false),
    (SLOTS, N_SAMPLES, N_TOKENS, true),
];
/// wllama with a slot for every sample, each of which evaluates the prompt: so slow that it is measured on request.
const SLOTS: &str = "wllama-slots";

fn main() {
    let built = build();
    let wllama = tools::wllama().unwrap();
    let models = real::fetch().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://localhost:{}/peers.html", listener.local_addr().unwrap().port());
    let pages = shell::root().join("tests/browser/bench");
    std::thread::spawn(move || {
        serve(&listener, move |path| answer([&pages, &built, &wllama, &models], path))
    });

    let browser = Driver::start(Gpu::None);
    let mut measured = Vec::new();
    for file in MODELS {
        browser.goto(&url);
        measured.push(measure(&browser, file));
    }
    if has_flag("--json") {
        println!("{}", json!({ "temperature": TEMPERATURE, "rounds": ROUNDS, "models": measured }));
    }
}

fn has_flag(flag: &str) -> bool {
    std::env::args().any(|arg| arg == flag)
}

/// Loads a model into the engines, and lets them write by turns.
fn measure(browser: &Driver, file: &str) -> Value {
    println!("\n{file}\n");
    println!("| engine | as | load, s | memory, MiB | of the file |");
    println!("|---|---|---|---|---|");
    let with_slots = has_flag("--slots");
    let mut loads = Vec::new();
    // Room for all prompts and continuations, as each engine keeps them: we hold a prompt once.
    for (name, n_slots, max_rows) in
        [("concord", 512, N_SAMPLES), ("wllama", 512, 1), (SLOTS, 1280, N_SAMPLES)]
    {
        if name == SLOTS && !with_slots {
            continue;
        }
        let engine = name.split('-').next().unwrap();
        let spec =
            json!({ "name": name, "engine": engine, "file": file, "nSlots": n_slots, "maxRows": max_rows });
        let load = call(browser, "open", &spec);
        let [bytes, of_file] = ["wasmBytes", "fileBytes"].map(|field| load[field].as_f64().unwrap());
        let (seconds, what) = (load["seconds"].as_f64().unwrap(), load["what"].as_str().unwrap());
        println!("| {name} | {what} | {seconds:.2} | {:.0} | {:.2} |", bytes / MIB, bytes / of_file);
        loads.push(json!({ "spec": spec, "load": load }));
    }
    let n_prompt = call(browser, "nTokens", &json!({ "name": "concord", "prompt": prompt(100) }));

    let mut times: [Vec<f64>; CASES.len()] = Default::default();
    let mut number = 100;
    for round in 0..=ROUNDS {
        for ((name, n, n_tokens, together), times) in CASES.into_iter().zip(&mut times) {
            // The first round warms up, by one sample.
            if (round == 0 && n > 1) || (name == SLOTS && !(with_slots && round == 1)) {
                continue;
            }
            number += 1;
            let mut spec = json!({ "name": name, "prompt": prompt(number), "n": n, "together": together });
            (spec["nTokens"], spec["temperature"]) = (n_tokens.into(), TEMPERATURE.into());
            let result = call(browser, "generate", &spec);
            assert!(result["nPrompt"].is_null() || result["nPrompt"] == n_prompt, "{name}: {result}");
            if round > 0 {
                times.push(result["ms"].as_f64().unwrap());
            }
        }
    }
    println!("\nA prompt of {n_prompt} tokens, the fastest of {ROUNDS} runs by turns:\n");
    println!("| engine | samples × tokens | ms | tokens/s |");
    println!("|---|---|---|---|");
    let mut cases = Vec::new();
    for ((name, n, n_tokens, together), times) in
        CASES.into_iter().zip(&times).filter(|case| !case.1.is_empty())
    {
        let ms = times.iter().copied().fold(f64::INFINITY, f64::min);
        let per_second = f64::from(n * n_tokens) / ms * 1000.0;
        let how = if together { "" } else { ", one by one" };
        println!("| {name}{how} | {n} × {n_tokens} | {ms:.0} | {per_second:.1} |");
        let case =
            json!({ "name": name, "samples": n, "tokens": n_tokens, "together": together, "ms": times });
        cases.push(case);
    }
    let wasm_bytes = call(browser, "wasmBytes", &json!({ "name": "concord" }));
    println!("\nOur memory after all: {:.0} MiB", wasm_bytes.as_f64().unwrap() / MIB);
    json!({ "file": file, "promptTokens": n_prompt, "loads": loads, "cases": cases, "wasmBytesAfterAll": wasm_bytes })
}

fn prompt(number: u32) -> String {
    format!("Question {number}. {PROMPT}")
}

/// What a call in the page gives; a script may run longer than WebDriver waits for one.
fn call(browser: &Driver, what: &str, spec: &Value) -> Value {
    browser.script("window.answered = null; window.call(...arguments)", vec![json!(what), spec.clone()]);
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let answered = browser.script("return window.answered", vec![]);
        assert!(answered["error"].is_null(), "{what} {spec}: {answered}\n{:?}", browser.console());
        if !answered.is_null() {
            return answered["ok"].clone();
        }
    }
}

/// Builds our model for JavaScript as the page is built, and says where it lies.
fn build() -> PathBuf {
    let bindgen = tools::wasm_bindgen().unwrap();
    tools::wasm_target().unwrap();
    let mut cargo = Command::new("cargo");
    cargo.current_dir(shell::root()).args(["build", "--release", "--package", "concord-lm"]);
    cargo.args(["--example", "browser_generate", "--target", "wasm32-unknown-unknown"]);
    shell::run_quietly(&mut cargo).unwrap();
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
    let wasm = target.join("wasm32-unknown-unknown/release/examples/browser_generate.wasm");
    let folder = target.join("bench-peers");
    let mut command = Command::new(bindgen);
    command.args(["--target", "web", "--out-dir"]).arg(&folder).arg(wasm);
    shell::run_quietly(&mut command).unwrap();
    if let Some(wasm_opt) = tools::wasm_opt() {
        site::optimise(&wasm_opt, &folder.join("browser_generate_bg.wasm")).unwrap();
    }
    folder
}

fn answer([pages, built, wllama, models]: [&Path; 4], path: &str) -> Reply {
    let below = path.trim_start_matches('/');
    match below.strip_prefix("wllama/") {
        Some(below) => Reply::file(wllama, below),
        None => {
            let folder = [pages, models].into_iter().find(|folder| folder.join(below).is_file());
            Reply::file(folder.unwrap_or(built), below)
        }
    }
}
