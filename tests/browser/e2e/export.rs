//! Pairs out: every format chosen and downloaded, which rows go out, what is left out, and what scripts get.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;

/// A session of two pairs a prompt, of which the first is accepted and the second has two equal sides.
fn session() -> Value {
    let mut session: Value = serde_json::from_str(&large_session(3, 3, 4)).unwrap();
    let ids = ["p0000", "p0001", "p0002"];
    let pair = |id: &str, language: &str| {
        json!({
            "promptId": id, "language": language, "chosen": 0, "rejected": 1, "scores": [1.0, 0.25, 0.5, 0.5], "cosine": [],
            "margin": 0.75, "skip": null,
        })
    };
    let pairs: Vec<Value> = ids.iter().flat_map(|id| [pair(id, "de"), pair(id, "es")]).collect();
    session["pairs"] = json!(pairs);
    let (first, second) = (&pairs[0], &pairs[1]);
    let state =
        |status: &str| json!({ "chosen": first["chosen"], "rejected": first["rejected"], "status": status });
    session["events"] = json!([{
        "seq": 0, "time": "2026-11-27T09:00:00Z", "actor": "Ada", "item": first["promptId"], "lang": first["language"],
        "event": "accept", "before": state("undecided"), "after": state("accepted"),
    }]);
    for response in session["responses"].as_array_mut().unwrap() {
        let is_of = |pair: &Value| {
            response["promptId"] == pair["promptId"] && response["language"] == pair["language"]
        };
        if is_of(second) {
            response["text"] = json!("the same text");
        } else if is_of(first) && response["sample"] == first["chosen"] {
            response["text"] = json!("  =1+1 <b>chosen</b>\u{2028} ");
        }
    }
    session
}

fn open(page: &Page) -> Value {
    let session = session();
    page.open_session("pairs.json", session.to_string().as_bytes());
    page.wait_visible("[data-testid=export-format]", SHORT);
    session
}

/// Downloads as chosen, and takes the file away for the next.
fn downloaded(page: &Page, extension: &str) -> Vec<u8> {
    page.click("[data-testid=download-trl]");
    let path = page.downloaded(extension, SHORT);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    bytes
}

fn rows(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(!text.starts_with('\u{feff}') && !text.contains('\u{2028}') && text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_format_is_chosen_seen_and_downloaded() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let n_pairs = open(&page)["pairs"].as_array().unwrap().len() - 1;
    for (format, n_rows, column, own) in [
        ("trl", n_pairs, "chosen", "prompt"),
        ("trl-implicit", n_pairs, "rejected", "chosen"),
        ("kto", 2 * n_pairs, "completion", "label"),
        ("ms-swift", n_pairs, "messages", "rejected_response"),
        ("ultrafeedback", n_pairs, "chosen", "score_chosen"),
        ("full", n_pairs, "chosen", "concord_decided_by"),
    ] {
        page.set("[data-testid=export-format]", format);
        let rows = rows(&downloaded(&page, "jsonl"));
        assert_eq!(rows.len(), n_rows, "{format}");
        for name in [
            own,
            "prompt_id",
            "language",
            "concord_margin",
            "concord_status",
            "concord_method",
            "concord_model",
        ] {
            assert!(rows.iter().all(|row| !row[name].is_null()), "{format}: {name}");
        }
        let messages = rows[0][column].as_array().unwrap();
        let said = &messages.last().unwrap()["content"];
        assert!(format == "trl-implicit" || said == "=1+1 <b>chosen</b>", "{format}: {said}");
        assert_eq!(rows[0]["concord_status"], "accepted", "{format}");
    }
    for (format, inside) in [
        (
            "llama-factory",
            &["pairs.llamafactory.jsonl", "dataset_info.json", "rows-left-out.csv", "concord-run.json"][..],
        ),
        (
            "hub",
            &[
                "README.md",
                "LICENSE.md",
                "croissant.json",
                "dataset_info.json",
                "decisions.jsonl",
                "train.jsonl",
            ][..],
        ),
    ] {
        page.set("[data-testid=export-format]", format);
        let zip = downloaded(&page, "zip");
        assert_eq!(&zip[..4], b"PK\x03\x04", "{format}");
        for name in inside {
            assert!(zip.windows(name.len()).any(|bytes| bytes == name.as_bytes()), "{format}: no {name}");
        }
        assert!(!zip.windows(3).any(|bytes| bytes == b"Ada"), "{format} says who decided");
    }
    // The choice is there again after a reload.
    page.reload();
    page.wait_visible("[data-testid=export-format]", SHORT);
    let chosen = "return document.querySelector('[data-testid=export-format]').value";
    assert_eq!(page.driver().script(chosen, Vec::new()), json!("hub"));
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn accepted_only_leaves_the_undecided_behind_and_what_is_refused_is_listed() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let session = open(&page);
    let summary = || page.text("[data-testid=export-summary]");
    assert!(
        summary().contains("1 accepted") && summary().contains("that nobody has looked at"),
        "{}",
        summary()
    );
    let problems = page.text("[data-testid=export-problems] summary");
    assert!(problems.contains("1 row not exported"), "{problems}");
    page.click("[data-testid=export-problems] summary");
    let listed = page.text("[data-testid=export-problems] li");
    assert!(listed.contains("the same text") && listed.contains("choose another response"), "{listed}");
    // The list leads to its row.
    page.click("[data-testid=export-look]");
    let focused = "return document.activeElement.closest('[data-language]')?.dataset.language ?? null";
    page.wait_for("the row", SHORT, || {
        (page.driver().script(focused, Vec::new()) == session["pairs"][1]["language"]).then_some(())
    });

    page.click("[data-testid=export-accepted]");
    page.wait_for("the count", SHORT, || summary().starts_with("1 pair:").then_some(()));
    let rows = rows(&downloaded(&page, "jsonl"));
    assert_eq!((rows.len(), &rows[0]["concord_status"]), (1, &json!("accepted")));
    page.click("[data-testid=export-preview-open]");
    page.wait_visible("[data-testid=export-preview]", SHORT);
    assert!(
        page.text("[data-testid=export-preview]").contains("<b>chosen</b>"),
        "a preview is text, not HTML"
    );
    assert_eq!(page.violations(".bench__setup"), Vec::<String>::new());
}

#[test]
fn scripts_get_every_format_and_a_name_for_what_is_wrong() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let call = |body: &str| format!("const session = {};\n{body}", session());
    let found = page.call(
        &call(
            "const out = {};
             for (const format of ['trl', 'trl-implicit', 'kto', 'llama-factory', 'ms-swift', 'ultrafeedback', 'full', 'hub']) {
                 const blob = await concord.exportPairs(session, format);
                 out[format] = [blob.name, blob.problems.filter(p => p.leftOut).length, (await blob.text()).slice(0, 2)];
             }
             const bare = await concord.exportPairs(session, 'trl', { metadata: false, statuses: 'accepted' });
             out.bare = Object.keys(JSON.parse(await bare.text()));
             const batches = await concord.exportPairs(session, 'trl', { order: 'batches' });
             out.batches = (await batches.text()).includes('concord_batch') || batches.size === 0;
             const parquet = await concord.exportPairs(session, 'ultrafeedback', { parquet: true });
             const lines = (await (await concord.exportPairs(session, 'ultrafeedback')).text()).trim().split('\\n').map(JSON.parse);
             const again = await concord.importPrompts(new File([parquet], parquet.name), { mapping: {
                 kind: 'long', join: 'id', id: 'prompt_id', language: 'language', text: 'prompt' } });
             out.parquet = [parquet.name, (await parquet.slice(0, 4).text()), again.files[0].nRows === lines.length,
                 again.files[0].columns.includes('concord_margin'), again.prompts.map(p => [p.id, p.text.de]).sort().join() ===
                     lines.filter(line => line.language === 'de' && again.prompts.some(p => p.id === line.prompt_id))
                         .map(line => [line.prompt_id, line.prompt]).sort().join() && again.prompts.length];
             return out;",
        ),
        SHORT,
    );
    assert_eq!(found["trl"], json!(["pairs.trl.jsonl", 1, "{\""]));
    assert_eq!(found["llama-factory"], json!(["pairs.llamafactory.jsonl", 1, "{\""]));
    assert_eq!(found["hub"], json!(["pairs.hub.zip", 1, "PK"]));
    assert_eq!(found["bare"], json!(["prompt", "chosen", "rejected", "prompt_id", "language"]));
    assert_eq!(found["batches"], json!(true));
    assert_eq!(found["parquet"], json!(["pairs.ultrafeedback.parquet", "PAR1", true, true, 2]));
    let rejection = page
        .try_call(&call("return await concord.exportPairs(session, 'csv')"), SHORT)
        .expect_err("no such format");
    assert!(rejection.code == "bad-input" && rejection.message.contains("\"trl-implicit\""), "{rejection:?}");
}
