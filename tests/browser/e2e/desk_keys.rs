//! The keys of the review: other layouts, input methods, other keys for the same acts, and the screens.

use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::SHORT;
use crate::desk::{ROW, decide, letter, open, row};

#[test]
fn fifty_pairs_by_keyboard_on_a_russian_layout() {
    let site = Site::start();
    let page = open(&site, &large_session(40, 4, 4));
    let keys = [
        ("ф", "KeyA", "Accepted"),
        ("ы", "KeyS", "Swapped"),
        ("ч", "KeyX", "Left out"),
        ("е", "KeyT", "Tie"),
    ];
    for (key, code, done) in keys.into_iter().cycle().take(50) {
        let before = page.text("[data-testid=said]");
        page.press(key, code, 0);
        let said = page
            .wait_for(done, SHORT, || Some(page.text("[data-testid=said]")).filter(|said| *said != before));
        assert!(said.starts_with(done), "{said}");
    }
    let count = page.text("[data-testid=progress-words]");
    assert!(count.starts_with("50 of "), "{count}");
}

#[test]
fn keys_of_an_input_method_do_nothing() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    let before = row(&page);
    let composed = "for (const init of [{ isComposing: true }, { keyCode: 229 }])
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown',
            { key: 'a', code: 'KeyA', bubbles: true, cancelable: true, ...init }));";
    page.driver().script(composed, Vec::new());
    // A key that does something comes after them.
    letter(&page, 'j');
    page.wait_for("the next row", SHORT, || (row(&page)[..2] != before[..2]).then_some(()));
    letter(&page, 'k');
    page.wait_for("the row again", SHORT, || (row(&page) == before).then_some(()));
}

#[test]
fn digits_pick_any_two_on_every_layout() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    let offers = page.driver().script(
        "return [...document.querySelectorAll('[data-testid=candidate]')].map(e => e.dataset.sample)",
        Vec::new(),
    );
    let offers: Vec<String> = serde_json::from_value(offers).unwrap();
    assert!(offers.len() >= 3, "{offers:?}");
    let pair = |chosen: usize, rejected: usize| [offers[chosen - 1].clone(), offers[rejected - 1].clone()];
    // Latin, shifted on a French keyboard, and Arabic digits.
    for (keys, chosen, rejected) in [
        ([("2", "Digit2", 0), ("!", "Digit1", 8)], 2, 1),
        ([("3", "Digit3", 0), ("2", "Digit2", 8)], 3, 2),
        ([("١", "Digit1", 0), ("٣", "Digit3", 8)], 1, 3),
    ] {
        for (key, code, modifiers) in keys {
            page.press(key, code, modifiers);
        }
        let wanted = pair(chosen, rejected);
        page.wait_for("the pair", SHORT, || (row(&page)[3..] == wanted).then_some(()));
    }
    assert_eq!(
        page.driver().script("return location.hash", Vec::new()),
        json!(""),
        "digits switch no screen"
    );
}

#[test]
fn a_command_takes_another_key_and_no_two_share_one() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    open_sheet(&page);
    page.click("[data-testid=key-accept]");
    letter(&page, 's');
    page.wait_for("a refusal", SHORT, || {
        page.text("[data-testid=key-refused]").contains("S is taken").then_some(())
    });
    letter(&page, 'q');
    page.wait_for("the new key", SHORT, || (page.text("[data-testid=key-accept]") == "Q").then_some(()));
    page.click("[data-testid=close-keys]");
    page.reload();
    page.wait_visible(ROW, SHORT);
    assert!(decide(&page, 'q').starts_with("Accepted"), "the key is kept");
    open_sheet(&page);
    page.click("[data-testid=reset-keys]");
    page.wait_for("the first key", SHORT, || (page.text("[data-testid=key-accept]") == "A").then_some(()));
    page.click("[data-testid=close-keys]");
    assert!(decide(&page, 'a').starts_with("Accepted"));
}

#[test]
fn brackets_step_through_the_screens() {
    let site = Site::start();
    let page = open(&site, &large_session(6, 4, 4));
    page.press("х", "BracketLeft", 0);
    let hash = || page.driver().script("return location.hash", Vec::new());
    page.wait_for("the screen before", SHORT, || {
        (hash() != json!("") && hash() != json!("#pairs")).then_some(())
    });
    page.press("]", "BracketRight", 0);
    page.wait_for("the pairs", SHORT, || (hash() == json!("#pairs")).then_some(()));
}

fn open_sheet(page: &Page) {
    page.press("?", "Slash", 8);
    page.wait_visible("[data-testid=close-keys]", SHORT);
}
