//! Code: the snippet of a response, normalised, and how similar two snippets are (**ours**: the similarity).
//!
//! `sim(a, b) = 1 - Levenshtein(a, b) / max(|a|, |b|)` over normalised tokens, 0..=1; 1 means the same program except for
//! comments, names and layout, 0 that nothing is shared. Two empty snippets have similarity 1.
//!
//! What normalising takes away, all by rules of **ours**:
//! - comments, and in Python texts that are a whole statement (docstrings);
//! - names of the snippet's own, which become `v0`, `v1`, … in the order of first use (`names.rs`);
//! - white space and line breaks, except what Python says by them (`python.rs`);
//! - a comma before a closing bracket, where it makes no tuple; `;` between statements of JavaScript;
//! - underscores in numbers, and which quotes a text has in Python and JavaScript.
//!
//! What it keeps apart: every operator, constant, text, order of arguments and statement. It does not know that two ways
//! of writing compute the same (`x += 1`, `x = x + 1`), and types that are only said in one of two snippets count.

mod edit_distance;
mod language;
mod lexer;
mod names;
mod python;
mod strings;
mod words;

use std::collections::HashMap;

use crate::data::{Language, Response};
use edit_distance::edit_distance;
use language::CodeLanguage;
use lexer::{Kind, Token};

/// The normalised snippets of one prompt's responses; tokens are numbered so that comparing them is cheap.
pub(super) struct Snippets<'a> {
    position: HashMap<(&'a Language, u32), usize>,
    tokens: Vec<Vec<u32>>,
}

impl<'a> Snippets<'a> {
    pub(super) fn new(responses: impl Iterator<Item = &'a Response>) -> Self {
        let mut ids = HashMap::new();
        let (mut position, mut tokens) = (HashMap::new(), Vec::new());
        for response in responses {
            position.insert((&response.language, response.sample), tokens.len());
            tokens.push(numbered(normalised_code(&response.text), &mut ids));
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

/// How similar the snippets of two responses are, 0..=1.
pub fn code_similarity(a: &str, b: &str) -> f32 {
    let mut ids = HashMap::new();
    let a = numbered(normalised_code(a), &mut ids);
    similarity(&a, &numbered(normalised_code(b), &mut ids))
}

/// The normalised tokens of the snippet in a response.
pub fn normalised_code(text: &str) -> Vec<String> {
    let (info, code) = snippet(text);
    let language = CodeLanguage::of_info(info).unwrap_or_else(|| CodeLanguage::guess(code));
    let mut tokens = lexer::tokens(code, language);
    if language == CodeLanguage::Python {
        tokens = python::blocks(tokens);
    }
    if language == CodeLanguage::JavaScript {
        tokens = without_semicolons(tokens);
    }
    names::rename(&mut tokens, language);
    without_last_commas(tokens, language).into_iter().map(|token| token.text).collect()
}

fn numbered(tokens: Vec<String>, ids: &mut HashMap<String, u32>) -> Vec<u32> {
    let mut number = |token: String| {
        let next = ids.len() as u32;
        *ids.entry(token).or_insert(next)
    };
    tokens.into_iter().map(&mut number).collect()
}

fn similarity(a: &[u32], b: &[u32]) -> f32 {
    let longest = a.len().max(b.len());
    if longest == 0 { 1.0 } else { (1.0 - edit_distance(a, b) as f64 / longest as f64) as f32 }
}

/// Info string and body of the first fenced block, else nothing and the whole text. An unclosed block runs to the end.
fn snippet(text: &str) -> (&str, &str) {
    let Some((_, fenced)) = text.split_once("```") else { return ("", text) };
    let fenced = fenced.split_once("```").map_or(fenced, |(fenced, _)| fenced);
    fenced.split_once('\n').unwrap_or(("", fenced))
}

/// JavaScript puts a semicolon at the end of a line by itself; those inside brackets, as of `for (;;)`, stay.
fn without_semicolons(tokens: Vec<Token>) -> Vec<Token> {
    let mut open = Vec::new();
    let mut out = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token.text.as_str() {
            "(" | "[" | "{" if token.kind == Kind::Sign => open.push(token.text.clone()),
            ")" | "]" | "}" if token.kind == Kind::Sign => drop(open.pop()),
            _ => {}
        }
        if !token.is(";") || open.last().is_some_and(|bracket| bracket == "(") {
            out.push(token);
        }
    }
    out
}

/// Drops a comma before a closing bracket, except for that of a tuple of one.
fn without_last_commas(tokens: Vec<Token>, language: CodeLanguage) -> Vec<Token> {
    // Of each open bracket: whether it follows a name or a bracket, as those of calls do, and its commas.
    let mut open: Vec<(bool, usize)> = Vec::new();
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.is("(") || token.is("[") || token.is("{") {
            let is_call = out.last().is_some_and(|t| match t.kind {
                Kind::Name => !words::is_keyword(language, &t.text),
                _ => t.is(")") || t.is("]") || t.is(">"),
            });
            open.push((is_call, 0));
        } else if token.is(")") || token.is("]") || token.is("}") {
            let (is_call, n_commas) = open.pop().unwrap_or_default();
            let makes_a_tuple = token.is(")") && !is_call && n_commas == 1;
            if !makes_a_tuple && out.last().is_some_and(|t| t.is(",")) {
                out.pop();
            }
        } else if token.is(",")
            && let Some(bracket) = open.last_mut()
        {
            bracket.1 += 1;
        }
        out.push(token);
    }
    out
}

#[cfg(test)]
mod tests;
