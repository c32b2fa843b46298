//! Comparing methods: the model is asked for all of them, the table is read, sorted and opened, and one is used.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const METHODS: [&str; 6] = ["cm-align", "random-reference", "mapo", "lidr", "icr", "lacomsa"];

#[test]
fn methods_are_compared_and_one_is_used() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.build_on_screen(3, 3);
    page.wait_built(LONG);
    let session = page.session_file();
    page.click("[data-testid=accept]");

    page.click("[data-testid=nav-compare]");
    page.wait_visible("[data-testid=method-table]", LONG);
    assert_eq!(page.violations("body"), Vec::<String>::new());
    what_was_not_measured_has_no_number(&page);
    page.click("[data-testid=ask-all]");
    page.wait_for("the model to be asked", LONG, || {
        assert!(!page.is_visible("[data-testid=fault]"), "{}", page.text("[data-testid=fault]"));
        let is_asked =
            !page.is_visible("[data-testid=ask-panel]") && !page.is_visible("[data-testid=comparing]");
        (is_asked && page.is_visible("[data-testid=method-table]")).then_some(())
    });

    the_table_counts_the_pairs(&page, &session);
    a_cell_opens_its_pairs(&page, &session);
    two_methods_differ(&page);
    assert_eq!(page.violations("body"), Vec::<String>::new());
    a_method_is_used(&page);
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn every_screen_has_an_address_and_says_what_to_do_first() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    for screen in ["compare", "representations", "batches", "agreement"] {
        page.click(&format!("[data-testid=nav-{screen}]"));
        page.wait_visible("main:not([hidden]).screen", SHORT);
        let hash = page.driver().script("return location.hash", Vec::new());
        assert_eq!(hash, json!(format!("#{screen}")));
        let current = page.driver().script(
            "return [...document.querySelectorAll('[aria-current=page]')].map(e => e.dataset.testid)",
            Vec::new(),
        );
        assert_eq!(current, json!([format!("nav-{screen}")]));
        assert_eq!(page.violations("body"), Vec::<String>::new());
    }
    page.driver().script("history.back()", Vec::new());
    page.wait_visible("[data-testid=nav-batches][aria-current=page]", SHORT);
    page.driver().script("history.go(-3)", Vec::new());
    page.wait_visible("[data-testid=board-cell]", SHORT);
}

/// Before the model is asked, a method that needs it shows no share, and agrees with none.
fn what_was_not_measured_has_no_number(page: &Page) {
    page.wait_visible("[data-testid=agreement-table]", SHORT);
    assert!(!page.is_visible("[data-method=mapo]"), "its row is folded away");
    page.click("[data-testid=unmeasured-methods]");
    for measure in ["coverage", "mean-margin", "same-as-cm-align"] {
        page.set("[data-testid=measure]", measure);
        let cells = page.texts("[data-method=mapo] [data-testid=method-cell]");
        assert!(cells[0].contains("not measured") && !cells[0].contains('%'), "{measure}: {cells:?}");
    }
    let cells = page.texts("[data-testid=agreement-cell]");
    let of_both = cells.iter().find(|cell| cell.starts_with("CM-Align and MAPO")).unwrap();
    let words: Vec<&str> = of_both.split_whitespace().collect();
    assert!(words.join(" ").contains("kappa not measured"), "{of_both}");
}

/// The coverage of every method is a count of rows; that of the session's own method is what the session holds.
fn the_table_counts_the_pairs(page: &Page, session: &Value) {
    page.set("[data-testid=measure]", "coverage");
    let rows = page.driver().script(
        "return [...document.querySelectorAll('[data-testid=method-row]')].map(row => ({
            method: row.dataset.method,
            cells: [...row.querySelectorAll('[data-testid=method-cell]')].map(cell => cell.innerText) }))",
        Vec::new(),
    );
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["method"].as_str().unwrap()).collect::<Vec<_>>(), METHODS);
    let anchor = &session["config"]["anchor"];
    let pairs = session["pairs"].as_array().unwrap();
    let asked: Vec<&Value> = pairs.iter().filter(|pair| pair["language"] != *anchor).collect();
    let n_pairs = asked.iter().filter(|pair| pair["skip"].is_null()).count();
    let n_languages = session["config"]["languages"].as_array().unwrap().len();
    for row in rows {
        let cells = row["cells"].as_array().unwrap();
        assert_eq!(cells.len(), 1 + n_languages, "{row}");
        let all = cells[0].as_str().unwrap();
        assert!(all.contains(&format!("/{}", asked.len())), "{row}");
        if row["method"] == "cm-align" {
            assert!(all.contains(&format!("{n_pairs}/{}", asked.len())), "{row}");
        }
    }

    page.click("[data-testid=sort-all]");
    let sorted = page.driver().script(
        "return [...document.querySelectorAll('[data-testid=method-row] [data-column=\"0\"] .grid__figure')].map(e => parseFloat(e.innerText))",
        Vec::new(),
    );
    let sorted: Vec<f64> = sorted.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    assert!(sorted.len() > 1 && sorted.windows(2).all(|pair| pair[0] >= pair[1]), "{sorted:?}");
    let sort =
        "return document.querySelector('[data-testid=sort-all]').closest('th').getAttribute('aria-sort')";
    assert_eq!(page.driver().script(sort, Vec::new()), json!("descending"));
    page.click("[data-testid=sort-method]");
}

/// The list behind CM-Align's cell holds the session's pairs, and a row of it leads to its card.
fn a_cell_opens_its_pairs(page: &Page, session: &Value) {
    page.click("[data-method=cm-align] [data-column='0']");
    page.wait_visible("[data-testid=pair-list]", SHORT);
    let listed = page.driver().script(
        "return [...document.querySelectorAll('[data-testid=picked-row]')].map(row => [row.dataset.prompt, row.dataset.language,
            ...['chosen', 'rejected'].map(side => Number(row.querySelector(`[data-testid=picked-${side}]`).dataset.sample))])",
        Vec::new(),
    );
    let pairs = session["pairs"].as_array().unwrap();
    let wanted: Vec<Value> = (pairs.iter().filter(|pair| pair["skip"].is_null()))
        .map(|pair| json!([pair["promptId"], pair["language"], pair["chosen"], pair["rejected"]]))
        .take(20)
        .collect();
    assert_eq!(listed, json!(wanted));

    let (prompt, language) = (wanted[0][0].as_str().unwrap(), wanted[0][1].as_str().unwrap());
    page.click("[data-testid=show-row]");
    page.wait_visible(
        &format!("[data-testid=pair-row][data-prompt='{prompt}'][data-language='{language}'].pair--current"),
        SHORT,
    );
    page.driver().script("history.back()", Vec::new());
    page.wait_visible("[data-testid=method-table]", SHORT);
}

/// LIDR chooses translations, which no other method does, so it differs from CM-Align wherever it has a pair.
fn two_methods_differ(page: &Page) {
    let script = "const cells = [...document.querySelectorAll('[data-testid=agreement-cell]')];
        const e = cells.find(cell => cell.textContent.startsWith('CM-Align and LIDR'));
        e.scrollIntoView({ block: 'center' }); e.click();";
    page.driver().script(script, Vec::new());
    page.wait_visible("[data-testid=difference]", SHORT);
    let text = page.text("[data-testid=differences]");
    assert!(text.contains("translated from English"), "{text}");
}

fn a_method_is_used(page: &Page) {
    page.click("[data-method=mapo] [data-testid=use-method]");
    page.wait_visible("[data-testid=confirm-method]", SHORT);
    assert!(page.text("[data-testid=confirm-method]").starts_with("1 row was judged by hand"));
    page.click("[data-testid=confirm-use]");
    page.wait_visible("[data-method=mapo] [data-testid=own-method]", LONG);
    page.click("[data-testid=nav-pairs]");
    page.wait_visible("[data-testid=summary]", SHORT);
    let accepted = page.driver().script(
        "return document.querySelectorAll('[data-testid=pair-row][data-state=accepted], [data-testid=pair-row][data-state=changed]').length",
        Vec::new(),
    );
    assert_eq!(accepted, json!(1), "the judgement holds under another method");
}
