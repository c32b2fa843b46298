//! The lesson: by pointer and by keyboard, predicted right and wrong, its numbers, its links, its sheets and its languages.

use std::process::Command;
use std::time::Duration;

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const LANGUAGES: [&str; 8] = ["en", "de", "es", "ru", "zh-Hans", "ar", "bn", "sw"];

/// Opens a lesson link in a fresh profile.
fn open(site: &Site, hash: &str) -> Page {
    let page = Page::open(site, Gpu::None);
    go(&page, hash);
    page
}

fn go(page: &Page, hash: &str) {
    page.driver().script("location.hash = arguments[0]", vec![json!(hash)]);
    page.wait_visible("[data-testid=lesson] [data-ready=true]", LONG);
}

fn wait_step(page: &Page, number: usize) {
    page.wait_visible(&format!("[data-testid=lesson-step][data-step='{number}']"), SHORT);
}

/// The options of the step, and which of them are marked as right; `None` where items are put in order.
fn options(page: &Page) -> Option<Vec<bool>> {
    let script = "const all = [...document.querySelectorAll('.lesson .option')];
        return all.length ? all.map(option => option.classList.contains('option--right')) : null";
    serde_json::from_value(page.driver().script(script, Vec::new())).unwrap()
}

/// Every number on the screen by its name.
fn figures(page: &Page) -> Vec<Value> {
    let script = "return [...document.querySelectorAll('[data-testid=figure]')]
        .map(figure => [figure.dataset.figure, Number(figure.dataset.number)])";
    serde_json::from_value(page.driver().script(script, Vec::new())).unwrap()
}

fn is_right(page: &Page) -> bool {
    page.wait_visible("[data-testid=verdict]", SHORT);
    page.driver().find("[data-testid=verdict][data-right=true]").is_some()
}

/// The scores of the items to be ordered, as they stand, from the numbers that are shown below them.
fn order_by_score(page: &Page) {
    // From the bottom up, so that every press moves the right one.
    let script = "const score = text => { const row = [...document.querySelectorAll('.lesson__scroll tr')]
            .find(row => row.querySelector('.response')?.textContent === text);
          return Number(row.querySelector('[data-testid=figure]').dataset.number) };
        return [...document.querySelectorAll('[data-testid=order] .response')].map(item => score(item.textContent))";
    let scores: Vec<f64> = serde_json::from_value(page.driver().script(script, Vec::new())).unwrap();
    assert!(scores.len() > 2, "{scores:?}");
    page.reload();
    page.wait_visible("[data-testid=order]", LONG);
    let mut now = scores;
    for sorted in (1..now.len()).rev() {
        for place in 0..sorted {
            if now[place] < now[place + 1] {
                page.click(&format!("[data-testid=down-{place}]"));
                now.swap(place, place + 1);
            }
        }
    }
}

#[test]
fn the_whole_lesson_by_pointer_and_all_its_numbers_hold() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.click("[data-testid=nav-lesson]");
    page.wait_visible("[data-testid=lesson] [data-ready=true]", LONG);
    let mut all: Vec<Value> = Vec::new();
    for number in 1..=10 {
        wait_step(&page, number);
        assert!(
            page.driver().find("[data-testid=reveal]:disabled").is_some(),
            "step {number}: predict first"
        );
        let pick = if options(&page).is_some() { "option-0" } else { "keep-order" };
        page.click(&format!("[data-testid={pick}]"));
        page.click("[data-testid=reveal]");
        is_right(&page);
        assert!(!page.text("[data-testid=learned]").is_empty());
        all.extend(figures(&page));
        page.click("[data-testid=figure]");
        assert!(
            !page.text("[data-testid=origin]").is_empty(),
            "step {number} says where its number comes from"
        );
        if let Some(right) = options(&page) {
            assert!(right.contains(&true) && right.contains(&false), "step {number}: {right:?}");
            // Once right, and once wrong.
            for wanted in [true, false] {
                page.reload();
                page.wait_visible("[data-testid=lesson] [data-ready=true]", LONG);
                let at = right.iter().position(|right| *right == wanted).unwrap();
                page.click(&format!("[data-testid=option-{at}]"));
                page.click("[data-testid=reveal]");
                assert_eq!(is_right(&page), wanted, "step {number}, option {at}");
            }
        } else {
            order_by_score(&page);
            page.click("[data-testid=reveal]");
            assert!(is_right(&page), "step {number}: ordered by score");
        }
        if number == 9 {
            page.set("[data-testid=move-chosen]", "3.5");
            all.extend(figures(&page));
        }
        if number < 10 {
            page.click("[data-testid=lesson-next]");
        }
    }
    assert_eq!(page.driver().console(), Vec::<String>::new());
    assert_eq!(site.asked_outside(), Vec::<String>::new());
    recompute(&page, &all);
}

/// Compares the numbers with those that `tests/recompute` makes of the session behind them.
fn recompute(page: &Page, figures: &[Value]) {
    assert!(figures.len() > 100, "{} numbers were on the screen", figures.len());
    let session = page.call("return await concord.exampleSession()", LONG);
    let folder = page.driver().folder();
    let paths = ["lesson-session.json", "lesson-results.json"].map(|name| folder.join(name));
    std::fs::write(&paths[0], session.to_string()).unwrap();
    std::fs::write(&paths[1], json!({ "lesson": { "figures": figures } }).to_string()).unwrap();
    let script = xtask::shell::root().join("tests/recompute");
    let output = Command::new("python3").arg("-B").arg(script).args(&paths).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("differences: 0"), "{said}");
}

#[test]
fn the_whole_lesson_by_keyboard() {
    let site = Site::start();
    let page = open(&site, "lesson=1");
    for number in 1..=10 {
        wait_step(&page, number);
        let focus = "document.querySelector('.lesson input[type=radio], [data-testid=keep-order]').focus()";
        page.driver().script(focus, Vec::new());
        page.press(" ", "Space", 0);
        page.press(".", "Period", 0);
        page.wait_visible("[data-testid=verdict]", SHORT);
        if number == 3 {
            page.press("PageUp", "PageUp", 0);
            wait_step(&page, 2);
            page.press("PageDown", "PageDown", 0);
            wait_step(&page, 3);
        }
        page.press("PageDown", "PageDown", 0);
    }
    wait_step(&page, 10);
    let n =
        page.driver().script("return document.querySelectorAll('[class*=lesson__number--]').length", vec![]);
    assert_eq!(n, json!(10), "all ten are answered");
    page.click("[data-testid=lesson-result]");
    let file = page.downloaded("json", SHORT);
    let result: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(result["schema"], json!("concord-lesson/1"));
    assert_eq!(result["steps"].as_array().unwrap().len(), 10);
    let heap = page.driver().script("return performance.memory.usedJSHeapSize", Vec::new()).as_f64().unwrap();
    assert!(heap < 150e6, "{heap} bytes of JavaScript's heap");
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn a_link_shows_the_same_in_every_fresh_profile() {
    let site = Site::start();
    for hash in [
        "lesson=5&seed=7&prompts=1,2,3,4",
        "lesson=10&margin=0.05&lang=ar&hide=controls,numbers",
        "lesson=6&view=class",
    ] {
        let shown = || {
            let page = open(&site, hash);
            page.driver().script("document.querySelector('[data-testid=reveal]')?.click()", Vec::new());
            page.driver().script("return document.querySelector('#lesson').outerHTML", Vec::new())
        };
        let (first, second) = (shown(), shown());
        assert!(first.as_str().unwrap().len() > 2_000, "{hash}: {first}");
        assert_eq!(first, second, "{hash}");
    }
}

#[test]
fn a_link_that_cannot_be_read_says_so_and_the_lesson_goes_on() {
    let site = Site::start();
    let page = open(&site, "lesson=3");
    let long = format!("lesson=4&prompts={}", "1,".repeat(50_000));
    for (hash, step) in [
        ("lesson=99", 1),
        ("lesson=4&lang=xx", 4),
        ("lesson=4&seed=x", 4),
        ("lesson=4&v=9", 4),
        ("lesson=4&hide=cont", 4),
        (&long, 1),
    ] {
        go(&page, hash);
        wait_step(&page, step);
        page.wait_visible("[data-testid=lesson-problem]", SHORT);
        go(&page, "lesson=2");
        wait_step(&page, 2);
        page.wait_for("the message to go", SHORT, || {
            page.driver().find("[data-testid=lesson-problem]").is_none().then_some(())
        });
    }
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn ones_own_session_is_shown_and_what_it_lacks_is_said() {
    let site = Site::start();
    let page = open(&site, "lesson=6");
    // Without a session of one's own the example stays.
    page.click("[data-testid=lesson-mine]");
    page.wait_visible("[data-testid=lesson] [data-ready=true]", LONG);
    wait_step(&page, 6);
    let session = page.call(
        "const session = await concord.exampleSession(); delete session.measurements; return session",
        LONG,
    );
    page.driver().script("location.hash = 'pairs'", Vec::new());
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.open_session("mine.json", session.to_string().as_bytes());
    go(&page, "lesson=6");
    page.click("[data-testid=lesson-mine]");
    page.wait_visible("[data-testid=needs]", LONG);
    page.click("[data-testid=look-at-example]");
    page.wait_visible("[data-testid=reveal]", LONG);
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn the_lesson_works_offline_and_asks_for_no_model() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=works-offline]", LONG);
    site.go_down();
    go(&page, "lesson=2&lang=sw");
    wait_step(&page, 2);
    page.reload();
    page.wait_visible("[data-testid=lesson] [data-ready=true]", LONG);
    wait_step(&page, 2);
}

#[test]
fn every_language_at_every_width_passes_axe() {
    let site = Site::start();
    let page = open(&site, "lesson=1");
    let folder = xtask::shell::root().join("target/screenshots");
    for (at, language) in LANGUAGES.into_iter().enumerate() {
        for step in 1..=10 {
            // Every language at every step, and the pairs of width and theme in turn.
            let (width, is_dark) = [(320, false), (768, true), (1280, false), (1920, true)][(at + step) % 4];
            go(
                &page,
                &format!("lesson={step}&lang={language}&view={}", if step % 3 == 0 { "class" } else { "" }),
            );
            wait_step(&page, step);
            page.emulate(width, is_dark);
            page.driver().script(
                "document.querySelector('.lesson input[type=radio], [data-testid=keep-order]')?.click()",
                Vec::new(),
            );
            page.driver().script("document.querySelector('[data-testid=reveal]')?.click()", Vec::new());
            page.wait_visible("[data-testid=learned]", SHORT);
            let place = format!("{language}, step {step}, {width} px");
            assert_eq!(page.violations("body"), Vec::<String>::new(), "{place}");
            let script = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
            assert_eq!(page.driver().script(script, Vec::new()), json!(0), "{place}: too wide");
            let broken = "return [...document.querySelectorAll('.lesson *')].filter(e => !e.children.length
                && /^[a-z]+-[a-z-]+$/.test(e.textContent.trim()) && !/^starter/.test(e.textContent.trim())).map(e => e.textContent)";
            assert_eq!(
                page.driver().script(broken, Vec::new()),
                json!([]),
                "{place}: texts that are missing"
            );
            page.driver().screenshot(&folder.join(format!("lesson-{step}-{language}-{width}.png")));
        }
    }
    for sheet in ["questions", "answers", "terms"] {
        go(&page, &format!("lesson=1&show={sheet}&lang=ar"));
        assert_eq!(page.violations("body"), Vec::<String>::new(), "{sheet}");
    }
}

#[test]
fn a_class_sees_a_step_without_scrolling() {
    let site = Site::start();
    let page = open(&site, "lesson=1&view=class&hide=controls");
    page.driver().cdp(
        "Emulation.setDeviceMetricsOverride",
        &json!({ "width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": false }),
    );
    let mut too_tall = Vec::new();
    for step in 1..=10 {
        go(&page, &format!("lesson={step}&view=class&hide=controls"));
        wait_step(&page, step);
        std::thread::sleep(Duration::from_millis(200));
        let script = "return document.querySelector('[data-testid=lesson-step]').getBoundingClientRect().bottom + scrollY";
        let bottom = page.driver().script(script, Vec::new()).as_f64().unwrap();
        if bottom > 720.0 {
            too_tall.push((step, bottom));
        }
        page.driver()
            .screenshot(&xtask::shell::root().join(format!("target/screenshots/lesson-class-{step}.png")));
    }
    assert_eq!(too_tall, []);
}
