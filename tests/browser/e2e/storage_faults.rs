//! Browsers lose what they keep, and do not always say so: each case here was reported of a browser by people who were hit by it.

use std::time::Duration;

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;
use crate::storage::{decide, judged, open_small, wait_for_pairs, wait_kept, with_pairs};

const CREATED: &str = "2026-11-20T09:00:00.000Z";

/// Longer than the page waits before it says that the store does not answer.
const SAID: Duration = Duration::from_secs(20);

#[test]
fn a_store_that_does_not_answer_is_told_and_holds_up_nothing() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", CREATED);
    let ids = with_pairs(&page);
    wait_kept(&page, "Saved here");

    page.driver().script(HANG_WRITES, Vec::new());
    decide(&page, &ids[0], "accept");
    decide(&page, &ids[1], "swap");
    assert!(page.text("[data-testid=kept]").starts_with("Not saved"), "{}", page.text("[data-testid=kept]"));
    let said = page.text("[data-testid=storage-problem]");
    assert!(said.contains("has not answered") && said.contains("download the session file"), "{said}");
    page.driver().script("window.__go = true", Vec::new());
    wait_kept(&page, "Saved here");
    assert!(!page.is_visible("[data-testid=storage-problem]"));
    reload(&page);
    assert_eq!(judged(&page), ids[..2]);

    // From the start: the page begins without what is kept, and takes it in when it comes.
    let hang = before_the_page(&page, HANG_OPEN);
    page.reload();
    page.wait_visible("[data-testid=storage-problem]", SAID);
    let said = page.text("[data-testid=storage-problem]");
    assert!(said.contains("does not answer"), "{said}");
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.driver().script("window.__answer()", Vec::new());
    wait_for_pairs(&page);
    assert_eq!(judged(&page), ids[..2]);
    page.wait_for("no problem", SHORT, || (!page.is_visible("[data-testid=storage-problem]")).then_some(()));
    no_longer(&page, hang);

    // Nor do locks that are never given.
    let hang = before_the_page(&page, HANG_LOCKS);
    reload(&page);
    open_small(&page, "other.json", "2026-11-21T09:00:00.000Z");
    decide(&page, &ids[2], "accept");
    wait_kept(&page, "Saved here");
    no_longer(&page, hang);
}

#[test]
fn what_the_browser_loses_while_a_tab_shows_it_is_stored_again() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", CREATED);
    let ids = with_pairs(&page);
    decide(&page, &ids[0], "accept");
    wait_kept(&page, "Saved here");

    // "Clear site data", and nothing is decided after it.
    let origin = page.driver().script("return location.origin", Vec::new());
    let clear = json!({ "origin": origin, "storageTypes": "indexeddb" });
    page.driver().cdp("Storage.clearDataForOrigin", &clear);
    page.wait_for("the session in the store again", SHORT, || {
        (page.driver().script_async(N_HEADS, Vec::new()) == json!(1)).then_some(())
    });
    wait_kept(&page, "Saved here");
    reload(&page);
    assert_eq!(judged(&page), ids[..1], "cleared, and stored again");

    // The database is deleted, which no event tells, and something is decided after it.
    assert_eq!(page.driver().script_async(DELETE, Vec::new()), json!("deleted"));
    decide(&page, &ids[1], "swap");
    decide(&page, &ids[2], "accept");
    wait_kept(&page, "Saved here");
    reload(&page);
    assert_eq!(judged(&page), ids[..3], "deleted, and stored again");

    // The connection is lost, and every transaction on it fails.
    page.driver().script(LOSE_CONNECTION, Vec::new());
    decide(&page, &ids[3], "accept");
    wait_kept(&page, "Saved here");
    reload(&page);
    assert_eq!(judged(&page), ids[..4], "the next try asks for a connection of its own");

    page.driver().script(ABORT_ONE, Vec::new());
    decide(&page, &ids[4], "accept");
    let said = page.text("[data-testid=storage-problem]");
    assert!(said.contains("without a reason"), "{said}");
    wait_kept(&page, "Saved here");
    reload(&page);
    assert_eq!(judged(&page), ids[..5]);

    // A browser may take the locks of a page away that it sets aside.
    let n_held = "const done = arguments[0]; navigator.locks.query().then(all => done(all.held.length))";
    assert_eq!(page.driver().script_async(STEAL_LOCKS, Vec::new()), json!(0));
    page.driver()
        .script("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))", Vec::new());
    page.wait_for("the session's lock", SHORT, || {
        (page.driver().script_async(n_held, Vec::new()) == json!(1)).then_some(())
    });
    wait_for_pairs(&page);
    assert_eq!(judged(&page), ids[..5]);
}

#[test]
fn an_older_page_that_holds_the_database_holds_up_nothing_else() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.driver().goto(&format!("{}icon.svg", site.url()));
    let old = page.driver().tab();
    assert_eq!(page.driver().script_async(HOLD_OLD, Vec::new()), json!("held"));
    // The third tab's request waits behind the second's, and no event tells it why.
    let mut tabs = Vec::new();
    for name in ["first.json", "second.json"] {
        tabs.push(page.open_tab(&site));
        page.wait_visible("[data-testid=storage-problem]", SAID);
        open_small(&page, name, CREATED);
        decide(&page, &with_pairs(&page)[0], "accept");
        assert!(page.text("[data-testid=kept]").starts_with("Not saved"));
    }
    page.driver().look_at(&tabs[0]);
    let said = page.text("[data-testid=storage-problem]");
    assert!(said.contains("older version") && said.contains("close that tab"), "{said}");
    page.driver().look_at(&old);
    page.driver().script("window.__db.close()", Vec::new());
    for tab in &tabs {
        page.driver().look_at(tab);
        wait_kept(&page, "Saved here");
        let ids = judged(&page);
        reload(&page);
        assert_eq!((judged(&page), ids.len()), (ids, 1));
    }
}

#[test]
fn a_page_that_may_keep_nothing_is_usable_and_one_without_locks_can_delete() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    // Over plain http there are no locks and no storage manager.
    let plain = before_the_page(&page, PLAIN_HTTP);
    page.reload();
    open_small(&page, "first.json", CREATED);
    decide(&page, &with_pairs(&page)[0], "accept");
    wait_kept(&page, "Saved here");
    open_small(&page, "second.json", "2026-11-21T09:00:00.000Z");
    page.wait_visible("[data-testid=kept-others] [data-testid=delete-other]", SHORT);
    assert!(page.text("[data-testid=kept-others]").contains("cannot tell"));
    while page.is_visible("[data-testid=kept-others] [data-testid=delete-other]") {
        let n = page.texts("[data-testid=kept-others] [data-testid=delete-other]").len();
        page.click("[data-testid=kept-others] [data-testid=delete-other]");
        page.wait_for("one less", SHORT, || {
            (page.texts("[data-testid=kept-others] [data-testid=delete-other]").len() < n).then_some(())
        });
    }
    no_longer(&page, plain);

    before_the_page(&page, BLOCK_COOKIES);
    page.reload();
    page.wait_visible("[data-testid=storage-problem]", SHORT);
    open_small(&page, "third.json", CREATED);
    decide(&page, &with_pairs(&page)[0], "accept");
    assert!(page.text("[data-testid=kept]").starts_with("Not saved"));
    assert!(page.text("[data-testid=storage-problem]").contains("does not let the page keep data"));
    assert_eq!(page.session_file()["events"].as_array().map(Vec::len), Some(1));
}

#[test]
fn decisions_of_a_session_whose_file_the_browser_has_lost_are_offered_as_a_file() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", CREATED);
    decide(&page, &with_pairs(&page)[0], "accept");
    wait_kept(&page, "Saved here");
    before_the_page(&page, LOSE_FILES);
    page.reload();
    page.wait_visible("[data-testid=save-other]", SHORT);
    let said = page.text("[data-testid=kept-other]");
    assert!(said.contains("its file cannot be read"), "{said}");
    page.click("[data-testid=save-other]");
    let file = std::fs::read_to_string(page.downloaded("json", SHORT)).expect("the file is there");
    assert!(file.contains("\"accept\""), "the decision stands in the file: {file}");
}

fn reload(page: &Page) {
    page.reload();
    wait_for_pairs(page);
}

/// Has a script run before every page's own; what takes it away again.
fn before_the_page(page: &Page, source: &str) -> Value {
    page.driver().cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }))
}

fn no_longer(page: &Page, script: Value) {
    page.driver().cdp("Page.removeScriptToEvaluateOnNewDocument", &script);
}

/// Transactions that write go on for ever, until `__go` is set.
const HANG_WRITES: &str = "
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        const goOn = () => { if (!window.__go) this.count().onsuccess = goOn; };
        goOn();
        return put.apply(this, given);
    };";

/// No connection comes before `__answer` is called: the first one of a page did not in Safari 14 (WebKit bug 226547).
const HANG_OPEN: &str = "
    const open = IDBFactory.prototype.open, asked = [];
    IDBFactory.prototype.open = function (...given) {
        let real;
        const request = { get result() { return real.result }, get error() { return real.error } };
        asked.push(() => {
            real = open.apply(this, given);
            for (const name of ['onupgradeneeded', 'onsuccess', 'onerror', 'onblocked'])
                real[name] = event => request[name]?.(event);
        });
        return request;
    };
    window.__answer = () => { IDBFactory.prototype.open = open; asked.forEach(ask => ask()); };";

const HANG_LOCKS: &str = "
    LockManager.prototype.request = LockManager.prototype.query = () => new Promise(() => {});";

/// What Chrome and Firefox do where site data is blocked.
const BLOCK_COOKIES: &str = "
    const refuse = () => { throw new DOMException('denied', 'SecurityError') };
    for (const name of ['localStorage', 'sessionStorage', 'BroadcastChannel'])
        Object.defineProperty(window, name, { get: refuse });
    IDBFactory.prototype.open = refuse;
    LockManager.prototype.request = LockManager.prototype.query =
        () => Promise.reject(new DOMException('denied', 'SecurityError'));
    StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('denied', 'SecurityError'));";

/// Chrome and Firefox keep a large value in a file beside the database, and lose it now and then (w3c/IndexedDB issue 423).
const LOSE_FILES: &str = "
    Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));";

const PLAIN_HTTP: &str = "
    for (const name of ['locks', 'storage', 'gpu'])
        Object.defineProperty(Navigator.prototype, name, { get: () => undefined });";

/// Every transaction on the connection that there is fails as Safari's do when its storage process has gone.
const LOSE_CONNECTION: &str = "
    const { transaction } = IDBDatabase.prototype, { open } = IDBFactory.prototype, whole = new WeakSet();
    IDBFactory.prototype.open = function (...given) {
        const request = open.apply(this, given);
        request.addEventListener('success', () => whole.add(request.result));
        return request;
    };
    IDBDatabase.prototype.transaction = function (...given) {
        const begun = transaction.apply(this, given);
        if (!whole.has(this)) {
            const error = new DOMException('Connection to Indexed Database server lost', 'UnknownError');
            Object.defineProperty(begun, 'error', { value: error });
            setTimeout(() => { try { begun.abort() } catch { } });
            const store = begun.objectStore(begun.objectStoreNames[0]);
            const last = () => { store.count().onsuccess = last };
            last();
        }
        return begun;
    };";

const ABORT_ONE: &str = "
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        IDBObjectStore.prototype.put = put;
        const request = put.apply(this, given);
        this.transaction.abort();
        return request;
    };";

const STEAL_LOCKS: &str = "
    const done = arguments[0];
    (async () => {
        for (const { name } of (await navigator.locks.query()).held)
            await navigator.locks.request(name, { steal: true }, () => {});
        done((await navigator.locks.query()).held.length);
    })();";

const DELETE: &str = "
    const done = arguments[0], request = indexedDB.deleteDatabase('concord');
    request.onsuccess = () => done('deleted');
    request.onerror = request.onblocked = event => done(event.type);";

/// How many heads are stored; asked without making the database.
const N_HEADS: &str = "
    const done = arguments[0];
    indexedDB.databases().then(all => {
        if (!all.some(({ name, version }) => name === 'concord' && version === 2)) return done(0);
        const request = indexedDB.open('concord');
        request.onerror = () => done(0);
        request.onsuccess = () => {
            const db = request.result;
            db.onversionchange = () => db.close();
            if (!db.objectStoreNames.contains('heads')) { db.close(); return done(0) }
            const count = db.transaction('heads').objectStore('heads').count();
            count.onsuccess = () => { db.close(); done(count.result) };
        };
    });";

/// A page of version 0.1 that does not make way.
const HOLD_OLD: &str = "
    const done = arguments[0], gone = indexedDB.deleteDatabase('concord');
    gone.onsuccess = () => {
        const request = indexedDB.open('concord', 1);
        request.onupgradeneeded = () => {
            request.result.createObjectStore('records');
            request.result.createObjectStore('batches', { autoIncrement: true });
        };
        request.onsuccess = () => { window.__db = request.result; done('held') };
    };";
