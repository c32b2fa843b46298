//! Rust source as the tidy checks see it: code only, cut before the unit tests, with its module paths.

/// The source with comments, string contents and character literals blanked out, line by line.
pub(super) fn code_only(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut i = 0;
    while i < chars.len() {
        let end = token_end(&chars, i);
        if end == i {
            out.push(chars[i]);
            i += 1;
        } else {
            // Newlines stay, so that line numbers do.
            out.extend(chars[i..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            i = end;
        }
    }
    out
}

/// The part of a source file before its unit tests, which stand last and may reach further.
pub(super) fn before_tests(code: &str) -> &str {
    code.split("#[cfg(test)]\nmod ").next().unwrap_or(code)
}

/// The top-level modules that code of the module `here` names: through `crate::`, or `super::` to the root.
///
/// `here` is the module path, as in `["engine", "kernels", "rms_norm"]`.
pub(super) fn modules_named(code: &str, here: &[&str]) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            named.extend(first_names(&code[at + "crate::".len()..]));
        }
    }
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        rest = &rest[at..];
        let mut n_up = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            (n_up, rest) = (n_up + 1, after);
        }
        if n_up >= here.len() {
            named.extend(first_names(rest));
        }
    }
    named
}

/// Whether the code uses a crate by name, as in `wgpu::Device` or `use wgpu`.
pub(super) fn names_crate(code: &str, name: &str) -> bool {
    let word = |text: &str| text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '.');
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let imported = before.trim_end().ends_with("use") && after.starts_with([';', ' ', ':']);
        !word(before) && (after.starts_with("::") || imported)
    })
}

/// First path segments: `a` of `a::b`, `a` and `c` of `{a::b, c::{d, e}}`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return vec![identifier(path)] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(identifier(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn identifier(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// End of the comment, string or character literal at `i`, or `i` where there is none.
fn token_end(chars: &[char], i: usize) -> usize {
    let at = |offset: usize| chars.get(i + offset).copied().unwrap_or('\0');
    match (at(0), at(1)) {
        ('/', '/') => find(chars, i, &['\n']),
        ('/', '*') => find(chars, i, &['*', '/']) + 2,
        ('"', _) => string_end(chars, i + 1),
        ('r', '"' | '#') if i == 0 || !chars[i - 1].is_alphanumeric() => raw_string_end(chars, i),
        ('\'', '\\') => find(chars, i + 3, &['\'']) + 1,
        ('\'', _) if at(2) == '\'' => i + 3,
        _ => i,
    }
    .min(chars.len())
}

fn find(chars: &[char], from: usize, what: &[char]) -> usize {
    let tail = chars.get(from..).unwrap_or_default();
    tail.windows(what.len()).position(|window| window == what).map_or(chars.len(), |at| from + at)
}

fn string_end(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn raw_string_end(chars: &[char], i: usize) -> usize {
    let n_hashes = chars[i + 1..].iter().take_while(|&&c| c == '#').count();
    if chars.get(i + 1 + n_hashes) != Some(&'"') {
        return i; // A raw identifier.
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', n_hashes)).collect();
    find(chars, i + 2 + n_hashes, &closing) + closing.len()
}

#[test]
fn comments_and_literals_are_not_code() {
    let source = "a // crate::x\n/* crate::y */ b(\"crate::z \\\" \", '\"', r#\"crate::\"w\"#, 'c', '\\n') r";
    let code = code_only(source);
    assert!(!code.contains("crate") && code.contains('a') && code.contains("b("), "{code}");
    assert_eq!(code.lines().count(), source.lines().count());
    assert!(code.ends_with(" r"), "{code}");
}

#[test]
fn lifetimes_and_raw_identifiers_are_code() {
    assert_eq!(code_only("fn f<'a>(x: &'a str) {} r#type"), "fn f<'a>(x: &'a str) {} r#type");
}

#[test]
fn modules_are_found_in_every_spelling_of_an_import() {
    let cases: [(&str, &[&str], &[&str]); 6] = [
        ("use crate::data::Pair;", &["align"], &["data"]),
        ("use crate::{data::Pair, text::{a, b}, weights};", &["align"], &["data", "text", "weights"]),
        ("fn f(x: crate::data::Pair) {}", &["align"], &["data"]),
        ("use super::super::data::Pair;", &["align", "score"], &["data"]),
        ("use super::sibling::Pair;", &["align", "score"], &[]),
        ("use other_crate::data;", &["align"], &[]),
    ];
    for (code, here, expected) in cases {
        assert_eq!(modules_named(code, here), expected, "{code}");
    }
}

#[test]
fn a_crate_is_named_by_path_or_import_only() {
    assert!(names_crate("let d: wgpu::Device;", "wgpu"));
    assert!(names_crate("use wgpu as gpu;", "wgpu"));
    assert!(!names_crate("let wgpu = 1; self.wgpu.x; my_wgpu::x(); naga::wgpu::y", "wgpu"));
}

#[test]
fn unit_tests_at_the_end_are_cut_off() {
    assert_eq!(before_tests("use a;\n#[cfg(test)]\nmod tests { use b; }"), "use a;\n");
}
