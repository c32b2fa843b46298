//! Without a connection: after the first visit the page opens and works, and a new version waits until it is asked for.

use std::path::{Path, PathBuf};

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::{self, Site};
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const WORKS: &str = "[data-testid=works-offline]";
const NEWER: &str = "[data-testid=new-version]";

/// A copy of the built page, gone when dropped, as a version of its own.
struct Version(PathBuf);

impl Version {
    /// The page with this word in a file of its name, and with its service worker written anew.
    fn new(word: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("concord-version-{word}-{}", std::process::id()));
        copy(&site::dist(), &folder);
        std::fs::write(folder.join(format!("{word}.js")), format!("// {word}\n")).unwrap();
        let page = folder.join("index.html");
        let html = std::fs::read_to_string(&page).unwrap();
        std::fs::write(&page, html.replace("<body>", &format!("<body data-version=\"{word}\">"))).unwrap();
        xtask::offline::write(&folder).expect("the service worker is written");
        Self(folder)
    }
}

impl Drop for Version {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, target).map(|_| ()).unwrap() }
    }
}

/// Which version the open page is.
fn version(page: &Page) -> Value {
    page.driver().script("return document.body.dataset.version ?? null", Vec::new())
}

/// The names of the caches, without the scope that begins them.
fn n_caches(page: &Page) -> Value {
    page.call("return (await caches.keys()).filter(name => name.includes(location.pathname)).length", SHORT)
}

#[test]
fn after_the_first_visit_the_page_works_without_its_server() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.wait_visible(WORKS, LONG);
    assert_eq!(page.text(WORKS), "Works offline");
    let scope = page.call("return (await navigator.serviceWorker.ready).scope", SHORT);
    assert_eq!(scope, json!(site.url()), "it speaks for the page's own path only");
    assert_eq!(site.asked_outside(), Vec::<String>::new());

    site.go_down();
    let gone =
        page.call("return await fetch('no-such-file.txt').then(() => 'an answer', () => 'none')", SHORT);
    assert_eq!(gone, json!("none"), "the server is gone");
    page.reload();
    page.build_on_screen(2, 6);
    page.wait_built(LONG);
    let status = page.text("[data-testid=status-message]");
    assert!(status.starts_with("Done. ") && status.contains("from 2 prompts in"), "{status}");
    page.click("[data-testid=download-session]");
    page.downloaded("json", SHORT);
    let licences = page.call("return await (await fetch('third-party.txt')).text()", SHORT);
    assert!(
        licences.as_str().is_some_and(|text| text.contains("tokenizers 0.")),
        "the licences are kept too"
    );
    for view in ["compare", "representations", "batches", "pairs"] {
        page.driver().script("location.hash = arguments[0]", vec![json!(view)]);
        page.wait_visible("main:not([hidden])", SHORT);
    }
    page.wait_visible(WORKS, SHORT);
}

#[test]
fn a_new_version_waits_until_it_is_asked_for() {
    let (old, new) = (Version::new("old"), Version::new("new"));
    let site = Site::start();
    site.publish(&old.0);
    let page = Page::open(&site, Gpu::None);
    page.wait_visible(WORKS, LONG);
    let first = page.driver().tab();
    let second = page.open_tab(&site);
    page.driver().script("window.__here = true", Vec::new());

    site.publish(&new.0);
    page.driver().look_at(&first);
    page.reload();
    assert_eq!(version(&page), json!("old"), "nothing is changed under its user");
    page.wait_visible(NEWER, LONG);
    assert!(page.text(NEWER).contains("A new version is ready. Reload when it suits you."));
    assert_eq!(page.violations("body"), Vec::<String>::new());
    page.click("[data-testid=new-version] [aria-label=Dismiss]");
    page.wait_for("the notice to go", SHORT, || (!page.is_visible(NEWER)).then_some(()));
    page.reload();
    assert_eq!(version(&page), json!("old"), "it still waits");
    page.wait_visible(NEWER, SHORT);

    page.click("[data-testid=reload]");
    page.wait_for("the new version", LONG, || (version(&page) == json!("new")).then_some(()));
    page.wait_visible(WORKS, SHORT);
    assert!(!page.is_visible(NEWER));

    page.driver().look_at(&second);
    let here =
        page.driver().script("return [window.__here === true, document.body.dataset.version]", Vec::new());
    assert_eq!(here, json!([true, "old"]), "the other tab was left alone");
    let file =
        page.call("const reply = await fetch('old.js'); return [reply.status, await reply.text()]", SHORT);
    assert_eq!(file, json!([200, "// old\n"]), "and still finds the files of its version");
    page.click("[data-testid=reload]");
    page.wait_for("the new version here too", LONG, || (version(&page) == json!("new")).then_some(()));
}

#[test]
fn a_new_version_takes_over_when_the_last_tab_has_closed() {
    let (old, new) = (Version::new("earlier"), Version::new("later"));
    let site = Site::start();
    site.publish(&old.0);
    let page = Page::open(&site, Gpu::None);
    page.wait_visible(WORKS, LONG);
    site.publish(&new.0);
    page.reload();
    page.wait_visible(NEWER, LONG);
    page.driver().goto("about:blank");
    // The browser lets go of a closed page in its own time.
    page.wait_for("the new version", LONG, || {
        std::thread::sleep(std::time::Duration::from_secs(1));
        page.driver().goto(&site.url());
        let found = version(&page);
        page.driver().goto("about:blank");
        (found == json!("later")).then_some(())
    });
    page.driver().goto(&site.url());
    page.wait_visible(WORKS, SHORT);
    page.wait_for("one cache", SHORT, || (n_caches(&page) == json!(1)).then_some(()));
}

#[test]
fn a_version_that_does_not_arrive_whole_changes_nothing() {
    let (good, broken) = (Version::new("good"), Version::new("broken"));
    // Another file than the list says, as in the middle of an upload.
    std::fs::write(broken.0.join("broken.js"), "// not what was listed\n").unwrap();
    let site = Site::start();
    site.publish(&good.0);
    let page = Page::open(&site, Gpu::None);
    page.wait_visible(WORKS, LONG);
    site.publish(&broken.0);
    let refused = page.call(
        "const registration = await navigator.serviceWorker.ready;
         const given_up = new Promise(done => registration.addEventListener('updatefound', () => {
           const worker = registration.installing;
           worker.addEventListener('statechange', () => done(worker.state));
         }));
         await registration.update().catch(() => null);
         return await given_up",
        LONG,
    );
    assert_eq!(refused, json!("redundant"));
    assert!(!page.is_visible(NEWER));
    site.go_down();
    page.reload();
    assert_eq!(version(&page), json!("good"));
}

#[test]
fn nothing_is_claimed_where_no_service_worker_is_to_be_had() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible(WORKS, LONG);
    let refuse = "const refuse = () => Promise.reject(new DOMException('no', 'SecurityError'));
        Object.defineProperty(ServiceWorkerContainer.prototype, 'register', { value: refuse });";
    page.driver().cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": refuse }));
    page.reload();
    page.wait_visible("[data-testid=board-cell]", SHORT);
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(!page.is_visible(WORKS), "it is not known here");
    assert_eq!(page.driver().console(), Vec::<String>::new());
}
