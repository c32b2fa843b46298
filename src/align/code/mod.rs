//! Code: the snippet of a response, normalised, and how similar two snippets are (**ours**: the similarity).
//!
//! `sim(a, b) = 1 - Levenshtein(a, b) / max(|a|, |b|)` over normalised tokens, 0..=1; 1 means the same program but for
//! comments, names and layout, 0 that nothing is shared. Two empty snippets have similarity 1.

use std::collections::HashMap;

use crate::data::{Language, Response};

/// The normalised snippets of one prompt's responses; tokens are numbered so that comparing them is cheap.
pub(super) struct Snippets<'a> {
    position: HashMap<(&'a Language, u32), usize>,
    tokens: Vec<Vec<u32>>,
}

impl<'a> Snippets<'a> {
    pub(super) fn new(responses: impl Iterator<Item = &'a Response>) -> Self {
        let mut ids: HashMap<String, u32> = HashMap::new();
        let mut number = |token: String| {
            let next = ids.len() as u32;
            *ids.entry(token).or_insert(next)
        };
        let (mut position, mut tokens) = (HashMap::new(), Vec::new());
        for response in responses {
            position.insert((&response.language, response.sample), tokens.len());
            tokens.push(normalise(snippet(&response.text)).into_iter().map(&mut number).collect());
        }
        Self { position, tokens }
    }

    pub(super) fn similarity(&self, a: &Response, b: &Response) -> f32 {
        similarity(self.tokens_of(a), self.tokens_of(b))
    }

    fn tokens_of(&self, response: &Response) -> &[u32] {
        let position = self.position.get(&(&response.language, response.sample));
        position.map(|&i| self.tokens[i].as_slice()).unwrap_or_default()
    }
}

fn similarity(a: &[u32], b: &[u32]) -> f32 {
    let longest = a.len().max(b.len());
    if longest == 0 { 1.0 } else { (1.0 - levenshtein(a, b) as f64 / longest as f64) as f32 }
}

fn levenshtein(a: &[u32], b: &[u32]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The first fenced block without its fence and info string, else the whole text. An unclosed block runs to the end.
fn snippet(text: &str) -> &str {
    let Some((_, fenced)) = text.split_once("```") else { return text };
    let body = fenced.split_once('\n').map_or("", |(_, body)| body);
    body.split_once("```").map_or(body, |(body, _)| body)
}

/// Tokens with comments and white space gone and names called `v0`, `v1`, … in the order of first use.
fn normalise(code: &str) -> Vec<String> {
    let hash_comments = code.contains("def ") || code.contains("end\n") || !code.contains(['{', ';']);
    let chars: Vec<char> = code.chars().collect();
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let end = token_end(&chars, i, hash_comments);
        let token: String = chars[i..end].iter().collect();
        let c = chars[i];
        let comment = (c == '#' && hash_comments)
            || (!hash_comments && (token.starts_with("//") || token.starts_with("/*")));
        if c.is_alphabetic() || c == '_' {
            let next = names.len();
            let keep = KEYWORDS.contains(&token.as_str());
            tokens.push(if keep { token } else { format!("v{}", names.entry(token).or_insert(next)) });
        } else if !c.is_whitespace() && !comment {
            tokens.push(token);
        }
        i = end;
    }
    tokens
}

/// One past the last character of the token that starts at `i`: name, number, string, comment or a single sign.
fn token_end(chars: &[char], i: usize, hash_comments: bool) -> usize {
    let until = |stop: &dyn Fn(usize) -> bool| (i + 1..chars.len()).find(|&j| stop(j)).unwrap_or(chars.len());
    let next = chars.get(i + 1).copied();
    match chars[i] {
        c if c.is_alphanumeric() || c == '_' => until(&|j| !(chars[j].is_alphanumeric() || chars[j] == '_')),
        c if c.is_whitespace() => until(&|j| !chars[j].is_whitespace()),
        '#' if hash_comments => until(&|j| chars[j] == '\n'),
        '/' if !hash_comments && next == Some('/') => until(&|j| chars[j] == '\n'),
        '/' if !hash_comments && next == Some('*') => {
            until(&|j| j > i + 3 && chars[j - 2] == '*' && chars[j - 1] == '/')
        }
        quote @ ('"' | '\'') => {
            let mut j = i + 1;
            while j < chars.len() && chars[j] != quote && chars[j] != '\n' {
                j += if chars[j] == '\\' { 2 } else { 1 };
            }
            (j + 1).min(chars.len())
        }
        _ => i + 1,
    }
}

/// Words that mean something by themselves in common languages and are no names.
const KEYWORDS: [&str; 66] = [
    "and", "as", "assert", "async", "await", "bool", "break", "case", "catch", "char", "class", "const",
    "continue", "def", "del", "do", "double", "elif", "else", "enum", "except", "false", "False", "finally",
    "float", "fn", "for", "from", "func", "function", "global", "if", "impl", "import", "in", "int", "is",
    "lambda", "let", "long", "loop", "match", "mut", "new", "None", "not", "null", "or", "pass", "print",
    "public", "raise", "return", "self", "static", "string", "struct", "switch", "this", "throw", "true",
    "True", "try", "var", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: &str, b: &str) -> f32 {
        let response = |sample, text: &str| Response {
            prompt_id: "p".into(),
            language: "en".into(),
            sample,
            text: text.into(),
            tokens: Vec::new(),
            logprob: 0.0,
            finish_reason: crate::data::FinishReason::Stop,
            answer: None,
            detected_language: None,
            translation_of: None,
        };
        let (a, b) = (response(0, a), response(1, b));
        Snippets::new([&a, &b].into_iter()).similarity(&a, &b)
    }

    #[test]
    fn names_comments_and_layout_do_not_count() {
        let a = "Here:\n```python\ndef add(a, b):\n    # sum\n    return a + b\n```\nDone.";
        let b = "```\ndef plus(x, y):\n  return x+y  # fast\n```";
        assert_eq!(of(a, b), 1.0);
        let a = "int f(int a) { /* id */ return a; // done\n }";
        assert_eq!(of(a, "int g(int q){return q;}"), 1.0);
    }

    #[test]
    fn the_order_of_names_counts() {
        assert!(of("def f(a, b): return a - b", "def f(a, b): return b - a") < 1.0);
    }

    #[test]
    fn nothing_shared_and_nothing_at_all() {
        assert_eq!(of("+ + +", "return 5"), 0.0);
        assert_eq!(of("", "```\n```"), 1.0);
        assert_eq!(of("", "x"), 0.0);
    }

    #[test]
    fn edit_distance() {
        for (a, b, distance) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("flaw", "lawn", 2), ("same", "same", 0)]
        {
            let ids = |s: &str| s.bytes().map(u32::from).collect::<Vec<_>>();
            assert_eq!(levenshtein(&ids(a), &ids(b)), distance, "{a} {b}");
        }
    }

    #[test]
    fn unclosed_strings_and_comments_end_with_the_text() {
        for code in ["\"abc", "'\\", "/* { x", "{ /*/", "# c", "```"] {
            let _ = of(code, code);
        }
    }
}
