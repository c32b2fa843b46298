//! Which programming language a snippet is in, as far as that decides how it is read.

/// How a snippet is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeLanguage {
    /// `#` comments, triple quotes; indentation means something.
    Python,
    /// `//` and `/* */` comments, template strings, regular expressions; TypeScript too.
    JavaScript,
    /// `//` and nested `/* */` comments, lifetimes, raw strings.
    Rust,
    /// `//` and `/* */` comments, braces: C, C++, Java, Go and others.
    CLike,
    /// `#` comments: shells, Ruby, R, and what is no known language.
    Other,
}

impl CodeLanguage {
    /// By the info string of a fence, such as `python` or `js title=x`; `None` where it says nothing known.
    pub(super) fn of_info(info: &str) -> Option<Self> {
        let word = info.trim().split(|c: char| c.is_whitespace() || "{,:".contains(c)).next();
        let word = word.unwrap_or_default().to_ascii_lowercase();
        Some(match word.as_str() {
            "python" | "py" | "python3" | "py3" | "ipython" | "pycon" => Self::Python,
            "javascript" | "js" | "jsx" | "mjs" | "node" | "nodejs" | "typescript" | "ts" | "tsx" => {
                Self::JavaScript
            }
            "rust" | "rs" => Self::Rust,
            "c" | "h" | "cpp" | "c++" | "cc" | "java" | "cs" | "csharp" | "c#" | "go" | "golang"
            | "kotlin" | "kt" | "swift" | "scala" | "dart" | "php" => Self::CLike,
            "sh" | "bash" | "shell" | "zsh" | "ruby" | "rb" | "r" | "perl" | "julia" | "elixir" | "yaml"
            | "toml" => Self::Other,
            _ => return None,
        })
    }

    /// By the signs of each language in the text; the most wins, the first listed among equals.
    pub(super) fn guess(code: &str) -> Self {
        let count = |signs: &[&str]| signs.iter().map(|sign| code.matches(sign).count()).sum::<usize>();
        let ends_in_colon = code.lines().filter(|line| is_python_header(line)).count();
        let rust = 3 * count(&["fn ", "let mut ", "println!", "impl ", "&mut "])
            + count(&["&str", "i32", "u64", "usize", "Vec<", "::"]);
        let javascript = 2 * count(&["function ", "function(", "const ", "console.", "===", "!==", "var "])
            + count(&["=>", "let "]);
        let python = 2 * ends_in_colon
            + count(&["elif ", "print(", "import ", "None", "True", "False", "self.", "lambda "]);
        let found = [(Self::Rust, rust), (Self::JavaScript, javascript), (Self::Python, python)];
        let most = found.into_iter().rev().max_by_key(|(_, n)| *n).filter(|(_, n)| *n > 0);
        let has_braces = code.contains(['{', ';']);
        let is_c =
            has_braces && count(&["#include", "int ", "void ", "public ", "func ", "printf(", "System."]) > 0;
        match most {
            _ if is_c && count(&["fn ", "function", "=>", "const "]) == 0 => Self::CLike,
            Some((language, _)) => language,
            None if has_braces => Self::CLike,
            None => Self::Other,
        }
    }
}

/// `def f(x):`, `if y: return 1`: a line that opens a block in Python.
fn is_python_header(line: &str) -> bool {
    let line = line.trim_start();
    let opens = [
        "def ",
        "class ",
        "if ",
        "elif ",
        "else:",
        "for ",
        "while ",
        "try:",
        "except",
        "with ",
        "async def ",
    ];
    opens.iter().any(|word| line.starts_with(word)) && line.contains(':') && !line.contains('{')
}

#[cfg(test)]
mod tests {
    use super::CodeLanguage::{self, *};

    #[test]
    fn info_strings() {
        for (info, wanted) in [
            ("python", Some(Python)),
            (" Py ", Some(Python)),
            ("js title=\"a\"", Some(JavaScript)),
            ("rust,ignore", Some(Rust)),
            ("c++", Some(CLike)),
            ("bash", Some(Other)),
            ("", None),
            ("answer", None),
        ] {
            assert_eq!(CodeLanguage::of_info(info), wanted, "{info}");
        }
    }

    #[test]
    fn guesses() {
        for (code, wanted) in [
            ("def f(a, b): return a - b", Python),
            ("for x in xs:\n    print(x)", Python),
            ("class A:\n    pass", Python),
            ("fn add(a: i32, b: i32) -> i32 { a + b }", Rust),
            ("let mut x = 1;\nx += 1;", Rust),
            ("function add(a, b) { return a + b; }", JavaScript),
            ("const add = (a, b) => a + b", JavaScript),
            ("int f(int a) { /* id */ return a; // done\n }", CLike),
            ("x = y; { z }", CLike),
            ("+ + +", Other),
            ("", Other),
        ] {
            assert_eq!(CodeLanguage::guess(code), wanted, "{code}");
        }
    }
}
