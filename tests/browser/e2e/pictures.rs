//! Every picture: keyboard cursor, table, files, and nothing that axe finds wrong.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::states::with_states;
use serde_json::{Value, json};

use crate::SHORT;

const N_PROMPTS: usize = 4;
const N_LANGUAGES: usize = 3;
const N: usize = 4;
const N_LAYERS: usize = 4;

fn open(site: &Site) -> Page {
    let page = Page::open(site, Gpu::Software);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let session = with_states(&large_session(N_PROMPTS, N_LANGUAGES, N), N_LAYERS);
    page.pick_file("[data-testid=open-session]", "measured.json", session.as_bytes());
    page.wait_visible("[data-testid=summary]", SHORT);
    // The file has no picks yet; setting the minimum makes them.
    page.set("[data-testid=min-margin]", "0");
    page.wait_visible("[data-testid=reference]", SHORT);
    page
}

/// The frame of a picture by its name.
fn frame(name: &str) -> String {
    format!("[data-testid=chart-frame][data-chart={name}]")
}

/// Presses a key where an element listens.
fn press(page: &Page, css: &str, key: &str) {
    let script = "const e = document.querySelector(arguments[0]); e.focus();
        e.dispatchEvent(new KeyboardEvent('keydown', { key: arguments[1], bubbles: true, cancelable: true }));
        e.dispatchEvent(new KeyboardEvent('keyup', { key: arguments[1], bubbles: true }))";
    page.driver().script(script, vec![json!(css), json!(key)]);
}

/// Walks a picture: two keys give two readings, the table has its rows, axe finds nothing. `keys` lead from the first mark to
/// another one.
fn walk(page: &Page, name: &str, n_rows: usize, key: &str) {
    let frame = frame(name);
    page.wait_visible(&frame, SHORT);
    let chart = format!("{frame} [data-testid=chart]");
    let reading = || page.text(&format!("{frame} [data-testid=chart-reading]"));
    let before = reading();
    press(page, &chart, "Home");
    page.wait_for("a reading", SHORT, || (reading() != before).then_some(()));
    let first = reading();
    press(page, &chart, key);
    page.wait_for("another reading", SHORT, || (reading() != first).then_some(()));
    table(page, name, n_rows);
}

/// Opens the table of a picture and counts its rows.
fn table(page: &Page, name: &str, n_rows: usize) {
    let frame = frame(name);
    page.click(&format!("{frame} [data-testid=chart-as-table]"));
    let rows = format!("{frame} [data-testid=chart-table] tbody tr");
    page.wait_visible(&rows, SHORT);
    assert_eq!(page.texts(&rows).len(), n_rows, "rows of {name}");
    assert_eq!(page.violations(&frame), Vec::<String>::new(), "{name}");
}

/// The CSV file of a picture, as lines of fields.
fn csv(page: &Page, name: &str) -> Vec<Vec<String>> {
    page.click(&format!("{} [data-testid=chart-csv]", frame(name)));
    let file = format!("concord-{name}.csv");
    let text = page.wait_for(&file, SHORT, || {
        let path = page.driver().downloads().join(&file);
        // The browser makes the file first and writes it then.
        std::fs::read_to_string(path).ok().filter(|text| !text.is_empty())
    });
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn pictures_of_a_prompts_responses_can_be_walked_read_and_taken_away() {
    let site = Site::start();
    let page = open(&site);
    page.click("[data-testid=open-heat-map]");
    page.wait_visible("[data-testid=heat-map]", SHORT);
    table(&page, "responses-1", N_LANGUAGES);
    let lines = csv(&page, "responses-1");
    assert_eq!(lines.len(), 1 + N_LANGUAGES * N);
    let session: Value = serde_json::from_str(&large_session(N_PROMPTS, N_LANGUAGES, N)).unwrap();
    let (found, expected): (f64, _) =
        (lines[1][2].parse().unwrap(), session["similarities"][0]["cosine"][0].as_f64());
    assert!((found - expected.unwrap()).abs() < 1e-6, "{found}");

    page.click("[data-testid=picture-siblings]");
    walk(&page, "siblings-1", N, "ArrowRight");
    page.click("[data-testid=picture-targets]");
    walk(&page, "targets-1", N_LANGUAGES * N - 1, "ArrowDown");
    page.click("[data-testid=picture-points]");
    walk(&page, "points-1", N_LANGUAGES * N, "ArrowDown");
    page.click(&format!("{} [data-testid=chart-svg]", frame("points-1")));
    let svg = std::fs::read_to_string(page.downloaded("svg", SHORT)).unwrap();
    assert!(svg.starts_with("<svg ") && !svg.contains("var("), "{svg}");
    page.click(&format!("{} [data-testid=chart-png]", frame("points-1")));
    let png = std::fs::read(page.downloaded("png", SHORT)).unwrap();
    assert_eq!(&png[1..4], b"PNG");
}

#[test]
fn the_cut_counts_while_it_moves_and_picks_when_it_is_let_go() {
    let site = Site::start();
    let page = open(&site);
    page.click("[data-testid=open-margins]");
    page.wait_visible("[data-testid=margin-slider]", SHORT);
    let counts = || page.text("[data-testid=margin-counts]");
    let before = counts();
    let slider = "document.querySelector('[data-testid=margin-slider]')";
    let hold = format!(
        "{slider}.focus(); {slider}.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'End', bubbles: true, cancelable: true }}))"
    );
    page.driver().script(&hold, Vec::new());
    let value = |page: &Page| {
        page.driver().script("return document.querySelector('[data-testid=min-margin]').value", Vec::new())
    };
    page.wait_for("other counts", SHORT, || (counts() != before).then_some(()));
    assert_eq!(value(&page), json!("0"), "nothing is picked while the key is down");
    let let_go =
        format!("{slider}.dispatchEvent(new KeyboardEvent('keyup', {{ key: 'End', bubbles: true }}))");
    page.driver().script(&let_go, Vec::new());
    page.wait_for("the pick", SHORT, || (value(&page) != json!("0")).then_some(()));
    page.set("[data-testid=margin-cut]", "0");
    page.wait_for("the first counts", SHORT, || (counts() == before).then_some(()));
    assert_eq!(page.violations("[data-testid=margins]"), Vec::<String>::new());
}

#[test]
fn the_representations_screen_shows_where_languages_meet() {
    let site = Site::start();
    let page = open(&site);
    page.driver().script("location.hash = 'representations'", Vec::new());
    page.wait_visible(&frame("language-matrix"), SHORT);
    walk(&page, "language-matrix", N_LANGUAGES, "ArrowRight");
    walk(&page, "spectrum", N_LANGUAGES, "ArrowRight");
    walk(&page, "layers", N_LAYERS + 1, "ArrowRight");
    let losses: Vec<f64> = csv(&page, "layers")[1..].iter().map(|line| line[1].parse().unwrap()).collect();
    let lowest =
        losses.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(layer, _)| layer);
    assert_eq!(lowest, Some(N_LAYERS / 2), "they meet in the middle: {losses:?}");
    assert_eq!(page.texts("[data-testid=pair-table] tbody tr").len(), 3);

    let facts = || page.text("[data-testid=spectrum-facts]");
    let before = facts();
    page.click("[data-testid=spectrum-languages] input");
    page.wait_for("other numbers", SHORT, || (facts() != before).then_some(()));
    page.set("[data-testid=study-source]", "1");
    page.wait_visible(&frame("layers"), SHORT);
    page.click("[data-testid=matching-train]");
    page.wait_visible(&frame("matching"), SHORT);
    assert_eq!(page.violations("main:not([hidden])"), Vec::<String>::new());
    for width in [320, 768, 1280, 1920] {
        page.emulate(width, width == 768);
        std::thread::sleep(std::time::Duration::from_millis(500));
        let excess = page
            .driver()
            .script("const e = document.documentElement; return e.scrollWidth - e.clientWidth", Vec::new());
        assert_eq!(excess, json!(0), "{width}");
    }
}
