//! Downloads over a connection that breaks, a tab that is reloaded, a disk that loses bytes, two tabs at once: the
//! bytes are right and none that came whole are fetched again.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::synthetic::medium_model;
use browser_tests::unsteady::{Unsteady, sha256_of};
use serde_json::json;

use crate::{LONG, SHORT};

/// Bytes that are kept and checked as one.
pub(crate) const CHUNK: u64 = 4 << 20;

#[test]
fn damaged_and_lost_bytes_on_the_device_are_found_and_fetched_again() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let (n_bytes, body) = medium_model();
    let expected = sha256_of(body);
    let load =
        format!("return await concord.loadModel('{}', {{ backend: 'cpu' }})", server.url("/medium.gguf"));
    let info = page.call(&load, LONG);
    assert_eq!(info["sha256"], json!(expected), "{info}");
    assert_eq!(server.n_bytes_sent(), n_bytes);

    let damage = |change: &str| {
        let body = format!(
            "const [model] = await concord.storedModels();
             const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
             const handle = await folder.getFileHandle(model.id + '.gguf');
             const before = (await handle.getFile()).size;
             const file = await handle.createWritable({{ keepExistingData: true }});
             {change}
             await file.close();
             return before"
        );
        assert_eq!(page.call(&body, SHORT), json!(n_bytes));
    };
    damage(
        "await file.write({ type: 'write', position: 4194304 + 5, data: new Uint8Array([1, 2, 3, 4, 5]) });",
    );
    let info = page.call(&load, LONG);
    assert_eq!(info["sha256"], json!(expected), "{info}");
    assert!(info["notes"].to_string().contains("1 of its 5 parts"), "{info}");
    let sent = server.sent();
    assert_eq!((sent.len(), sent[1].from, sent[1].to), (2, CHUNK, 2 * CHUNK), "only the damaged chunk");

    damage("await file.truncate(0);");
    let info = page.call(&load, LONG);
    assert_eq!(info["sha256"], json!(expected), "{info}");
    assert!(info["notes"].to_string().contains("5 of its 5 parts"), "{info}");
    assert_eq!(server.n_bytes_sent(), n_bytes + CHUNK + n_bytes);
    let said = page.call("return await concord.generate({ prompt: 'x', n: 1, maxTokens: 2 })", LONG);
    assert!(said[0]["tokens"].is_array(), "{said}");
}

#[test]
fn a_quota_that_is_hit_in_mid_download_costs_no_kept_byte_after_a_reload() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let (n_bytes, body) = medium_model();
    let expected = sha256_of(body);
    let origin = page.driver().script("return location.origin", Vec::new());
    let load =
        format!("return await concord.loadModel('{}', {{ backend: 'cpu' }})", server.url("/medium.gguf"));
    server.slow_down(3_000_000);
    page.start_call(&load);
    page.wait_for("two chunks", LONG, || (server.n_bytes_sent() >= 5 * CHUNK / 2).then_some(()));
    page.driver().cdp("Storage.overrideQuotaForOrigin", &json!({ "origin": origin, "quotaSize": 1_000 }));
    let info = page.finish_call(&load, LONG).unwrap_or_else(|rejection| panic!("{rejection:?}"));
    assert_eq!(info["sha256"], json!(expected), "the model is used all the same: {info}");
    assert!(info["notes"].to_string().contains("not wholly kept"), "{info}");
    assert_eq!(server.n_bytes_sent(), n_bytes, "{:?}", server.sent());

    page.driver().cdp("Storage.overrideQuotaForOrigin", &json!({ "origin": origin }));
    page.reload();
    let here =
        page.call("return (await concord.storedModels())[0].bytesHere", SHORT).as_f64().unwrap() as u64;
    assert!(here > 0 && here < n_bytes && here.is_multiple_of(CHUNK), "{here} bytes are here");
    let n_before = server.sent().len();
    let info = page.call(&load, LONG);
    assert_eq!((&info["sha256"], &info["notes"]), (&json!(expected), &json!([])), "{info}");
    let sent = server.sent().split_off(n_before);
    println!("{here} of {n_bytes} bytes were here, then came {sent:?}");
    assert!(sent.iter().all(|sent| sent.from >= here), "kept bytes were fetched again: {sent:?}");
    // One byte shows whether the file on the server is still this one.
    assert_eq!(sent.iter().map(|sent| sent.to - sent.from).sum::<u64>(), n_bytes - here + 1, "{sent:?}");

    page.reload();
    let n_sent = server.n_bytes_sent();
    assert_eq!(page.call(&load, LONG)["sha256"], json!(expected));
    assert_eq!(server.n_bytes_sent(), n_sent, "the whole file is on this device");
}

#[test]
fn two_tabs_that_want_one_file_fetch_it_once() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let (n_bytes, body) = medium_model();
    server.slow_down(8_000_000);
    let both = format!(
        "const other = window.open(location.href);
         while (!other.concord) await new Promise(done => setTimeout(done, 100));
         await other.concord.ready;
         const stages = [];
         const onProgress = progress => stages.push(progress.stage);
         const load = concord => concord.loadModel('{}', {{ backend: 'cpu', onProgress }});
         const models = await Promise.all([load(concord), load(other.concord)]);
         return {{ hashes: models.map(model => model.sha256), stages: [...new Set(stages)] }}",
        server.url("/medium.gguf")
    );
    let outcome = page.call(&both, LONG);
    let expected = sha256_of(body);
    assert_eq!(outcome["hashes"], json!([expected, expected]), "{outcome}");
    assert!(outcome["stages"].to_string().contains("queue"), "one of them waited: {outcome}");
    assert_eq!(server.n_bytes_sent(), n_bytes, "{:?}", server.sent());
}
