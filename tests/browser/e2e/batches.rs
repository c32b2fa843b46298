//! Batches: composed on the screen, downloaded, and their order checked against the file's own columns.

use std::collections::{BTreeMap, BTreeSet};

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const GROUPS_PER_BATCH: u64 = 2;

#[test]
fn batches_are_composed_downloaded_and_judged() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.build_on_screen(6, 3);
    page.wait_built(LONG);
    page.click("[data-testid=nav-batches]");
    page.wait_visible("[data-testid=batch-facts]", LONG);
    // Without pairs of its own the anchor is in no group, so the screen opens on groups of the others.
    let composition = "return document.querySelector('[data-testid=composition]').value";
    assert_eq!(page.driver().script(composition, Vec::new()), json!("anchor-excluded"));
    page.wait_visible("[data-testid=batch-step]", SHORT);
    page.click("[data-testid=add-anchor-pairs]");
    page.wait_for("the anchor's pairs", LONG, || {
        (!page.is_visible("[data-testid=lacks-anchor]") && page.is_visible("[data-testid=batch-facts]"))
            .then_some(())
    });
    assert_eq!(page.driver().script(composition, Vec::new()), json!("anchor-included"));
    page.set("[data-testid=composition]", "anchor-excluded");
    page.wait_visible("[data-testid=batch-step]", SHORT);
    assert_eq!(page.violations("body"), Vec::<String>::new());

    let shown = page.driver().script(
        "return [...document.querySelectorAll('[data-testid=batch-step]')].map(step => Number(step.dataset.rows))",
        Vec::new(),
    );
    page.click("[data-testid=download-batches]");
    let text = std::fs::read_to_string(page.downloaded("jsonl", SHORT)).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    the_order_is_that_of_whole_groups(&rows);
    let mut by_step: BTreeMap<u64, u64> = BTreeMap::new();
    for row in &rows {
        *by_step.entry(row["concord_step"].as_u64().unwrap()).or_default() += 1;
    }
    assert_eq!(
        shown,
        json!(by_step.values().take(20).collect::<Vec<_>>()),
        "the strip shows the file's steps"
    );
    page.click("[data-testid=download-guide]");
    let guide = std::fs::read_to_string(page.downloaded("md", SHORT)).unwrap();
    assert!(guide.contains("Do not shuffle"), "{guide}");

    the_model_is_asked(&page);
    assert_eq!(page.violations("body"), Vec::<String>::new());
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

/// Steps, batches and epochs never go back; a group lies in one batch; a batch holds at most so many groups.
fn the_order_is_that_of_whole_groups(rows: &[Value]) {
    assert!(!rows.is_empty(), "six prompts give at least one group of two languages");
    let column = |row: &Value, name: &str| row[name].as_u64().unwrap_or_else(|| panic!("no {name} in {row}"));
    for pair in rows.windows(2) {
        for name in ["concord_epoch", "concord_step", "concord_batch"] {
            assert!(column(&pair[0], name) <= column(&pair[1], name), "{name} goes back: {pair:?}");
        }
    }
    let mut batches: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    let mut sizes: BTreeMap<u64, usize> = BTreeMap::new();
    for row in rows {
        let group = column(row, "concord_group");
        batches.entry(column(row, "concord_batch")).or_default().insert(group);
        *sizes.entry(group).or_default() += 1;
    }
    assert!(batches.values().all(|groups| groups.len() as u64 <= GROUPS_PER_BATCH), "{batches:?}");
    let n_places: usize = batches.values().map(BTreeSet::len).sum();
    assert_eq!(n_places, sizes.len(), "a group lies in more than one batch: {batches:?}");
    assert!(sizes.values().all(|n_rows| *n_rows >= 2), "a group of one language aligns nothing: {sizes:?}");
}

/// Against itself the DPO loss is log 2 for every pair; the other losses are numbers.
fn the_model_is_asked(page: &Page) {
    page.click("[data-testid=ask-own]");
    page.wait_for("the losses", LONG, || {
        assert!(!page.is_visible("[data-testid=fault]"), "{}", page.text("[data-testid=fault]"));
        page.is_visible("[data-testid=losses]").then_some(())
    });
    let rows = page.driver().script(
        "return [...document.querySelectorAll('[data-testid=loss-row]')].map(row => [...row.querySelectorAll('td')].map(cell => cell.innerText))",
        Vec::new(),
    );
    for row in rows.as_array().unwrap() {
        assert_eq!(row[1], json!("0.693"), "{row}");
        let nll: f64 = row[2].as_str().unwrap().parse().unwrap();
        assert!(nll.is_finite() && nll >= 0.0, "{row}");
    }
}
