//! Every screen for everyone: in forced colours, with more contrast, in right-to-left order and at 320 px, axe finds nothing, nothing
//! scrolls sideways, type is large enough and nothing covers what has the focus.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::states::with_states;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const SCREENS: [&str; 5] = ["pairs", "compare", "agreement", "representations", "batches"];

/// What people may have set in their system.
const WISHES: [(&str, &[(&str, &str)]); 4] = [
    ("forced colours", &[("forced-colors", "active"), ("prefers-color-scheme", "light")]),
    ("forced colours, dark", &[("forced-colors", "active"), ("prefers-color-scheme", "dark")]),
    ("more contrast", &[("prefers-contrast", "more"), ("prefers-color-scheme", "light")]),
    ("more contrast, dark", &[("prefers-contrast", "more"), ("prefers-color-scheme", "dark")]),
];

fn go(page: &Page, screen: &str) {
    page.driver().script("location.hash = arguments[0]", vec![json!(screen)]);
    page.wait_visible(&format!("[data-testid=nav-{screen}][aria-current=page]"), SHORT);
    page.wait_visible("main:not([hidden])", SHORT);
    // Parts of a screen come a few frames apart.
    std::thread::sleep(std::time::Duration::from_secs(2));
}

fn with_session(site: &Site) -> Page {
    let page = Page::open(site, Gpu::None);
    let session = with_states(&large_session(6, 8, 5), 4);
    page.open_session("session.json", session.as_bytes());
    page
}

fn excess(page: &Page) -> Value {
    let script = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
    page.driver().script(script, Vec::new())
}

/// What is wrong with what is shown now, for anybody.
fn problems(page: &Page, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (wish, media) in WISHES {
        page.emulate(1280, false);
        page.emulate_media("screen", media);
        found.extend(page.violations("body").into_iter().map(|what| format!("{name}, {wish}: {what}")));
    }
    for direction in ["rtl", "ltr"] {
        page.driver().script("document.documentElement.dir = arguments[0]", vec![json!(direction)]);
        for (width, is_dark) in [(1280, false), (320, true)] {
            page.emulate(width, is_dark);
            let place = format!("{name}, {direction}, {width} px");
            found.extend(page.violations("body").into_iter().map(|what| format!("{place}: {what}")));
            if excess(page) != json!(0) {
                found.push(format!("{place}: {} px too wide", excess(page)));
            }
        }
    }
    page.emulate(1280, false);
    found
}

#[test]
fn every_screen_is_for_everyone() {
    let site = Site::start();
    let page = with_session(&site);
    let found: Vec<String> = SCREENS
        .iter()
        .flat_map(|screen| {
            go(&page, screen);
            problems(&page, screen)
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_screen_without_a_session_is_for_everyone() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let mut found = Vec::new();
    for screen in SCREENS {
        go(&page, screen);
        found.extend(problems(&page, screen));
        if screen != "pairs" {
            let empty = page.driver().script(
                "const e = document.querySelector('[data-testid=empty-screen]');
                 return [e.querySelectorAll('svg[aria-hidden=true]').length, e.querySelectorAll('a.button, button').length]",
                Vec::new(),
            );
            assert_eq!(empty, json!([1, 2]), "{screen}: a picture, the way to a session and the example");
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn forced_colours_show_what_is_current() {
    let site = Site::start();
    let page = with_session(&site);
    page.emulate_media("screen", WISHES[0].1);
    let looks = |css: &str| {
        let script = "const of = e => { const s = getComputedStyle(e);
              return [s.borderBlockEndStyle, s.borderBlockEndColor, s.backgroundColor, s.outlineStyle, s.textDecorationLine].join() };
            const all = [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility());
            const is_on = e => e.ariaCurrent === 'page' || e.ariaPressed === 'true';
            const on = all.filter(is_on).map(of), off = all.filter(e => !is_on(e)).map(of);
            return [on.length > 0 && off.length > 0, on.some(look => off.includes(look))]";
        page.driver().script(script, vec![json!(css)])
    };
    assert_eq!(looks(".views__link"), json!([true, false]), "the current screen looks like no other");
    assert_eq!(looks(".chip"), json!([true, false]), "a pressed choice looks like no other");
}

/// The script gives an empty list on every screen, wide and narrow.
fn finds_nothing(page: &Page, script: &str) {
    for screen in SCREENS {
        go(page, screen);
        for width in [1280, 320] {
            page.emulate(width, false);
            assert_eq!(page.driver().script(script, Vec::new()), json!([]), "{screen} at {width} px");
        }
    }
}

#[test]
fn type_has_a_floor() {
    let site = Site::start();
    let page = with_session(&site);
    // What is read has 15 px, what labels it 13.
    let script = "const small = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const e = walker.currentNode.parentElement;
          if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('.visually-hidden, script, style')) continue;
          const px = parseFloat(getComputedStyle(e).fontSize), text = walker.currentNode.data.trim();
          const is_read = text.split(/\\s+/).length > 4 || e.closest('.speech');
          if (px < (is_read ? 15 : 13)) small.push(`${px} px: ${e.tagName} ${e.className} ${text.slice(0, 60)}`);
        }
        return [...new Set(small)].slice(0, 20)";
    finds_nothing(&page, script);
}

#[test]
fn nothing_covers_what_has_the_focus() {
    let site = Site::start();
    let page = with_session(&site);
    let script = "const covered = [];
        for (const e of document.querySelectorAll('main :is(a, button, select, input, summary)')) {
          if (!e.checkVisibility() || e.disabled || e.closest('.visually-hidden') || e.classList.contains('visually-hidden')) continue;
          e.focus();
          const box = e.getBoundingClientRect();
          if (!box.width || box.width < 2 || document.activeElement !== e) continue;
          // What is wider than the window is looked at where it begins.
          const x = Math.max(0, Math.min(box.x + box.width / 2, innerWidth - 8));
          const at = document.elementFromPoint(x, Math.min(box.y + box.height / 2, innerHeight - 1));
          if (!at || !(e.contains(at) || at.contains(e) || at.closest('label')?.contains(e)))
            covered.push(`${e.dataset.testid ?? e.className ?? e.tagName} by ${at?.className ?? 'the edge'}`);
        }
        return [...new Set(covered)]";
    finds_nothing(&page, script);
}

#[test]
fn paper_gets_the_cards_and_no_controls() {
    let site = Site::start();
    let page = with_session(&site);
    page.wait_visible("main:not([hidden])", LONG);
    page.emulate_media("print", &[("prefers-color-scheme", "dark")]);
    let found = page.driver().script(
        "const seen = css => [...document.querySelectorAll(css)].filter(e => e.checkVisibility()).map(e => e.className);
         const cut = [...document.querySelectorAll('main .speech')].filter(e => e.checkVisibility()).map(e => e.closest('.box, .rows, .offer__text'))
           .filter(box => box && box.scrollHeight > box.clientHeight + 1).map(box => box.className);
         return { controls: seen('.button, .chip, nav, .bench__setup, .note'), cut, is_light: getComputedStyle(document.body).colorScheme,
           has_texts: seen('main .speech').length > 0 }",
        Vec::new(),
    );
    assert_eq!(found, json!({ "controls": [], "cut": [], "is_light": "light", "has_texts": true }));
}
