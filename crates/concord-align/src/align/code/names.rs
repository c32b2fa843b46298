//! Names called `v0`, `v1`, … in the order of first use, where the name is the snippet's own.
//!
//! Kept as they are (**ours**): keywords; what the language brings along, unless the snippet makes a variable of it;
//! imported names; names after a dot or `::` and names of arguments (`key=`), which belong to somebody else unless the
//! snippet also has them elsewhere or after `self.` or `this.`. A known member such as `.append` is
//! kept wherever it is not after one of these.

use std::collections::{HashMap, HashSet};

use super::language::CodeLanguage;
use super::lexer::{Kind, Token};
use super::words::{is_built_in, is_keyword, is_known_member};

/// Renames the snippet's own names.
pub(super) fn rename(tokens: &mut [Token], language: CodeLanguage) {
    let own = own_names(tokens, language);
    let mut names: HashMap<String, usize> = HashMap::new();
    for i in 0..tokens.len() {
        if tokens[i].kind == Kind::Text && language == CodeLanguage::Rust {
            tokens[i].text = rename_inline(&tokens[i].text, &names);
        }
        let is_own = tokens[i].kind == Kind::Name
            && own.contains(&tokens[i].text)
            && !(is_label(tokens, i) && !is_after_self(tokens, i) && is_known_member(&tokens[i].text));
        if is_own {
            let next = names.len();
            let number = *names.entry(tokens[i].text.clone()).or_insert(next);
            tokens[i].text = format!("v{number}");
        }
    }
}

/// The names that are free to be renamed.
fn own_names(tokens: &[Token], language: CodeLanguage) -> HashSet<String> {
    let imported = imported(tokens, language);
    let mut own = HashSet::new();
    for (i, token) in tokens.iter().enumerate() {
        let word = token.text.as_str();
        if token.kind != Kind::Name || is_keyword(language, word) || imported.contains(word) {
            continue;
        }
        let is_free = !is_label(tokens, i) || is_after_self(tokens, i);
        let is_kept = is_built_in(language, word) && !is_made_here(tokens, i);
        if is_free && !is_kept && word != "'static" {
            own.insert(word.to_owned());
        }
    }
    own
}

fn before(tokens: &[Token], i: usize) -> Option<&Token> {
    i.checked_sub(1).map(|i| &tokens[i])
}

/// A name after a dot or `::`, before `::`, or of an argument.
fn is_label(tokens: &[Token], i: usize) -> bool {
    let previous = before(tokens, i);
    let is_member = previous.is_some_and(|t| t.is(".") || t.is("?.") || t.is("::"));
    let next = tokens.get(i + 1);
    let is_path = next.is_some_and(|t| t.is("::"));
    let is_argument = next.is_some_and(|t| t.is("=")) && previous.is_some_and(|t| t.is("(") || t.is(","));
    is_member || is_path || is_argument
}

fn is_after_self(tokens: &[Token], i: usize) -> bool {
    let is_dot = before(tokens, i).is_some_and(|t| t.is("."));
    let owner = i.checked_sub(2).map(|i| tokens[i].text.as_str());
    is_dot && matches!(owner, Some("self" | "this" | "cls"))
}

/// Whether a built-in's name is given to a value of the snippet here.
fn is_made_here(tokens: &[Token], i: usize) -> bool {
    let makers = ["let", "const", "var", "mut", "for", "def", "fn", "function"];
    let is_declared =
        before(tokens, i).is_some_and(|t| t.kind == Kind::Name && makers.contains(&t.text.as_str()));
    let signs = ["=", "+=", "-=", "*=", "/=", ":="];
    let is_assigned = tokens.get(i + 1).is_some_and(|t| signs.iter().any(|sign| t.is(sign)));
    !is_label(tokens, i) && (is_declared || is_assigned)
}

/// Names that `import`, `from … import` and `use` bring in; what follows `as` is the snippet's own.
fn imported(tokens: &[Token], language: CodeLanguage) -> HashSet<&str> {
    let is_python = language == CodeLanguage::Python;
    let starts = |t: &Token| match language {
        CodeLanguage::Rust => t.text == "use",
        _ => t.text == "import" || (is_python && t.text == "from"),
    };
    let ends = |t: &Token| if is_python { t.is("<line>") } else { t.is(";") || t.kind == Kind::Text };
    let mut names = HashSet::new();
    let mut in_import = false;
    for (i, token) in tokens.iter().enumerate() {
        if in_import && ends(token) {
            in_import = false;
        } else if token.kind == Kind::Name && starts(token) {
            // `yield from`, `raise … from` import nothing.
            let is_statement = before(tokens, i).is_none_or(|t| t.kind == Kind::Sign && t.text != ")");
            in_import |= is_statement;
        } else if in_import && token.kind == Kind::Name && before(tokens, i).is_none_or(|t| t.text != "as") {
            names.insert(token.text.as_str());
        }
    }
    names
}

/// `{name}` and `{name:…}` in a text of Rust, where the name is one of the snippet's.
fn rename_inline(text: &str, names: &HashMap<String, usize>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('{') {
        out.push_str(head);
        out.push('{');
        let end = tail.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(tail.len());
        let (name, after) = tail.split_at(end);
        match names.get(name).filter(|_| after.starts_with(['}', ':'])) {
            Some(number) => out.push_str(&format!("v{number}")),
            None => out.push_str(name),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
