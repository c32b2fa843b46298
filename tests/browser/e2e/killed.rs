//! A browser that is killed right after anything a person does that is no simple decision: an edit, a note, a flag, reasons,
//! an act on all rows. What the page has shown is there again. And undo, after all of that, leads back to the start.

use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;
use crate::desk::{ROW, decide, letter, open, row, session};

/// Each act as steps in the page, a step begins when the element before it is there; and how the page shows that it is done.
const ACTS: [(&str, &str, &str); 5] = [
    ("flag", "key('f');", "text(row).includes('flagged')"),
    (
        "note",
        "key('n'); await there('note-text'); write('note-text', 'Look at the last step.'); at('save-note').click();",
        "text(row).includes('Look at the last step.')",
    ),
    (
        "edit",
        "key('e'); await there('edit-text'); write('edit-text', 'A person wrote this.'); at('save-edit').click();",
        "text(at('focus-chosen')).includes('A person wrote this.')",
    ),
    (
        "leave-out",
        "key('w'); await there('reasons'); key('2'); key('7'); key('x');",
        "text(at('said')).startsWith('Left out')",
    ),
    (
        "accept",
        "at('filter-undecided').click(); at('bulk').click(); await there('bulk-confirm'); at('bulk-confirm').click();",
        "text(at('filter-undecided')).includes('0')",
    ),
];

#[test]
fn a_browser_that_is_killed_keeps_edits_notes_flags_reasons_and_acts_on_many_rows() {
    let site = Site::start();
    let mut page = open(&site, &large_session(30, 4, 4));
    let undecided = |page: &Page| page.text("[data-testid=filter-undecided] .number");
    let at_first = undecided(&page);
    page.wait_for("the session to be saved", SHORT, || {
        page.text("[data-testid=kept]").starts_with("Saved here").then_some(())
    });
    for (kind, act, seen) in ACTS {
        let done = page.driver().script_async(&script(act, seen), Vec::new());
        assert_eq!(done, json!("done"), "{kind}");
        page = page.kill_and_open(&site);
        page.wait_visible("[data-testid=look-focus]", SHORT);
        page.click("[data-testid=look-focus]");
        page.wait_visible(ROW, SHORT);
    }
    assert_eq!(undecided(&page), "0");
    let log = session(&page)["events"].as_array().unwrap().clone();
    let kinds: Vec<&str> = log.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ACTS.map(|(kind, ..)| kind));
    assert_eq!(log[0]["after"]["flagged"], json!(true));
    assert_eq!(log[1]["text"], json!("Look at the last step."));
    assert_eq!(log[2]["text"], json!("A person wrote this."));
    assert_eq!(log[3]["reasons"], json!(["wrong-answer", "formatting"]));
    let n_rows = log[4]["rows"].as_array().map_or(0, Vec::len) + 1;
    assert_eq!((n_rows + 1).to_string(), at_first, "all but the one that was left out");
    println!("{} acts, each followed by a kill, one of them on all but one of {at_first} rows", ACTS.len());
}

/// Acts and answers as soon as the page shows it.
fn script(act: &str, seen: &str) -> String {
    format!(
        "const finished = arguments[0], row = document.querySelector({ROW:?});
         const at = name => document.querySelector(`[data-testid=${{name}}]`);
         const text = element => element?.textContent ?? '';
         const tick = () => new Promise(next => setTimeout(next, 0));
         const there = async name => {{ while (!at(name)) await tick(); }};
         const key = letter => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',
             {{ key: letter, code: /\\d/.test(letter) ? `Digit${{letter}}` : `Key${{letter.toUpperCase()}}`, bubbles: true, cancelable: true }}));
         const write = (name, words) => {{
             at(name).value = words;
             at(name).dispatchEvent(new Event('input', {{ bubbles: true }}));
         }};
         (async () => {{ {act} while (!({seen})) await tick(); return 'done'; }})().then(finished, error => finished(String(error)));"
    )
}

#[test]
fn undo_to_the_start_gives_the_session_as_it_was_opened() {
    let site = Site::start();
    let page = open(&site, &large_session(12, 4, 4));
    let before = session(&page);
    let exports = exported(&page, &before);
    let counts = || page.texts("[data-testid^=filter-] .number");
    let (counts_before, row_before) = (counts(), row(&page));
    assert!(!counts_before.is_empty());
    let mut n_events = 0;
    let mut press = |keys: &str| {
        for key in keys.chars() {
            decide(&page, key);
            n_events += 1;
        }
    };
    press("asxtgbch");
    // Back to the method's pick; and a swap of what was accepted.
    press("a");
    letter(&page, 'k');
    press("rf");
    let flagged = row(&page);
    letter(&page, 'j');
    page.wait_for("the next row", SHORT, || (row(&page)[..2] != flagged[..2]).then_some(()));
    for name in ["note", "edit"] {
        letter(&page, name.chars().next().unwrap());
        let field = format!("[data-testid={name}-text]");
        page.wait_visible(&field, SHORT);
        page.set(&field, "A person wrote this.");
        page.click(&format!("[data-testid=save-{name}]"));
        page.wait_for(name, SHORT, || page.text(ROW).contains("A person wrote this.").then_some(()));
    }
    page.press("2", "Digit2", 0);
    page.press("!", "Digit1", 8);
    page.wait_for("a pair of one's own", SHORT, || (row(&page)[2] == "changed").then_some(()));
    letter(&page, 'w');
    page.wait_visible("[data-testid=reasons]", SHORT);
    page.press("4", "Digit4", 0);
    decide(&page, 'x');
    // Both are acts on all rows: the flag, and leaving them out.
    for act in ["7", "1"] {
        page.click("[data-testid=bulk]");
        page.set("[data-testid=bulk-act]", act);
        let said = page.text("[data-testid=said]");
        page.click("[data-testid=bulk-confirm]");
        page.wait_for("the rows", SHORT, || (page.text("[data-testid=said]") != said).then_some(()));
    }
    let decided = session(&page);
    let n_acts = decided["events"].as_array().unwrap().len();
    assert_eq!(n_acts, n_events + 6, "{}", decided["events"]);
    assert_ne!(exported(&page, &decided), exports, "decisions show in what goes out");

    let n_undone = || {
        let log = session(&page)["events"].as_array().unwrap().clone();
        log.iter().filter(|event| event["event"] == json!("undo")).count()
    };
    for _ in 0..n_acts {
        letter(&page, 'u');
    }
    page.wait_for("all to be undone", SHORT, || (n_undone() == n_acts).then_some(()));
    letter(&page, 'u');
    page.wait_visible("[data-testid=row-problem]", SHORT);
    assert!(page.text("[data-testid=row-problem]").starts_with("There is nothing to undo."));
    assert_eq!(n_undone(), n_acts, "nothing is left to undo");
    let mut after = session(&page);
    assert_eq!(exported(&page, &after), exports, "{n_acts} acts of every kind, undone");
    assert_eq!((counts(), row(&page)[2..].to_vec()), (counts_before, row_before[2..].to_vec()));
    after["events"] = before["events"].clone();
    assert_eq!(after, before, "only the log has grown");
}

/// The session as trainers get it, in every form, as text.
fn exported(page: &Page, session: &Value) -> Vec<Value> {
    let forms = ["trl", "trl-implicit", "kto", "llama-factory", "ms-swift", "ultrafeedback", "full"];
    let body = format!(
        "const session = {session};
         return await Promise.all({}.map(async form => (await concord.exportPairs(session, form)).text()))",
        json!(forms)
    );
    page.call(&body, SHORT).as_array().unwrap().clone()
}
