//! What normalising takes away and what it keeps apart.

use proptest::prelude::*;

use super::*;

fn of(a: &str, b: &str) -> f32 {
    assert_eq!(code_similarity(a, b), code_similarity(b, a), "{a} {b}");
    code_similarity(a, b)
}

#[test]
fn names_comments_and_layout_do_not_count() {
    for (a, b) in [
        (
            "Here:\n```python\ndef add(a, b):\n    # sum\n    return a + b\n```\nDone.",
            "```\ndef plus(x, y):\n  return x+y  # fast\n```",
        ),
        ("int f(int a) { /* id */ return a; // done\n }", "int g(int q){return q;}"),
        ("def f(a):\n    return a", "def f(b): return b"),
        ("def f(a):\n    \"\"\"Says a.\"\"\"\n    return a", "def f(a):\n\treturn a"),
        ("```py\nx = [\n  1,\n  2,\n]\n```", "```python\ny = [1, 2]\n```"),
        ("```python\nx = 1; y = 2\n```", "```python\na = 1\nb = 2\n```"),
        ("```python\nprint(f\"{total} of {n:.2f}\")\n```", "```python\nprint(f'{t} of {m:.2f}')\n```"),
        (
            "```python\nsum = 0\nfor i in x: sum += i\n```",
            "```python\ntotal = 0\nfor k in y:\n  total += k\n```",
        ),
        ("```js\nconst f = (a) => `${a}!`;\n```", "```javascript\nconst g = (b) => `${b}!`\n```"),
        ("```js\nlet s = 'a';\n```", "```js\nlet s = \"a\";\n```"),
        (
            "```rust\nfn f<'a>(x: &'a str) -> &'a str { x } // 'a\n```",
            "```rs\nfn first<'t>(text: &'t str) -> &'t str {\n    /* it /* is */ */ text\n}\n```",
        ),
        (
            "```rust\nlet n = 1_000; println!(\"{n}\");\n```",
            "```rust\nlet count = 1000;\nprintln!(\"{count}\");\n```",
        ),
        (
            "```python\nclass A:\n  def f(self):\n    self.x = 1\n```",
            "```python\nclass B:\n  def g(self):\n    self.y = 1\n```",
        ),
    ] {
        assert_eq!(of(a, b), 1.0, "{a}\n{b}\n{:?}\n{:?}", normalised_code(a), normalised_code(b));
    }
}

#[test]
fn what_a_program_does_counts() {
    for (a, b) in [
        ("def f(a, b): return a - b", "def f(a, b): return b - a"),
        ("def f(a): return a + 1", "def f(a): return a + 2"),
        ("def f(a): return a.append(1)", "def f(a): return a.extend(1)"),
        ("```python\nif a:\n    b()\nc()\n```", "```python\nif a:\n    b()\n    c()\n```"),
        ("```python\nimport math\nmath.sqrt(x)\n```", "```python\nimport cmath\ncmath.sqrt(x)\n```"),
        ("```python\nsorted(x, reverse=True)\n```", "```python\nsorted(x, key=True)\n```"),
        ("```python\nmax(x)\n```", "```python\nmin(x)\n```"),
        ("```python\nx = (1,)\n```", "```python\nx = (1)\n```"),
        ("```python\nx = 'a'\n```", "```python\nx = 'b'\n```"),
        ("```js\nx = a / b / c\n```", "```js\nx = a * b / c\n```"),
        ("```js\nx.replace(/a/g, b)\n```", "```js\nx.replace(/a/, b)\n```"),
        ("```rust\nlet c = 'a';\n```", "```rust\nlet c = 'b';\n```"),
        ("```rust\nlet s = r#\"a\"b\"#;\n```", "```rust\nlet s = r#\"a\"c\"#;\n```"),
        ("```rust\nx.min(y)\n```", "```rust\nx.max(y)\n```"),
        ("```js\n`${a}`\n```", "```js\n`${a + 1}`\n```"),
    ] {
        assert!(of(a, b) < 1.0, "{a}\n{b}\n{:?}", normalised_code(a));
    }
}

#[test]
fn tokens_as_they_come() {
    for (code, wanted) in [
        (
            "```python\ndef f(a, b=2):\n    return len(a) + b\n```",
            "def v0 ( v1 , v2 = 2 ) : <line> <block> return len ( v1 ) + v2 <line> <end>",
        ),
        ("```js\nconst x = y / 2; // half\n```", "const v0 = v1 / 2"),
        (
            "```rust\nlet v: Vec<u8> = a.iter().collect();\n```",
            "let v0 : Vec < u8 > = v1 . iter ( ) . collect ( ) ;",
        ),
        ("```python\nf = lambda x: x\n```", "v0 = lambda v1 : v1 <line>"),
        ("``` x + y ```", "v0 + v1"),
    ] {
        assert_eq!(normalised_code(code).join(" "), wanted, "{code}");
    }
}

#[test]
fn nothing_shared_and_nothing_at_all() {
    assert_eq!(of("+ + +", "return 5"), 0.0);
    assert_eq!(of("", "```\n```"), 1.0);
    assert_eq!(of("", "x"), 0.0);
}

#[test]
fn what_is_not_closed_ends_with_the_text() {
    for code in [
        "\"abc",
        "'\\",
        "/* { x",
        "{ /*/",
        "# c",
        "```",
        "```js\n`${",
        "```js\n`${`${",
        "```js\n/[",
        "```js\nx = /\\",
        "```python\n\"\"\"",
        "```python\nf\"{",
        "```python\n\\",
        "```python\nrb'",
        "```rust\nr#\"",
        "```rust\nr#",
        "```rust\n'",
        "```rust\nb'",
        "```rust\n'a",
        "```rust\n\"\\",
        "```python\n  )]}",
        "0x",
        "1e+",
        "1_",
        "$",
        "…",
        "\u{0}",
    ] {
        assert_eq!(of(code, code), 1.0, "{code}");
    }
}

proptest! {
    #[test]
    fn any_text_is_like_itself_and_shares_are_shares(
        info in prop::sample::select(vec!["", "python", "js", "rust", "c", "sh"]),
        a in "[a-c0-2 \n\t'\"`/*#{}()\\[\\]$.:;,=\\\\frb_é]{0,60}",
        b in "[a-c0-2 \n\t'\"`/*#{}()\\[\\]$.:;,=\\\\frb_é]{0,60}",
    ) {
        let (a, b) = (format!("```{info}\n{a}"), format!("```{info}\n{b}"));
        prop_assert_eq!(of(&a, &a), 1.0);
        prop_assert!((0.0..=1.0).contains(&of(&a, &b)));
    }
}
