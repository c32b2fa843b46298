//! The editor with ten thousand prompts.

use browser_tests::site::Site;
use serde_json::json;

use super::LongTasks;
use crate::SHORT;
use crate::editor::{EDITOR, open_editor, with_set};

#[test]
fn ten_thousand_prompts_are_edited_a_page_at_a_time_and_fit_a_narrow_window() {
    let site = Site::start();
    let line = |at: usize| {
        json!({ "id": format!("p{at}"), "answer": at.to_string(),
            "text": { "en": format!("How much is {at} and 0?"), "ar": format!("كم يساوي {at} و 0؟") } })
        .to_string()
    };
    let file: Vec<String> = (0..10_000).map(line).collect();
    let page = with_set(&site, "many.jsonl", file.join("\n").as_bytes(), 10_000);
    page.emulate(320, false);
    let tasks = LongTasks::watch(&page);
    tasks.check("open the editor", || {
        if page.is_visible(EDITOR) {
            page.click("[data-testid=cancel-edit]");
            page.wait_for("the editor to go", SHORT, || (!page.is_visible(EDITOR)).then_some(()));
        }
        open_editor(&page);
    });
    assert_eq!(page.text("[data-testid=editor-count]"), "10000 prompts");
    tasks.check("go to the last page", || page.set("[data-testid=editor-page]", "500"));
    let summaries = page.texts("[data-testid=editor-summary]");
    assert_eq!(summaries.len(), 20);
    assert!(summaries[0].starts_with("9981. p9980"), "{summaries:?}");
    page.click("[data-testid=editor-summary]");
    page.wait_visible("[data-testid=edit-text][data-language=ar]", SHORT);
    tasks.check("write a text", || page.set("[data-testid=edit-text][data-language=en]", "How much is it?"));
    let direction = "return document.querySelector('[data-testid=edit-text][data-language=ar]').dir";
    assert_eq!(page.driver().script(direction, Vec::new()), json!("rtl"));
    let overflow = "const e = document.querySelector(arguments[0]);
        return Math.max(e.scrollWidth - e.clientWidth, e.getBoundingClientRect().right - innerWidth)";
    let overflow = page.driver().script(overflow, vec![json!(EDITOR)]).as_f64().unwrap();
    assert!(overflow <= 0.0, "the editor is {overflow} px too wide");
}
