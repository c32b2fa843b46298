//! A server that cannot be asked: each reason has its sentence, and the command that helps.

use std::net::TcpListener;

use browser_tests::driver::Gpu;
use browser_tests::llama::LlamaServer;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::live::{connect, opened};

#[test]
fn each_reason_why_a_server_cannot_be_asked_has_its_sentence() {
    let (site, llama) = (Site::start(), LlamaServer::start());
    let faulty = llama.with_faults();
    let page = Page::open(&site, Gpu::None);
    opened(&page);
    let at = faulty.host_port();
    for (fault, expected) in [
        (
            "closed",
            format!(
                "A server answers at {at} but lets no web page in. Start it with one of these, by what it is:"
            ),
        ),
        ("loading", "It is still loading its model. Try again in a moment.".to_owned()),
        ("none", format!("No OpenAI-compatible API there ({at}); the address usually ends in /v1.")),
        ("html", format!("No OpenAI-compatible API there ({at}); the address usually ends in /v1.")),
        (
            "elsewhere",
            format!(
                "The server at {at} sends this page on to another address, and nothing is sent there unseen: write that address here."
            ),
        ),
        (
            "echo",
            "The server sends the request back, which is not an answer: its address usually ends in /v1."
                .to_owned(),
        ),
    ] {
        assert_eq!(connect(&page, &faulty.url_with(fault), ""), [expected], "{fault}");
        assert_eq!(page.text("[data-testid=server-connect]"), "Try again");
        assert!(!page.is_visible("[data-testid=server-model]"), "{fault}");
        if fault == "closed" {
            let commands = page.texts("details:has([data-testid=server-address]) code");
            let origin = site.url().split("/people").next().unwrap().to_owned();
            assert_eq!(
                commands,
                [
                    format!("vllm serve MODEL --allowed-origins '[\"{origin}\"]'"),
                    format!("llama-server -m MODEL.gguf --cors-origins {origin}"),
                    format!("OLLAMA_ORIGINS={origin} ollama serve"),
                    "lms server start --cors".to_owned(),
                ]
            );
            assert_eq!(page.violations("section:has(#model-title)"), Vec::<String>::new());
        }
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, key, expected) in [
        (nobody.to_string(), "", format!("Nothing answers at {nobody}. Is it started?")),
        ("http://localhost:8080".to_owned(), "", "Nothing answers at localhost:8080. Is it started? llama-server now listens on 9931.".to_owned()),
        ("nonsense".to_owned(), "", "This is not the address of a server: write one such as http://127.0.0.1:8000/v1.".to_owned()),
        (
            "http://192.168.7.7:8000/v1".to_owned(),
            "",
            "This page reaches other machines over https only: give 192.168.7.7 https, or bring its port to this computer with the command below and use http://127.0.0.1:8000/v1.".to_owned(),
        ),
        (faulty.url_with("plain"), "not a key", "This key holds spaces or letters that no key has: copy it again, without what stands around it.".to_owned()),
    ] {
        assert_eq!(connect(&page, &address, key), [expected], "{address}");
    }
    // A server that is there after all.
    assert_eq!(
        connect(&page, &faulty.url_with("plain"), "")[0],
        "llama-server answers as teaching-model.gguf."
    );
    assert_eq!(page.text("[data-testid=server-connect]"), "Connect");
    drop(llama);
    assert_eq!(
        connect(&page, &nobody.to_string(), ""),
        [format!("Nothing answers at {nobody}. Is it started?")]
    );
}

/// The page as if it came from the internet: Chrome asks before it reaches this computer.
#[test]
fn chrome_is_asked_for_leave_and_what_it_says_is_said() {
    let (site, llama) = (Site::start(), LlamaServer::start());
    // Neither the name nor the address is near, and the page may do what only safe ones may.
    let (host, port) = ("concord.test", site.port());
    let page = Page::open_with(
        &site.url_at(host),
        &[
            &format!("--host-resolver-rules=MAP {host} 127.0.0.1"),
            &format!("--ip-address-space-overrides=127.0.0.1:{port}=public"),
            &format!("--unsafely-treat-insecure-origin-as-secure=http://{host}:{port}"),
        ],
    );
    opened(&page);
    let set = |setting: &str| {
        let permission = json!({ "permission": { "name": "loopback-network" }, "setting": setting });
        page.driver().cdp("Browser.setPermission", &permission);
    };
    set("prompt");
    // Nobody has answered, or the question was dismissed.
    assert_eq!(
        connect(&page, &llama.url(), ""),
        ["Chrome asks whether this page may reach your computer. Press Try again and allow it."]
    );
    set("denied");
    assert_eq!(
        connect(&page, &llama.url(), ""),
        [
            "Chrome keeps this page from your computer. Padlock > Site settings > Apps on device > Allow, then Try again."
        ]
    );
    set("granted");
    assert_eq!(connect(&page, &llama.url(), "")[0], "llama-server answers as teaching-model.gguf.");
    page.build_on_screen(1, 2);
    page.wait_built(crate::LONG);
}
