//! What a person decided is there again, whatever happens to the browser, and nothing else is.

use std::collections::BTreeMap;
use std::time::Duration;

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;

/// How often the browser is killed; `CONCORD_KILLS` names another number for a longer try.
const N_KILLS: usize = 4;

/// How long Chrome believes what it was told of the room there is.
const ROOM_IS_BELIEVED: Duration = Duration::from_secs(31);

/// Chosen, rejected and state of every row that is shown.
type Rows = BTreeMap<String, [String; 3]>;

#[test]
fn a_browser_that_is_killed_after_a_decision_has_kept_it() {
    let n_kills =
        std::env::var("CONCORD_KILLS").ok().map_or(N_KILLS, |n| n.parse().expect("a number of kills"));
    let site = Site::start();
    let mut page = Page::open(&site, Gpu::None);
    // Writing it takes seconds.
    page.open_session("large.json", large_session(500, 8, 8).as_bytes());
    let mut noise: u64 = 7;
    let mut next = move |below: usize| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 33) as usize % below
    };
    // The session comes without pairs: a margin picks them, and has the whole session written anew.
    page.set("[data-testid=min-margin]", "0.01");
    wait_for_pairs(&page);
    // A decision about a pair that was never stored would have no row to stand in.
    wait_kept(&page, "Saved here");
    let mut expected = rows(&page);
    for kill in 0..n_kills {
        // Every other time the session is being written while the decision is made.
        if kill % 2 == 1 {
            page.set("[data-testid=min-margin]", if kill % 4 == 1 { "0.02" } else { "0.01" });
        }
        let ids = with_pairs(&page);
        let id = &ids[next(ids.len())];
        // What was judged before can only be seen to change by a swap.
        let act = if is_judged(&expected[id]) { "swap" } else { ["accept", "swap", "leave-out"][next(3)] };
        let now = decide(&page, id, act);
        page = page.kill_and_open(&site);
        wait_for_pairs(&page);
        let found = rows(&page);
        assert_eq!(found[id], now, "{id} was {act} right before the browser was killed ({kill})");
        let lost: Vec<&String> = expected
            .iter()
            .filter(|(id, row)| is_judged(row) && !is_judged(&found[*id]))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(lost, Vec::<&String>::new(), "judged before and lost");
        expected = found;
    }
    let judged = expected.values().filter(|row| is_judged(row)).count();
    assert!(judged > 0, "something was judged");
    println!("{n_kills} kills, {judged} rows judged");
}

#[test]
fn a_full_disk_is_said_at_once_and_what_was_decided_is_saved_when_there_is_room() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let origin = page.driver().script("return location.origin", Vec::new());
    let quota = |bytes: Option<u64>| {
        let mut parameters = json!({ "origin": origin });
        if let Some(bytes) = bytes {
            parameters["quotaSize"] = json!(bytes);
        }
        page.driver().cdp("Storage.overrideQuotaForOrigin", &parameters);
    };
    // Chrome asks for the room once and then believes the answer for half a minute, so it is told before it writes.
    quota(Some(1_000));
    open_small(&page, "small.json", "2026-11-20T09:00:00.000Z");
    let ids = with_pairs(&page);
    for id in &ids[..4] {
        decide(&page, id, "accept");
        let said = page.text("[data-testid=kept]");
        assert!(said.starts_with("Not saved"), "{said}");
    }
    assert!(page.text("[data-testid=storage-problem]").contains("no room left"));
    quota(None);
    wait_kept(&page, "Saved here");
    assert!(!page.is_visible("[data-testid=storage-problem]"));
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(judged(&page), ids[..4]);
    // Full again, in the middle of the log: what was there stays.
    quota(Some(1_000));
    std::thread::sleep(ROOM_IS_BELIEVED);
    decide(&page, &ids[4], "accept");
    assert!(page.text("[data-testid=kept]").starts_with("Not saved"));
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(judged(&page), ids[..4]);
}

#[test]
fn two_tabs_add_to_one_session_and_two_sessions_of_the_same_prompts_stay_apart() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "first.json", "2026-11-20T09:00:00.000Z");
    let ids = with_pairs(&page);
    let first = page.driver().tab();
    let second = page.open_tab(&site);
    wait_for_pairs(&page);
    decide(&page, &ids[0], "accept");
    decide(&page, &ids[1], "swap");
    page.driver().look_at(&first);
    page.wait_for("the other tab's decisions", SHORT, || (judged(&page) == ids[..2]).then_some(()));
    decide(&page, &ids[2], "leave-out");
    decide(&page, &ids[3], "accept");
    page.driver().look_at(&second);
    page.wait_for("decisions of both", SHORT, || (judged(&page) == ids[..4]).then_some(()));
    for tab in [&first, &second] {
        page.driver().look_at(tab);
        page.reload();
        wait_for_pairs(&page);
        assert_eq!(judged(&page), ids[..4]);
    }
    // Another session of the same prompts in the second tab: the first keeps its own.
    open_small(&page, "other.json", "2026-11-21T09:00:00.000Z");
    assert_eq!(judged(&page), Vec::<String>::new(), "nothing of one session stands in the other");
    decide(&page, &ids[4], "swap");
    page.driver().look_at(&first);
    assert_eq!(judged(&page), ids[..4]);
    decide(&page, &ids[5], "accept");
    for (tab, expected) in [(&second, vec![ids[4].clone()]), (&first, [&ids[..4], &ids[5..6]].concat())] {
        page.driver().look_at(tab);
        page.reload();
        wait_for_pairs(&page);
        assert_eq!(judged(&page), expected);
    }
}

#[test]
fn a_file_that_is_opened_again_comes_without_earlier_decisions_which_stay_at_hand() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "same.json", "2026-11-20T09:00:00.000Z");
    let file = page.session_file().to_string();
    let ids = with_pairs(&page)[..3].to_vec();
    ids.iter().for_each(|id| drop(decide(&page, id, "accept")));
    page.open_session("again.json", file.as_bytes());
    wait_for_pairs(&page);
    assert_eq!(judged(&page), Vec::<String>::new());
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(judged(&page), Vec::<String>::new(), "decisions of an earlier opening came back");
    page.wait_visible("[data-testid=open-other]", SHORT);
    page.click("[data-testid=open-other]");
    page.wait_for("the decided session", SHORT, || (judged(&page) == ids).then_some(()));
    page.wait_visible("[data-testid=kept-others] [data-testid=delete-other]", SHORT);
    page.click("[data-testid=kept-others] [data-testid=delete-other]");
    page.wait_for("nothing else kept", SHORT, || {
        (!page.is_visible("[data-testid=open-other]")).then_some(())
    });
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(judged(&page), ids);
}

#[test]
fn what_cannot_be_opened_is_offered_as_a_file() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", "2026-11-20T09:00:00.000Z");
    let id = with_pairs(&page).remove(0);
    decide(&page, &id, "accept");
    for (damage, says, holds) in [
        ("halve", "It cannot be opened here", "\"kind\":\"event\""),
        ("newer", "concord-session/99", "\"accept\""),
    ] {
        let before = page.driver().script_async(CHANGE_HEAD, vec![json!(damage)]);
        assert_eq!(before["n"], 1, "{before}");
        page.reload();
        page.wait_visible("[data-testid=save-other]", SHORT);
        let said = page.text("[data-testid=kept-other]");
        assert!(said.contains(says), "{said}");
        assert!(!page.is_visible("[data-testid=open-other]"), "what cannot be opened has no button for it");
        page.click("[data-testid=save-other]");
        let path = page.downloaded("json", SHORT);
        let file = std::fs::read_to_string(&path).expect("the file is there");
        std::fs::remove_file(path).expect("the file is ours");
        assert!(
            file.contains(holds),
            "the decision stands in the file: …{}",
            &file[file.len().saturating_sub(400)..]
        );
        let restored =
            page.driver().script_async(CHANGE_HEAD, vec![json!("restore"), before["text"].clone()]);
        assert_eq!(restored["n"], 1, "{restored}");
    }
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(judged(&page), [id], "undamaged again, it opens with its decision");
}

#[test]
fn a_session_that_version_0_1_kept_opens_with_its_decisions() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", "2026-11-20T09:00:00.000Z");
    let session = page.session_file().to_string();
    let id = with_pairs(&page).remove(0);
    decide(&page, &id, "swap");
    let events = page.session_file()["events"].to_string();
    // A page that is not the app, so that nobody holds the database.
    page.driver().goto(&format!("{}style.css", site.url()));
    let made = page.driver().script_async(MAKE_OLD, vec![json!(session), json!(events)]);
    assert_eq!(made, json!("made"));
    page.driver().goto(&site.url());
    wait_for_pairs(&page);
    assert_eq!(judged(&page), [id.as_str()]);
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(judged(&page), [id], "it is kept the new way now");
    assert!(!page.is_visible("[data-testid=kept-others]"));
}

/// Changes the text of the only head there is; answers how many there were, and the text before.
const CHANGE_HEAD: &str = "
    const [change, before, done] = arguments.length === 3 ? arguments : [arguments[0], '', arguments[1]];
    const changed = text => ({
        halve: () => text.slice(0, text.length / 2),
        newer: () => text.replace('concord-session/1', 'concord-session/99'),
        restore: () => before,
    })[change]();
    const open = indexedDB.open('concord');
    open.onerror = () => done({ error: String(open.error) });
    open.onsuccess = () => {
        const db = open.result;
        const read = db.transaction('heads').objectStore('heads');
        const keys = read.getAllKeys(), values = read.getAll();
        values.onsuccess = async () => {
            const text = await values.result[0].body.text();
            const body = new Blob([changed(text)]);
            const write = db.transaction('heads', 'readwrite');
            write.objectStore('heads').put({ ...values.result[0], body }, keys.result[0]);
            write.oncomplete = () => { db.close(); done({ n: values.result.length, text }); };
            write.onabort = () => done({ error: String(write.error) });
        };
    };";

/// Puts a session the way version 0.1 did, in the place of all that is kept.
const MAKE_OLD: &str = "
    const [session, events, done] = arguments;
    sessionStorage.clear();
    const gone = indexedDB.deleteDatabase('concord');
    gone.onerror = gone.onblocked = () => done('blocked');
    gone.onsuccess = () => {
        const open = indexedDB.open('concord', 1);
        open.onupgradeneeded = () => {
            open.result.createObjectStore('records');
            open.result.createObjectStore('batches', { autoIncrement: true });
        };
        open.onsuccess = () => {
            const write = open.result.transaction(['records', 'batches'], 'readwrite');
            write.objectStore('records').put(new Blob([session]), 'session');
            write.objectStore('records').put(events, 'events');
            write.oncomplete = () => { open.result.close(); done('made'); };
        };
    };";

/// Chooses an act of a row and waits, in the page, until the row shows it; what the row is then.
pub(crate) fn decide(page: &Page, id: &str, act: &str) -> [String; 3] {
    let script = "
        const [id, act, done] = arguments;
        const row = () => document.getElementById(id);
        const seen = () => JSON.stringify([row().dataset.chosen ?? '', row().dataset.rejected ?? '', row().dataset.state]);
        const before = seen();
        row().querySelector('.pair__language').click();
        const press = () => {
            const button = row().querySelector(`[data-testid=${act}]`);
            if (!button) return requestAnimationFrame(press);
            button.click();
            watch();
        };
        const watch = () => seen() === before ? setTimeout(watch, 0) : done(JSON.parse(seen()));
        press();";
    let seen = page.driver().script_async(script, vec![json!(id), json!(act)]);
    serde_json::from_value(seen).expect("three words")
}

/// The rows that are shown, by their ids.
fn rows(page: &Page) -> Rows {
    let script = "return Object.fromEntries([...document.querySelectorAll('[data-testid=pair-row]')]
        .map(row => [row.id, [row.dataset.chosen ?? '', row.dataset.rejected ?? '', row.dataset.state]]))";
    serde_json::from_value(page.driver().script(script, Vec::new())).expect("rows")
}

/// Ids of the rows that have a pair.
pub(crate) fn with_pairs(page: &Page) -> Vec<String> {
    rows(page).into_iter().filter(|(_, row)| !row[0].is_empty()).map(|(id, _)| id).collect()
}

fn is_judged(row: &[String; 3]) -> bool {
    !["undecided", "no pair", "no-pair", ""].contains(&row[2].as_str())
}

/// Ids of the rows that are judged.
pub(crate) fn judged(page: &Page) -> Vec<String> {
    rows(page).into_iter().filter(|(_, row)| is_judged(row)).map(|(id, _)| id).collect()
}

pub(crate) fn wait_for_pairs(page: &Page) {
    page.wait_visible("[data-testid=summary]", SHORT);
    let is_there = "return document.querySelector('[data-testid=cards]')?.ariaBusy === 'false'
        && document.querySelectorAll('[data-testid=pair-row][data-chosen]').length > 0";
    page.wait_for("the pairs", SHORT, || {
        (page.driver().script(is_there, Vec::new()) == json!(true)).then_some(())
    });
}

pub(crate) fn wait_kept(page: &Page, words: &str) {
    page.wait_for(words, SHORT, || page.text("[data-testid=kept]").starts_with(words).then_some(()));
}

/// Opens a session that fits on one page and has its pairs picked.
pub(crate) fn open_small(page: &Page, name: &str, created: &str) {
    let mut session: Value = serde_json::from_str(&large_session(4, 4, 4)).expect("JSON");
    session["created"] = json!(created);
    page.open_session(name, session.to_string().as_bytes());
    // Where nothing may be kept, the look that was chosen before is not known.
    page.click("[data-testid=look-overview]");
    page.wait_visible("[data-testid=min-margin]", SHORT);
    page.set("[data-testid=min-margin]", "0.01");
    wait_for_pairs(page);
}
