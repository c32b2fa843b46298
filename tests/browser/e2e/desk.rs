//! The review: one row at a time by keyboard, every decision, what is kept of it, filters, and acts on many rows.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;
use crate::screens::check_widths;

pub(crate) const ROW: &str = "[data-testid=focus-row]";

/// A session on the desk with its pairs picked, one row at a time.
pub(crate) fn open(site: &Site, session: &str) -> Page {
    let page = Page::open(site, Gpu::None);
    page.open_session("desk.json", session.as_bytes());
    page.set("[data-testid=min-margin]", "0.01");
    page.wait_visible("[data-testid=pair-row][data-chosen]", SHORT);
    page.click("[data-testid=look-focus]");
    page.wait_visible(ROW, SHORT);
    page
}

/// The session's file with every text so long that it cannot be shown whole.
pub(crate) fn with_long_texts(session: &str) -> String {
    let mut session: Value = serde_json::from_str(session).unwrap();
    for response in session["responses"].as_array_mut().unwrap() {
        let text = response["text"].as_str().unwrap();
        response["text"] = json!(format!("{}{text}", "Step by step we count what there is. ".repeat(40)));
    }
    for prompt in session["prompts"].as_array_mut().unwrap() {
        for text in prompt["text"].as_object_mut().unwrap().values_mut() {
            *text = json!(format!(
                "{}{}",
                "Read all of this before you answer. ".repeat(30),
                text.as_str().unwrap()
            ));
        }
    }
    session.to_string()
}

/// Presses the key of a Latin letter.
pub(crate) fn letter(page: &Page, letter: char) {
    page.press(&letter.to_string(), &format!("Key{}", letter.to_ascii_uppercase()), 0);
}

/// What the shown row says of itself.
pub(crate) fn row(page: &Page) -> [String; 5] {
    let script = "const d = document.querySelector(arguments[0])?.dataset ?? {};
        return ['prompt', 'language', 'state', 'chosen', 'rejected'].map(name => d[name] ?? '')";
    serde_json::from_value(page.driver().script(script, vec![json!(ROW)])).unwrap()
}

/// Presses a letter and waits until the page says that something was done.
pub(crate) fn decide(page: &Page, key: char) -> String {
    let said = || page.text("[data-testid=said]");
    let before = said();
    letter(page, key);
    page.wait_for("the page to say what was done", SHORT, || Some(said()).filter(|now| *now != before))
}

/// The session as its file has it, from a page whose rail is folded.
pub(crate) fn session(page: &Page) -> Value {
    let is_folded = !page.is_visible("[data-testid=download-session]");
    if is_folded {
        page.click("[data-testid=fold-rail]");
    }
    let session = page.session_file();
    if is_folded {
        page.click("[data-testid=fold-rail]");
    }
    session
}

fn events(page: &Page) -> Vec<Value> {
    session(page)["events"].as_array().unwrap().clone()
}

#[test]
fn every_decision_by_one_key_is_said_kept_and_undone() {
    let site = Site::start();
    let page = open(&site, &large_session(8, 4, 4));
    let first = row(&page);
    let wanted = [
        ('a', "Accepted", "accept", "accepted"),
        ('s', "Swapped", "swap", "accepted"),
        ('x', "Left out", "leave-out", "left-out"),
        ('t', "Tie", "tie", "tie"),
        ('g', "Both good", "both-good", "both-good"),
        ('b', "Both bad", "both-bad", "both-bad"),
        ('c', "Cannot judge", "cannot-judge", "cannot-judge"),
        ('h', "Harmful", "harmful", "harmful"),
    ];
    for (key, done, ..) in wanted {
        let said = decide(&page, key);
        assert!(said.starts_with(&format!("{done}: prompt ")), "{said}");
        assert!(said.contains(". Next: prompt "), "the next row is named: {said}");
    }
    let log = events(&page);
    let kinds: Vec<&str> = log.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, wanted.map(|(_, _, kind, _)| kind));
    let states: Vec<&str> = log.iter().map(|event| event["after"]["status"].as_str().unwrap()).collect();
    assert_eq!(states, wanted.map(|(.., state)| state));

    for _ in wanted {
        decide(&page, 'u');
    }
    assert_eq!(row(&page), first, "undo leads back to the first row as it was");
    let said = decide(&page, 'y');
    assert!(said.starts_with("Done again: prompt 1, "), "{said}");
    let log = events(&page);
    assert_eq!(log.len(), 2 * wanted.len() + 1, "undo and redo are events too");
}

#[test]
fn reasons_notes_flags_and_edits_are_kept_and_shown() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    letter(&page, 'f');
    page.wait_for("the flag", SHORT, || page.text(ROW).contains("flagged").then_some(()));
    letter(&page, 'n');
    type_and_save(&page, "note", "Look at the last step.");
    page.wait_for("the note", SHORT, || page.text(ROW).contains("Look at the last step.").then_some(()));
    let chosen = row(&page)[3].clone();
    letter(&page, 'e');
    type_and_save(&page, "edit", "A person wrote this.");
    page.wait_visible("[data-testid=focus-chosen] [data-testid=edited]", SHORT);
    assert!(page.text("[data-testid=focus-chosen]").contains("A person wrote this."));
    letter(&page, 'w');
    page.wait_visible("[data-testid=reasons]", SHORT);
    page.press("2", "Digit2", 0);
    page.press("7", "Digit7", 0);
    decide(&page, 'x');

    let log = events(&page);
    let kinds: Vec<&str> = log.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["flag", "note", "edit", "leave-out"]);
    assert_eq!(log[1]["text"], json!("Look at the last step."));
    assert_eq!((&log[2]["text"], log[2]["sample"].to_string()), (&json!("A person wrote this."), chosen));
    assert_eq!(log[3]["reasons"], json!(["wrong-answer", "formatting"]));
    assert_eq!(log[3]["after"]["flagged"], json!(true), "the flag stays");

    letter(&page, 'k');
    page.click("[data-testid=edited] summary");
    page.click("[data-testid=restore-text]");
    page.wait_for("the model's words", SHORT, || (!page.is_visible("[data-testid=edited]")).then_some(()));
}

fn type_and_save(page: &Page, name: &str, text: &str) {
    let field = format!("[data-testid={name}-text]");
    page.wait_visible(&field, SHORT);
    page.set(&field, text);
    page.click(&format!("[data-testid=save-{name}]"));
}

#[test]
fn blind_judgements_hide_what_tells_and_keep_the_order_that_was_shown() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    page.click("[data-testid=review-options]");
    page.click("[data-testid=blind]");
    page.click("[data-testid=review-options]");
    // Neither another look nor a count tells.
    let closed = "return document.querySelector('[data-testid=look-overview]').disabled";
    assert_eq!(page.driver().script(closed, Vec::new()), json!(true));
    assert!(!page.text("[data-testid=summary]").contains("gold"));
    for chip in ["accepted", "changed"] {
        assert!(!page.is_visible(&format!("[data-testid=filter-{chip}]")), "{chip}");
    }
    let mut orders = Vec::new();
    for digit in ["1", "2", "1", "2", "1", "2"] {
        page.wait_visible("[data-testid=focus-side]", SHORT);
        let text = page.text(ROW);
        for tell in ["Chosen", "Rejected", "score", "margin", "cosine", "rank"] {
            assert!(!text.contains(tell), "{tell} tells: {text}");
        }
        let before = row(&page);
        page.press(digit, &format!("Digit{digit}"), 0);
        page.wait_for("the next row", SHORT, || (row(&page)[..2] != before[..2]).then_some(()));
        orders.push((digit, before));
    }
    let log = events(&page);
    for (event, (digit, before)) in log.iter().zip(&orders) {
        assert_eq!((&event["item"], &event["lang"]), (&json!(before[0]), &json!(before[1])));
        let shown: Vec<i64> = serde_json::from_value(event["shown_order"].clone()).unwrap();
        assert!(event["seed"].is_u64() && shown.len() == 2, "{event}");
        let better = shown[if *digit == "1" { 0 } else { 1 }];
        assert_eq!(event["after"]["chosen"], json!(better), "{event}");
    }
}

#[test]
fn a_blind_row_comes_up_once_more_with_its_sides_swapped() {
    let site = Site::start();
    let page = open(&site, &large_session(30, 4, 4));
    // The seed is kept, so the order and the rows that come once more are the same every time.
    page.driver().script("localStorage.setItem('concord.blind', '4')", Vec::new());
    page.reload();
    for _ in 0..40 {
        page.wait_visible("[data-testid=focus-side]", SHORT);
        let said = page.text("[data-testid=said]");
        page.press("1", "Digit1", 0);
        page.wait_for("the next row", SHORT, || (page.text("[data-testid=said]") != said).then_some(()));
    }
    let log = events(&page);
    let repeats: Vec<&Value> = log.iter().filter(|event| event["event"] == json!("repeat")).collect();
    assert!(!repeats.is_empty(), "of forty rows some come once more");
    for repeat in repeats {
        let is_of_row =
            |event: &&Value| (&event["item"], &event["lang"]) == (&repeat["item"], &repeat["lang"]);
        let first = log.iter().find(is_of_row).unwrap();
        let mut order: Vec<i64> = serde_json::from_value(first["shown_order"].clone()).unwrap();
        order.reverse();
        assert_eq!(repeat["shown_order"], json!(order));
    }
}

#[test]
fn filters_stand_in_the_address_survive_a_reload_and_can_be_cleared() {
    let site = Site::start();
    let page = open(&site, &large_session(4, 4, 4));
    decide(&page, 'a');
    page.click("[data-testid=filter-accepted]");
    page.wait_for("the accepted row", SHORT, || (row(&page)[2] == "accepted").then_some(()));
    page.click("[data-testid=more-filters]");
    let language = row(&page)[1].clone();
    page.set("[data-testid=filter-language]", &language);
    let wanted = json!(format!("#pairs?status=accepted&language={language}"));
    let hash = || page.driver().script("return location.hash", Vec::new());
    assert_eq!(hash(), wanted);
    page.reload();
    page.wait_visible(ROW, SHORT);
    assert_eq!(hash(), wanted);
    let pressed = "return document.querySelector('[data-testid=filter-accepted]').ariaPressed";
    assert_eq!(page.driver().script(pressed, Vec::new()), json!("true"));
    page.click("[data-testid=filter-left-out]");
    page.wait_visible("[data-testid=no-rows]", SHORT);
    assert!(!page.is_visible(ROW), "no row is shown where none passes");
    page.click("[data-testid=show-all-rows]");
    page.wait_visible(ROW, SHORT);
    assert_eq!(hash(), json!("#pairs"));
}

#[test]
fn an_act_on_all_rows_that_pass_is_one_event_and_one_undo() {
    let site = Site::start();
    let page = open(&site, &large_session(4, 4, 4));
    let count = |status: &str| page.text(&format!("[data-testid=filter-{status}] .number"));
    let undecided = count("undecided");
    page.click("[data-testid=filter-undecided]");
    page.click("[data-testid=bulk]");
    page.wait_visible("[data-testid=bulk-dialog]", SHORT);
    assert_eq!(page.violations("[data-testid=bulk-dialog]"), Vec::<String>::new());
    assert!(page.text("[data-testid=bulk-count]").starts_with(&format!("{undecided} rows will change.")));
    page.click("[data-testid=bulk-confirm]");
    page.wait_for("all accepted", SHORT, || (count("accepted") == undecided).then_some(()));
    let log = events(&page);
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["rows"].as_array().map(Vec::len), undecided.parse::<usize>().ok().map(|n| n - 1));
    letter(&page, 'u');
    page.wait_for("all undecided", SHORT, || (count("undecided") == undecided).then_some(()));
}

#[test]
fn the_review_fits_every_width_and_axe_finds_nothing() {
    let site = Site::start();
    let page = open(&site, &with_long_texts(&large_session(3, 4, 4)));
    check_widths(&page, "review");
    page.click("[data-testid=review-options]");
    for width in [320, 768, 880] {
        page.emulate(width, false);
        let excess = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
        assert_eq!(page.driver().script(excess, Vec::new()), json!(0), "the options at {width} px");
    }
    page.click("[data-testid=review-options]");
    page.emulate(1280, false);
    page.click("[data-testid=look-table]");
    page.wait_visible("[data-testid=table-row]", SHORT);
    check_widths(&page, "review-table");
    page.emulate(1280, false);
    page.press("?", "Slash", 8);
    page.wait_visible("[data-testid=close-keys]", SHORT);
    assert_eq!(page.violations("body"), Vec::<String>::new());
}
