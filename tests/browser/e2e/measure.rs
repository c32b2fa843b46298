//! Measuring and picking again by script: what comes back is what the session holds and what the other calls give.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

/// A page with `window.session`: one prompt in three languages, three samples, on the CPU.
fn page_with_session(site: &Site) -> Page {
    let page = Page::open(site, Gpu::None);
    page.call("return await concord.loadModel('teaching', { backend: 'cpu' })", LONG);
    page.call(
        "const prompts = (await concord.starterPrompts()).slice(0, 1);
         window.session = await concord.build({ prompts, languages: ['en', 'de', 'sw'], n: 3, seed: 7 });
         return null",
        LONG,
    );
    page
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn a_script_measures_what_the_methods_read_and_picks_anew() {
    let site = Site::start();
    let page = page_with_session(&site);
    let body = "const kinds = ['own', 'instructed', 'translations', 'translated', 'plain'];
        const progress = [];
        const onProgress = p => progress.push([p.stage, p.done, p.total]);
        const measured = await concord.measure(session, { kinds, layers: [0, 3], onProgress });
        return { session, measured, last: progress.at(-1) }";
    let outcome = page.call(body, LONG);
    let (session, measured) = (&outcome["session"], &outcome["measured"]);
    assert_eq!(measured["problems"], json!([]));
    assert!(measured.get("cancelled").is_none(), "{measured}");
    let measurements = &measured["measurements"];
    assert_eq!(measurements["model"], session["model"]);
    // 9 own, 9 instructed, 2 x 9 translations, 4 translated, 3 prompts.
    assert_eq!(outcome["last"], json!(["ask", 43, 43]));
    for row in measurements["own"].as_array().unwrap() {
        for (sample, logprob) in row["samples"].as_array().unwrap().iter().zip(numbers(&row["logprob"])) {
            let responses = session["responses"].as_array().unwrap();
            let is_this = |r: &&Value| r["language"] == row["language"] && r["sample"] == *sample;
            let recorded = responses.iter().find(is_this).unwrap()["logprob"].as_f64().unwrap();
            assert!((recorded - logprob).abs() < 1e-2, "{recorded} recorded, {logprob} scored");
        }
    }
    for matrix in measurements["translations"].as_array().unwrap() {
        let rows = matrix["logprob"].as_array().unwrap();
        assert!(rows.len() == 3 && rows.iter().all(|row| numbers(row).len() == 3), "{matrix}");
    }
    let translated = measured["translated"].as_array().unwrap();
    let ends: Vec<(&Value, &Value, &Value)> =
        translated.iter().map(|r| (&r["language"], &r["sample"], &r["translationOf"])).collect();
    assert_eq!(ends[0], (&json!("de"), &json!(3), &json!(["en", 0])));
    assert_eq!(ends.len(), 4);
    let representations = measurements["representations"].as_array().unwrap();
    let layers: Vec<&Value> = representations.iter().map(|record| &record["layer"]).collect();
    assert_eq!(layers, [&json!(0), &json!(3)]);
    let decoded = "const bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0));
        return [...new Float32Array(bytes.buffer)]";
    let values = representations[1]["values"].clone();
    let values = numbers(&page.driver().script(decoded, vec![values]));
    let text = session["prompts"][0]["text"]["en"].to_string();
    let embedded = page.call(
        &format!("return [...(await concord.embed([{text}], {{ layer: 3, pooling: 'mean' }}))[0]]"),
        SHORT,
    );
    assert_eq!(values[..numbers(&embedded).len()], numbers(&embedded));

    let body = "const same = await concord.select(session);
        const strict = await concord.select(session, { minMargin: 5 });
        return { same, strict }";
    let picked = page.call(body, SHORT);
    assert_eq!(
        (&picked["same"]["pairs"], &picked["same"]["references"]),
        (&session["pairs"], &session["references"])
    );
    let has_pair = |pair: &Value| pair["skip"].is_null();
    assert!(!picked["strict"]["pairs"].as_array().unwrap().iter().any(has_pair), "{}", picked["strict"]);
}

#[test]
fn a_cancelled_measure_gives_what_there_is_and_bad_options_are_refused() {
    let site = Site::start();
    let page = page_with_session(&site);
    let body = "const stop = new AbortController();
        const onProgress = () => stop.abort();
        try {
          await concord.measure(session, { kinds: ['own', 'translations'], onProgress, signal: stop.signal });
          return 'it was not cancelled';
        } catch (error) {
          return { code: error.code, measurements: error.measurements, translated: error.translated };
        }";
    let outcome = page.call(body, LONG);
    assert_eq!(outcome["code"], json!("cancelled"), "{outcome}");
    assert!(outcome["measurements"]["translations"].as_array().unwrap().len() < 2, "{outcome}");
    assert_eq!(outcome["translated"], json!([]));
    for (options, expected) in [("{}", "kinds"), ("{ kinds: ['chat'], layers: [99] }", "layer 99")] {
        let body = format!(
            "try {{ await concord.measure(session, {options}); return null }}
             catch (error) {{ return [error.code, error.message] }}"
        );
        let refused = page.call(&body, LONG);
        assert_eq!(refused[0], json!("bad-input"), "{refused}");
        assert!(refused[1].as_str().unwrap().contains(expected), "{refused}");
    }
}
