//! Prompts under a person's hands: what is known of a set, and the editor.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;
use crate::desk::{open, session};

pub(crate) const EDITOR: &str = "[data-testid=prompt-editor]";
const SET: &str = "id,answer,en,de\napples,12,Mia has 7 apples and buys 5. How many has she now?,Mia hat 7 Äpfel und kauft 5. Wie viele hat sie nun?\npens,6,Tom has 8 pens and loses 2. How many are left?,Tom hat 8 Stifte und verliert 2. Wie viele bleiben?\n";

/// A page with a set of prompts from a file.
pub(crate) fn with_set(site: &Site, name: &str, file: &[u8], n_prompts: usize) -> Page {
    let page = Page::open(site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.pick_file("[data-testid=open-prompts]", name, file);
    page.wait_for("the set", SHORT, || (available(&page) == n_prompts.to_string()).then_some(()));
    page
}

/// How many prompts the set has.
pub(crate) fn available(page: &Page) -> String {
    let script = "return document.querySelector('[data-testid=prompt-count]').max";
    page.driver().script(script, Vec::new()).as_str().unwrap_or_default().to_owned()
}

pub(crate) fn value(page: &Page, css: &str) -> String {
    let script = "return document.querySelector(arguments[0])?.value ?? ''";
    page.driver().script(script, vec![json!(css)]).as_str().unwrap_or_default().to_owned()
}

/// The test's name of what has the keyboard.
pub(crate) fn focused(page: &Page) -> Value {
    page.driver().script("return document.activeElement.dataset.testid ?? null", Vec::new())
}

pub(crate) fn open_editor(page: &Page) {
    let script = "document.querySelector('[data-testid=edit-prompts]').closest('details').open = true";
    page.driver().script(script, Vec::new());
    page.click("[data-testid=edit-prompts]");
    page.wait_visible(EDITOR, SHORT);
}

#[test]
fn what_is_known_of_a_set_is_remembered_and_goes_out_with_the_pairs() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    for (field, text) in
        [("name", "<b>Ours</b>"), ("source", "juletxara/mgsm"), ("licence", " CC-BY-SA-4.0 ")]
    {
        page.set(&format!("[data-testid=set-{field}]"), text);
    }
    let wanted = json!({ "name": "<b>Ours</b>", "source": "juletxara/mgsm", "licence": "CC-BY-SA-4.0" });
    assert_eq!(session(&page)["config"]["promptSet"], wanted);
    page.wait_for("the session to be saved", SHORT, || {
        page.text("[data-testid=kept]").contains("Saved here").then_some(())
    });
    page.reload();
    page.wait_for("the licence after a reload", SHORT, || {
        (value(&page, "[data-testid=set-licence]") == "CC-BY-SA-4.0").then_some(())
    });
    let kept = session(&page);
    assert_eq!(kept["config"]["promptSet"], wanted);
    let rows = page.call(
        &format!(
            "const file = await concord.exportPairs({kept}, 'full');
             return (await file.text()).trim().split('\\n').map(line => JSON.parse(line).concord_licence)"
        ),
        SHORT,
    );
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|licence| *licence == json!("CC-BY-SA-4.0")), "{rows:?}");
    // Another set is another set's.
    page.pick_file("[data-testid=open-prompts]", "mine.csv", SET.as_bytes());
    page.wait_for("the other set", SHORT, || {
        (value(&page, "[data-testid=set-name]") == "mine.csv").then_some(())
    });
    assert_eq!(value(&page, "[data-testid=set-licence]"), "");
    assert_eq!(session(&page)["config"]["promptSet"], wanted, "the session's own stays");
}

#[test]
fn prompts_are_written_and_changed_and_taken_over_only_when_the_person_says_so() {
    let site = Site::start();
    let page = with_set(&site, "mine.csv", SET.as_bytes(), 2);
    open_editor(&page);
    assert_eq!(page.texts("[data-testid=editor-summary]").len(), 2);
    page.click("[data-testid=editor-summary]");
    page.wait_visible("[data-testid=edit-text]", SHORT);
    page.set("[data-testid=editor-language]", "no such language");
    page.click("[data-testid=add-language]");
    page.wait_for("a refusal", SHORT, || {
        page.text("[data-testid=editor-language-said]").contains("is no language").then_some(())
    });
    page.set("[data-testid=editor-language]", "Swahili");
    page.click("[data-testid=add-language]");
    page.set("[data-testid=edit-text][data-language=sw]", "Mia ana tofaa 7 na ananunua 5. Sasa ana mangapi?");
    page.set("[data-testid=edit-answer]", "see below");
    page.wait_for("a problem of the answer", SHORT, || {
        page.text("[data-testid=edit-problems]").contains("is no number").then_some(())
    });
    page.set("[data-testid=edit-answer]", "12");
    page.wait_for("no problem", SHORT, || page.text("[data-testid=edit-problems]").is_empty().then_some(()));
    page.click("[data-testid=add-prompt]");
    page.wait_for("the focus in the new prompt", SHORT, || {
        (focused(&page) == json!("edit-text")).then_some(())
    });
    page.wait_visible("[data-testid=editor-problems]", SHORT);
    assert_eq!(page.text("[data-testid=use-edited]"), "Use the 2 good prompts");
    assert_eq!(page.violations(EDITOR), Vec::<String>::new());

    page.click("[data-testid=cancel-edit]");
    page.wait_visible("[data-testid=discard-edit]", SHORT);
    page.click("[data-testid=discard]");
    page.wait_for("the editor to go", SHORT, || (!page.is_visible(EDITOR)).then_some(()));
    assert_eq!(focused(&page), json!("edit-prompts"), "the focus is back where it was");
    assert_eq!(available(&page), "2");

    open_editor(&page);
    page.click("[data-testid=editor-summary]");
    page.wait_visible("[data-testid=edit-text]", SHORT);
    assert!(!page.is_visible("[data-testid=edit-text][data-language=sw]"), "what was discarded is gone");
    page.set("[data-testid=edit-text][data-language=de]", "Anders: wie viele von 7 und 5?");
    page.click("[data-testid=editor-row]:nth-child(2) [data-testid=editor-summary]");
    page.click("[data-testid=editor-row]:nth-child(2) [data-testid=delete-prompt]");
    page.wait_for("one row", SHORT, || (page.texts("[data-testid=editor-summary]").len() == 1).then_some(()));
    page.wait_for("the focus on what is left", SHORT, || {
        (focused(&page) == json!("editor-row")).then_some(())
    });
    assert_eq!(available(&page), "2", "nothing is taken over yet");
    page.click("[data-testid=use-edited]");
    page.wait_for("the edited set", SHORT, || (available(&page) == "1").then_some(()));
    assert_eq!(value(&page, "[data-testid=set-name]"), "mine.csv");
    open_editor(&page);
    page.click("[data-testid=editor-summary]");
    page.wait_for("the text as it was written", SHORT, || {
        (value(&page, "[data-testid=edit-text][data-language=de]") == "Anders: wie viele von 7 und 5?")
            .then_some(())
    });
    // Nothing was changed this time, so nothing is asked.
    page.click("[data-testid=cancel-edit]");
    page.wait_for("the editor to go", SHORT, || (!page.is_visible(EDITOR)).then_some(()));
}
