//! What went wrong in reviews before, each in a test of its own.

use std::collections::BTreeSet;

use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;
use crate::desk::{ROW, decide, letter, open, row, session, with_long_texts};

#[test]
fn a_reload_goes_on_at_the_first_undecided_row_and_after_the_last_nothing_is_decided_again() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    decide(&page, 'x');
    decide(&page, 'a');
    let here = row(&page);
    page.reload();
    page.wait_visible(ROW, SHORT);
    page.wait_for("the first undecided row", SHORT, || (row(&page) == here).then_some(()));
    while !page.is_visible("[data-testid=all-decided]") {
        letter(&page, 'a');
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let said = page.text("[data-testid=all-decided]");
    assert!(said.starts_with("All ") && said.contains("are decided."), "{said}");
    let n_events = session(&page)["events"].as_array().unwrap().len();
    letter(&page, 'a');
    letter(&page, 'x');
    page.wait_visible("[data-testid=row-problem]", SHORT);
    assert_eq!(session(&page)["events"].as_array().unwrap().len(), n_events, "nothing was decided again");
}

#[test]
fn keyboard_focus_stays_on_the_row() {
    let site = Site::start();
    let page = open(&site, &with_long_texts(&large_session(6, 4, 4)));
    // A file was opened last: the keys work.
    assert!(decide(&page, 'a').starts_with("Accepted"));
    has_focus(&page, "a decision");
    page.click("[data-testid=offers] li:not(:has([aria-pressed=true])) .offer__acts button");
    page.wait_for("a pair of one's own", SHORT, || (row(&page)[2] == "changed").then_some(()));
    has_focus(&page, "picking another response");
    page.click("[data-testid=focus-chosen] .speech");
    has_focus(&page, "a click on a text");
    let (before, top) = (row(&page), page.driver().script("return scrollY", Vec::new()));
    page.press("ArrowDown", "ArrowDown", 0);
    page.wait_for("the next row", SHORT, || (row(&page)[..2] != before[..2]).then_some(()));
    assert_eq!(page.driver().script("return scrollY", Vec::new()), top, "the page did not scroll");
    has_focus(&page, "an arrow key");
    page.pick_file("[data-testid=open-session]", "other.json", large_session(5, 4, 4).as_bytes());
    page.wait_for("the other session", SHORT, || {
        page.text("[data-testid=status-message]").starts_with("other.json is open").then_some(())
    });
    has_focus(&page, "a file");
}

/// The focus is on the row's heading or in the desk, never on the body.
fn has_focus(page: &Page, after: &str) {
    let script = "return document.activeElement.id || document.activeElement.tagName";
    page.wait_for(&format!("the focus after {after}"), SHORT, || {
        (page.driver().script(script, Vec::new()) == json!("row-heading")).then_some(())
    });
}

#[test]
fn an_act_that_cannot_be_done_says_so_in_view_and_only_there() {
    let site = Site::start();
    let page = open(&site, &large_session(20, 4, 2));
    page.click("[data-testid=filter-skipped]");
    page.wait_for("a row without a pair", SHORT, || (row(&page)[2] == "no-pair").then_some(()));
    letter(&page, 'a');
    page.wait_visible("[data-testid=row-problem]", SHORT);
    let said = page.text("[data-testid=row-problem]");
    assert!(said.contains("no pair") && said.contains("digit"), "{said}");
    in_view(&page, "[data-testid=row-problem]");
    letter(&page, 'x');
    page.wait_for("other words", SHORT, || {
        page.text("[data-testid=row-problem]").contains("nothing to leave out").then_some(())
    });
    letter(&page, 'j');
    page.wait_for("the words to go", SHORT, || (!page.is_visible("[data-testid=row-problem]")).then_some(()));
    letter(&page, 'a');
    page.wait_visible("[data-testid=row-problem]", SHORT);
    page.press("]", "BracketRight", 0);
    page.wait_visible("[data-testid=screen-status]", SHORT);
    assert!(!page.text("main:not([hidden])").contains("no pair."), "it does not follow to another screen");
}

#[test]
fn each_row_is_counted_once_and_an_empty_filter_shows_no_card() {
    let site = Site::start();
    let page = open(&site, &large_session(10, 4, 4));
    for key in ['a', 's', 'x', 't'] {
        decide(&page, key);
    }
    let count =
        |name: &str| page.text(&format!("[data-testid=filter-{name}] .number")).parse::<usize>().unwrap();
    let parts = ["undecided", "accepted", "changed", "left-out", "skipped"].map(count);
    assert_eq!(parts.iter().sum::<usize>(), count("all"), "{parts:?}");
    assert_eq!(parts[1..4], [1, 1, 2]);
    page.click("[data-testid=look-overview]");
    page.wait_visible("[data-testid=result-card]", SHORT);
    page.click("[data-testid=filter-changed]");
    page.wait_for("one card", SHORT, || {
        let n = "return [...document.querySelectorAll('[data-testid=result-card]')].filter(e => e.checkVisibility()).length";
        (page.driver().script(n, Vec::new()) == json!(1)).then_some(())
    });
    page.wait_visible(".pair--current", SHORT);
    page.wait_for("the row in view", SHORT, || is_in_view(&page, ".pair--current").then_some(()));
}

#[test]
fn question_reference_and_acts_are_in_view_at_every_step_of_fifty() {
    let site = Site::start();
    let page = open(&site, &with_long_texts(&large_session(40, 4, 4)));
    let metrics = json!({ "width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": false });
    page.driver().cdp("Emulation.setDeviceMetricsOverride", &metrics);
    for step in 0..50 {
        for part in ["focus-question", "focus-reference", "focus-chosen", "focus-rejected", "action-bar"] {
            assert!(
                is_in_view(&page, &format!("[data-testid={part}]")),
                "{part} is out of view at step {step}"
            );
        }
        decide(&page, ['a', 's', 'x'][step % 3]);
    }
}

#[test]
fn equal_texts_stand_once_with_their_count() {
    let site = Site::start();
    let mut file: Value = serde_json::from_str(&large_session(4, 2, 6)).unwrap();
    for response in file["responses"].as_array_mut().unwrap() {
        if response["language"] == json!("de") {
            let answer = response["answer"].as_str().unwrap().to_owned();
            response["text"] = json!(format!("Es sind {answer}."));
        }
    }
    let page = open(&site, &file.to_string());
    let prompt = row(&page)[0].clone();
    let texts: BTreeSet<String> = (file["responses"].as_array().unwrap().iter())
        .filter(|response| response["language"] == json!("de") && response["promptId"] == json!(prompt))
        .map(|response| response["text"].to_string())
        .collect();
    assert!(texts.len() < 6, "some are equal");
    let shown = page.texts("[data-testid=candidate]");
    assert_eq!(shown.len(), texts.len(), "{shown:?}");
    assert!(shown.iter().any(|offer| offer.contains(" equal")), "{shown:?}");
}

#[test]
fn at_four_hundred_per_cent_nothing_is_taller_than_the_window_without_scrolling_inside() {
    let site = Site::start();
    let page = open(&site, &with_long_texts(&large_session(6, 4, 4)));
    for (width, height) in [(320, 180), (320, 640)] {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        page.driver().cdp("Emulation.setDeviceMetricsOverride", &metrics);
        let script =
            "return [...document.querySelectorAll('.box, .acts-bar, .note')].filter(e => e.checkVisibility()
            && e.getBoundingClientRect().height > innerHeight).map(e => e.className)";
        assert_eq!(page.driver().script(script, Vec::new()), json!([]), "{width} x {height}");
        let excess = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
        assert_eq!(page.driver().script(excess, Vec::new()), json!(0), "{width} x {height}");
    }
}

fn in_view(page: &Page, css: &str) {
    assert!(is_in_view(page, css), "{css} is out of view");
}

/// Whether an element stands in the window, with nothing over its middle.
fn is_in_view(page: &Page, css: &str) -> bool {
    let script = "const e = document.querySelector(arguments[0]);
        if (!e) return false;
        const r = e.getBoundingClientRect();
        if (r.height < 1 || r.top < -1 || r.left < -1 || r.bottom > innerHeight + 1 || r.right > innerWidth + 1) return false;
        const over = document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2);
        return e.contains(over);";
    page.driver().script(script, vec![json!(css)]) == json!(true)
}
