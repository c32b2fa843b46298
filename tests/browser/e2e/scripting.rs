//! The examples of `docs/scripting.md` run as they stand, in order and in one scope.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::synthetic::PARTS;
use browser_tests::unsteady::Unsteady;
use serde_json::json;

use crate::LONG;
use crate::encoder::encoder;

/// The blocks of JavaScript on the page.
fn blocks() -> Vec<String> {
    let path = xtask::shell::root().join("docs/scripting.md");
    let text = std::fs::read_to_string(path).expect("docs/scripting.md is there");
    let parts = text.split("\n```js\n").skip(1);
    parts.map(|part| part.split("\n```").next().unwrap_or_default().to_owned()).collect()
}

/// What the examples find around them: a mirror of the Hub, and file inputs in which somebody has picked files.
fn surroundings(server: &Unsteady) -> String {
    let mirror = server.url("");
    let files: Vec<_> = encoder().into_iter().map(|(name, bytes)| json!([name, bytes])).collect();
    format!(
        "const mirror = {};
         const fileInput = {{ files: await Promise.all({}.map(async name =>
             new File([await (await fetch(mirror + '/parts/' + name)).arrayBuffer()], name))) }};
         const encoderInput = {{ files: {}.map(([name, bytes]) => new File([new Uint8Array(bytes)], name)) }};",
        json!(mirror),
        json!(PARTS),
        json!(files)
    )
}

#[test]
fn every_example_runs_and_gives_what_its_comments_say() {
    let blocks = blocks();
    assert!(blocks.len() > 15, "{} examples were read", blocks.len());
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    // A mark before each block, so that a failure says which one.
    let marked: Vec<String> =
        blocks.iter().enumerate().map(|(at, block)| format!("window.__example = {at};\n{block}")).collect();
    let body = format!(
        "{}\n{}\n
         return {{
             tokens: text === 'Lucy has 3 apples.' && logits.length === info.vocabSize,
             responses: responses.length === 4 && responses.every(r => r.tokens.length === r.logprobs.length),
             vectors: apples.length === info.dim && aepfel.length === info.dim && one.length === two.length,
             encoder: encoder.pooling === 'mean',
             stored: stored.isComplete && (await concord.storedModels()).length === 0,
             session: session.responses.length === 2 * 3 * 4 && session.pairs.length === 2 * 3,
             file: (await blob.text()).split('\\n').filter(line => line).length
                 === session.pairs.filter(pair => pair.chosen !== null).length - blob.problems.filter(p => p.leftOut).length,
             resumed: whole.responses.length === 2 * 2 * 2 && whole.responses.every(r => r.finishReason !== 'cancelled'),
             rerun: longer.config.maxTokens === 24,
             measured: measured.measurements.instructed.length > 0 && measured.measurements.representations.length === 2,
             selected: pairs.length === session.pairs.length && references.length === 2,
             prompts: mine.length === prompts.length && problems.length === 0 && !!spellings,
             answer: JSON.stringify(answer)
                 === JSON.stringify({{ value: '70000', rule: 'marker', start: 9, end: 15, ambiguous: [] }}),
             counters: [promptTokensEvaluated, tokensGenerated, bytesReadBack, peakHeapBytes, gpuBytes].every(Number.isFinite),
         }}",
        surroundings(&server),
        marked.join("\n")
    );
    let outcome = page.try_call(&body, LONG).unwrap_or_else(|rejection| {
        let at = page.driver().script("return window.__example", Vec::new()).as_u64().unwrap_or_default();
        panic!("{rejection:?} in this example:\n{}", blocks[at as usize])
    });
    let held = outcome.as_object().expect("a list of what holds");
    let broken: Vec<&String> =
        held.iter().filter(|(_, holds)| **holds != json!(true)).map(|(what, _)| what).collect();
    assert!(broken.is_empty(), "these are not as the page says: {broken:?}");
}
