//! What a page says when a server cannot be asked, and the command that helps.
//!
//! To a page, a server that is off, one that lets no page in and a browser that keeps the page from it look the same. What tells
//! them apart: what the browser's permission says, and whether a request whose answer may not be read (`no-cors`) gets through.

use super::{Browser, Command, ModelList, Nearness, ServerAddress, ServerKind};

/// What the browser says of the permission [`Nearness::permission`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The page may ask.
    Granted,
    /// A person, or a policy, said no.
    Denied,
    /// Nobody has said anything.
    Prompt,
    /// The browser knows no such permission.
    Unknown,
}

/// What came of asking for the list of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed<'a> {
    /// An answer.
    Status(u16, &'a [u8]),
    /// None that the page may read; whether a request whose answer it may not read got through.
    NoAnswer {
        /// A `no-cors` request to the same address.
        is_there: bool,
    },
}

/// What the page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// Sentences.
    pub text: String,
    /// Commands to copy, one of which helps.
    pub commands: Vec<Command>,
}

/// The server's models, or why there are none.
///
/// # Errors
/// What stands in the way, in words and commands.
pub fn diagnose(
    address: &ServerAddress,
    page_origin: &str,
    browser: Browser,
    permission: Permission,
    listed: Listed<'_>,
) -> Result<ModelList, Diagnosis> {
    let say = |text: String| Err(Diagnosis { text, commands: Vec::new() });
    let at = address.host_port();
    match listed {
        Listed::Status(200..=299, body) => match ModelList::parse(body) {
            Some(list) if list.names.is_empty() => {
                say(format!("The server at {at} has no model: load one there, then try again."))
            }
            Some(list) => {
                // OpenAI's names are used by others, too.
                let is_openai = list.kind == ServerKind::Openai && !address.is_openai();
                let kind = if address.is_openai() { ServerKind::Openai } else { list.kind };
                Ok(ModelList { kind: if is_openai { ServerKind::Unknown } else { kind }, ..list })
            }
            None => say(no_api(&at)),
        },
        // What a browser tells of a redirect.
        Listed::Status(0, _) => say(format!(
            "The server at {at} sends this page on to another address, and nothing is sent there unseen: write that address here."
        )),
        Listed::Status(401 | 403, _) => say("The server wants a key.".to_owned()),
        Listed::Status(404 | 405, _) => say(no_api(&at)),
        Listed::Status(503, _) => say("It is still loading its model. Try again in a moment.".to_owned()),
        Listed::Status(status, _) => say(format!(
            "The server at {at} answers with status {status}: look at what it prints, then try again."
        )),
        Listed::NoAnswer { is_there } => {
            Err(unreachable(address, page_origin, browser, permission, is_there))
        }
    }
}

fn no_api(at: &str) -> String {
    format!("No OpenAI-compatible API there ({at}); the address usually ends in /v1.")
}

fn unreachable(
    address: &ServerAddress,
    page_origin: &str,
    browser: Browser,
    permission: Permission,
    is_there: bool,
) -> Diagnosis {
    let say = |text: String| Diagnosis { text, commands: Vec::new() };
    let at = address.host_port();
    let page = ServerAddress::parse(page_origin).map_or(Nearness::Public, |page| page.nearness());
    // A person is not asked about a page that is as near itself, though the browser says that they would be.
    let is_near = page == Nearness::Loopback || page == address.nearness();
    let place = match address.nearness() {
        Nearness::Loopback => Some(("your computer", "Apps on device")),
        Nearness::Local => Some(("your network", "Local network")),
        Nearness::Public => None,
    };
    let name = if browser == Browser::Firefox { "Firefox" } else { "Chrome" };
    match (place, permission) {
        (Some((what, setting)), Permission::Denied) => say(format!(
            "{name} keeps this page from {what}. Padlock > Site settings > {setting} > Allow, then Try again."
        )),
        _ if is_there => {
            let kind = match ServerKind::by_port(address.port()) {
                _ if address.is_openai() => ServerKind::Openai,
                kind => kind,
            };
            let commands = kind.starts(page_origin);
            let how = match (kind, commands.len()) {
                (_, 0) => " It may be behind something else that does not let pages in: ask whoever runs it.",
                (ServerKind::Ollama, _) => " Quit it, and start it with:",
                (_, 1) => " Start it with:",
                _ => " Start it with one of these, by what it is:",
            };
            Diagnosis { text: format!("A server answers at {at} but lets no web page in.{how}"), commands }
        }
        (Some((what, _)), Permission::Prompt) if !is_near => {
            say(format!("{name} asks whether this page may reach {what}. Press Try again and allow it."))
        }
        _ => say(format!("Nothing answers at {at}. Is it started?{}", port_hint(address))),
    }
}

/// llama-server's port has moved.
fn port_hint(address: &ServerAddress) -> &'static str {
    match (address.nearness(), address.port()) {
        (Nearness::Loopback, 8080) => " llama-server now listens on 9931.",
        (Nearness::Loopback, 9931) => " Older llama-servers listen on 8080.",
        (Nearness::Public, _) => " Check the address, too, and the connection.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://concord.example";

    fn say(address: &str, permission: Permission, listed: Listed<'_>) -> Diagnosis {
        let address = ServerAddress::parse(address).unwrap();
        diagnose(&address, PAGE, Browser::Chromium, permission, listed).unwrap_err()
    }

    #[test]
    fn each_finding_has_its_sentence() {
        use Permission::{Denied, Granted, Prompt, Unknown};
        let off = Listed::NoAnswer { is_there: false };
        let closed = Listed::NoAnswer { is_there: true };
        for (address, permission, listed, expected) in [
            (
                "127.0.0.1:8000",
                Denied,
                off,
                "Chrome keeps this page from your computer. Padlock > Site settings > Apps on device > Allow, then Try again.",
            ),
            (
                "https://192.168.1.5",
                Denied,
                off,
                "Chrome keeps this page from your network. Padlock > Site settings > Local network > Allow, then Try again.",
            ),
            (
                "127.0.0.1:8000",
                Prompt,
                off,
                "Chrome asks whether this page may reach your computer. Press Try again and allow it.",
            ),
            ("127.0.0.1:8000", Granted, off, "Nothing answers at 127.0.0.1:8000. Is it started?"),
            ("127.0.0.1:8000", Unknown, off, "Nothing answers at 127.0.0.1:8000. Is it started?"),
            (
                "localhost:8080",
                Granted,
                off,
                "Nothing answers at localhost:8080. Is it started? llama-server now listens on 9931.",
            ),
            (
                "localhost:9931",
                Granted,
                off,
                "Nothing answers at localhost:9931. Is it started? Older llama-servers listen on 8080.",
            ),
            (
                "https://gpu.example.com",
                Unknown,
                off,
                "Nothing answers at gpu.example.com. Is it started? Check the address, too, and the connection.",
            ),
            (
                "127.0.0.1:8000",
                Granted,
                closed,
                "A server answers at 127.0.0.1:8000 but lets no web page in. Start it with one of these, by what it is:",
            ),
            (
                "127.0.0.1:1234",
                Prompt,
                closed,
                "A server answers at 127.0.0.1:1234 but lets no web page in. Start it with:",
            ),
            (
                "127.0.0.1:11434",
                Unknown,
                closed,
                "A server answers at 127.0.0.1:11434 but lets no web page in. Quit it, and start it with:",
            ),
        ] {
            assert_eq!(
                say(address, permission, listed).text,
                expected,
                "{address} {permission:?} {listed:?}"
            );
        }
    }

    #[test]
    fn each_answer_that_is_no_list_of_models_has_its_sentence() {
        for (address, listed, expected) in [
            ("127.0.0.1:8000", Listed::Status(401, b""), "The server wants a key."),
            ("127.0.0.1:8000", Listed::Status(403, b""), "The server wants a key."),
            (
                "127.0.0.1:8000",
                Listed::Status(404, b""),
                "No OpenAI-compatible API there (127.0.0.1:8000); the address usually ends in /v1.",
            ),
            (
                "127.0.0.1:8000",
                Listed::Status(0, b""),
                "The server at 127.0.0.1:8000 sends this page on to another address, and nothing is sent there unseen: write that address here.",
            ),
            (
                "127.0.0.1:8000",
                Listed::Status(200, b"<html>"),
                "No OpenAI-compatible API there (127.0.0.1:8000); the address usually ends in /v1.",
            ),
            (
                "127.0.0.1:8000",
                Listed::Status(503, b""),
                "It is still loading its model. Try again in a moment.",
            ),
            (
                "127.0.0.1:8000",
                Listed::Status(500, b""),
                "The server at 127.0.0.1:8000 answers with status 500: look at what it prints, then try again.",
            ),
            (
                "127.0.0.1:11434",
                Listed::Status(200, br#"{"object":"list","data":null}"#),
                "The server at 127.0.0.1:11434 has no model: load one there, then try again.",
            ),
        ] {
            assert_eq!(say(address, Permission::Granted, listed).text, expected, "{address} {listed:?}");
        }
    }

    #[test]
    fn a_server_that_lets_no_page_in_is_shown_its_command() {
        let closed = Listed::NoAnswer { is_there: true };
        let commands = |address: &str| say(address, Permission::Granted, closed).commands;
        let names = commands("127.0.0.1:8000").into_iter().map(|command| command.name).collect::<Vec<_>>();
        assert_eq!(names, ["vLLM", "llama-server", "Ollama", "LM Studio"]);
        let [ollama] = commands("127.0.0.1:11434").try_into().unwrap();
        assert_eq!(ollama.text, "OLLAMA_ORIGINS=https://concord.example ollama serve");
        let denied = say("127.0.0.1:8000", Permission::Denied, closed);
        assert!(denied.commands.is_empty(), "the browser is asked first: {denied:?}");
        let sglang = say("127.0.0.1:30000", Permission::Granted, closed);
        assert!(sglang.commands.is_empty() && sglang.text.contains("ask whoever runs it"));
    }

    #[test]
    fn a_list_of_models_is_the_way_on() {
        let of = |address: &str, owner: &str| {
            let body = format!(r#"{{"data":[{{"id":"m","owned_by":"{owner}"}}]}}"#);
            let listed = Listed::Status(200, body.as_bytes());
            let address = ServerAddress::parse(address).unwrap();
            diagnose(&address, PAGE, Browser::Firefox, Permission::Unknown, listed).unwrap().kind
        };
        assert_eq!(of("127.0.0.1:8000", "vllm"), ServerKind::Vllm);
        assert_eq!(of("https://api.openai.com/v1", "system"), ServerKind::Openai);
        assert_eq!(of("127.0.0.1:4000", "openai"), ServerKind::Unknown, "a proxy says so, too");
    }

    #[test]
    fn a_page_on_this_computer_needs_no_permission() {
        let off = Listed::NoAnswer { is_there: false };
        let said = |page: &str, address: &str| {
            let address = ServerAddress::parse(address).unwrap();
            diagnose(&address, page, Browser::Chromium, Permission::Prompt, off).unwrap_err().text
        };
        let address = ServerAddress::parse("127.0.0.1:8000").unwrap();
        let denied = diagnose(&address, "http://localhost:9000", Browser::Chromium, Permission::Denied, off);
        assert!(denied.unwrap_err().text.starts_with("Chrome keeps"), "somebody has said no all the same");
        let (here, near) = ("http://127.0.0.1:9000", "https://192.168.1.9");
        assert!(said(here, "127.0.0.1:8000").starts_with("Nothing answers"));
        assert!(said(here, "https://192.168.1.5").starts_with("Nothing answers"));
        assert!(said(near, "https://192.168.1.5").starts_with("Nothing answers"));
        assert!(said(near, "127.0.0.1:8000").starts_with("Chrome asks"));
        assert!(said(PAGE, "127.0.0.1:8000").starts_with("Chrome asks"));
    }

    #[test]
    fn firefox_is_called_by_its_name() {
        let address = ServerAddress::parse("127.0.0.1:8000").unwrap();
        let listed = Listed::NoAnswer { is_there: false };
        let said = diagnose(&address, PAGE, Browser::Firefox, Permission::Denied, listed).unwrap_err();
        assert!(said.text.starts_with("Firefox keeps this page"), "{}", said.text);
    }
}
