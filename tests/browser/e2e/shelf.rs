//! The shelf: models by address and from the list, what is kept on the device, and what is said when one does not come.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::synthetic::medium_model;
use browser_tests::unsteady::{Unsteady, sha256_of};
use serde_json::json;

use crate::{LONG, SHORT};

#[test]
fn every_way_a_model_may_not_come_has_its_own_message() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let hub = server.url("");
    let cases = [
        ("missing", server.url("/gone.gguf"), "unreachable", "spelling"),
        ("forbidden", server.url("/forbidden.gguf"), "unreachable", "licence"),
        ("not for other sites", server.url("/no-cors.gguf"), "unreachable", "CORS"),
        ("no server", "http://localhost:9/x.gguf".to_owned(), "unreachable", "could not be reached"),
        ("a gated repository", "owner/gated".to_owned(), "unreachable", "licence"),
        ("a missing repository", "owner/none".to_owned(), "unreachable", "spelling"),
        ("no usable file", "owner/weights".to_owned(), "bad-input", "model.safetensors"),
        ("no such file", "owner/name:Q4_0".to_owned(), "bad-input", "medium-Q8_0.gguf"),
        ("no address", "nonsense".to_owned(), "bad-input", "owner/name"),
    ];
    for (name, source, code, expected) in cases {
        let body = format!("return await concord.loadModel('{source}', {{ hub: '{hub}', backend: 'cpu' }})");
        let rejection = page.try_call(&body, SHORT).expect_err(name);
        println!("{name}: {}", rejection.message);
        assert_eq!(rejection.code, code, "{name}: {rejection:?}");
        assert!(rejection.message.contains(expected), "{name}: {rejection:?}");
    }
    assert_eq!(page.call("return await concord.storedModels()", SHORT), json!([]), "nothing of it is kept");

    let origin = site.url().split("/people").next().unwrap_or_default().to_owned();
    let quota = |n_bytes: u64| json!({ "origin": origin, "quotaSize": n_bytes });
    page.driver().cdp("Storage.overrideQuotaForOrigin", &quota(2_000_000));
    let medium =
        format!("return await concord.loadModel('{}', {{ backend: 'cpu' }})", server.url("/medium.gguf"));
    // A browser that hides how much room there is finds out while it writes: the model is used and not kept.
    let info = page.call(&medium, LONG);
    println!("no room: {}", info["notes"]);
    assert!(info["notes"].to_string().contains("no room left"), "{info}");
    let passing = medium.replace("backend", "keep: false, backend");
    assert!(page.call(&passing, LONG)["nBytes"].is_number(), "it can be used without being kept");

    page.driver().cdp("Network.enable", &json!({}));
    let offline = json!({ "offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    page.driver().cdp("Network.emulateNetworkConditions", &offline);
    let body = "return await concord.loadModel('http://localhost:9/x.gguf', { backend: 'cpu' })";
    let rejection = page.try_call(body, SHORT).expect_err("offline");
    assert!(rejection.message.contains("offline"), "{rejection:?}");
}

#[test]
fn a_repository_is_loaded_listed_used_without_its_server_and_deleted() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let (n_bytes, body) = medium_model();
    let sha256 = sha256_of(body);
    let load = format!(
        "return await concord.loadModel('owner/name', {{ hub: '{}', backend: 'cpu' }})",
        server.url("")
    );
    assert_eq!(page.call(&load, LONG)["sha256"], json!(sha256));
    let stored = page.call("return await concord.storedModels()", SHORT);
    let expected = json!([{ "id": sha256, "name": "medium-Q8_0.gguf", "address": "owner/name", "nFiles": 1,
        "nBytes": n_bytes, "bytesHere": n_bytes, "isComplete": true, "sha256": sha256 }]);
    assert_eq!(stored, expected);
    page.reload();
    let without_hub =
        "return await concord.loadModel('owner/name', { hub: 'http://localhost:9', backend: 'cpu' })";
    assert_eq!(page.call(without_hub, LONG)["sha256"], json!(sha256));
    assert_eq!(server.n_bytes_sent(), n_bytes);
    let left = page.call(&format!("return await concord.deleteModel('{sha256}')"), SHORT);
    assert_eq!(left, json!([]));
    assert_eq!(page.try_call(without_hub, SHORT).expect_err("it is gone").code, "unreachable");
}

#[test]
fn on_the_screen_a_model_is_opened_by_address_kept_and_deleted() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    server.slow_down(6_000_000);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let open = "document.querySelector('[data-testid=shelf]').closest('details').open = true";
    page.driver().script(open, Vec::new());
    page.wait_visible("[data-testid=offer]", SHORT);
    let offer = page.text("[data-testid=offer]");
    for word in ["MB", "Apache-2.0", "languages", "memory", "Fetch"] {
        assert!(offer.contains(word), "{word} is not in {offer}");
    }
    assert_eq!(server.sent().len(), 0, "nothing is fetched before the person asks");
    assert!(!page.is_visible("[data-testid=stored-model]"));

    page.set("[data-testid=backend]", "cpu");
    page.set("[data-testid=model-address]", &server.url("/medium.gguf"));
    page.click("[data-testid=open-address]");
    let progress = || Some(page.text("[data-testid=progress]")).filter(|text| text.contains("MB/s"));
    let said = page.wait_for("a rate", LONG, progress);
    assert!(said.contains("left") && said.contains(" of "), "{said}");
    page.click("[data-testid=cancel-button]");
    page.wait_visible("[data-testid=stored-model][data-complete=false]", SHORT);
    let said = page.text("[data-testid=stored-model]");
    assert!(said.contains("are here") && said.contains("Go on"), "{said}");
    page.click("[data-testid=load-stored]");
    page.wait_visible("[data-testid=backend-label][data-backend=cpu]", LONG);
    page.wait_visible("[data-testid=stored-model][data-complete=true]", SHORT);

    page.emulate(320, false);
    let wide = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
    assert_eq!(page.driver().script(wide, Vec::new()), json!(0), "the shelf fits a narrow window");
    page.driver().screenshot(&xtask::shell::root().join("target/screenshots/shelf-320-light.png"));
    page.emulate(1280, true);
    page.driver().script("document.querySelector('[data-testid=shelf]').scrollIntoView()", Vec::new());
    page.driver().screenshot(&xtask::shell::root().join("target/screenshots/shelf-1280-dark.png"));

    page.click("[data-testid=delete-model]");
    let gone = || (!page.is_visible("[data-testid=stored-model]")).then_some(());
    page.wait_for("the model to go", SHORT, gone);
    assert_eq!(page.call("return await concord.storedModels()", SHORT), json!([]));
    assert_eq!(page.driver().console(), Vec::<String>::new());
}
