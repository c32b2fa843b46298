//! The pages for people are checked like code: every link leads somewhere, every path and command exists, and every
//! block of code is run or read by what it is for.
//!
//! Which kind of block is checked where: `js` by the end-to-end test `scripting`, `rust` as a doctest of the crate that
//! includes the page, `sh`, `json`, `jsonl` and `csv` here. `text` is output, and checked by nothing. Any other kind is
//! refused, so that no block escapes.

mod pages;

use std::collections::BTreeSet;

use concord::curation::export_rows;
use concord::data::{
    ExportFormat, ExportOptions, Language, PairWriter, ResponseMapping, Session, SourceFile, TextFinder,
    import_responses, read_prompts, read_session, write_session,
};
use pages::{Page, is_path, links, none, pages, read, root, spans};
use serde_json::Value;

#[test]
fn links_lead_to_files_that_exist() {
    let mut offenders = Vec::new();
    let mut n_links = 0;
    for page in pages() {
        let folder = root().join(&page.path).parent().unwrap().to_path_buf();
        for (line, text) in page.prose() {
            for target in links(text) {
                let is_elsewhere =
                    ["http://", "https://", "mailto:", "#"].iter().any(|s| target.starts_with(s));
                let file = target.split('#').next().unwrap_or_default();
                n_links += usize::from(!is_elsewhere);
                if !is_elsewhere && !folder.join(file).exists() {
                    offenders.push(format!("{}:{line}: {target}", page.path));
                }
            }
        }
    }
    assert!(n_links > 20, "only {n_links} links were found");
    none(&offenders, "a link leads nowhere");
}

#[test]
fn paths_that_are_named_exist() {
    let mut offenders = Vec::new();
    let mut n_paths = 0;
    // The changelog tells of what was.
    for page in pages().into_iter().filter(|page| page.path != "CHANGELOG.md") {
        for (line, text) in page.prose() {
            for span in spans(text).filter(|span| is_path(span)) {
                n_paths += 1;
                // A library's page names its own files from its own folder.
                let beside = root().join(&page.path).with_file_name(span);
                if !root().join(span.trim_end_matches('/')).exists() && !beside.exists() {
                    offenders.push(format!("{}:{line}: {span}", page.path));
                }
            }
        }
    }
    assert!(n_paths > 40, "only {n_paths} paths were found");
    none(&offenders, "a page names a file that is not there");
}

#[test]
fn every_block_is_of_a_kind_that_is_checked() {
    let included = included_in_doctests();
    let mut offenders = Vec::new();
    for page in pages() {
        for block in page.blocks() {
            let is_checked = match block.kind.as_str() {
                "sh" | "json" | "jsonl" | "csv" | "jsonl responses" | "csv responses" | "text" => true,
                "js" => page.path == "docs/scripting.md",
                "rust" | "no_run" | "rust,no_run" => included.contains(&page.path),
                _ => false,
            };
            if !is_checked {
                offenders.push(format!("{}: a block of kind \"{}\"", block.place, block.kind));
            }
        }
    }
    none(&offenders, "no test checks such a block there: see the header of tests/it/docs/mod.rs");
}

#[test]
fn commands_are_known_and_their_files_exist() {
    let known = xtask_commands();
    assert!(known.len() > 8 && known.contains("serve") && known.contains("test"), "{known:?}");
    let mut offenders = Vec::new();
    let mut check = |place: &str, command: &str| {
        let words: Vec<&str> = command.split('#').next().unwrap_or_default().split_whitespace().collect();
        if let ["cargo", "xtask", name, ..] = words.as_slice()
            && !known.contains(*name)
        {
            offenders.push(format!("{place}: there is no cargo xtask {name}"));
        }
        // A path by itself is the concern of the test above.
        for word in words.iter().filter(|word| words.len() > 1 && is_path(word)) {
            if !root().join(word).exists() {
                offenders.push(format!("{place}: there is no {word}"));
            }
        }
        // A filter that matches no test runs none, and says that all is well.
        let (folder, module) = match words.as_slice() {
            ["cargo", "test", "--test", "it", module] => ("tests/it".to_owned(), module),
            ["cargo", "test", "-p", package, "--test", "it", module] => {
                (format!("crates/{package}/tests/it"), module)
            }
            _ => return,
        };
        if !["", "/mod"].iter().any(|end| root().join(format!("{folder}/{module}{end}.rs")).is_file()) {
            offenders.push(format!("{place}: {folder} has no {module}"));
        }
    };
    for page in pages().into_iter().filter(|page| page.path != "CHANGELOG.md") {
        for block in page.blocks().iter().filter(|block| block.kind == "sh") {
            block.text.lines().for_each(|line| check(&block.place, line));
        }
        for (line, text) in page.prose() {
            spans(text).for_each(|span| check(&format!("{}:{line}", page.path), span));
        }
    }
    none(&offenders, "a page names what is not there");
}

#[test]
fn examples_of_files_are_read_by_the_page_and_written_by_it() {
    let anchor = Language::from("en");
    let (mut session, mut pairs, mut n_prompts) = (None::<Session>, Vec::new(), 0);
    for block in pages().iter().flat_map(Page::blocks) {
        match block.kind.as_str() {
            "json" => {
                let read = read_session(&block.text).unwrap_or_else(|e| panic!("{}: {e}", block.place));
                let written = write_session(&read).unwrap();
                assert_eq!(read_session(&written).unwrap(), read, "{}", block.place);
                let [example, written] =
                    [&block.text, &written].map(|json| serde_json::from_str(json).unwrap());
                let lost = lost("", &example, &written);
                none(&lost, &format!("{}: a field that the page does not know", block.place));
                session = Some(read);
            }
            "jsonl" if block.text.contains("\"chosen\"") => pairs.push(block),
            "csv responses" | "jsonl responses" => {
                let file = SourceFile::new("model-a.txt", block.text.as_bytes());
                let apples = "id,en,de\napples,How much is 7 + 5?,Wie viel ist 7 + 5?\n";
                let prompts = read_prompts(apples.as_bytes(), &anchor).unwrap().prompts;
                let read = import_responses(vec![file], &ResponseMapping::default(), &prompts, &anchor);
                assert_eq!(read.refusal, None, "{}", block.place);
                let left_out = read.problems.iter().filter(|found| found.problem.left_out);
                assert_eq!((left_out.count(), read.responses.len() % 2), (0, 0), "{}", block.place);
            }
            "csv" | "jsonl" => {
                let set = read_prompts(block.text.as_bytes(), &anchor);
                let set = set.unwrap_or_else(|error| panic!("{}: {error}", block.place));
                assert_eq!(set.problems, [], "{}", block.place);
                n_prompts += set.prompts.len();
            }
            _ => {}
        }
    }
    let session = session.expect("docs/formats.md has a session");
    assert!(n_prompts >= 4, "{n_prompts} prompts");
    let (rows, finder) = (export_rows(&session), TextFinder::new(&session));
    let exported = ExportFormat::ALL.map(|format| {
        let mut writer = PairWriter::new(ExportOptions::of(format));
        rows.iter().for_each(|row| writer.write(&finder.record(row), None));
        writer.finish().into_text()
    });
    assert!(pairs.len() >= 3, "{} examples of pairs", pairs.len());
    for pair in pairs {
        assert!(
            exported.contains(&pair.text),
            "{}: not what the session beside it gives: {exported:#?}",
            pair.place
        );
    }
}

#[test]
fn every_call_of_the_scripting_api_has_an_example() {
    let types = read(&root().join("www/concord.d.ts"));
    let interface = types.split("export interface Concord {").nth(1).unwrap().split("\n}").next().unwrap();
    let calls: Vec<&str> = interface
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter_map(|line| line.split(['(', ':']).next())
        .filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric))
        .collect();
    assert!(calls.len() > 20 && calls.contains(&"ready"), "{calls:?}");
    let page = pages().into_iter().find(|page| page.path == "docs/scripting.md").unwrap();
    let code: String = page.blocks().into_iter().filter(|b| b.kind == "js").map(|b| b.text).collect();
    let is_missing = |name: &&str| !code.contains(&format!("concord.{name}"));
    let missing: Vec<String> = calls.into_iter().filter(is_missing).map(str::to_owned).collect();
    none(&missing, "docs/scripting.md has no example of these calls");
}

#[test]
fn the_types_of_the_scripting_api_have_every_code_of_an_error() {
    let types = read(&root().join("www/concord.d.ts"));
    let union = types.split("export type FaultCode =").nth(1).unwrap().split(';').next().unwrap();
    let declared: BTreeSet<&str> = union.split('"').skip(1).step_by(2).collect();
    let code = read(&root().join("src/protocol/faults.rs"));
    let body = code.split("fn as_str(self)").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let given: BTreeSet<&str> = body.split('"').skip(1).step_by(2).collect();
    assert!(given.len() > 10, "{given:?}");
    assert_eq!(declared, given);
}

#[test]
fn the_results_have_the_lines_between_which_xtask_compare_writes() {
    let results = read(&root().join("docs/results.md"));
    let at = |mark: &str| results.find(mark);
    let marks = [at("<!-- compare: begin -->"), at("<!-- compare: end -->")];
    assert!(marks[0].is_some() && marks[0] < marks[1], "{marks:?}");
}

#[test]
fn walks_pass_modules_that_exist_and_none_twice() {
    let architecture = read(&root().join("ARCHITECTURE.md"));
    let rows: Vec<&str> = architecture
        .lines()
        .skip_while(|line| !line.starts_with("| value | modules"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() >= 5, "the table of walks was not read: {rows:?}");
    let mut offenders = Vec::new();
    for row in rows {
        let modules: Vec<&str> = spans(row).collect();
        assert!(modules.len() > 3, "{row}");
        for (at, module) in modules.iter().enumerate() {
            if modules[..at].contains(module) {
                offenders.push(format!("{module} is passed twice: {row}"));
            }
            let path = module.replace("::", "/");
            let is_there =
                ["src", "crates/concord-lm/src", "crates/concord-align/src", "crates/concord-curation/src"]
                    .iter()
                    .any(|source| {
                        [".rs", "/mod.rs"]
                            .iter()
                            .any(|end| root().join(format!("{source}/{path}{end}")).is_file())
                    });
            if !is_there {
                offenders.push(format!("there is no module {module}: {row}"));
            }
        }
    }
    none(&offenders, "a walk in ARCHITECTURE.md is not the code's");
}

/// The parts of `example` that are not in `whole`, or are other there. Numbers are compared as f32.
fn lost(place: &str, example: &Value, whole: &Value) -> Vec<String> {
    match (example, whole) {
        (Value::Object(example), Value::Object(whole)) => {
            let of = |(key, value): (&String, &Value)| match whole.get(key) {
                Some(found) => lost(&format!("{place}.{key}"), value, found),
                None => vec![format!("{place}.{key}")],
            };
            example.iter().flat_map(of).collect()
        }
        (Value::Array(example), Value::Array(whole)) if example.len() == whole.len() => {
            let pairs = example.iter().zip(whole).enumerate();
            pairs.flat_map(|(at, (example, found))| lost(&format!("{place}[{at}]"), example, found)).collect()
        }
        (Value::Number(example), Value::Number(found))
            if example.as_f64().map(|n| n as f32) == found.as_f64().map(|n| n as f32) =>
        {
            Vec::new()
        }
        _ if example == whole => Vec::new(),
        _ => vec![format!("{place} is {whole}")],
    }
}

/// The pages that a crate includes in its documentation, so that their Rust is compiled and run.
fn included_in_doctests() -> BTreeSet<String> {
    let crates = std::fs::read_dir(root().join("crates")).into_iter().flatten();
    let roots = crates.map(|entry| entry.unwrap().path().join("src")).chain([root().join("src")]);
    let mut included = BTreeSet::new();
    for folder in roots.filter(|folder| folder.join("lib.rs").is_file()) {
        let code = read(&folder.join("lib.rs"));
        for part in code.split("include_str!(\"").skip(1) {
            let target = folder.join(part.split('"').next().unwrap()).canonicalize().unwrap();
            let below = target.strip_prefix(root().canonicalize().unwrap()).unwrap().to_path_buf();
            included.insert(below.to_string_lossy().replace('\\', "/"));
        }
    }
    included
}

/// The commands that `cargo xtask` lists.
fn xtask_commands() -> BTreeSet<String> {
    let code = read(&root().join("xtask/src/main.rs"));
    let usage = code.split("const USAGE").nth(1).unwrap().split("\";").next().unwrap().to_owned();
    let rows = usage.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    rows.filter_map(|row| row.split_whitespace().next()).map(str::to_owned).collect()
}
