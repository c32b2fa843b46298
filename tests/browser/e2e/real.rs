//! A real model in the browser: SmolLM2 is fetched, kept, and says what llama.cpp says.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::real::SMOLLM2;
use browser_tests::site::Site;
use browser_tests::unsteady::Unsteady;
use serde_json::{Value, json};

use crate::LONG;

/// Most that a log-prob may be away from llama.cpp's, computed in F32 on the same weights.
const LIMIT: f64 = 5e-3;
/// The same where activations are rounded to int8, as llama.cpp rounds them too; the engine's own tests bound the mean.
const ROUNDED_LIMIT: f64 = 0.3;

#[test]
fn smollm2_writes_what_llama_cpp_writes() {
    let (site, server) = (Site::start(), Unsteady::start());
    let recorded: Value =
        serde_json::from_str(include_str!("../../../crates/concord-lm/tests/data/real_models.json")).unwrap();
    let prompt = &recorded["models"][SMOLLM2][0];
    let page = Page::open(&site, Gpu::Software);
    // A software GPU takes seconds for a token.
    for (backend, numerics, n_tokens, limit) in
        [("cpu", "int8", 16, ROUNDED_LIMIT), ("webgpu", "f32", 3, LIMIT)]
    {
        let load = format!(
            "return await concord.loadModel('{}', {{ backend: '{backend}', rows: 1 }})",
            server.url("/smollm2.gguf")
        );
        let info = page.call(&load, LONG);
        assert_eq!(
            [&info["architecture"], &info["quantization"], &info["backend"], &info["numerics"]],
            [&json!("llama"), &json!("Q4_1"), &json!(backend), &json!(numerics)],
            "{info}"
        );
        // The template is the file's: what it makes of the text is what llama.cpp read.
        let text = &prompt["text"];
        let chat = page
            .call(&format!("return await concord.renderChat([{{ role: 'user', content: {text} }}])"), LONG);
        assert_eq!(chat, prompt["read"]);
        let generate = format!(
            "return (await concord.generate({{ messages: [{{ role: 'user', content: {text} }}], n: 1, \
             temperature: 0, maxTokens: {n_tokens} }}))[0]"
        );
        let response = page.call(&generate, LONG);
        let (expected, found) = (&prompt["exact"], &response["tokens"]);
        for i in 0..n_tokens {
            assert_eq!(found[i], expected["ids"][i], "{backend}, token {i} of {response}");
            let Some(theirs) = expected["logprobs"][i].as_f64() else { continue };
            let ours = response["logprobs"][i].as_f64().unwrap();
            assert!((ours - theirs).abs() < limit, "{backend}, token {i}: {ours}, in llama.cpp {theirs}");
        }
    }
}
