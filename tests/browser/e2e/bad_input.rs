//! Bad input: a message that names the thing and what to do, and the page goes on working.

use browser_tests::driver::Gpu;
use browser_tests::page::{Page, Rejection};
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

/// Loads the teaching model's bytes, changed by `change` (a function body over `bytes`, a Uint8Array).
fn load_changed(page: &Page, change: &str) -> Result<Value, Rejection> {
    let body = format!(
        "let bytes = new Uint8Array(await (await fetch('./static/teaching-model.gguf')).arrayBuffer());
         {change}
         return await concord.loadModel(new File([bytes], 'picked.gguf'), {{ backend: 'cpu' }})"
    );
    page.try_call(&body, LONG)
}

#[test]
fn broken_model_files_are_refused_by_name_and_the_page_goes_on() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let cases = [
        ("cut in the weights", "bytes = bytes.slice(0, bytes.length - 100_000);"),
        ("cut in the header", "bytes = bytes.slice(0, 2000);"),
        ("empty", "bytes = new Uint8Array(0);"),
        ("another format", "bytes = new TextEncoder().encode('<!doctype html><title>404</title>');"),
        ("wrong magic", "bytes[0] = 0x58;"),
        ("a version from the future", "bytes[4] = 99;"),
        ("endless tensors", "new DataView(bytes.buffer).setBigUint64(8, 1n << 60n, true);"),
        ("endless metadata", "new DataView(bytes.buffer).setBigUint64(16, 1n << 60n, true);"),
        ("an endless first key", "new DataView(bytes.buffer).setBigUint64(24, 1n << 62n, true);"),
    ];
    for (name, change) in cases {
        let rejection = load_changed(&page, change).expect_err(name);
        assert_eq!(rejection.code, "bad-model", "{name}: {rejection:?}");
        assert!(rejection.message.len() > 20, "{name}: {rejection:?}");
    }
    let missing =
        page.try_call("return await concord.loadModel('./no-such-model.gguf')", LONG).expect_err("a 404");
    assert_eq!(missing.code, "unreachable", "{missing:?}");
    assert!(missing.message.contains("no-such-model.gguf"), "{missing:?}");
    let wrong_hash = "return await concord.loadModel(
        { url: './static/teaching-model.gguf', sha256: '0'.repeat(64) }, { backend: 'cpu' })";
    assert_eq!(page.try_call(wrong_hash, LONG).expect_err("another hash").code, "hash-mismatch");

    let info = load_changed(&page, "").expect("the unchanged file loads");
    assert_eq!(info["architecture"], json!("llama"), "{info}");
    let said =
        page.call("return await concord.generate({ prompt: 'Two and two', n: 1, maxTokens: 4 })", LONG);
    assert!(said[0]["tokens"].as_array().is_some_and(|tokens| !tokens.is_empty()), "{said}");
}

#[test]
fn bad_prompts_and_settings_are_named_and_the_good_ones_go_on() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let before =
        page.try_call("return await concord.generate({ prompt: 'x' })", SHORT).expect_err("no model yet");
    assert_eq!(before.code, "no-model", "{before:?}");
    page.call("return await concord.loadModel('teaching', { backend: 'cpu' })", LONG);

    for (name, settings) in [
        ("no prompts", "{ prompts: [] }"),
        ("no prompts at all", "{}"),
        ("prompts of the wrong kind", "{ prompts: 'all' }"),
        ("one language", "{ prompts: [{ id: 'a', task: 'math', text: { en: 'What is 2 plus 2?' } }] }"),
        ("negative samples", "{ prompts: [{ id: 'a', task: 'math', text: { en: 'x', de: 'y' } }], n: -1 }"),
    ] {
        let rejection =
            page.try_call(&format!("return await concord.build({settings})"), LONG).expect_err(name);
        assert_eq!(rejection.code, "bad-input", "{name}: {rejection:?}");
        assert!(rejection.message.len() > 10, "{name}: {rejection:?}");
    }

    let mixed = "const [good] = await concord.starterPrompts();
        const long = { id: 'too-long', task: 'math', text: { en: 'apples '.repeat(20000), es: 'manzanas '.repeat(20000) } };
        const empty = { id: 'empty', task: 'math', text: { en: ' ', es: '' } };
        return await concord.build({ prompts: [good, long, empty], languages: ['en', 'es'], n: 2 })";
    let session = page.call(mixed, LONG);
    let problems = session["problems"].to_string();
    assert!(problems.contains("too-long") && problems.contains("empty"), "{problems}");
    let answered =
        |id: &Value| session["responses"].as_array().unwrap().iter().filter(|r| r["promptId"] == *id).count();
    assert_eq!(answered(&session["prompts"][0]["id"]), 4, "the good prompt is answered");
}

#[test]
fn a_cancelled_build_keeps_what_had_finished() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.call("return await concord.loadModel('teaching', { backend: 'cpu' })", LONG);
    let body = "const prompts = (await concord.starterPrompts()).slice(0, 4);
        const stop = new AbortController();
        const onResponses = () => stop.abort();
        try {
          await concord.build({ prompts, n: 16 }, { onResponses, signal: stop.signal });
          return 'it was not cancelled';
        } catch (error) {
          return { code: error.code, session: error.session };
        }";
    let outcome = page.call(body, LONG);
    assert_eq!(outcome["code"], json!("cancelled"), "{outcome}");
    let responses = outcome["session"]["responses"].as_array().unwrap();
    assert!(responses.iter().any(|r| r["finishReason"] != json!("cancelled")), "what had finished is kept");
    let said =
        page.call("return await concord.generate({ prompt: 'Two and two', n: 1, maxTokens: 4 })", LONG);
    assert!(said[0]["tokens"].as_array().is_some_and(|tokens| !tokens.is_empty()), "{said}");
}

#[test]
fn a_broken_file_on_the_screen_gives_a_message_there() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    for (input, name, content) in [
        ("open-model", "broken.gguf", &b"GGUF and then nothing"[..]),
        ("open-prompts", "broken.json", b"{ \"not\": \"a list\" }"),
        ("open-session", "broken-session.json", b"{}"),
    ] {
        page.pick_file(&format!("[data-testid={input}]"), name, content);
        page.wait_visible("[data-testid=fault]", SHORT);
        let fault = page.text("[data-testid=fault]");
        assert!(fault.len() > 30, "{name}: {fault}");
        page.click("[data-testid=fault] button");
        let gone = || (!page.is_visible("[data-testid=fault]")).then_some(());
        page.wait_for("the message to go", SHORT, gone);
    }
    page.wait_visible("[data-testid=build-button]", SHORT);
}
