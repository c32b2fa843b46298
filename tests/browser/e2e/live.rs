//! A server makes the responses while the page looks on: llama.cpp's own, and one that has the faults that servers have.

use std::collections::BTreeMap;

use browser_tests::driver::Gpu;
use browser_tests::llama::LlamaServer;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT, desk::session};

/// What opens the panel about the model, and in it the part about a server.
const MODEL: &str = "section:has(#model-title) > details:has([data-testid=server-address]) > summary";
const SERVER: &str = "details details:has([data-testid=server-address]) > summary";
/// The key that `faulty_server.py` takes.
const KEY: &str = "sk-right-4711";

pub(crate) fn opened(page: &Page) {
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.click(MODEL);
    page.click(SERVER);
}

/// Looks for a server; gives what the page says of it.
pub(crate) fn connect(page: &Page, address: &str, key: &str) -> Vec<String> {
    page.set("[data-testid=server-address]", address);
    page.set("[data-testid=server-key]", key);
    page.click("[data-testid=server-connect]");
    page.wait_for("what the server is", SHORT, || {
        let said = page.text("[data-testid=server-says]");
        (!said.is_empty() && said != "Asking the server.").then(|| said.lines().map(str::to_owned).collect())
    })
}

/// The run of one prompt in all languages, four samples each, on a server; the session that it became.
fn run_on(page: &Page, address: &str, key: &str) -> Value {
    let said = connect(page, address, key);
    assert_eq!(said[0], "llama-server answers as teaching-model.gguf.", "{said:?}");
    page.build_on_screen(1, 4);
    built(page);
    session(page)
}

/// Waits until the pairs are picked, too.
fn built(page: &Page) {
    page.wait_for("the end of the run", LONG, || status(page).starts_with("Done. ").then_some(()));
    page.wait_built(LONG);
}

/// Text and log-prob of each sample.
fn samples(session: &Value) -> BTreeMap<String, (String, Value)> {
    let response = |response: &Value| {
        let name = format!("{} {} {}", response["promptId"], response["language"], response["sample"]);
        (name, (response["text"].as_str().unwrap().to_owned(), response["logprob"].clone()))
    };
    session["responses"].as_array().unwrap().iter().map(response).collect()
}

fn texts(samples: &BTreeMap<String, (String, Value)>) -> Vec<&String> {
    samples.values().map(|(text, _)| text).collect()
}

fn status(page: &Page) -> String {
    page.text("[data-testid=status-message]")
}

/// A page on a server, with llama-server and what stands in front of it.
struct Live {
    site: Site,
    page: Page,
    faulty: LlamaServer,
    llama: LlamaServer,
}

impl Live {
    fn start() -> Self {
        let (site, llama) = (Site::start(), LlamaServer::start());
        let page = Page::open(&site, Gpu::None);
        opened(&page);
        Self { site, page, faulty: llama.with_faults(), llama }
    }

    /// The page as somebody finds it who comes anew.
    fn anew(&self) -> &Page {
        self.page.driver().script("sessionStorage.clear()", Vec::new());
        self.page.driver().goto(&self.site.url());
        self.page.reload();
        opened(&self.page);
        &self.page
    }
}

#[test]
fn a_server_makes_the_responses_and_the_session_says_which() {
    let live = Live::start();
    let page = &live.page;
    assert_eq!(page.violations("section:has(#model-title)"), Vec::<String>::new());
    let whole = run_on(page, &live.llama.url(), "");
    let said = page.text("[data-testid=server-says]");
    for line in ["No embeddings from this server", "ICR and MAPO need", "LaCoMSA needs"] {
        assert!(said.contains(line), "{said}");
    }
    assert!(
        page.text("[data-testid=server-in-use]").contains("makes the responses, with teaching-model.gguf")
    );
    assert_eq!(page.violations("section:has(#model-title)"), Vec::<String>::new());

    let all = samples(&whole);
    assert_eq!(all.len(), 32, "one prompt, eight languages, four samples");
    assert!(all.values().all(|(_, logprob)| logprob.as_f64().is_some_and(|sum| sum < 0.0)), "{all:?}");
    assert!(
        !whole["pairs"].as_array().unwrap().is_empty() && !whole["references"].as_array().unwrap().is_empty()
    );
    let handoff = &whole["handoff"];
    assert_eq!(handoff["live"]["address"], json!(live.llama.url()));
    assert_eq!(handoff["live"]["can"], json!(["several", "countsSeeds", "seed", "logprobs", "tokenIds"]));
    assert_eq!((&handoff["missing"], &handoff["samplesPerRequest"]), (&json!(0), &json!(4)));
    assert_eq!(whole["model"]["name"], json!("teaching-model.gguf"));
    assert_eq!(page.driver().console(), Vec::<String>::new());

    // However requests are cut, refused for a while, or asked for one by one, the samples are the same.
    for fault in ["busy", "cut", "single"] {
        let again = run_on(live.anew(), &live.faulty.url_with(fault), "");
        assert_eq!(samples(&again), all, "{fault}");
        let asks_singly = "This server gives one sample a request; Concord asks n times.";
        assert_eq!(
            page.text("[data-testid=server-says]").contains(asks_singly),
            fault == "single",
            "{fault}"
        );
    }
    let silent = samples(&run_on(live.anew(), &live.faulty.url_with("silent"), ""));
    assert_eq!(texts(&silent), texts(&all));
    assert!(silent.values().all(|(_, logprob)| logprob.is_null()), "{silent:?}");
    assert!(page.text("[data-testid=server-says]").contains(
        "No log-probs from this server. CM-Align and the random reference work without; the losses of the current model cannot be shown."
    ));
    let other = run_on(live.anew(), &live.faulty.url_with("other"), "");
    let said = "teaching-model.gguf was asked, and somebody/else answered.";
    assert!(page.text("[data-testid=server-says]").contains(said));
    assert!(page.text("[data-testid=run-problems]").contains(said));
    assert_eq!(other["handoff"]["served"], json!("somebody/else"));
}

#[test]
fn what_came_before_a_run_was_stopped_stays_and_the_run_goes_on() {
    let live = Live::start();
    let page = &live.page;
    let whole = samples(&run_on(page, &live.llama.url(), ""));

    let page = live.anew();
    let slow = live.faulty.url_with("slow");
    connect(page, &slow, "");
    page.build_on_screen(1, 4);
    page.wait_for("a first response", LONG, || {
        let said = page.text("[data-testid=progress]");
        (said.contains(" of 32 responses") && !said.contains(" 0 of 32")).then_some(())
    });
    page.click("[data-testid=cancel-button]");
    let said =
        page.wait_for("the end", SHORT, || Some(status(page)).filter(|said| said.starts_with("Stopped. ")));
    let n_kept: usize = said.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!((1..32).contains(&n_kept), "{said}");

    // The tab is closed, and another day the run goes on, once its server is there again.
    page.reload();
    page.wait_visible("[data-testid=unfinished]", SHORT);
    assert!(page.text("[data-testid=unfinished]").contains(&format!("{n_kept} of 32")));
    page.click("[data-testid=unfinished] .button");
    page.wait_for("what is missing", SHORT, || {
        let fault = page.texts("[data-testid=fault]").concat();
        fault
            .contains(&format!("Use the server {slow} with the model teaching-model.gguf first"))
            .then_some(())
    });
    opened(page);
    connect(page, &slow, "");
    page.click("[data-testid=unfinished] .button");
    built(page);
    assert_eq!(samples(&session(page)), whole);

    // One that never ends its stream, and one that gives every sample the same text.
    let page = live.anew();
    connect(page, &live.faulty.url_with("endless"), "");
    page.build_on_screen(1, 4);
    page.wait_for("requests under way", SHORT, || {
        page.text("[data-testid=progress]").contains("4 at once").then_some(())
    });
    page.wait_for("text that has not ended", SHORT, || {
        page.text("[data-testid=live-samples]").contains("It begins").then_some(())
    });
    page.click("[data-testid=cancel-button]");
    page.wait_for("the end", SHORT, || (status(page) == "Stopped. 0 responses are kept.").then_some(()));

    let page = live.anew();
    let said = connect(page, &live.faulty.url_with("equal"), "");
    assert_eq!(said[1], "This server gives the same text for every sample: its seed is fixed.");
    page.build_on_screen(1, 4);
    page.wait_for("the end", LONG, || status(page).starts_with("Stopped. ").then_some(()));
    let said = page.text("[data-testid=run-problems]");
    assert!(said.contains("The run has stopped: this server gives the same text for every sample"), "{said}");
}

#[test]
fn a_script_runs_on_a_server_reads_along_and_is_told_why_not() {
    let live = Live::start();
    let page = &live.page;
    let body = |address: &str, more: &str| {
        let server = json!({ "address": address });
        format!(
            "const prompts = (await concord.starterPrompts()).slice(0, 1);
             const heard = {{ responses: 0 }};
             const controller = new AbortController();
             const session = await concord.build({{ prompts, n: 4 }}, {{ server: {server},
                 onResponses: (responses) => {{ heard.responses += responses.length; }}, {more} }});
             const {{ pairs }} = await concord.select(session);
             return {{ session, heard: heard.responses, n_picked: pairs.filter(p => p.chosen !== null).length }};"
        )
    };
    let built = page.call(&body(&live.llama.url(), ""), LONG);
    let session = &built["session"];
    assert_eq!((samples(session).len(), &built["heard"]), (32, &json!(32)));
    assert_eq!((&session["pairs"], &session["problems"]), (&json!([]), &json!([])));
    assert_eq!(session["handoff"]["live"]["address"], json!(live.llama.url()));
    assert!(built["n_picked"].as_u64().unwrap() > 0, "{built}");

    let stops =
        "signal: controller.signal, onToken: ({ text }) => { if (text === 'It begins') controller.abort(); }";
    let refused = page.try_call(&body(&live.faulty.url_with("endless"), stops), SHORT).unwrap_err();
    assert_eq!(refused.code, "cancelled", "{refused:?}");
    for (address, said) in [
        (live.faulty.url_with("key"), "The server wants a key."),
        ("http://127.0.0.1:9/v1".to_owned(), "Nothing answers at"),
        ("http://127.0.0.1:9/v1?key=sk-1".to_owned(), "put the server's key into the field for it"),
    ] {
        let refused = page.try_call(&body(&address, ""), SHORT).unwrap_err();
        assert!(refused.code == "bad-input" && refused.message.contains(said), "{refused:?}");
    }
}

#[test]
fn a_key_goes_to_its_server_and_nowhere_else() {
    let live = Live::start();
    let page = &live.page;
    let address = live.faulty.url_with("key");
    assert_eq!(connect(page, &address, ""), ["The server wants a key."]);
    assert_eq!(connect(page, &address, "sk-wrong"), ["The server refuses this key."]);
    let whole = run_on(page, &address, KEY);
    assert_eq!(samples(&whole).len(), 32);
    // What a server says of the key is shown without it.
    connect(page, &live.faulty.url_with("leaves"), KEY);
    page.click("[data-testid=build-button]");
    page.wait_for("the end", LONG, || status(page).starts_with("Stopped. ").then_some(()));
    let said = page.text("[data-testid=run-problems]");
    assert!(said.contains("the key Bearer (key) is no longer valid"), "{said}");
    for typed in [format!("http://127.0.0.1:8000/v1?key={KEY}"), format!("http://{KEY}@127.0.0.1:8000/v1")] {
        let said = connect(page, &typed, "").concat();
        assert!(said.contains("put the server's key into the field for it"), "{said}");
    }

    // Everything that the page shows, keeps or writes.
    let seen = page.call(EVERYTHING, SHORT).to_string();
    assert!(seen.contains("teaching-model.gguf"), "the search looks where things are: {seen}");
    let file = session(page).to_string();
    for (what, text) in
        [("the page", &seen), ("the file", &file), ("the console", &page.driver().console().concat())]
    {
        assert!(!text.contains(KEY), "{what} has the key");
    }
    let asked = live.site.asked_outside().concat();
    assert!(!asked.contains(KEY), "{asked}");
    let on_disk = page.driver().folder().join("profile");
    let found = std::process::Command::new("grep").args(["-rlaF", KEY]).arg(&on_disk).output().unwrap();
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(found, "", "the browser's profile has the key");
}

/// All texts of the document, its address, its storage, its databases and its files.
const EVERYTHING: &str = r#"
    const all = { html: document.documentElement.outerHTML, url: location.href, name: window.name,
        local: { ...localStorage }, tab: { ...sessionStorage }, state: history.state, stores: {}, files: {} };
    const asked = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const plain = async (value) => {
        if (value instanceof Blob) return value.text();
        if (ArrayBuffer.isView(value)) return new TextDecoder().decode(value);
        if (value instanceof ArrayBuffer) return new TextDecoder().decode(value);
        if (Array.isArray(value)) return Promise.all(value.map(plain));
        if (value && typeof value === "object") {
            return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([k, v]) => [k, await plain(v)])));
        }
        return value;
    };
    for (const { name } of await indexedDB.databases()) {
        const database = await asked(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            const rows = await asked(database.transaction(store).objectStore(store).getAll());
            all.stores[`${name}/${store}`] = await plain(rows);
        }
        database.close();
    }
    const walk = async (folder, path) => {
        for await (const [name, entry] of folder.entries()) {
            if (entry.kind === "directory") await walk(entry, `${path}/${name}`);
            else if (!name.endsWith(".gguf")) all.files[`${path}/${name}`] = await entry.getFile().then((file) => file.slice(0, 1 << 20).text()).catch(String);
        }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return JSON.stringify(all);
"#;
