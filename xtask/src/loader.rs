//! How the page finds its programs. Takes the script that Trunk writes into the page out into a file, since the page's
//! Content-Security-Policy runs no inline script, and gives the files of programs that are fetched later names that no cache mistakes for older ones.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// The programs that are fetched when they are wanted, as Trunk and `www/index.html` name them.
const WHEN_WANTED: [&str; 2] = ["reader", "lesson"];

/// Moves the one inline script of `dist/index.html` into a file beside it.
///
/// # Errors
/// When the page cannot be read or written, or has another number of inline scripts.
pub fn move_out(dist: &Path) -> Result<(), Failure> {
    let path = dist.join("index.html");
    let html = std::fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let loader = moved_out(&html)?;
    let file = dist.join(&loader.name);
    std::fs::write(&file, loader.script).map_err(Failure::file(&file))?;
    std::fs::write(&path, loader.html).map_err(Failure::file(&path))
}

/// Puts the hash of every program that is fetched later into the names of its files and into the page.
///
/// # Errors
/// When a file cannot be read or written, or the page does not name a program once.
pub fn name_programs(dist: &Path) -> Result<(), Failure> {
    WHEN_WANTED.iter().try_for_each(|name| name_program(dist, name))
}

fn name_program(dist: &Path, name: &str) -> Result<(), Failure> {
    let (old_script, old_program) = (format!("{name}.js"), format!("{name}_bg.wasm"));
    let read = |name: &str| {
        let path = dist.join(name);
        std::fs::read(&path).map_err(Failure::file(&path))
    };
    let program = read(&old_program)?;
    let script = String::from_utf8_lossy(&read(&old_script)?).into_owned();
    let html = String::from_utf8_lossy(&read("index.html")?).into_owned();
    let hash: String = Sha256::digest(&program)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let (new_script, new_program) = (format!("{name}-{hash}.js"), format!("{name}-{hash}_bg.wasm"));
    let place = format!("content=\"{old_script}\"");
    if html.matches(&place).count() != 1 {
        return Err(Failure::Check(format!(
            "www/index.html does not say {place} once: see xtask/src/loader.rs"
        )));
    }
    let html = html.replace(&place, &format!("content=\"{new_script}\""));
    let script = script.replace(&old_program, &new_program);
    for (name, bytes) in
        [(&new_program[..], &program[..]), (&new_script, script.as_bytes()), ("index.html", html.as_bytes())]
    {
        let path = dist.join(name);
        std::fs::write(&path, bytes).map_err(Failure::file(&path))?;
    }
    for name in [old_script, old_program] {
        let path = dist.join(name);
        std::fs::remove_file(&path).map_err(Failure::file(&path))?;
    }
    Ok(())
}

/// A page without its inline script.
#[derive(Debug, PartialEq, Eq)]
struct Loader {
    html: String,
    /// Of the file; it has the hash of the program, so that no cache keeps it longer.
    name: String,
    script: String,
}

fn moved_out(html: &str) -> Result<Loader, Failure> {
    let wrong =
        |what: &str| Failure::Check(format!("the page that Trunk made {what}: see xtask/src/loader.rs"));
    let inline: Vec<(usize, usize, usize, usize)> =
        scripts(html).filter(|at| !html[at.0..at.1].contains(" src=")).collect();
    let &[(start, text_start, text_end, end)] = &inline[..] else {
        return Err(wrong(&format!("has {} inline scripts and not one", inline.len())));
    };
    if !html[start..text_start].contains("type=\"module\"") {
        return Err(wrong("has an inline script that is no module"));
    }
    let script = &html[text_start..text_end];
    let hash = script.split_once("'./app-").and_then(|(_, rest)| rest.split_once(".js'"));
    let (hash, _) = hash.ok_or_else(|| wrong("does not start ./app-….js"))?;
    let name = format!("start-{hash}.js");
    let tag = format!("<script type=\"module\" src=\"./{name}\"></script>");
    Ok(Loader {
        html: [&html[..start], &tag, &html[end..]].concat(),
        name,
        script: script.trim_start().to_owned(),
    })
}

/// Where each script begins, its text begins and ends, and it ends.
fn scripts(html: &str) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    html.match_indices("<script").filter_map(|(start, _)| {
        let text_start = start + html[start..].find('>')? + 1;
        let text_end = text_start + html[text_start..].find("</script>")?;
        Some((start, text_start, text_end, text_end + "</script>".len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inline_script_becomes_a_file_of_the_programs_hash() {
        let html = "<head>\n<script type=\"module\">\nimport init from './app-12ab.js';\nawait init();\n</script></head>";
        let expected = Loader {
            html: "<head>\n<script type=\"module\" src=\"./start-12ab.js\"></script></head>".to_owned(),
            name: "start-12ab.js".to_owned(),
            script: "import init from './app-12ab.js';\nawait init();\n".to_owned(),
        };
        assert_eq!(moved_out(html).unwrap(), expected);
    }

    #[test]
    fn files_of_a_program_are_named_by_their_content() {
        let folder = std::env::temp_dir().join(format!("concord-reader-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        write("index.html", "<meta name=\"reader\" content=\"reader.js\" />");
        write("reader.js", "new URL('reader_bg.wasm', import.meta.url)");
        write("reader_bg.wasm", "abc");
        name_program(&folder, "reader").unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let (html, script) = (read("index.html"), read("reader-ba7816bf8f01cfea.js"));
        let program = read("reader-ba7816bf8f01cfea_bg.wasm");
        let n_files = std::fs::read_dir(&folder).unwrap().count();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(html, "<meta name=\"reader\" content=\"reader-ba7816bf8f01cfea.js\" />");
        assert!(script.contains("'reader-ba7816bf8f01cfea_bg.wasm'"), "{script}");
        assert_eq!((program.as_str(), n_files), ("abc", 3));
    }

    #[test]
    fn a_page_of_another_shape_stops_the_build() {
        let inline = "<script type=\"module\">import './app-1.js'</script>";
        let twice = format!("{inline}{inline}");
        let classic = inline.replace(" type=\"module\"", "");
        let other = inline.replace("app", "other");
        for html in ["<head></head>", "<script src=\"a.js\"></script>", &twice, &classic, &other] {
            assert!(moved_out(html).is_err(), "{html}");
        }
    }
}
