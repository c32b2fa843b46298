//! The page's Content-Security-Policy: nothing is refused in use, and what an attacker would bring in is.

use browser_tests::devtools::DevTools;
use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::states::with_states;
use browser_tests::unsteady::Unsteady;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

/// Notes what the policy refuses, in a page or in a worker.
const WATCH: &str = "self.__refused = []; (self.document ?? self).addEventListener('securitypolicyviolation',
    event => self.__refused.push(event.effectiveDirective));";

/// Opens the page with a watch that begins before the page does.
fn open(site: &Site) -> Page {
    let page = Page::open(site, Gpu::Software);
    page.driver().cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": WATCH }));
    page.reload();
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page
}

fn refused(page: &Page) -> Value {
    page.driver().script("return window.__refused", Vec::new())
}

/// Evaluates an expression in the worker as its own scripts would, and waits for what it promises.
fn in_worker(tools: &mut DevTools, worker: &Value, expression: &str) -> Value {
    let evaluate = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true,
        "allowUnsafeEvalBlockedByCSP": false });
    tools.call(worker, "Runtime.evaluate", evaluate)["result"]["value"].take()
}

#[test]
fn nothing_is_refused_in_use() {
    let (site, server) = (Site::start(), Unsteady::start());
    let page = open(&site);
    let mut tools = DevTools::connect(page.driver());
    let worker = tools.worker();
    in_worker(&mut tools, &worker, WATCH);

    page.build_on_screen(2, 2);
    page.wait_built(LONG);
    page.click("[data-testid=download-trl]");
    page.downloaded("jsonl", SHORT);

    let session = with_states(&large_session(4, 3, 4), 4);
    page.open_session("measured.json", session.as_bytes());
    page.set("[data-testid=min-margin]", "0");
    page.wait_visible("[data-testid=reference]", SHORT);
    for (screen, part) in [
        ("compare", "[data-testid=method-table]"),
        ("representations", "[data-testid=chart]"),
        ("batches", "[data-testid=batch-facts]"),
        ("pairs", "[data-testid=summary]"),
    ] {
        page.click(&format!("[data-testid=nav-{screen}]"));
        page.wait_visible(part, LONG);
    }
    page.click("[data-testid=nav-representations]");
    page.wait_visible("[data-testid=chart]", SHORT);
    page.click("[data-testid=chart-png]");
    page.downloaded("png", SHORT);
    let painted = "const line = document.querySelector('[data-testid=chart] :is(line, polyline)');
        return getComputedStyle(line).stroke";
    assert!(
        page.driver().script(painted, Vec::new()).as_str().is_some_and(|stroke| stroke.starts_with("rgb"))
    );

    let load =
        format!("return await concord.loadModel('{}', {{ backend: 'cpu' }})", server.url("/medium.gguf"));
    assert_eq!(page.call(&load, LONG)["backend"], json!("cpu"));
    let notices = page.call("return await (await fetch('third-party.txt')).text()", SHORT);
    assert!(notices.as_str().is_some_and(|text| text.contains("tokenizers 0.")), "the licences are there");
    assert_eq!(page.text("[data-testid=third-party]"), "Licences of the software in this page");

    assert_eq!(refused(&page), json!([]), "the page was refused something");
    assert_eq!(
        in_worker(&mut tools, &worker, "self.__refused"),
        json!([]),
        "the worker was refused something"
    );
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn what_is_injected_into_the_page_does_not_run() {
    let (site, other) = (Site::start(), Site::start());
    let page = open(&site);
    assert_eq!(page.driver().console(), Vec::<String>::new());
    let attacks = format!(
        "const inject = html => {{
           const place = document.createElement('div'); place.innerHTML = html; document.body.append(place); return place;
         }};
         const script = change => {{ const s = document.createElement('script'); change(s); document.head.append(s); }};
         script(s => {{ s.textContent = 'window.__inline = true' }});
         inject('<img src=x-none onerror=\"window.__handler = true\">');
         inject('<button onclick=\"window.__handler = true\">x</button>').firstChild.click();
         script(s => {{ s.src = '{0}loaded.js' }});
         script(s => {{ s.src = 'data:text/javascript,window.__data = true' }});
         inject('<iframe srcdoc=\"<script>parent.__frame = true</script>\"></iframe>');
         inject('<iframe src=\"{0}\"></iframe>');
         inject('<object data=\"{0}\"></object>');
         inject('<form action=\"{0}\"><button>x</button></form>').querySelector('button').click();
         document.head.append(Object.assign(document.createElement('base'), {{ href: '{0}' }}));
         inject('<p style=\"color: red\">x</p>');
         // The scripts of a driver may evaluate text until they first wait.
         await new Promise(done => setTimeout(done, 500));
         let evaluated = true; try {{ (0, eval)('1') }} catch {{ evaluated = false }}
         const sent = await fetch('http://192.0.2.1/?' + 1).then(() => true, () => false);
         return {{ evaluated, sent, base: document.baseURI === location.href.split('#')[0],
           ran: ['__inline', '__handler', '__data', '__frame'].filter(name => name in window) }}",
        other.url()
    );
    let outcome = page.call(&attacks, SHORT);
    assert_eq!(outcome, json!({ "evaluated": false, "sent": false, "base": true, "ran": [] }));
    let refused = refused(&page).to_string();
    for directive in [
        "script-src-elem",
        "script-src-attr",
        "script-src\"",
        "frame-src",
        "object-src",
        "form-action",
        "base-uri",
        "style-src-attr",
        "connect-src",
    ] {
        assert!(refused.contains(directive), "{directive} is not in {refused}");
    }
    assert_eq!(
        (other.n_asked("loaded.js"), other.n_asked("")),
        (0, 0),
        "nothing was asked of the other origin"
    );
}

#[test]
fn the_worker_is_under_the_pages_policy() {
    let (site, other) = (Site::start(), Site::start());
    let page = open(&site);
    let mut tools = DevTools::connect(page.driver());
    let worker = tools.worker();
    in_worker(&mut tools, &worker, WATCH);
    let attacks = format!(
        "(async () => {{
           let evaluated = true; try {{ (0, eval)('1') }} catch {{ evaluated = false }}
           let imported = true; try {{ await import('{}loaded.js') }} catch {{ imported = false }}
           const sent = await fetch('http://192.0.2.1/').then(() => true, () => false);
           await new Promise(done => setTimeout(done, 200));
           return JSON.stringify({{ evaluated, imported, sent, refused: self.__refused }});
         }})()",
        other.url()
    );
    let outcome = in_worker(&mut tools, &worker, &attacks);
    let outcome: Value = serde_json::from_str(outcome.as_str().expect("the worker answers")).unwrap();
    for what in ["evaluated", "imported", "sent"] {
        assert_eq!(outcome[what], json!(false), "{what}: {outcome}");
    }
    let refused = outcome["refused"].to_string();
    assert!(refused.contains("script-src") && refused.contains("connect-src"), "{outcome}");
    assert_eq!(other.n_asked("loaded.js"), 0, "nothing was asked of the other origin");
}
