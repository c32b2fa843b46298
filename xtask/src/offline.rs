//! Writes the service worker beside the built page, with the list of the page's files: what a browser keeps of a version.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::shell;

/// The script's name, in `www` and beside the page. It has no hash: the browser asks for it by this name to see what is new.
const SCRIPT: &str = "service-worker.js";

/// What the page fetches only when somebody wants it.
const WHEN_WANTED: [&str; 1] = ["static/practice-prompts.json"];

/// Writes `service-worker.js` into `dist`, with the other files there in its list. The last step of a build.
///
/// # Errors
/// When a file cannot be read or written, or the script has lost the places for its list and version.
pub fn write(dist: &Path) -> Result<(), Failure> {
    let from = shell::root().join("www").join(SCRIPT);
    let script = std::fs::read_to_string(&from).map_err(Failure::file(&from))?;
    let files = files_of(dist)?;
    let to = dist.join(SCRIPT);
    std::fs::write(&to, filled(&script, &files)?).map_err(Failure::file(&to))?;
    println!("{}: {} files to work offline with", to.display(), files.len());
    Ok(())
}

/// Every file below `dist` by its path in the page's folder, with its hash; the page itself is the folder.
fn files_of(dist: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dist.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Failure::file(&folder))? {
            let path = entry.map_err(Failure::file(&folder))?.path();
            let name = path.strip_prefix(dist).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            // Hidden files are the host's business.
            if name == SCRIPT
                || WHEN_WANTED.contains(&name.as_str())
                || path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
            {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).map_err(Failure::file(&path))?;
            // Some hosts answer for the long name with a way to the short one.
            let name = if name == "index.html" { String::new() } else { name };
            files.insert(name, format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes))));
        }
    }
    Ok(files)
}

/// The script with its list, and the list's hash as its version.
fn filled(script: &str, files: &BTreeMap<String, String>) -> Result<String, Failure> {
    let wrong = |what: String| Failure::Check(format!("www/{SCRIPT} {what}: see xtask/src/offline.rs"));
    let list = serde_json::to_string_pretty(files)
        .map_err(|error| wrong(format!("cannot have its list: {error}")))?;
    let version = STANDARD.encode(&Sha256::digest(&list)[..9]);
    let mut filled = script.to_owned();
    for (place, text) in
        [("FILES = {}", format!("FILES = {list}")), ("VERSION = \"\"", format!("VERSION = \"{version}\""))]
    {
        if filled.matches(place).count() != 1 {
            return Err(wrong(format!("does not say `{place}` once")));
        }
        filled = filled.replace(place, &text);
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_listed_with_its_hash() {
        let dist = std::env::temp_dir().join(format!("concord-offline-{}", std::process::id()));
        std::fs::create_dir_all(dist.join("static")).unwrap();
        for (name, text) in [
            ("index.html", "page"),
            ("static/a.json", "abc"),
            (SCRIPT, "old"),
            (".nojekyll", ""),
            ("app-1.wasm", ""),
        ] {
            std::fs::write(dist.join(name), text).unwrap();
        }
        let files = files_of(&dist).unwrap();
        std::fs::remove_dir_all(&dist).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["", "app-1.wasm", "static/a.json"]);
        // The hash of "abc" that FIPS 180-2 gives as its example.
        assert_eq!(files["static/a.json"], "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn the_version_changes_with_any_file() {
        let version = |hash: &str| {
            let files = BTreeMap::from([("a.js".to_owned(), hash.to_owned())]);
            let script = filled("const FILES = {};\nconst VERSION = \"\";", &files).unwrap();
            assert!(
                script.starts_with("const FILES = {\n  \"a.js\": \"") && !script.contains("\"\""),
                "{script}"
            );
            script.lines().last().unwrap().to_owned()
        };
        assert_eq!(version("sha256-1"), version("sha256-1"));
        assert_ne!(version("sha256-1"), version("sha256-2"));
    }

    #[test]
    fn a_script_without_its_places_stops_the_build() {
        for script in ["", "FILES = {}", "FILES = {} FILES = {} VERSION = \"\""] {
            assert!(filled(script, &BTreeMap::new()).is_err(), "{script}");
        }
        let ours = std::fs::read_to_string(shell::root().join("www").join(SCRIPT)).unwrap();
        assert!(filled(&ours, &BTreeMap::new()).is_ok());
    }
}
