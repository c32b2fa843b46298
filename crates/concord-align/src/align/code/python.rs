//! The layout of Python, where indentation means something: blocks and lines as tokens.
//!
//! However far a block is indented, it opens with `<block>`, ends with `<end>`, and every statement ends with `<line>`; a
//! body on the line of its header is a block too, and `a; b` is two lines. A text that is a whole statement, such as a
//! docstring, does nothing and goes, like a comment.

use super::lexer::{Kind, Token};

const LINE: &str = "<line>";
const BLOCK: &str = "<block>";
const END: &str = "<end>";

/// Tokens with [`Kind::LineStart`] turned into blocks and lines.
pub(super) fn blocks(tokens: Vec<Token>) -> Vec<Token> {
    let mut lines: Vec<(usize, Vec<Token>)> = Vec::new();
    for token in tokens {
        match (token.kind, lines.last_mut()) {
            (Kind::LineStart(indent), _) => lines.push((indent, Vec::new())),
            (_, Some(line)) => line.1.push(token),
            (_, None) => lines.push((0, vec![token])),
        }
    }
    lines.retain(|(_, line)| !line.iter().all(|token| token.kind == Kind::Text));
    let mut out = Vec::new();
    let mut open: Vec<usize> = lines.first().map(|(indent, _)| *indent).into_iter().collect();
    for (indent, line) in lines {
        while open.len() > 1 && open.last().is_some_and(|top| indent < *top) {
            open.pop();
            out.push(sign(END));
        }
        if open.last().is_some_and(|top| indent > *top) {
            open.push(indent);
            out.push(sign(BLOCK));
        }
        statement(line, &mut out);
    }
    out.extend(open.iter().skip(1).map(|_| sign(END)));
    out
}

fn sign(text: &str) -> Token {
    Token::new(Kind::Sign, text)
}

/// One line of code: a header with its body, or statements.
fn statement(mut line: Vec<Token>, out: &mut Vec<Token>) {
    let body = header_end(&line).map(|colon| line.split_off(colon + 1)).unwrap_or_default();
    simple_statements(line, out);
    let body: Vec<Token> = body;
    if !body.is_empty() && !body.iter().all(|token| token.kind == Kind::Text) {
        out.push(sign(BLOCK));
        simple_statements(body, out);
        out.push(sign(END));
    }
}

/// Statements of one line, parted by semicolons outside brackets.
fn simple_statements(line: Vec<Token>, out: &mut Vec<Token>) {
    let (mut depth, mut is_empty) = (0_usize, true);
    for token in line {
        depth = depth_after(depth, &token);
        if depth == 0 && token.is(";") {
            if !is_empty {
                out.push(sign(LINE));
            }
            is_empty = true;
        } else {
            is_empty = false;
            out.push(token);
        }
    }
    if !is_empty {
        out.push(sign(LINE));
    }
}

/// Where the colon is that ends the header of a compound statement; not a lambda's and not one in brackets.
fn header_end(line: &[Token]) -> Option<usize> {
    const HEADERS: [&str; 13] = [
        "def", "class", "if", "elif", "else", "for", "while", "try", "except", "finally", "with", "async",
        "case",
    ];
    let first = line.first()?;
    if first.kind != Kind::Name || !HEADERS.contains(&first.text.as_str()) {
        return None;
    }
    let (mut depth, mut n_lambdas) = (0_usize, 0_usize);
    for (at, token) in line.iter().enumerate() {
        depth = depth_after(depth, token);
        if depth == 0 && token.kind == Kind::Name && token.text == "lambda" {
            n_lambdas += 1;
        } else if depth == 0 && token.is(":") {
            if n_lambdas == 0 {
                return Some(at);
            }
            n_lambdas -= 1;
        }
    }
    None
}

fn depth_after(depth: usize, token: &Token) -> usize {
    match token.text.as_str() {
        "(" | "[" | "{" if token.kind == Kind::Sign => depth + 1,
        ")" | "]" | "}" if token.kind == Kind::Sign => depth.saturating_sub(1),
        _ => depth,
    }
}
