//! Texts in code: quotes of every kind, prefixes, raw texts, lifetimes, and expressions inside texts.
//!
//! A text is one token with its prefix in lower case. Which quotes it has does not count in Python and JavaScript, where
//! they mean the same. A text that is not closed ends with its line, or with the snippet where it may run over lines.

use super::language::CodeLanguage;
use super::lexer::{Kind, Lexer, Token, is_name_part, is_name_start};

impl Lexer<'_> {
    /// Takes a text or a lifetime, if one starts here.
    pub(super) fn string(&mut self, c: char) -> bool {
        let n_prefix = self.prefix_len();
        let quote_at = self.at + n_prefix;
        let Some(&quote) = self.chars.get(quote_at) else { return false };
        let prefix: String = self.chars[self.at..quote_at].iter().collect::<String>().to_lowercase();
        let language = self.language;
        match language {
            CodeLanguage::Rust if matches!(c, 'r' | 'b' | 'c') && self.raw(n_prefix) => true,
            CodeLanguage::Rust if c == '\'' && self.lifetime() => true,
            CodeLanguage::JavaScript if c == '`' => {
                self.template();
                true
            }
            _ if matches!(quote, '"' | '\'') => {
                self.at = quote_at;
                self.quoted(quote, &prefix);
                true
            }
            _ => false,
        }
    }

    /// Length of the letters before a quote that belong to it; 0 where there is none.
    fn prefix_len(&self) -> usize {
        let letters = match self.language {
            CodeLanguage::Python => "rRbBuUfF",
            CodeLanguage::Rust => "rbc",
            _ => "",
        };
        // A letter that ends a longer name is no prefix, but names are taken whole before this is asked.
        let n = self.chars[self.at..].iter().take(2).take_while(|c| letters.contains(**c)).count();
        let is_quote = |at: usize| self.chars.get(at).is_some_and(|c| matches!(c, '"' | '\'' | '#'));
        (1..=n).find(|n| is_quote(self.at + n)).unwrap_or(0)
    }

    fn quoted(&mut self, quote: char, prefix: &str) {
        let is_python = self.language == CodeLanguage::Python;
        let is_triple = is_python && (1..3).all(|i| self.chars.get(self.at + i) == Some(&quote));
        let n_quotes = if is_triple { 3 } else { 1 };
        let runs_on = is_triple || self.language == CodeLanguage::Rust;
        let start = self.at + n_quotes;
        let mut end = start;
        while end < self.chars.len() {
            let closes = (0..n_quotes).all(|i| self.chars.get(end + i) == Some(&quote));
            if closes || (self.chars[end] == '\n' && !runs_on) {
                break;
            }
            end += if self.chars[end] == '\\' { 2 } else { 1 };
        }
        let end = end.min(self.chars.len());
        let is_closed = self.chars.get(end) == Some(&quote);
        self.at = if is_closed { end + n_quotes } else { end };
        let keeps_quotes = !matches!(self.language, CodeLanguage::Python | CodeLanguage::JavaScript);
        let mark = if keeps_quotes { quote } else { '"' };
        if prefix.contains('f') {
            self.with_expressions(start..end, mark, |chars, at| (chars[at] == '{').then_some(1));
        } else {
            let body: String = self.chars[start..end].iter().collect();
            // Formatting a text and saying it plainly are two things, so the prefix stays; `u` says nothing.
            let prefix = prefix.replace('u', "");
            self.tokens.push(Token::new(Kind::Text, format!("{prefix}{mark}{body}{mark}")));
        }
    }

    /// `` `…${x}…` ``.
    fn template(&mut self) {
        let start = self.at + 1;
        let (mut end, mut depth) = (start, 0_usize);
        while end < self.chars.len() {
            match self.chars[end] {
                '\\' => end += 1,
                '`' if depth == 0 => break,
                '$' if self.chars.get(end + 1) == Some(&'{') => {
                    depth += 1;
                    end += 1;
                }
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            end += 1;
        }
        let end = end.min(self.chars.len());
        self.at = (end + 1).min(self.chars.len());
        self.with_expressions(start..end, '`', |chars, at| {
            (chars[at] == '$' && chars.get(at + 1) == Some(&'{')).then_some(2)
        });
    }

    /// Pushes a text whose expressions are tokens: the text with `{}` for each, then the expressions.
    fn with_expressions(
        &mut self,
        range: std::ops::Range<usize>,
        mark: char,
        opens: fn(&[char], usize) -> Option<usize>,
    ) {
        let chars = &self.chars[..range.end];
        let (mut body, mut expressions, mut at) = (String::new(), Vec::new(), range.start);
        while at < chars.len() {
            let is_escaped = chars[at] == '{' && chars.get(at + 1) == Some(&'{') && mark != '`';
            match opens(chars, at) {
                _ if is_escaped => {
                    body.push_str("{{");
                    at += 2;
                }
                Some(n_open) => {
                    let (first, mut depth) = (at + n_open, 1_usize);
                    at = first;
                    while at < chars.len() && depth > 0 {
                        match chars[at] {
                            '{' => depth += 1,
                            '}' => depth -= 1,
                            _ => {}
                        }
                        at += 1;
                    }
                    let last = if depth == 0 { at - 1 } else { at };
                    expressions.push(first..last);
                    body.push_str("{}");
                }
                None => {
                    body.push(chars[at]);
                    at += 1;
                }
            }
        }
        self.tokens.push(Token::new(Kind::Text, format!("f{mark}{body}{mark}")));
        for expression in expressions {
            self.nested(expression);
        }
    }

    /// `r"…"`, `r#"…"#`, `br"…"`; false where it is none.
    fn raw(&mut self, n_prefix: usize) -> bool {
        let mut at = self.at + n_prefix;
        if n_prefix == 0 || !self.chars[self.at..at].contains(&'r') {
            return false;
        }
        let n_hashes = self.chars[at..].iter().take_while(|c| **c == '#').count();
        at += n_hashes;
        if self.chars.get(at) != Some(&'"') {
            return false;
        }
        let closes =
            |at: usize| self.chars[at] == '"' && (1..=n_hashes).all(|i| self.chars.get(at + i) == Some(&'#'));
        let start = at + 1;
        let end = (start..self.chars.len()).find(|at| closes(*at)).unwrap_or(self.chars.len());
        let body: String = self.chars[start.min(end)..end].iter().collect();
        self.at = (end + 1 + n_hashes).min(self.chars.len());
        self.tokens.push(Token::new(Kind::Text, format!("r\"{body}\"")));
        true
    }

    /// `'a` without a closing quote: a name of its own.
    fn lifetime(&mut self) -> bool {
        let is_name = self.next().is_some_and(is_name_start);
        if !is_name || self.chars.get(self.at + 2) == Some(&'\'') {
            return false;
        }
        let start = self.at;
        self.at += 1;
        while self.chars.get(self.at).is_some_and(|c| is_name_part(*c)) {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        self.tokens.push(Token::new(Kind::Name, text));
        true
    }
}
