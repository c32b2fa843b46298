//! The prose of a text: code blocks, inline code and LaTeX are cut out, and code without a fence is recognised.

/// The text without fenced blocks, inline code, and LaTeX in `$$…$$`, `\(…\)`, `\[…\]` and commands; `None` where what is
/// left is code or mostly numbers and operators.
pub(super) fn prose(text: &str) -> Option<String> {
    let mut out = text.to_owned();
    for (open, close) in
        [("```", "```"), ("~~~", "~~~"), ("`", "`"), ("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]")]
    {
        out = without(&out, open, close);
    }
    let out = without_commands(&out);
    let is_prose = !is_code(&out) && !is_formula(&out);
    is_prose.then_some(out)
}

/// Cuts out what stands between two marks; what is not closed goes to the end for a fence and stays for the others.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once(open) {
        match tail.split_once(close) {
            Some((_, after)) => {
                out.push_str(head);
                out.push(' ');
                rest = after;
            }
            None if open.len() == 3 => {
                out.push_str(head);
                return out;
            }
            None => break,
        }
    }
    out.push_str(rest);
    out
}

/// Cuts out `\frac`, `\sqrt` and the like, and the letters in braces after them.
fn without_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' || !chars.peek().is_some_and(char::is_ascii_alphabetic) {
            out.push(c);
            continue;
        }
        while chars.next_if(char::is_ascii_alphabetic).is_some() {}
        while chars.next_if_eq(&'{').is_some() {
            while chars.next_if(|c| *c != '}' && *c != '\n').is_some() {}
            let _closed = chars.next_if_eq(&'}');
        }
        out.push(' ');
    }
    out
}

/// More than half of the lines read as code.
fn is_code(text: &str) -> bool {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    2 * lines().filter(|line| is_code_line(line)).count() > lines().count()
}

fn is_code_line(line: &str) -> bool {
    const STARTS: [&str; 16] = [
        "def ",
        "class ",
        "return ",
        "import ",
        "from ",
        "for ",
        "while ",
        "if ",
        "elif ",
        "else",
        "const ",
        "let ",
        "fn ",
        "function ",
        "#include",
        "//",
    ];
    let opens_block =
        STARTS.iter().any(|start| line.starts_with(start)) && line.ends_with([':', '{', ';', ')']);
    let is_return =
        line.strip_prefix("return ").is_some_and(|value| !value.contains(' ') || value.contains('('));
    opens_block || is_return || line.ends_with([';', '{', '}']) || is_assignment(line)
}

/// `name = …`, `name[i] += …`: one word, then a sign that assigns.
fn is_assignment(line: &str) -> bool {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "_.[]".contains(c))).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let assigns = ["= ", "+= ", "-= ", "*= ", "/= ", ":= "].iter().any(|sign| rest.starts_with(sign));
    assigns && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// More digits and operators than letters; a character of Chinese counts as two letters.
fn is_formula(text: &str) -> bool {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}');
    let n_letters: usize =
        text.chars().filter(|c| c.is_alphabetic()).map(|c| if is_han(c) { 2 } else { 1 }).sum();
    let n_signs = text.chars().filter(|c| c.is_numeric() || "+-*/=^<>×÷·−≈%".contains(*c)).count();
    n_signs > n_letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_formulae_are_cut_out() {
        for (text, wanted) in [
            ("Here:\n```python\nx = 1\n```\nDone.", "Here:\n \nDone."),
            ("Use `print(x)` here.", "Use   here."),
            ("It is \\(x^2\\) or $$y$$ so.", "It is   or   so."),
            ("Half is \\frac{1}{2} of it.", "Half is   of it."),
            ("Here:\n```js\nlet", "Here:\n"),
            ("a ` b", "a ` b"),
        ] {
            assert_eq!(prose(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_prose() {
        for text in [
            "def add(a, b):\n    return add(a)",
            "total = 0\nfor x in items:\n    total += x\nreturn total",
            "let x = 1;\nlet y = 2;",
            "3 + 4 = 7",
            "x = 12 * (4 - 2)",
            "E = 3 * 10^8",
        ] {
            assert_eq!(prose(text), None, "{text}");
        }
        for text in [
            "Tom has 3 + 4 = 7 apples.\nAnswer: 7",
            "If he leaves, return to me.",
            "一共有 5 + 3 = 8。\n答案：8",
        ] {
            assert_eq!(prose(text).as_deref(), Some(text));
        }
    }
}
