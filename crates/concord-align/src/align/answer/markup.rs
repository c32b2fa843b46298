//! Removes reasoning, Markdown emphasis, HTML tags, struck-out text and GSM8K's calculator notes. The endings of sums of
//! money, as in `12,000/=` and `500/-`, become a currency sign, so that they are not read as a calculation.

use super::digits::{FIXED_SPACE, Glyph};
use crate::data::split_reasoning;

/// Replaces a removed part that separates what is around it.
const GAP: char = '\n';

/// The glyphs of `text` without its markup.
pub(super) fn plain(glyphs: Vec<Glyph>, text: &str) -> Vec<Glyph> {
    let hidden = split_reasoning(text, false).ranges;
    let mut out: Vec<Glyph> = Vec::with_capacity(glyphs.len());
    let mut i = 0;
    let mut next_hidden = 0;
    while let Some(&glyph) = glyphs.get(i) {
        while hidden.get(next_hidden).is_some_and(|range| range.end <= glyph.at) {
            next_hidden += 1;
        }
        if let Some(range) = hidden.get(next_hidden).filter(|range| range.contains(&glyph.at)) {
            out.push(Glyph { c: GAP, raw: GAP, ..glyph });
            i = glyphs[i..].iter().position(|g| g.at >= range.end).map_or(glyphs.len(), |n| i + n);
            continue;
        }
        if let Some(end) = program_end(&glyphs, i) {
            out.push(Glyph { c: GAP, raw: GAP, ..glyph });
            i = end;
            continue;
        }
        i = match glyph.c {
            '<' => tag(&glyphs, i, &mut out),
            '*' | '_' | '~' | '`' => emphasis(&glyphs, i, &mut out),
            '/' if is_end_of_sum(&glyphs, i) => {
                // Neither the slash nor the sign belongs to a calculation.
                out.push(Glyph { c: '¤', end: glyphs[i + 1].end, ..glyph });
                i + 2
            }
            _ => {
                out.push(glyph);
                i + 1
            }
        };
    }
    out
}

/// "Tsh 12,000/=", "12,000/-" and "Rs. 500/-": whole shillings or rupees, with no cents after the slash.
fn is_end_of_sum(glyphs: &[Glyph], i: usize) -> bool {
    let at = |i: usize| glyphs.get(i).map_or('\n', |g| g.c);
    let n_spaces = glyphs[..i].iter().rev().take_while(|g| matches!(g.c, ' ' | FIXED_SPACE)).take(2).count();
    let is_after_digit = i > n_spaces && n_spaces < 2 && at(i - n_spaces - 1).is_ascii_digit();
    let next = glyphs[i + 1..].iter().skip(1).find(|g| n_spaces == 0 || g.c != ' ').map_or('\n', |g| g.c);
    is_after_digit && matches!(at(i + 1), '=' | '-') && !next.is_ascii_digit() && !matches!(next, '(' | '=')
}

/// Where the fenced program at `i` ends, if there is one. Numbers in a program are not results.
fn program_end(glyphs: &[Glyph], i: usize) -> Option<usize> {
    let is_fence = |i: usize| glyphs.get(i..i + 3).is_some_and(|run| run.iter().all(|g| g.c == '`'));
    if !is_fence(i) {
        return None;
    }
    let name: String =
        glyphs[i + 3..].iter().take(MAX_TAG).take_while(|g| g.c != '\n').map(|g| g.c).collect();
    let is_program = LANGUAGES.split(' ').any(|language| language == name.trim());
    is_program.then(|| (i + 3..glyphs.len()).find(|&k| is_fence(k)).map_or(glyphs.len(), |k| k + 3))
}

/// Names of programming languages after the signs that open a block.
const LANGUAGES: &str = "python py python3 tool_code javascript js typescript ts java c cpp c++ csharp c# rust go ruby r \
                         php swift kotlin scala julia matlab bash sh shell sql haskell perl lua";

/// Longest calculator note or tag, in glyphs: keeps a text of many `<` linear.
const MAX_TAG: usize = 120;

/// `<<16-3=13>>` and tags of emphasis go; `<br>` and other known blocks end a line.
fn tag(glyphs: &[Glyph], i: usize, out: &mut Vec<Glyph>) -> usize {
    let rest = &glyphs[i..glyphs.len().min(i + MAX_TAG)];
    if rest.get(1).is_some_and(|g| g.c == '<') {
        let is_sum = |g: &&Glyph| g.c.is_ascii_digit() || "+-*/=.,() %$x×÷".contains(g.c);
        let n = rest[2..].iter().take_while(is_sum).count();
        if n > 0 && rest[2 + n..].iter().take(2).filter(|g| g.c == '>').count() == 2 {
            return i + n + 4;
        }
    }
    if let Some(close) = rest.iter().position(|g| g.c == '>') {
        let name: String = rest[1..close]
            .iter()
            .map(|g| g.c)
            .filter(|c| *c != '/')
            .take_while(|c| c.is_alphanumeric())
            .collect();
        match name.as_str() {
            "b" | "strong" | "i" | "em" | "u" | "span" | "mark" | "code" | "font" | "small" | "big" => {
                return i + close + 1;
            }
            "br" | "p" | "div" | "li" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "td" | "tr" | "table"
            | "pre" => {
                out.push(Glyph { c: GAP, raw: GAP, ..glyphs[i] });
                return i + close + 1;
            }
            _ => {}
        }
    }
    out.push(glyphs[i]);
    i + 1
}

/// Drops signs of emphasis, and text struck out by `~~`. A sign between two digits or between spaces stays.
fn emphasis(glyphs: &[Glyph], i: usize, out: &mut Vec<Glyph>) -> usize {
    let sign = glyphs[i].c;
    let n = glyphs[i..].iter().take(4).take_while(|g| g.c == sign).count();
    let before = i.checked_sub(1).map_or('\n', |p| glyphs[p].c);
    let after = glyphs.get(i + n).map_or('\n', |g| g.c);
    if sign == '~' {
        if n == 2 {
            let rest = &glyphs[i + 2..glyphs.len().min(i + 2 + MAX_TAG)];
            if let Some(close) = rest.windows(2).position(|pair| pair[0].c == '~' && pair[1].c == '~') {
                return i + 4 + close;
            }
        }
        out.extend_from_slice(&glyphs[i..i + n]);
        return i + n;
    }
    // ".5", as in 30*.5.
    let is_decimal = |i: usize| after == '.' && glyphs.get(i + 1).is_some_and(|g| g.c.is_ascii_digit());
    let operand = |c: char| c.is_alphanumeric() || matches!(c, ')' | '(');
    let is_operator = sign == '*'
        && ((before.is_whitespace() && after.is_whitespace())
            || (before.is_ascii_digit() && after.is_ascii_digit())
            || (n == 1 && operand(before) && operand(after))
            || (n == 1 && before.is_ascii_digit() && is_decimal(i + n)));
    let is_bullet = sign == '*' && n == 1 && matches!(before, '\n') && after == ' ';
    let is_name = sign == '_' && n == 1 && before.is_alphanumeric() && after.is_alphanumeric();
    let is_rule = n >= 3 && sign != '`' && before == '\n';
    if is_operator || is_bullet || is_name || is_rule || (sign == '_' && n > 3) {
        out.extend_from_slice(&glyphs[i..i + n]);
    } else if sign == '`' && n >= 3 {
        out.push(Glyph { c: GAP, raw: GAP, ..glyphs[i] });
    }
    i + n
}
