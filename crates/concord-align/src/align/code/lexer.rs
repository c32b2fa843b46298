//! A snippet as tokens: names, numbers, texts and signs; comments and white space are gone.
//!
//! Not a parser: it never fails, and what it does not understand it takes sign by sign. Expressions inside Python's
//! f-strings and JavaScript's template strings are tokens too, so that a renamed variable is found there as well. In
//! Python a token says at what indentation its line starts.

use super::language::CodeLanguage;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    Text,
    Sign,
    /// Python only: a line of code starts here, this far indented.
    LineStart(usize),
}

/// A token of a snippet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl Token {
    pub(super) fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(super) fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }
}

/// Signs of more than one character, the longest first.
const SIGNS: [&str; 37] = [
    ">>>=", "===", "!==", ">>>", "**=", "//=", "<<=", ">>=", "...", "..=", "..", "&&=", "||=", "??=", "=>",
    "->", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "::", ":=", "**",
];

/// Deepest nesting of expressions in texts that is taken apart.
const MAX_NESTING: usize = 8;

/// The tokens of a snippet.
pub(super) fn tokens(code: &str, language: CodeLanguage) -> Vec<Token> {
    let chars: Vec<char> = code.chars().collect();
    let mut lexer = Lexer { chars: &chars, language, at: 0, depth: 0, nesting: 0, tokens: Vec::new() };
    lexer.run();
    lexer.tokens
}

pub(super) struct Lexer<'a> {
    pub(super) chars: &'a [char],
    pub(super) language: CodeLanguage,
    pub(super) at: usize,
    /// Open brackets.
    depth: usize,
    /// How many texts this expression stands in.
    nesting: usize,
    pub(super) tokens: Vec<Token>,
}

impl Lexer<'_> {
    pub(super) fn run(&mut self) {
        let mut is_line_start = true;
        while self.at < self.chars.len() {
            let c = self.chars[self.at];
            if c == '\n' {
                is_line_start |= self.depth == 0;
                self.at += 1;
            } else if c.is_whitespace() {
                self.at += 1;
            } else if c == '\\' && self.next() == Some('\n') {
                self.at += 2;
            } else if !self.comment() {
                if is_line_start && self.language == CodeLanguage::Python && self.nesting == 0 {
                    let indent = self.indent();
                    self.tokens.push(Token::new(Kind::LineStart(indent), ""));
                }
                is_line_start = false;
                self.token(c);
            }
        }
    }

    /// The character after the current one.
    pub(super) fn next(&self) -> Option<char> {
        self.chars.get(self.at + 1).copied()
    }

    fn starts_with(&self, sign: &str) -> bool {
        sign.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    /// Columns before the current token; a tab goes to the next multiple of eight.
    fn indent(&self) -> usize {
        let start = self.chars[..self.at].iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1);
        self.chars[start..self.at].iter().fold(0, |at, c| if *c == '\t' { (at / 8 + 1) * 8 } else { at + 1 })
    }

    /// Passes over a comment, if one starts here.
    fn comment(&mut self) -> bool {
        use CodeLanguage::{Other, Python};
        let has_hash = matches!(self.language, Python | Other);
        let is_shebang = self.at == 0 && self.starts_with("#!");
        if (has_hash && self.chars[self.at] == '#') || is_shebang || (!has_hash && self.starts_with("//")) {
            while self.at < self.chars.len() && self.chars[self.at] != '\n' {
                self.at += 1;
            }
            return true;
        }
        if has_hash || !self.starts_with("/*") {
            return false;
        }
        let mut depth = 0;
        while self.at < self.chars.len() {
            if self.starts_with("/*") && (depth == 0 || self.language == CodeLanguage::Rust) {
                depth += 1;
                self.at += 2;
            } else if self.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                self.at += 1;
            }
        }
        true
    }

    fn token(&mut self, c: char) {
        if self.string(c) || self.regex(c) {
        } else if is_name_start(c) {
            let start = self.at;
            while self.at < self.chars.len() && is_name_part(self.chars[self.at]) {
                self.at += 1;
            }
            self.push_slice(Kind::Name, start);
        } else if c.is_numeric() {
            self.number();
        } else {
            // `Vec<u8>= x` is `Vec<u8> = x`: where types have angle brackets, a closing one is a sign of its own.
            let is_whole = c != '>' || self.language == CodeLanguage::Python;
            let sign = SIGNS.into_iter().find(|sign| is_whole && self.starts_with(sign));
            let sign = sign.map_or_else(|| c.to_string(), str::to_owned);
            match c {
                '(' | '[' | '{' => self.depth += 1,
                ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.at += sign.chars().count();
            self.tokens.push(Token::new(Kind::Sign, sign));
        }
    }

    fn push_slice(&mut self, kind: Kind, start: usize) {
        let text: String = self.chars[start..self.at].iter().collect();
        self.tokens.push(Token::new(kind, text));
    }

    /// Digits, letters, and a point before a digit; underscores between digits are layout.
    fn number(&mut self) {
        let mut text = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            let is_point =
                c == '.' && self.next().is_some_and(|next| next.is_numeric()) && !text.contains('.');
            let is_exponent = matches!(c, '+' | '-')
                && text.ends_with(['e', 'E'])
                && !text.starts_with("0x")
                && self.next().is_some_and(|next| next.is_numeric());
            if !(c.is_alphanumeric() || c == '_' || is_point || is_exponent) {
                break;
            }
            if c != '_' {
                text.push(c);
            }
            self.at += 1;
        }
        self.tokens.push(Token::new(Kind::Number, text));
    }

    /// A regular expression of JavaScript: where a value cannot end, a slash starts one.
    fn regex(&mut self, c: char) -> bool {
        if c != '/' || self.language != CodeLanguage::JavaScript || self.ends_a_value() {
            return false;
        }
        let (start, mut in_class) = (self.at, false);
        let mut end = self.at + 1;
        while let Some(&c) = self.chars.get(end).filter(|c| **c != '\n') {
            match c {
                '\\' => end += 1,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    self.at = end + 1;
                    while self.chars.get(self.at).is_some_and(|c| c.is_ascii_alphabetic()) {
                        self.at += 1;
                    }
                    self.push_slice(Kind::Text, start);
                    return true;
                }
                _ => {}
            }
            end += 1;
        }
        false
    }

    /// Whether the last token can be the end of a value, so that a slash after it divides.
    fn ends_a_value(&self) -> bool {
        let Some(last) = self.tokens.last() else { return false };
        match last.kind {
            Kind::Name => !["return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else"]
                .contains(&last.text.as_str()),
            Kind::Number | Kind::Text => true,
            Kind::Sign => matches!(last.text.as_str(), ")" | "]" | "}" | "++" | "--"),
            Kind::LineStart(_) => false,
        }
    }

    /// Takes an expression inside a text apart with the same rules.
    pub(super) fn nested(&mut self, range: std::ops::Range<usize>) {
        if self.nesting >= MAX_NESTING {
            return;
        }
        let mut inner = Lexer {
            chars: &self.chars[range],
            language: self.language,
            at: 0,
            depth: 1,
            nesting: self.nesting + 1,
            tokens: Vec::new(),
        };
        inner.run();
        self.tokens.append(&mut inner.tokens);
    }
}

pub(super) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

pub(super) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}
