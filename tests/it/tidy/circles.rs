//! No circles among the modules of a room: each can be read, and tested, with those below it alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{library_files, none, source::before_tests};

/// The rooms that are free of circles.
const ROOMS: [&str; 7] = ["data", "weights", "text", "generate", "reference", "engine", "worker"];

/// Modules for tests alone, by the ends of their names.
const FOR_TESTS: [&str; 4] = ["tests", "testing", "scripted", "fakes"];

#[test]
fn modules_of_a_room_import_each_other_in_no_circle() {
    let files = library_files();
    for room in ROOMS {
        let of_room = files.iter().filter(|file| file.module() == room);
        let named = of_room.map(|file| (file.module_path().join("::"), before_tests(&file.code)));
        let modules: BTreeMap<String, &str> = named
            .filter(|(name, _)| name != room && !FOR_TESTS.iter().any(|end| name.ends_with(end)))
            .collect();
        assert!(modules.len() > 5, "the modules of {room} were not found: {:?}", modules.keys());
        none(&in_circles(&modules), &format!("modules of {room} import each other in a circle"));
    }
}

/// The modules that are in a circle or lie between two, each with those of them that it imports.
fn in_circles(modules: &BTreeMap<String, &str>) -> Vec<String> {
    let mut imports: BTreeMap<&String, BTreeSet<&String>> =
        modules.iter().map(|(name, code)| (name, imported(name, code, modules))).collect();
    loop {
        let n_before = imports.len();
        let left: BTreeSet<&String> = imports.keys().copied().collect();
        imports.values_mut().for_each(|names| names.retain(|name| left.contains(name)));
        let wanted: BTreeSet<&String> = imports.values().flatten().copied().collect();
        imports.retain(|name, names| !names.is_empty() && wanted.contains(name));
        if imports.len() == n_before {
            return imports.iter().map(|(name, names)| format!("{name} imports {names:?}")).collect();
        }
    }
}

/// The other modules of the room that a module names.
fn imported<'a>(here: &str, code: &str, modules: &'a BTreeMap<String, &str>) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::", "use "] {
        for (at, _) in code.match_indices(start) {
            let is_within = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            let begin = if start == "use " { at + start.len() } else { at };
            for path in (!is_within).then(|| tree(&code[begin..]).0).into_iter().flatten() {
                let place = absolute(here, &path);
                let longest =
                    (1..=place.len()).rev().find_map(|n| modules.get_key_value(&place[..n].join("::")));
                found.extend(longest.map(|(name, _)| name).filter(|name| *name != here));
            }
        }
    }
    found
}

/// A path from the root of the crate.
fn absolute(here: &str, path: &[String]) -> Vec<String> {
    if path.first().is_some_and(|first| first == "crate") {
        return path[1..].to_vec();
    }
    let n_up = path.iter().take_while(|segment| *segment == "super").count();
    let here: Vec<&str> = here.split("::").collect();
    let base = here[..here.len().saturating_sub(n_up)].iter().map(|segment| (*segment).to_owned());
    base.chain(path[n_up..].iter().cloned()).collect()
}

/// The paths of `a::{b, c::d}`, and what stands after them.
fn tree(text: &str) -> (Vec<Vec<String>>, &str) {
    if let Some(mut rest) = text.strip_prefix('{') {
        let mut paths = Vec::new();
        while !rest.trim_start().is_empty() && !rest.trim_start().starts_with('}') {
            let (more, after) = tree(rest.trim_start());
            paths.extend(more);
            rest = after.trim_start_matches(|c| c != ',' && c != '}');
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        return (paths, rest.trim_start().strip_prefix('}').unwrap_or(rest));
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = (text[..end].to_owned(), &text[end..]);
    match rest.strip_prefix("::") {
        Some(below) => {
            let (mut paths, rest) = tree(below);
            paths.iter_mut().for_each(|path| path.insert(0, name.clone()));
            (paths, rest)
        }
        None => (vec![vec![name]], rest),
    }
}

#[test]
fn a_circle_is_found_in_every_spelling() {
    let spellings = [
        ("use super::b::B;", "use crate::r::{a::A, c};"),
        ("fn f() { super::b::g() }", "use super::{c::{C, D}, a::A};"),
        ("use crate::{data, r::{b}};", "pub use crate::r::a::*;"),
    ];
    for (a, b) in spellings {
        let modules = [("r::a", a), ("r::b", b), ("r::c", "use crate::data::X;"), ("r", "use a::A;")];
        let modules = modules.map(|(name, code)| (name.to_owned(), code)).into();
        let names = in_circles(&modules);
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names[0].starts_with("r::a") && names[1].starts_with("r::b"), "{names:?}");
    }
    let of_child = [("r", "use a::A;"), ("r::a", "use super::B;")];
    assert_eq!(in_circles(&of_child.map(|(name, code)| (name.to_owned(), code)).into()).len(), 2);
}
