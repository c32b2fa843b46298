//! The review of 20,000 pairs.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;

use super::LongTasks;
use crate::desk::{ROW, decide, letter};
use crate::{LONG, SHORT};

/// Opening such a session takes a while, so all that is asked of twenty thousand pairs is asked of one page.
#[test]
fn twenty_thousand_pairs_leave_the_page_free() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.pick_file("[data-testid=open-session]", "large.json", large_session(2500, 8, 2).as_bytes());
    let says = || page.text("[data-testid=status-message]").contains("is open");
    page.wait_for("the session", LONG, || says().then_some(()));
    page.set("[data-testid=min-margin]", "0");
    page.wait_visible("[data-testid=pair-row][data-chosen]", LONG);
    page.click("[data-testid=look-focus]");
    page.wait_visible(ROW, SHORT);
    let tasks = LongTasks::watch(&page);
    // The first press has its own code to compile.
    decide(&page, 'a');
    tasks.check("accept ten rows", || {
        let waits =
            serde_json::from_value::<Vec<f64>>(page.driver().script_async(NEXT_PAIRS, Vec::new())).unwrap();
        println!("from a key to the next pair's frame, in milliseconds: {waits:?}");
        assert_eq!(waits.len(), 10);
    });
    tasks.check("undo", || drop(decide(&page, 'u')));
    let undecided = || page.text("[data-testid=filter-undecided] .number");
    let before = undecided();
    tasks.check("decide all rows, and take it back", || {
        page.click("[data-testid=bulk]");
        page.click("[data-testid=bulk-confirm]");
        page.wait_for("all rows to be decided", SHORT, || (undecided() == "0").then_some(()));
        letter(&page, 'u');
        page.wait_for("all rows as they were", SHORT, || (undecided() == before).then_some(()));
    });
    tasks.check("look only at accepted rows", || page.click("[data-testid=filter-accepted]"));
    tasks.check("look at all rows", || page.click("[data-testid=filter-all]"));
    tasks.check("show the table", || page.click("[data-testid=look-table]"));
    page.wait_visible("[data-testid=table-row]", SHORT);
    tasks.check("scroll through the table", || {
        let script = "const done = arguments[0], table = document.querySelector('[data-testid=row-table]');
            let n = 0;
            const next = () => { table.scrollTop += 4000; (++n < 100) ? requestAnimationFrame(next) : done(n); };
            next();";
        page.driver().script_async(script, Vec::new());
    });
    // Another program may take the processor at any moment: medians of frames by turns, and the best of a few tries.
    let is_smooth = || {
        let frames = page.driver().script_async(SCROLLED_FRAMES, Vec::new());
        let [table, empty] = serde_json::from_value::<[f64; 2]>(frames).unwrap();
        println!("a frame of the scrolled table takes {:.2} of an empty page's", table / empty);
        table / empty <= 1.5
    };
    assert!((0..4).any(|_| is_smooth()), "scrolling the table is slower than an empty page in every try");
    let n = "return document.querySelectorAll('[data-testid=table-row]').length";
    let n = page.driver().script(n, Vec::new()).as_u64().unwrap();
    assert!((10..100).contains(&n), "only rows in sight are on the page, not {n}");
}

/// Accepts ten rows by key; answers how many milliseconds passed from each press to the frame that shows the next row.
const NEXT_PAIRS: &str = "
    const done = arguments[0], waits = [];
    const shown = () => { const { prompt, language } = document.querySelector('[data-testid=focus-row]')?.dataset ?? {}; return `${prompt} ${language}`; };
    const press = () => {
        const before = shown(), start = performance.now();
        const changed = new MutationObserver(() => {
            if (shown() === before || !shown()) return;
            changed.disconnect();
            requestAnimationFrame(() => {
                waits.push(Math.round(performance.now() - start));
                waits.length < 10 ? setTimeout(press, 50) : done(waits);
            });
        });
        changed.observe(document.body, { subtree: true, childList: true, attributes: true });
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', code: 'KeyA', bubbles: true, cancelable: true }));
    };
    press();";

/// Median time of a frame while the table scrolls, and while an empty box does, which take turns.
const SCROLLED_FRAMES: &str = "
    const done = arguments[0], table = document.querySelector('[data-testid=row-table]');
    const empty = document.createElement('div'), filler = document.createElement('div');
    const { width, height } = table.getBoundingClientRect();
    Object.assign(empty.style, { position: 'fixed', top: 0, width: `${width}px`, height: `${height}px`, overflow: 'auto' });
    filler.style.height = '400000px';
    empty.append(filler);
    document.body.append(empty);
    const times = [[], []];
    const median = all => all.sort((a, b) => a - b)[all.length >> 1];
    let n = 0, last = performance.now();
    const next = now => {
        const turn = (n >> 3) % 2;
        // The first frame of a turn still holds what the other did.
        if (n % 8 > 0) times[turn].push(now - last);
        last = now;
        if (++n > 320) { empty.remove(); return done(times.map(median)); }
        [table, empty][(n >> 3) % 2].scrollTop += 400;
        requestAnimationFrame(next);
    };
    requestAnimationFrame(next);";
