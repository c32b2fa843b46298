//! A model in several files: by the address of its first part, picked from the disk, dropped on the page.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::synthetic::{PARTS, medium_part};
use browser_tests::unsteady::Unsteady;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

/// What the loaded model says, to the last bit.
fn logits(page: &Page) -> Value {
    page.call("return [...await concord.logits([5, 9, 70, 3])]", LONG)
}

/// What the whole model says.
fn expected(page: &Page, server: &Unsteady) -> Value {
    let whole = server.url("/medium.gguf");
    page.call(&format!("await concord.loadModel('{whole}', {{ backend: 'cpu', keep: false }})"), LONG);
    let expected = logits(page);
    assert_eq!(expected.as_array().map(Vec::len), Some(512), "{expected}");
    page.reload();
    expected
}

fn open_shelf(page: &Page) {
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let open = "document.querySelector('[data-testid=shelf]').closest('details').open = true";
    page.driver().script(open, Vec::new());
    page.wait_visible("[data-testid=offer]", SHORT);
}

/// Drops files with the bytes of some parts on the page.
fn drop_parts(page: &Page, server: &Unsteady, parts: &[usize]) {
    let names: Vec<&str> = parts.iter().map(|idx| PARTS[*idx]).collect();
    let body = format!(
        "const data = new DataTransfer();
         for (const name of {}) {{
             const bytes = await (await fetch('{}' + name)).arrayBuffer();
             data.items.add(new File([bytes], name));
         }}
         const event = new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }});
         return document.body.dispatchEvent(event)",
        json!(names),
        server.url("/parts/")
    );
    assert_eq!(page.call(&body, LONG), json!(false), "the page takes the drop, the browser does not");
}

#[test]
fn the_first_parts_address_brings_the_others_over_cuts_and_they_stay() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let expected = expected(&page, &server);
    let first = server.url(&format!("/parts/{}", PARTS[0]));
    let load = format!("return await concord.loadModel('{first}', {{ backend: 'cpu' }})");
    let before = server.n_bytes_sent();
    server.cut_after(&[5_000_000, 200_000, 1_000_000]);
    let info = page.call(&load, LONG);
    let n_bytes: u64 = (0..PARTS.len()).map(|idx| medium_part(idx).0).sum();
    assert_eq!(info["nBytes"], json!(n_bytes), "{info}");
    assert_eq!(logits(&page), expected);
    assert_eq!(server.n_cuts_left(), 0, "the connections broke");
    // What the browser had not handed over when a connection broke or paused comes again.
    let n_sent = server.n_bytes_sent() - before;
    println!("{n_bytes} bytes, {n_sent} sent in {} replies", server.sent().len());
    assert!(n_sent >= n_bytes, "{:?}", server.sent());

    let stored = page.call("return await concord.storedModels()", SHORT);
    let expected_entry = json!([{ "id": stored[0]["id"], "name": "medium.gguf", "address": first, "nFiles": 3,
        "nBytes": n_bytes, "bytesHere": n_bytes, "isComplete": true, "sha256": null }]);
    assert_eq!(stored, expected_entry);
    page.reload();
    let again = page.call(&load, LONG);
    assert_eq!((&again["sha256"], &again["notes"]), (&info["sha256"], &json!([])));
    assert_eq!(logits(&page), expected);
    assert_eq!(server.n_bytes_sent() - before, n_sent, "all parts are on this device");
    let left = page.call(&format!("return await concord.deleteModel({})", stored[0]["id"]), SHORT);
    assert_eq!(left, json!([]));
    let files = "const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
         const names = []; for await (const name of folder.keys()) names.push(name); return names";
    assert_eq!(page.call(files, SHORT), json!([]), "no file of it is left");
}

#[test]
fn parts_are_picked_or_dropped_together_in_any_order_and_a_missing_one_is_named() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let expected = expected(&page, &server);
    let part = |idx: usize| {
        let mut bytes = Vec::new();
        medium_part(idx).1.read_to_end(&mut bytes).unwrap();
        (PARTS[idx], bytes)
    };
    open_shelf(&page);
    page.pick_files("[data-testid=open-model]", &[part(2), part(0), part(1)]);
    page.wait_visible("[data-testid=backend-label][data-backend=cpu]", LONG);
    assert_eq!(logits(&page), expected, "picked");

    page.reload();
    open_shelf(&page);
    drop_parts(&page, &server, &[1, 2, 0]);
    page.wait_visible("[data-testid=backend-label][data-backend=cpu]", LONG);
    assert_eq!(logits(&page), expected, "dropped");

    page.reload();
    open_shelf(&page);
    drop_parts(&page, &server, &[2, 0]);
    let fault = page.wait_for("the refusal", LONG, || {
        Some(page.text("body")).filter(|text| text.contains("open all of them together"))
    });
    assert!(fault.contains("medium-00002-of-00003.gguf is not there"), "{fault}");
}

#[test]
fn one_dropped_file_is_opened_and_what_is_no_model_is_named() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    let expected = expected(&page, &server);
    open_shelf(&page);
    let drop = |make: &str| {
        let body = format!(
            "const data = new DataTransfer();
             data.items.add({make});
             window.dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, cancelable: true }}))"
        );
        page.call(&body, LONG);
    };
    drop("new File(['some words'], 'notes.txt')");
    page.wait_for("the refusal", SHORT, || {
        Some(()).filter(|()| page.text("body").contains("otes.txt is not a GGUF file"))
    });
    drop(&format!(
        "new File([await (await fetch('{}')).arrayBuffer()], 'm.gguf')",
        server.url("/medium.gguf")
    ));
    page.wait_visible("[data-testid=backend-label][data-backend=cpu]", LONG);
    assert_eq!(logits(&page), expected);
    assert!(page.text("body").contains("twenty megabytes of noise"), "its name is on the screen");
}
