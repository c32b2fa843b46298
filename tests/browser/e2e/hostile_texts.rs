//! Markup, script and formulas in every text of a session stay text, on every screen.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

/// What would run if it were markup, an address, a template or a formula.
const ATTACKS: [&str; 6] = [
    "<img src=x onerror=\"window.__ran='img'\">",
    "<script>window.__ran='script'</script>",
    "javascript:window.__ran='address'",
    "</p></div></main><svg onload=\"window.__ran='svg'\"><style>body{display:none}</style>",
    "=HYPERLINK(\"javascript:window.__ran='formula'\",\"x\")",
    "{{constructor.constructor('window.__ran=1')()}} ${window.__ran=1} \u{202e}\u{2066}",
];

/// Notes what the page's policy refuses: markup that the policy had to stop has escaped all the same.
const WATCH: &str = "window.__refused = []; document.addEventListener('securitypolicyviolation',
    event => window.__refused.push(event.effectiveDirective + ' ' + event.blockedURI));";

/// Texts that a format or a method reads as something else than text.
const NOT_TEXT: [&str; 12] = [
    "schema",
    "created",
    "task",
    "anchor",
    "method",
    "language",
    "finishReason",
    "detectedLanguage",
    "tieBreak",
    "skip",
    "time",
    "status",
];

/// Puts an attack behind every text of a session, the same one for the same text, so that names still join.
fn poison(value: &mut Value, name: &str) {
    match value {
        Value::String(text) if !NOT_TEXT.contains(&name) => {
            text.push_str(ATTACKS[text.len() % ATTACKS.len()]);
        }
        Value::Array(list) if !["languages", "order"].contains(&name) => {
            list.iter_mut().for_each(|item| poison(item, name));
        }
        Value::Object(fields) => fields.iter_mut().for_each(|(name, item)| poison(item, name)),
        _ => {}
    }
}

fn hostile_session() -> String {
    let mut session: Value = serde_json::from_str(&large_session(6, 4, 4)).unwrap();
    session["prompts"].as_array_mut().unwrap().iter_mut().for_each(|prompt| {
        prompt["source"] = json!("made");
        prompt["answer"] = json!(format!("{}", prompt["answer"].as_str().unwrap()));
    });
    for response in session["responses"].as_array_mut().unwrap() {
        response["reasoning"] = json!("It was thought ");
        response["model"] = json!("one");
    }
    poison(&mut session, "");
    session.to_string()
}

fn nothing_ran(page: &Page, place: &str) {
    let found = page.driver().script(
        "const bad = [...document.querySelectorAll('img, iframe, object, embed, main script, main style, [onerror], [onload], [href^=\"javascript:\" i], [src^=\"javascript:\" i]')];
         return { ran: window.__ran ?? null, refused: window.__refused, bad: bad.map(e => e.outerHTML.slice(0, 200)), shown: document.body.checkVisibility() }",
        Vec::new(),
    );
    assert_eq!(found, json!({ "ran": null, "refused": [], "bad": [], "shown": true }), "{place}");
}

#[test]
fn markup_and_script_in_a_sessions_texts_stay_text() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.driver().cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": WATCH }));
    page.reload();
    page.open_session("<img src=x onerror=__ran=1>.json", hostile_session().as_bytes());
    page.set("[data-testid=min-margin]", "0");
    page.wait_visible("[data-testid=reference]", LONG);
    nothing_ran(&page, "pairs");
    let text = page.text("main");
    for attack in &ATTACKS[..3] {
        assert!(text.contains(attack), "{attack} is shown as it is written");
    }
    page.driver().script(
        "for (const e of document.querySelectorAll('main summary')) e.click();
         document.querySelector('[data-testid=pair-row] button')?.click()",
        Vec::new(),
    );
    page.wait_visible("[data-testid=accept]", SHORT);
    nothing_ran(&page, "an open row");
    for view in ["compare", "representations", "batches", "agreement"] {
        page.driver().script("location.hash = arguments[0]", vec![json!(view)]);
        page.wait_visible("main:not([hidden])", SHORT);
        std::thread::sleep(std::time::Duration::from_secs(1));
        nothing_ran(&page, view);
    }
    page.driver().script("location.hash = 'pairs'", Vec::new());
    // A file that is not one: its name and its text are in the message.
    page.pick_file(
        "[data-testid=open-prompts]",
        "<img src=x onerror=__ran=2>.json",
        ATTACKS.join("\n").as_bytes(),
    );
    page.wait_visible("[data-testid=fault]", SHORT);
    nothing_ran(&page, "a message");
    page.reload();
    page.wait_visible("[data-testid=summary]", LONG);
    nothing_ran(&page, "the kept session after a reload");
}
