//! Missing texts of a prompt set, drafted by the loaded model and marked until a person has confirmed them.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::editor::{EDITOR, available, focused, open_editor, value, with_set};
use crate::{LONG, SHORT};

const TEACHING: &[u8] = include_bytes!("../../../static/teaching-model.gguf");
const MODEL: &str = "Concord teaching model";
const SET: &str = "id,answer,en,de\n\
    apples,12,Mia has 7 apples and buys 5. How many has she now?,Mia hat 7 Äpfel und kauft 5. Wie viele hat sie nun?\n\
    pens,6,Tom has 8 pens and loses 2. How many are left?,Tom hat 8 Stifte und verliert 2. Wie viele bleiben?\n\
    cups,9,Ann has 4 cups and buys 5. How many has she now?,Ann hat 4 Tassen und kauft 5. Wie viele hat sie nun?\n\
    books,3,Ben has 9 books and loses 6. How many are left?,Ben hat 9 Bücher und verliert 6. Wie viele bleiben?\n";

/// Opens the editor and asks for every prompt in Swahili, which none has.
fn ask_for_swahili(page: &Page) {
    open_editor(page);
    page.set("[data-testid=editor-language]", "Swahili");
    page.click("[data-testid=add-language]");
    page.wait_visible("[data-testid=draft-missing]", SHORT);
}

/// Opens a prompt, counted from 1; gives the selector of its Swahili field and of what belongs to the draft.
fn open_row(page: &Page, number: usize) -> (String, String) {
    let row = format!("[data-testid=editor-row]:nth-child({number})");
    page.click(&format!("{row} [data-testid=editor-summary]"));
    let field = format!("{row} [data-testid=edit-text][data-language=sw]");
    page.wait_visible(&field, SHORT);
    (field, format!("{row} .editor__draft:not([hidden])"))
}

fn wait_for_text(page: &Page, css: &str, wanted: &str) {
    page.wait_for(wanted, SHORT, || (page.text(css) == wanted).then_some(()));
}

#[test]
fn missing_texts_are_drafted_marked_confirmed_written_anew_and_discarded() {
    let site = Site::start();
    let page = with_set(&site, "mine.csv", SET.as_bytes(), 4);
    ask_for_swahili(&page);
    assert_eq!(page.text("[data-testid=draft-missing]"), "Draft 4 missing texts");
    assert!(page.text("[data-testid=draft-help]").starts_with("Load a model first"));
    let is_disabled = "return document.querySelector('[data-testid=draft-missing]').disabled";
    assert_eq!(page.driver().script(is_disabled, Vec::new()), json!(true));
    page.click("[data-testid=cancel-edit]");
    page.wait_for("the editor to go", SHORT, || (!page.is_visible(EDITOR)).then_some(()));

    page.open_model("teaching-model.gguf", TEACHING);
    ask_for_swahili(&page);
    assert_eq!(page.text("[data-testid=draft-missing]"), format!("Draft 4 missing texts with {MODEL}"));
    page.click("[data-testid=draft-missing]");
    page.wait_for("the drafts", LONG, || {
        page.text("[data-testid=drafted]").starts_with("4 texts were drafted.").then_some(())
    });
    assert_eq!(page.text("[data-testid=n-drafts]"), "4 texts are drafts that nobody has confirmed.");
    assert!(!page.is_visible("[data-testid=draft-missing]"));
    assert_ne!(focused(&page), Value::Null, "the focus is in the dialog");
    let summaries = page.texts("[data-testid=editor-summary]");
    assert!(summaries.iter().all(|line| line.contains("1 draft")), "{summaries:?}");

    let (field, draft) = open_row(&page, 1);
    assert_eq!(
        page.text(&format!("{draft} [data-testid=draft-mark]")),
        format!("Draft by {MODEL}, not confirmed.")
    );
    assert_eq!(page.violations(EDITOR), Vec::<String>::new());
    let confirmed = value(&page, &field);
    assert!(!confirmed.is_empty());
    page.click(&format!("{draft} [data-testid=confirm-draft]"));
    wait_for_text(&page, "[data-testid=n-drafts]", "3 texts are drafts that nobody has confirmed.");
    assert!(!page.is_visible(&draft));
    assert_eq!((focused(&page), value(&page, &field)), (json!("edit-text"), confirmed.clone()));

    let written = "Tom ana kalamu 8 na anapoteza 2. Zimebaki ngapi?";
    let (field, draft) = open_row(&page, 2);
    page.set(&field, written);
    wait_for_text(&page, "[data-testid=n-drafts]", "2 texts are drafts that nobody has confirmed.");
    assert!(!page.is_visible(&draft));
    let (field, draft) = open_row(&page, 3);
    page.click(&format!("{draft} [data-testid=discard-draft]"));
    wait_for_text(&page, "[data-testid=n-drafts]", "1 text is a draft that nobody has confirmed.");
    assert_eq!(value(&page, &field), "");
    assert_eq!(page.text("[data-testid=draft-missing]"), format!("Draft 1 missing text with {MODEL}"));
    page.click("[data-testid=next-draft]");
    let fourth =
        "return document.activeElement === document.querySelector('[data-testid=editor-row]:nth-child(4)')";
    page.wait_for("the focus on the draft that is left", SHORT, || {
        (page.driver().script(fourth, Vec::new()) == json!(true)).then_some(())
    });
    page.click("[data-testid=use-edited]");
    wait_for_text(
        &page,
        "[data-testid=draft-count]",
        "1 text of these is a draft that nobody has confirmed.",
    );
    let warning = page.text("[data-testid=setup-warnings]");
    assert!(warning.contains("1 text in 1 of 4 prompts is a draft that nobody has confirmed."), "{warning}");

    page.build_on_screen(4, 4);
    page.wait_built(LONG);
    let session = page.session_file();
    let prompts = &session["prompts"];
    let drafts: Vec<&Value> = (0..4).map(|at| &prompts[at]["drafts"]).collect();
    assert_eq!(drafts, [&Value::Null, &Value::Null, &Value::Null, &json!({ "sw": MODEL })]);
    assert_eq!(prompts[0]["text"]["sw"], json!(confirmed));
    assert_eq!(prompts[1]["text"]["sw"], json!(written));
    assert_eq!(prompts[2]["text"]["sw"], Value::Null);
    let rows = page.call(
        &format!(
            "const text = await (await concord.exportPairs({session}, 'full')).text();
             return text.trim().split('\\n').map(line => JSON.parse(line))"
        ),
        SHORT,
    );
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let is_draft = row["prompt_id"] == json!("books") && row["language"] == json!("sw");
        assert_eq!(row["concord_prompt_draft"], json!(if is_draft { MODEL } else { "" }), "{row}");
    }
}

/// How many drafts the editor counts.
fn n_drafts(page: &Page) -> usize {
    page.text("[data-testid=n-drafts]").split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[test]
fn drafts_that_have_come_stay_when_the_person_stops_and_when_the_worker_dies() {
    let site = Site::start();
    let line = |at: usize| {
        json!({ "id": format!("p{at}"), "answer": (at + 3).to_string(),
            "text": { "en": format!("Mia has {at} apples and buys 3. How many has she now?"),
                "de": format!("Mia hat {at} Äpfel und kauft 3. Wie viele hat sie nun?") } })
        .to_string()
    };
    let file: Vec<String> = (0..2_000).map(line).collect();
    let page = with_set(&site, "many.jsonl", file.join("\n").as_bytes(), 2_000);
    // The page's worker, the first that it makes, can be made to fail.
    let watch = "const Plain = Worker; window.workers = [];
        window.Worker = class extends Plain { constructor(...all) { super(...all); window.workers.push(this); } };";
    page.driver().cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": watch }));
    page.reload();
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.pick_file("[data-testid=open-prompts]", "many.jsonl", file.join("\n").as_bytes());
    page.wait_for("the set", SHORT, || (available(&page) == "2000").then_some(()));
    page.open_model("teaching-model.gguf", TEACHING);
    ask_for_swahili(&page);
    page.click("[data-testid=draft-missing]");
    page.wait_for("some drafts", LONG, || (n_drafts(&page) > 0).then_some(()));
    page.click("[data-testid=drafts] [data-testid=cancel-button]");
    page.wait_for("the end", LONG, || {
        page.text("[data-testid=drafted]").starts_with("Stopped. ").then_some(())
    });
    let stopped = n_drafts(&page);
    assert!((1..2_000).contains(&stopped), "{stopped}");
    let left = format!("Draft {} missing texts with {MODEL}", 2_000 - stopped);
    assert_eq!(page.text("[data-testid=draft-missing]"), left, "all others are as they were");

    page.click("[data-testid=draft-missing]");
    page.wait_for("more drafts", LONG, || (n_drafts(&page) > stopped).then_some(()));
    let n_workers = page.driver().script(
        "window.workers[0].dispatchEvent(new Event('error')); return window.workers.length",
        Vec::new(),
    );
    assert_ne!(n_workers, json!(0));
    let died = n_drafts(&page);
    page.wait_visible("[data-testid=drafts] [data-testid=interrupted]", SHORT);
    page.wait_for("drafts of the next worker", LONG, || (n_drafts(&page) > died).then_some(()));
    assert!(!page.is_visible("[data-testid=drafts] [data-testid=fault]"));
    page.click("[data-testid=drafts] [data-testid=cancel-button]");
    page.wait_for("the end", LONG, || {
        page.text("[data-testid=drafted]").starts_with("Stopped. ").then_some(())
    });
    let died = n_drafts(&page);
    assert!((stopped + 1..2_000).contains(&died), "{died}");
    page.click("[data-testid=discard-all]");
    wait_for_text(&page, "[data-testid=draft-missing]", &format!("Draft 2000 missing texts with {MODEL}"));
    page.click("[data-testid=cancel-edit]");
    page.wait_visible("[data-testid=discard-edit]", SHORT);
    page.click("[data-testid=discard]");
    page.wait_for("the editor to go", SHORT, || (!page.is_visible(EDITOR)).then_some(()));
    assert_eq!(available(&page), "2000");
    assert!(!page.is_visible("[data-testid=draft-count]"));
}

#[test]
fn prompts_in_one_language_are_opened_drafted_in_another_and_run() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.open_model("teaching-model.gguf", TEACHING);
    let set = "question,answer\nMia has 7 apples and buys 5. How many has she now?,12\nTom has 8 pens and loses 2. How many are left?,6\n";
    page.pick_file("[data-testid=open-prompts]", "mine.csv", set.as_bytes());
    page.wait_visible("[data-testid=import-refusal]", SHORT);
    assert!(page.text("[data-testid=import-refusal]").contains("one language alone"));
    page.click("[data-testid=import-one-language]");
    wait_for_text(&page, "[data-testid=use-prompts]", "Use the 2 prompts");
    assert_eq!(page.violations("[data-testid=import-dialog]"), Vec::<String>::new());
    page.click("[data-testid=use-prompts]");
    page.wait_for("the set", SHORT, || (available(&page) == "2").then_some(()));
    ask_for_swahili(&page);
    page.click("[data-testid=draft-missing]");
    wait_for_text(&page, "[data-testid=n-drafts]", "2 texts are drafts that nobody has confirmed.");
    page.click("[data-testid=confirm-all]");
    page.click("[data-testid=use-edited]");
    page.wait_for("the editor to go", SHORT, || (!page.is_visible(EDITOR)).then_some(()));
    page.build_on_screen(2, 4);
    page.wait_built(LONG);
    let session = page.session_file();
    let texts: Vec<usize> =
        session["prompts"].as_array().unwrap().iter().map(|p| p["text"].as_object().unwrap().len()).collect();
    assert_eq!(texts, [2, 2]);
    assert_eq!(session["responses"].as_array().unwrap().len(), 2 * 2 * 4);
}
