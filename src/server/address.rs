//! What a person writes to name a server, and whether this page may ask it at all.
//!
//! A refused text is never quoted: it may hold a key.

use super::{
    Browser, Nearness,
    host::{BadHost, host_and_port, host_of},
};

/// Longest address that is looked at, in bytes.
const LONGEST: usize = 2_048;

/// Ports on which a server on this computer may listen where nobody said: vLLM, llama-server (of old and now), Ollama, LM Studio
/// and SGLang.
pub const USUAL_PORTS: [u16; 6] = [8000, 8080, 9931, 11434, 1234, 30000];

/// The address of an API, understood: everything before `/chat/completions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    is_https: bool,
    /// In lower case; a version 6 address stands in brackets.
    host: String,
    /// `None` is the port that the scheme has anyway.
    port: Option<u16>,
    /// With a slash at its beginning and none at its end; may be empty.
    path: String,
    nearness: Nearness,
}

/// Why a text is no address of a server, or the server cannot be asked from this page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was written.
    #[error("write the address of a server, such as http://127.0.0.1:8000/v1")]
    Empty,
    /// It cannot be understood.
    #[error("this is not the address of a server: write one such as http://127.0.0.1:8000/v1")]
    NotAnAddress,
    /// Neither `http` nor `https`.
    #[error("the address of a server begins with http:// or https://")]
    Scheme,
    /// A name and a password stand before the host.
    #[error("leave name and password out of the address, and put the server's key into the field for it")]
    UserInfo,
    /// `?` or `#`.
    #[error(
        "an address ends before ? and #: leave out what follows, and put the server's key into the field for it"
    )]
    Query,
    /// The port is no number from 1 to 65535.
    #[error("the port after the colon is a number from 1 to 65535, as in http://127.0.0.1:8000/v1")]
    Port,
    /// Plain `http` to another machine: the page's policy, and mixed content.
    #[error(
        "this page reaches other machines over https only: give {host} https, or bring its port to this computer with the command below and use {instead}"
    )]
    PlainHttp {
        /// The machine.
        host: String,
        /// The address to use then.
        instead: String,
        /// What brings the port here.
        command: String,
    },
    /// Safari and a server on this computer.
    #[error(
        "Safari lets no page from https ask a server on this computer: open this page from http://localhost (cargo xtask serve), or give the server https with a certificate that your Mac trusts"
    )]
    Safari,
}

impl ServerAddress {
    /// Understands what was written. Without a scheme it is `http` for this computer and `https` for others; without a path it
    /// is `/v1`. `0.0.0.0`, where servers say that they listen, is this computer.
    ///
    /// # Errors
    /// When it is no address, or holds what may be secret; the text is not quoted.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '\'' | '<' | '>' | '`');
        if text.len() > LONGEST || !text.chars().all(is_plain) {
            return Err(AddressError::NotAnAddress);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (server, path) = rest.split_at(end);
        if server.contains('@') {
            return Err(AddressError::UserInfo);
        }
        if path.contains(['?', '#']) {
            return Err(AddressError::Query);
        }
        let (host, port) = host_and_port(server).map_err(of_host)?;
        let has_scheme = scheme.is_some();
        let (host, nearness) = host_of(&host.to_ascii_lowercase()).map_err(of_host)?;
        let is_https = match scheme.as_deref() {
            None => nearness != Nearness::Loopback,
            Some("http") => false,
            Some("https") => true,
            Some(_) => return Err(AddressError::Scheme),
        };
        // A word alone is more likely a key or a model than a machine.
        if !has_scheme && host != "localhost" && !host.contains(['.', '[']) {
            return Err(AddressError::NotAnAddress);
        }
        // The page's policy names localhost, and no version 6 address can be named there.
        let host = if host == "[::1]" && !is_https { "localhost".to_owned() } else { host };
        let port = port.filter(|port| *port != if is_https { 443 } else { 80 });
        Ok(Self { is_https, host, port, path: path_of(path), nearness })
    }

    /// The address as it is shown and kept in memory.
    pub fn base(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.host_port())
    }

    /// Host and port, as in sentences.
    pub fn host_port(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// The address of a call, such as `/models`.
    pub fn url(&self, call: &str) -> String {
        format!("{}{call}", self.base())
    }

    /// Where the server is.
    pub fn nearness(&self) -> Nearness {
        self.nearness
    }

    /// The port, also where it is the scheme's own.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.is_https { 443 } else { 80 })
    }

    /// Whether a key may go there: over https, or without leaving this computer.
    pub fn may_carry_key(&self) -> bool {
        self.is_https || self.nearness == Nearness::Loopback
    }

    /// Whether it is OpenAI's own service.
    pub fn is_openai(&self) -> bool {
        self.host == "api.openai.com"
    }

    /// Whether a page of an origin may ask the server, before anything is asked. What the page's Content-Security-Policy
    /// (`www/index.html`) or the browser refuses looks to a program like a server that is off.
    ///
    /// # Errors
    /// [`AddressError::PlainHttp`] and [`AddressError::Safari`], with what to do.
    pub fn check_reach(&self, page_origin: &str, browser: Browser) -> Result<(), AddressError> {
        if self.is_https || page_origin.eq_ignore_ascii_case(&self.origin()) {
            return Ok(());
        }
        let is_page_https = page_origin.starts_with("https:");
        match self.host.as_str() {
            "localhost" | "127.0.0.1" if browser == Browser::Safari && is_page_https => {
                Err(AddressError::Safari)
            }
            "localhost" | "127.0.0.1" => Ok(()),
            host => {
                let port = self.port();
                // A port below 1024 cannot be opened without rights.
                let here = if port < 1024 { 8000 } else { port };
                let (host, path) = (host.to_owned(), &self.path);
                let name = host.trim_matches(['[', ']']);
                let command = format!("ssh -N -L {here}:localhost:{port} {name}");
                Err(AddressError::PlainHttp {
                    instead: format!("http://127.0.0.1:{here}{path}"),
                    command,
                    host,
                })
            }
        }
    }
}

fn of_host(bad: BadHost) -> AddressError {
    match bad {
        BadHost::Host => AddressError::NotAnAddress,
        BadHost::Port => AddressError::Port,
    }
}

/// The path of the API: without the call that many addresses are copied with, and `/v1` where there is none.
fn path_of(path: &str) -> String {
    let mut path = path.trim_end_matches('/');
    for call in ["/chat/completions", "/completions", "/models", "/embeddings"] {
        path = path.strip_suffix(call).unwrap_or(path).trim_end_matches('/');
    }
    if path.is_empty() { "/v1".to_owned() } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ServerAddress {
        ServerAddress::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_people_write_becomes_one_address() {
        for (text, base) in [
            ("127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
            (" localhost:8080/ ", "http://localhost:8080/v1"),
            ("http://LOCALHOST:8080/v1/", "http://localhost:8080/v1"),
            ("http://localhost:80", "http://localhost/v1"),
            ("https://api.example.com:443/v1", "https://api.example.com/v1"),
            ("api.example.com/openai/v1/chat/completions", "https://api.example.com/openai/v1"),
            ("http://127.0.0.1:8000/v1/models", "http://127.0.0.1:8000/v1"),
            ("http://127.0.0.1:8000/models", "http://127.0.0.1:8000/v1"),
            ("http://0.0.0.0:8000", "http://127.0.0.1:8000/v1"),
            ("http://[::]:9931", "http://127.0.0.1:9931/v1"),
            ("http://[::1]:9931", "http://localhost:9931/v1"),
            ("https://[2001:DB8::1]:8443/api", "https://[2001:db8::1]:8443/api"),
            ("https://gpu/v1", "https://gpu/v1"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/v1"),
        ] {
            assert_eq!(parse(text).base(), base, "{text}");
            assert_eq!(parse(base), parse(text), "an address is read as it is written: {text}");
        }
        assert_eq!(
            parse("localhost:8080").url("/chat/completions"),
            "http://localhost:8080/v1/chat/completions"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_and_never_quoted() {
        for (text, expected) in [
            ("", AddressError::Empty),
            ("sk-secret", AddressError::NotAnAddress),
            ("Qwen/Qwen2.5", AddressError::NotAnAddress),
            ("http://a b/v1", AddressError::NotAnAddress),
            ("http://bücher.example", AddressError::NotAnAddress),
            ("http:127.0.0.1", AddressError::Port),
            ("http://2130706433/", AddressError::NotAnAddress),
            ("http://0x7f.1/", AddressError::NotAnAddress),
            ("http://127.1:8000/", AddressError::NotAnAddress),
            ("http://[::1", AddressError::Port),
            ("http://[::1]8000", AddressError::NotAnAddress),
            ("http://", AddressError::NotAnAddress),
            ("http://a..b/", AddressError::NotAnAddress),
            ("http://a\\@b/", AddressError::NotAnAddress),
            ("ftp://host/v1", AddressError::Scheme),
            ("https://sk-secret@api.example.com/v1", AddressError::UserInfo),
            ("https://user:sk-secret@api.example.com/v1", AddressError::UserInfo),
            ("https://api.example.com/v1?key=sk-secret", AddressError::Query),
            ("https://api.example.com?key=sk-secret", AddressError::Query),
            ("https://api.example.com/v1#sk-secret", AddressError::Query),
            ("http://localhost:port", AddressError::Port),
            ("http://localhost:0", AddressError::Port),
            ("http://localhost:70000", AddressError::Port),
            ("http://localhost:+80", AddressError::Port),
        ] {
            let error = ServerAddress::parse(text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!format!("{error:?}{error}").contains("secret"), "{error:?}");
        }
        assert_eq!(ServerAddress::parse(&"a".repeat(3_000)), Err(AddressError::NotAnAddress));
    }

    #[test]
    fn where_a_server_is_decides_the_address_space_and_the_key() {
        for (host, space, carries) in [
            ("localhost", Some("loopback"), true),
            ("a.localhost", Some("loopback"), true),
            ("127.0.0.1", Some("loopback"), true),
            ("127.9.9.9", Some("loopback"), true),
            ("[::1]", Some("loopback"), true),
            ("[::ffff:127.0.0.1]", Some("loopback"), true),
            ("10.1.2.3", Some("local"), false),
            ("172.16.0.1", Some("local"), false),
            ("172.32.0.1", None, false),
            ("192.168.1.5", Some("local"), false),
            ("169.254.1.1", Some("local"), false),
            ("100.64.0.1", Some("local"), false),
            ("100.128.0.1", None, false),
            ("[fd00::1]", Some("local"), false),
            ("[fe80::1]", Some("local"), false),
            ("gpu.local", Some("local"), false),
            ("gpu.example.com", None, false),
            ("8.8.8.8", None, false),
            ("[2001:db8::1]", None, false),
            ("localhost.example.com", None, false),
        ] {
            let plain = parse(&format!("http://{host}:8000"));
            assert_eq!(plain.nearness().target_space(), space, "{host}");
            assert_eq!(plain.may_carry_key(), carries, "{host}");
            assert!(parse(&format!("https://{host}:8000")).may_carry_key(), "{host}");
        }
    }

    #[test]
    fn what_the_browser_would_refuse_is_said_beforehand() {
        let page = "https://concord.example";
        let check = |text: &str, page: &str, browser| parse(text).check_reach(page, browser);
        for browser in [Browser::Chromium, Browser::Firefox, Browser::Other] {
            assert_eq!(check("http://127.0.0.1:8000", page, browser), Ok(()));
            assert_eq!(check("https://192.168.1.5:8000", page, browser), Ok(()));
        }
        assert_eq!(check("http://localhost:8000", page, Browser::Safari), Err(AddressError::Safari));
        assert_eq!(check("http://localhost:8000", "http://localhost:9000", Browser::Safari), Ok(()));
        assert_eq!(check("https://localhost:8000", page, Browser::Safari), Ok(()));
        assert_eq!(check("http://192.168.1.5:9000", "http://192.168.1.5:9000", Browser::Safari), Ok(()));
        let refused = check("http://192.168.1.5", page, Browser::Chromium).unwrap_err();
        let AddressError::PlainHttp { command, instead, .. } = &refused else { panic!("{refused:?}") };
        assert_eq!(command, "ssh -N -L 8000:localhost:80 192.168.1.5");
        assert_eq!(parse(instead).check_reach(page, Browser::Chromium), Ok(()));
        assert!(refused.to_string().contains("https only") && refused.to_string().contains(instead));
        assert!(
            check("http://127.0.0.2:8000", page, Browser::Chromium).is_err(),
            "the page's policy names 127.0.0.1"
        );
    }
}
