//! Responses that models have written already: opened on the screen, compared by the teaching model, judged and exported.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::{LONG, SHORT, desk::session};

const DIALOG: &str = "[data-testid=responses-dialog]";

/// Two prompts in two languages, three responses to each.
fn lines() -> String {
    let mut lines = String::new();
    for (id, question, frage) in [
        ("a", "How much is 3 + 4?", "Wie viel ist 3 + 4?"),
        ("b", "How much is 2 + 9?", "Wie viel ist 2 + 9?"),
    ] {
        for (language, prompt, word) in [("en", question, "Answer"), ("de", frage, "Antwort")] {
            let responses = [
                format!("3 + 4 = 7. {word}: 7"),
                format!("Ben has 12 apples. {word}: 12"),
                format!("{word}: 7"),
            ];
            let row = json!({ "prompt_id": id, "prompt": prompt, "language": language, "model": "other", "responses": responses });
            lines.push_str(&format!("{row}\n"));
        }
    }
    lines
}

#[test]
fn responses_of_other_models_open_are_compared_judged_and_exported() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.click("section:has(#prompts-title) > details:has(#paste-prompts) > summary");
    page.pick_file("[data-testid=open-responses]", "others.jsonl", lines().as_bytes());
    page.wait_visible("[data-testid=use-responses]", SHORT);
    let summary = page.text("[data-testid=responses-summary]");
    assert!(summary.contains("12 responses to 2 prompts") && summary.contains("other"), "{summary}");
    assert_eq!(page.text("[data-testid=use-responses]"), "Open the 12 responses for review");
    page.click("[data-testid=use-responses]");
    page.wait_for("the session", SHORT, || {
        page.text("[data-testid=status-message]").starts_with("others.jsonl is open").then_some(())
    });
    assert!(!page.is_visible(DIALOG));

    // Nothing is picked before the person asks for it.
    page.wait_visible("[data-testid=pick-note]", SHORT);
    let bare = session(&page);
    assert_eq!((bare["responses"].as_array().unwrap().len(), &bare["pairs"]), (12, &json!([])));
    page.click("[data-testid=pick-pairs]");
    page.wait_for("the note to go", LONG, || (!page.is_visible("[data-testid=pick-note]")).then_some(()));
    page.wait_for("the pairs", LONG, || {
        page.text("[data-testid=status-message]").starts_with("Done.").then_some(())
    });

    // They are judged and exported like those of a run.
    page.press("a", "KeyA", 0);
    page.wait_for("the decision", SHORT, || {
        page.text("[data-testid=said]").starts_with("Accepted").then_some(())
    });
    let judged = session(&page);
    assert!(judged["pairs"].as_array().unwrap().len() >= 2, "{}", judged["pairs"]);
    assert_eq!(judged["events"].as_array().unwrap().len(), 1);
    assert_eq!(
        judged["config"]["promptSet"],
        json!({ "name": "others.jsonl" }),
        "nothing of the set that was open"
    );
    let exported = format!(
        "const blob = await concord.exportPairs({judged}, 'trl', {{ statuses: 'accepted' }});
         return (await blob.text()).trim().split('\\n').map(JSON.parse).map(row => row.concord_model)"
    );
    assert_eq!(page.call(&exported, SHORT), json!(["other"]));
    rows_like_this_one(&page);
}

/// The rows of the current row's language, which are two, come up by their responses and by their questions.
fn rows_like_this_one(page: &Page) {
    page.click("[data-testid=more-filters]");
    for (press, what) in [("filter-similar-responses", "response"), ("filter-similar", "question")] {
        page.click(&format!("[data-testid={press}]"));
        let ending = format!("is shown, with the one row that has a {what} to compare.");
        page.wait_for("the rows", LONG, || {
            page.text("[data-testid=status-message]").ends_with(&ending).then_some(())
        });
        page.click("[data-testid=clear-filters]");
        page.wait_for("all rows", SHORT, || (!page.is_visible("[data-testid=clear-filters]")).then_some(()));
    }
}

#[test]
fn pairs_of_a_file_are_judged_as_they_are_and_no_method_is_named() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let row =
        json!({ "prompt_id": "a", "prompt": "How much is 3 + 4?", "chosen": "Seven", "rejected": "Eight" });
    let script = format!(
        "const {{ session }} = await concord.importResponses(new File([{}], 'pairs_en.jsonl'));
         const rows = (await (await concord.exportPairs(session, 'trl')).text()).trim().split('\\n').map(JSON.parse);
         return [session.pairs.map(pair => [pair.chosen, pair.rejected]), session.config.importedPairs,
             rows.map(row => [row.chosen[0].content, row.concord_method, row.concord_status])]",
        json!(format!("{row}\n"))
    );
    let wanted = json!([[[0, 1]], true, [["Seven", "imported", "undecided"]]]);
    assert_eq!(page.call(&script, SHORT), wanted);
}

#[test]
fn languages_of_responses_are_found_as_in_a_run() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let english = "There are seven apples in the basket, and Ben takes two of them away.";
    let german = "Es sind sieben Äpfel im Korb, und Ben nimmt zwei davon weg.";
    let row = json!({ "prompt_id": "a", "prompt": "Wie viele?", "language": "de", "responses": [english, german, "7"] });
    let script = format!(
        "const {{ session }} = await concord.importResponses(new File([{}], 'a.jsonl'), {{ anchor: 'de' }});
         return session.responses.map(response => response.detectedLanguage)",
        json!(format!("{row}\n"))
    );
    assert_eq!(page.call(&script, SHORT), json!(["en", "de", null]));
}

#[test]
fn scripts_get_a_session_and_the_reason_where_there_is_none() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let call = |text: &str, name: &str| {
        format!(
            "const file = new File([{}], {name:?});
             const {{ session, problems }} = await concord.importResponses(file);
             return [session.prompts.length, session.responses.length, problems.length]",
            json!(text)
        )
    };
    assert_eq!(page.call(&call(&lines(), "others.jsonl"), SHORT), json!([2, 12, 0]));
    let refused = page.try_call(&call("id,score\na,1\n", "scores.csv"), SHORT).expect_err("no responses");
    assert!(refused.code == "bad-input" && refused.message.contains("score"), "{refused:?}");
}
