//! What a person writes to name a model: a Hub repository, a file in it, or an address.

use super::ShelfError;

/// Where the Hub is, unless somebody names a mirror.
pub const HUB: &str = "https://huggingface.co";

/// A model's address, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A repository on the Hub.
    Hub(HubAddress),
    /// A full address.
    Url(String),
    /// A path from the page.
    Page(String),
}

/// A repository on the Hub and which of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubAddress {
    /// `owner/name`.
    pub repository: String,
    /// Branch, tag or commit.
    pub revision: String,
    /// Which file.
    pub pick: Pick,
}

/// Which file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The one that fits best.
    Any,
    /// The one of this quantisation, such as `Q8_0`.
    Quant(String),
    /// The one of this path.
    File(String),
}

impl Address {
    /// Understands what was written.
    ///
    /// # Errors
    /// When it is nothing of the kind.
    pub fn parse(text: &str) -> Result<Self, ShelfError> {
        let text = text.trim();
        let not_an_address = || ShelfError::NotAnAddress { text: text.to_owned() };
        if let Some(rest) = after_hub(text) {
            return hub_page(rest).map(Self::Hub).ok_or_else(not_an_address);
        }
        if text.contains("://") || text.starts_with("blob:") || text.starts_with("data:") {
            return Ok(Self::Url(text.to_owned()));
        }
        let is_path = ["./", "../", "/"].iter().any(|start| text.starts_with(start));
        if is_path || (!text.contains('/') && text.ends_with(".gguf")) {
            return Ok(Self::Page(text.to_owned()));
        }
        short(text).map(Self::Hub).ok_or_else(not_an_address)
    }
}

/// Whether a page of the given origin may ask an address at all. What its Content-Security-Policy refuses (`www/index.html`)
/// looks to a script like a server that does not answer, so this is said before anything is asked.
///
/// # Errors
/// For plain `http:` to another machine, and for anything that is neither `http:` nor `https:`, `blob:` or `data:`.
pub fn check_reach(url: &str, page_origin: &str) -> Result<(), ShelfError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let is_reached = match scheme.to_ascii_lowercase().as_str() {
        "https" | "blob" | "data" => true,
        "http" => {
            let server = server_of(rest);
            let host = server.split_once(':').map_or(server.as_str(), |(host, _port)| host);
            let is_own = page_origin.strip_prefix("http:").is_some_and(|page| server_of(page) == server);
            is_own || matches!(host, "localhost" | "127.0.0.1")
        }
        _ => false,
    };
    if is_reached { Ok(()) } else { Err(ShelfError::NotAllowed { url: url.to_owned() }) }
}

/// Host and port after `http:`, in lower case and without the port that is meant anyway.
fn server_of(rest: &str) -> String {
    let server = rest.trim_start_matches('/').split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let server = server.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    server.strip_suffix(":80").map_or_else(|| server.clone(), str::to_owned)
}

impl HubAddress {
    /// Where the list of the repository's files is.
    pub fn list_url(&self, hub: &str) -> String {
        let revision = match self.revision.as_str() {
            "main" => String::new(),
            other => format!("/revision/{}", escaped(other)),
        };
        format!("{hub}/api/models/{}{revision}?blobs=true", self.repository)
    }

    /// Where a file of the repository is.
    pub fn file_url(&self, hub: &str, path: &str) -> String {
        format!("{hub}/{}/resolve/{}/{}", self.repository, escaped(&self.revision), escaped(path))
    }
}

/// `owner/name`, `owner/name:QUANT`, `owner/name/path/file.gguf`.
fn short(text: &str) -> Option<HubAddress> {
    let mut parts = text.splitn(3, '/');
    let (owner, name, path) = (parts.next()?, parts.next()?, parts.next());
    let (name, quant) = name.split_once(':').map_or((name, None), |(name, quant)| (name, Some(quant)));
    let pick = match (quant, path) {
        (None, None) => Pick::Any,
        (Some(quant), None) if is_name(quant) => Pick::Quant(quant.to_owned()),
        (None, Some(path)) if !path.is_empty() => Pick::File(path.to_owned()),
        _ => return None,
    };
    let is_right = is_name(owner) && is_name(name);
    is_right.then(|| HubAddress { repository: format!("{owner}/{name}"), revision: "main".to_owned(), pick })
}

/// The Hub's own pages: of a repository, of a file in it, of its download.
fn hub_page(rest: &str) -> Option<HubAddress> {
    let rest = rest.split(['?', '#']).next()?.trim_matches('/');
    let parts: Vec<&str> = rest.splitn(5, '/').collect();
    match parts[..] {
        [owner, name] => short(&format!("{owner}/{name}")),
        [owner, name, "tree", revision] => {
            Some(HubAddress { revision: revision.to_owned(), ..short(&format!("{owner}/{name}"))? })
        }
        [owner, name, "resolve" | "blob", revision, path] => Some(HubAddress {
            revision: revision.to_owned(),
            ..short(&format!("{owner}/{name}/{}", unescaped(path)))?
        }),
        _ => None,
    }
}

/// What follows the Hub's host.
fn after_hub(text: &str) -> Option<&str> {
    let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    ["huggingface.co/", "www.huggingface.co/", "hf.co/"].iter().find_map(|host| bare.strip_prefix(host))
}

fn is_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && !text.starts_with('.') && text.chars().all(is_letter)
}

/// Percent-encodes what may not stand in a path; `/` stays.
fn escaped(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
        out
    })
}

/// An address, or the name at its end, as a person reads it: in letters, not in percent signs.
pub fn readable(text: &str) -> String {
    String::from_utf8(unescaped_bytes(text)).unwrap_or_else(|_other| text.to_owned())
}

fn unescaped(path: &str) -> String {
    String::from_utf8_lossy(&unescaped_bytes(path)).into_owned()
}

fn unescaped_bytes(path: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(repository: &str, revision: &str, pick: Pick) -> Address {
        Address::Hub(HubAddress { repository: repository.into(), revision: revision.into(), pick })
    }

    #[test]
    fn everything_that_people_paste_is_understood() {
        let file = || Pick::File("sub/model Q8.gguf".into());
        let cases = [
            ("owner/name", hub("owner/name", "main", Pick::Any)),
            ("  owner/name.v2-GGUF ", hub("owner/name.v2-GGUF", "main", Pick::Any)),
            ("owner/name:Q4_K_M", hub("owner/name", "main", Pick::Quant("Q4_K_M".into()))),
            ("owner/name/sub/model Q8.gguf", hub("owner/name", "main", file())),
            ("https://huggingface.co/owner/name", hub("owner/name", "main", Pick::Any)),
            ("huggingface.co/owner/name/", hub("owner/name", "main", Pick::Any)),
            ("https://hf.co/owner/name:Q8_0", hub("owner/name", "main", Pick::Quant("Q8_0".into()))),
            ("https://huggingface.co/owner/name/tree/v1", hub("owner/name", "v1", Pick::Any)),
            (
                "https://huggingface.co/owner/name/blob/main/sub/model%20Q8.gguf?download=true",
                hub("owner/name", "main", file()),
            ),
            (
                "https://huggingface.co/owner/name/resolve/abc/sub/model%20Q8.gguf",
                hub("owner/name", "abc", file()),
            ),
            ("https://example.org/a/b.gguf", Address::Url("https://example.org/a/b.gguf".into())),
            ("blob:http://x/1", Address::Url("blob:http://x/1".into())),
            ("./models/a.gguf", Address::Page("./models/a.gguf".into())),
            ("/models/a.gguf", Address::Page("/models/a.gguf".into())),
            ("a.gguf", Address::Page("a.gguf".into())),
        ];
        for (text, expected) in cases {
            assert_eq!(Address::parse(text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_forms_that_are() {
        for text in [
            "",
            "name",
            "owner/",
            "/",
            "owner/na me",
            "owner/name:",
            "owner/name:Q8/x.gguf",
            "../.",
            "ow*ner/x",
        ] {
            match Address::parse(text) {
                Err(error) => assert!(error.to_string().contains("owner/name:Q8_0"), "{error}"),
                // Paths from the page are left to the page.
                Ok(address) => assert!(matches!(address, Address::Page(_)), "{text}: {address:?}"),
            }
        }
    }

    #[test]
    fn what_the_page_may_not_ask_is_refused_with_the_reason_and_a_way_out() {
        let cases = [
            ("https://example.org/a.gguf", true),
            ("HTTPS://192.168.1.5/a.gguf", true),
            ("http://localhost:8000/a.gguf", true),
            ("http://LOCALHOST/a.gguf", true),
            ("http://127.0.0.1:1/a.gguf?x=http://y", true),
            ("blob:http://x/1", true),
            ("data:,x", true),
            ("http://192.168.1.9:8080/static/a.gguf", true),
            ("http://192.168.1.9:8000/a.gguf", false),
            ("http://192.168.1.5:8080/a.gguf", false),
            ("http://[::1]:8000/a.gguf", false),
            ("http://localhost.example.org/a.gguf", false),
            ("http://localhost@example.org/a.gguf", false),
            ("http://localhost:80@example.org/a.gguf", false),
            ("http://example.org", false),
            ("file:///home/me/a.gguf", false),
            ("ftp://example.org/a.gguf", false),
        ];
        for (url, is_reached) in cases {
            let reach = check_reach(url, "http://192.168.1.9:8080");
            assert_eq!(reach.is_ok(), is_reached, "{url}: {reach:?}");
            let message = reach.err().map(|error| error.to_string()).unwrap_or_default();
            let says = [url, "policy", "https", "localhost", "from disk"];
            assert!(is_reached || says.iter().all(|word| message.contains(word)), "{message}");
        }
        assert!(check_reach("http://server/a.gguf", "http://server").is_ok());
        assert!(check_reach("http://server:80/a.gguf", "http://server").is_ok());
        assert!(
            check_reach("http://server/a.gguf", "https://server").is_err(),
            "a page over https asks nothing over http"
        );
    }

    #[test]
    fn the_policy_of_the_page_is_the_one_that_is_checked() {
        let page = include_str!("../../www/index.html");
        assert!(
            page.contains("connect-src 'self' https: http://localhost:* http://127.0.0.1:* blob: data:;")
        );
    }

    #[test]
    fn names_are_read_in_their_own_letters() {
        let cases = [
            ("%D9%86%D9%85%D9%88%D8%B0%D8%AC-Q8_0.gguf", "نموذج-Q8_0.gguf"),
            ("%E0%A6%AC%E0%A6%BE%E0%A6%82%E0%A6%B2%E0%A6%BE.gguf", "বাংলা.gguf"),
            ("100%.gguf", "100%.gguf"),
            ("latin-1-%E9.gguf", "latin-1-%E9.gguf"),
        ];
        for (text, expected) in cases {
            assert_eq!(readable(text), expected);
        }
    }

    #[test]
    fn urls_are_those_of_the_hub() {
        let Ok(Address::Hub(address)) = Address::parse("owner/name/a b.gguf") else { panic!() };
        assert_eq!(address.list_url(HUB), "https://huggingface.co/api/models/owner/name?blobs=true");
        assert_eq!(
            address.file_url(HUB, "a b.gguf"),
            "https://huggingface.co/owner/name/resolve/main/a%20b.gguf"
        );
        let pinned = HubAddress { revision: "v1".into(), ..address };
        assert_eq!(pinned.list_url("http://x"), "http://x/api/models/owner/name/revision/v1?blobs=true");
    }
}
