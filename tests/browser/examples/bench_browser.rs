//! Measures products with quantised weights in headless Chromium, and beside them those of onnxruntime-web:
//! `cargo xtask bench --browser`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a command-line tool that ends by panicking")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use browser_tests::driver::{Driver, Gpu};
use serde_json::{Value, json};
use xtask::server::{Reply, serve};
use xtask::{shell, tools};

/// `[n_out, n_in]`.
const SHAPES: [[u32; 2]; 3] = [[1024, 1024], [2048, 5632], [5632, 2048]];
const ROWS: [u32; 4] = [1, 4, 8, 40];

fn main() {
    let folder = build();
    let ort = tools::onnxruntime_web().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://localhost:{}/index.html", listener.local_addr().unwrap().port());
    let pages = shell::root().join("tests/browser/bench");
    std::thread::spawn(move || serve(&listener, move |path| answer([&pages, &folder, &ort], path)));

    let browser = Driver::start(Gpu::Software);
    browser.goto(&url);
    let script = "const done = arguments[0]; window.opened.then(done, (error) => done(String(error)))";
    let opened = browser.script_async(script, vec![]);
    println!("GPU in the browser: {}", opened.as_str().unwrap_or_default());
    println!("| bits | n_out × n_in | rows | Concord, ms | onnxruntime-web, ms |");
    println!("|---|---|---|---|---|");
    let mut measured = Vec::new();
    for bits in [4, 8] {
        for [n_out, n_in] in SHAPES {
            for rows in ROWS {
                let spec = json!({ "bits": bits, "nOut": n_out, "nIn": n_in, "rows": rows });
                let [ours, theirs] = ["concord", "onnx"].map(|engine| measure(&browser, engine, &spec));
                println!("| {bits} | {n_out} × {n_in} | {rows} | {} | {} |", cell(&ours), cell(&theirs));
                measured.push(json!({ "spec": spec, "concord": ours, "onnxruntimeWeb": theirs }));
            }
        }
    }
    if std::env::args().any(|arg| arg == "--json") {
        println!("{}", json!({ "gpu": opened, "products": measured }));
    }
}

/// Milliseconds of one product, or why there are none; a script may run longer than WebDriver waits for one.
fn measure(browser: &Driver, engine: &str, spec: &Value) -> Value {
    browser.script("window.measured = null; window.measure(...arguments)", vec![json!(engine), spec.clone()]);
    loop {
        std::thread::sleep(Duration::from_millis(100));
        match browser.script("return window.measured", vec![]) {
            Value::Null => {}
            measured => return measured,
        }
    }
}

/// Builds the calls for JavaScript, and says where they lie.
fn build() -> PathBuf {
    let bindgen = tools::wasm_bindgen().unwrap();
    tools::wasm_target().unwrap();
    let mut cargo = Command::new("cargo");
    cargo.current_dir(shell::root()).args([
        "build",
        "--package",
        "concord-lm",
        "--example",
        "browser_products",
    ]);
    shell::run_quietly(cargo.args(["--target", "wasm32-unknown-unknown"])).unwrap();
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
    let wasm = target.join("wasm32-unknown-unknown/debug/examples/browser_products.wasm");
    let folder = target.join("bench-browser");
    let mut command = Command::new(bindgen);
    command.args(["--target", "web", "--out-dir"]).arg(&folder).arg(wasm);
    shell::run_quietly(&mut command).unwrap();
    folder
}

fn answer([pages, built, ort]: [&Path; 3], path: &str) -> Reply {
    let below = path.trim_start_matches('/');
    match below.strip_prefix("ort/") {
        Some(below) => Reply::file(ort, below),
        None if pages.join(below).is_file() => Reply::file(pages, below),
        None => Reply::file(built, below),
    }
}

fn cell(time: &Value) -> String {
    match (time["ms"].as_f64(), time["error"].as_str()) {
        (Some(ms), _) => format!("{ms:.2}"),
        (None, error) => error.unwrap_or("no answer").to_owned(),
    }
}
