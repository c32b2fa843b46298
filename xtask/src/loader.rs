//! Takes the script that Trunk writes into the page out into a file: the page's Content-Security-Policy runs no inline
//! script.

use std::path::Path;

use crate::failure::Failure;

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
