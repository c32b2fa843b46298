//! The page at four widths in both themes: pictures for people, and no sideways scrolling.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::{LONG, SHORT};

#[test]
fn every_width_and_theme_fits_the_window() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    assert_eq!(page.violations("body"), Vec::<String>::new());
    picture(&page, "setup");
    page.build_on_screen(2, 4);
    page.wait_built(LONG);
    assert_eq!(page.violations("body"), Vec::<String>::new());
    picture(&page, "results");
    page.click("[data-testid=open-heat-map]");
    page.wait_visible("[data-testid=heat-map]", SHORT);
    page.driver().script("document.querySelector('[data-testid=heat-map]').scrollIntoView()", Vec::new());
    assert_eq!(page.violations("body"), Vec::<String>::new());
    picture(&page, "heat-map");
}

#[test]
fn the_other_screens_fit_the_window_too() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.build_on_screen(2, 3);
    page.wait_built(LONG);
    for (view, there) in
        [("compare", "method-table"), ("representations", "measure-states"), ("batches", "strip")]
    {
        page.driver().script("location.hash = arguments[0]", vec![json!(view)]);
        page.wait_visible(&format!("[data-testid={there}]"), LONG);
        assert_eq!(page.violations("body"), Vec::<String>::new(), "{view}");
        picture(&page, view);
    }
}

/// What is shown now fits four widths in both themes, and axe finds nothing wrong with it.
///
/// # Panics
/// Where it does not.
pub(crate) fn check_widths(page: &Page, name: &str) {
    for (width, is_dark) in [(1280, false), (320, true)] {
        page.emulate(width, is_dark);
        assert_eq!(page.violations("body"), Vec::<String>::new(), "{name} at {width} px");
    }
    picture(page, name);
}

/// Writes `target/screenshots/<name>-<width>-<theme>.png` for all, then fails where the page is too wide.
fn picture(page: &Page, name: &str) {
    let folder = xtask::shell::root().join("target/screenshots");
    let mut too_wide = Vec::new();
    for width in [320, 768, 1280, 1920] {
        for (theme, is_dark) in [("light", false), ("dark", true)] {
            page.emulate(width, is_dark);
            std::thread::sleep(std::time::Duration::from_millis(300));
            page.driver().screenshot(&folder.join(format!("{name}-{width}-{theme}.png")));
            let script = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
            let excess = page.driver().script(script, Vec::new());
            if excess != json!(0) {
                too_wide.push(format!("{name} at {width} px, {theme}: {excess} px too wide"));
            }
        }
    }
    assert_eq!(too_wide, Vec::<String>::new());
}
