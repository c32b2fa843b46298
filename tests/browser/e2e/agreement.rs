//! Several people's judgements: the numbers on the screen are those that other programs find, and conflicts are settled.

use browser_tests::annotators::{ACTORS, REPEATS, judged_session, recorded, row, text};
use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;
use crate::screens::check_widths;

#[test]
fn the_screen_shows_what_other_programs_find_and_conflicts_are_settled() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.click("[data-testid=nav-agreement]");
    page.wait_visible("[data-testid=empty-screen]", SHORT);
    page.pick_file("[data-testid=open-session]", "judged.json", judged_session().as_bytes());
    page.wait_visible("[data-testid=with-method-table]", SHORT);
    page.wait_visible("[data-testid=people-table]", SHORT);

    let recorded = recorded();
    people_agree_as_recorded(&page, &recorded);
    people_and_the_method_are_counted(&page, &recorded);
    repeats_are_counted(&page);
    scripts_get_the_same(&page, &recorded);
    check_widths(&page, "agreement");
    page.emulate(1280, false);
    conflicts_are_settled(&page, &recorded);
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn one_person_is_told_how_to_come_to_two() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let mut session: Value = serde_json::from_str(&judged_session()).unwrap();
    session["events"] = json!([]);
    page.pick_file("[data-testid=open-session]", "fresh.json", session.to_string().as_bytes());
    page.wait_visible("[data-testid=summary]", SHORT);
    page.click("[data-testid=nav-agreement]");
    for empty in ["nothing-decided", "one-annotator", "no-repeats"] {
        page.wait_visible(&format!("[data-testid={empty}]"), SHORT);
    }
    assert!(
        page.text("[data-testid=one-annotator]")
            .contains("Open a second annotator's session file to merge it")
    );
    assert!(!page.is_visible("[data-testid=conflicts]"));
    assert_eq!(page.violations("body"), Vec::<String>::new());
}

/// The numbers of a row of a table.
fn figures(page: &Page, row: &str) -> Vec<String> {
    page.texts(&format!("{row} .figure__value"))
}

fn percent(share: &Value) -> String {
    format!("{:.0} %", 100.0 * share.as_f64().unwrap())
}

fn three(value: &Value) -> String {
    format!("{:.3}", value.as_f64().unwrap())
}

fn people_agree_as_recorded(page: &Page, recorded: &Value) {
    for name in ["all", "de", "sw"] {
        let wanted = &recorded["rows"][name];
        let css = format!("[data-testid=people-row][data-language={name}]");
        let values = [percent(&wanted["same"]), three(&wanted["alpha"]), three(&wanted["ordinalAlpha"])];
        assert_eq!(figures(page, &css), values, "{name}");
        let text = page.text(&css);
        let is_few = wanted["nRows"].as_u64().unwrap() < 50;
        assert_eq!(text.contains("too few"), is_few, "{text}");
        assert!(text.contains(" to "), "the intervals: {text}");
    }
    let pairs = page.texts("[data-testid=annotator-pair] .figure__value");
    let wanted: Vec<String> = (recorded["pairs"].as_array().unwrap().iter())
        .flat_map(|pair| [percent(&pair["same"]), three(&pair["kappa"]), three(&pair["weightedKappa"])])
        .collect();
    assert_eq!(pairs, wanted);
    let names = page.texts("[data-testid=annotator] th");
    assert_eq!(names, ACTORS, "a name is text, whatever is in it");
    let shares: Vec<String> = (recorded["keptByPerson"].as_array().unwrap().iter())
        .map(|kept| percent(&json!(kept[1].as_f64().unwrap() / kept[0].as_f64().unwrap())))
        .collect();
    assert_eq!(figures(page, "[data-testid=annotator]"), shares);
}

fn people_and_the_method_are_counted(page: &Page, recorded: &Value) {
    let share = |name: &str| {
        let kept = &recorded["kept"][name];
        percent(&json!(kept[1].as_f64().unwrap() / kept[0].as_f64().unwrap()))
    };
    assert_eq!(figures(page, "[data-testid=kept-share]"), [share("all")]);
    for name in ["de", "sw"] {
        assert_eq!(
            figures(page, &format!("[data-testid=with-method-row][data-language={name}]")),
            [share(name)]
        );
    }
    let cut = &recorded["cut"];
    let words = page.text("[data-testid=margin-cut-words]");
    let wanted = format!(
        "From a margin of {} on, people kept {} of {} decided",
        three(&cut["margin"]),
        cut["kept"],
        cut["decided"]
    );
    assert!(words.starts_with(&wanted) && words.contains("Too few"), "{words}");
    // The pictures have their numbers as tables.
    for (name, n_rows) in [("kept-by-language", 2), ("kept-by-margin", 10)] {
        let frame = format!("[data-testid=chart-frame][data-chart={name}]");
        page.click(&format!("{frame} [data-testid=chart-as-table]"));
        let rows = format!("{frame} [data-testid=chart-table] tbody tr");
        page.wait_visible(&rows, SHORT);
        assert_eq!(page.texts(&rows).len(), n_rows, "{name}");
    }
}

/// Of twelve pairs ten were decided the same again. Those ten prefer each place once; the other two the first both times.
fn repeats_are_counted(page: &Page) {
    let (n, n_turned) = REPEATS;
    let same = (n - n_turned) as f64 / n as f64;
    let first = (n - n_turned + 2 * n_turned) as f64 / (2 * n) as f64;
    assert_eq!(figures(page, "[data-testid=self-row]"), [percent(&json!(same)), percent(&json!(first))]);
}

fn scripts_get_the_same(page: &Page, recorded: &Value) {
    let session = page.session_file();
    let body = format!("const found = await concord.agreement({session}); return found");
    let found = page.call(&body, SHORT);
    let near =
        |found: &Value, wanted: &Value| (found.as_f64().unwrap() - wanted.as_f64().unwrap()).abs() < 1e-9;
    assert!(near(&found["people"]["all"]["alpha"]["value"], &recorded["rows"]["all"]["alpha"]), "{found}");
    let rows = recorded["conflicts"].as_array().unwrap();
    let wanted: Vec<_> = rows.iter().map(|at| row(at.as_u64().unwrap() as usize)).collect();
    assert_eq!(found["conflicts"], json!(wanted));
}

/// Presses a key on the card.
fn press(page: &Page, key: &str) {
    let script = "const e = document.querySelector('[data-testid=conflict]'); e.focus();
        e.dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], bubbles: true, cancelable: true }))";
    page.driver().script(script, vec![json!(key)]);
}

/// The row that is shown, as prompt id and language.
fn shown(page: &Page) -> Value {
    let script = "const e = document.querySelector('[data-testid=conflict]'); return e && [e.dataset.prompt, e.dataset.language]";
    page.driver().script(script, Vec::new())
}

fn conflicts_are_settled(page: &Page, recorded: &Value) {
    let rows: Vec<usize> =
        recorded["conflicts"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap() as usize).collect();
    let count = || page.text("[data-testid=conflict-count]");
    assert_eq!(count(), format!("{} rows are to settle.", rows.len()));
    assert_eq!(shown(page), json!(row(rows[0])));
    // Question, both responses, and who said what.
    let (id, language) = row(rows[0]);
    assert!(page.text("[data-testid=conflict]").contains(&format!("{id} in {language}?")));
    let responses = page.texts("[data-testid=conflict-response]");
    assert!(
        responses[0].contains(&text(rows[0], 0)) && responses[1].contains(&text(rows[0], 1)),
        "{responses:?}"
    );
    let votes = page.texts("[data-testid=conflict-vote]");
    assert!(votes[0].starts_with("Ana swapped the method's pair: response 2 over response 1"), "{votes:?}");

    // Forth and back by keys, then settled by a key, undone, and settled by a button.
    press(page, "ArrowRight");
    page.wait_for("the second", SHORT, || (shown(page) == json!(row(rows[1]))).then_some(()));
    press(page, "ArrowLeft");
    page.wait_for("the first", SHORT, || (shown(page) == json!(row(rows[0]))).then_some(()));
    let one_is_settled = format!("{} rows are to settle, 1 settled.", rows.len() - 1);
    press(page, "1");
    page.wait_for("one to be settled", SHORT, || (count() == one_is_settled).then_some(()));
    let focused = "return document.activeElement?.dataset.testid ?? null";
    page.wait_for("the focus on the next", SHORT, || {
        (page.driver().script(focused, Vec::new()) == json!("conflict")).then_some(())
    });
    assert!(page.text("[data-testid=screen-status]").contains("settled as Ana had it"));
    page.click("[data-testid=undo-settled]");
    page.wait_for("the first again", SHORT, || (shown(page) == json!(row(rows[0]))).then_some(()));

    // On the desk, and back.
    page.click("[data-testid=choose-other]");
    page.wait_visible("[data-testid=nav-pairs][aria-current=page]", SHORT);
    page.driver().script("history.back()", Vec::new());
    page.wait_visible("[data-testid=conflict]", SHORT);

    // The first person's view of each holds.
    for n_left in (0..rows.len()).rev() {
        page.click("[data-testid=conflict-vote][data-actor=Ana] [data-testid=settle]");
        let left = |found: &str| match n_left {
            0 => found.starts_with("Nothing is left to settle."),
            1 => found.starts_with("1 row is to settle,"),
            n => found.starts_with(&format!("{n} rows are to settle,")),
        };
        page.wait_for("the next", SHORT, || left(&count()).then_some(()));
    }
    assert!(!page.is_visible("[data-testid=conflict]"));
    assert_eq!(page.violations("body"), Vec::<String>::new());
    settled_rows_export(page, &rows, recorded);
}

/// Rows that Ana accepted in some way go out as she had them; her other verdicts hold no pair.
fn settled_rows_export(page: &Page, rows: &[usize], recorded: &Value) {
    let session = page.session_file();
    let settled = session["events"].as_array().unwrap().iter().filter(|event| event["event"] == "adjudicate");
    // One was settled, undone, and settled again.
    assert_eq!(settled.count(), rows.len() + 1);
    let body = format!(
        "return (await (await concord.exportPairs({session}, 'trl')).text()).trim().split('\\n').map(JSON.parse)"
    );
    let lines = page.call(&body, SHORT);
    let letters = recorded["votes"][0].as_str().unwrap().as_bytes();
    for at in rows {
        let (id, language) = row(*at);
        let line = lines
            .as_array()
            .unwrap()
            .iter()
            .find(|l| l["prompt_id"] == json!(id) && l["language"] == json!(language));
        let pair = match letters[*at] {
            b'k' => Some((0, 1)),
            b's' => Some((1, 0)),
            b'o' => Some((2, 1)),
            _ => None,
        };
        let contents = line.map(|line| ["chosen", "rejected"].map(|side| line[side][0]["content"].clone()));
        let wanted = pair.map(|(chosen, rejected)| [chosen, rejected].map(|sample| json!(text(*at, sample))));
        assert_eq!(contents, wanted, "{id} {language}");
    }
}
