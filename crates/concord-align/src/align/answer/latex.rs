//! Rewrites LaTeX as plain text: a box becomes two marks, a fraction a slash, spacing a space. A root, π or anything else
//! whose value is not read leaves a mark of its own, so that the numbers beside it are not taken for the value.

use super::digits::{FIXED_SPACE, Glyph};
use super::words::is_letter;

/// Marks the beginning of a box.
pub(super) const BOX_OPEN: char = '\u{e000}';
/// Marks its end.
pub(super) const BOX_CLOSE: char = '\u{e001}';
/// Stands for something whose value is not read: a root, π, a fraction of letters.
pub(super) const UNREAD: char = '\u{e002}';

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 12;

/// The glyphs without LaTeX.
pub(super) fn plain(glyphs: &[Glyph]) -> Vec<Glyph> {
    if !glyphs.iter().any(|g| matches!(g.c, '\\' | '√' | 'π' | '{')) {
        return glyphs.to_vec();
    }
    let mut out = Vec::with_capacity(glyphs.len());
    rewrite(glyphs, &Braces::of(glyphs), (0, glyphs.len()), &mut out, 0);
    out
}

/// Where each opening brace is closed.
struct Braces(Vec<usize>);

impl Braces {
    fn of(glyphs: &[Glyph]) -> Self {
        let mut closes = vec![usize::MAX; glyphs.len()];
        let mut open = Vec::new();
        for (i, g) in glyphs.iter().enumerate() {
            let is_escaped = i > 0 && glyphs[i - 1].c == '\\';
            match g.c {
                '{' if !is_escaped => open.push(i),
                '}' if !is_escaped => {
                    if let Some(start) = open.pop() {
                        closes[start] = i;
                    }
                }
                _ => {}
            }
        }
        Self(closes)
    }

    /// The range of the argument at `i`, a group in braces or one glyph, and where the text continues.
    fn argument(&self, glyphs: &[Glyph], i: usize, to: usize) -> Option<((usize, usize), usize)> {
        let i = i + glyphs.get(i..to)?.iter().take_while(|g| matches!(g.c, ' ' | FIXED_SPACE)).count();
        let first = glyphs.get(i..to)?.first()?;
        match first.c {
            '{' if self.0[i] < to => Some(((i + 1, self.0[i]), self.0[i] + 1)),
            '{' | '}' => None,
            '\\' => {
                let n = glyphs[i + 1..to].iter().take_while(|g| g.c.is_ascii_alphabetic()).count();
                Some(((i, i + 1 + n), i + 1 + n))
            }
            _ => Some(((i, i + 1), i + 1)),
        }
    }
}

fn rewrite(
    glyphs: &[Glyph],
    braces: &Braces,
    (from, to): (usize, usize),
    out: &mut Vec<Glyph>,
    depth: usize,
) {
    let mut i = from;
    while i < to {
        let g = glyphs[i];
        let put = |c: char, out: &mut Vec<Glyph>| out.push(Glyph { c, raw: c, ..g });
        match g.c {
            '\\' if depth < MAX_DEPTH => i = command(glyphs, braces, (i, to), out, depth),
            '{' if lone_mark(glyphs, i, braces.0[i]).is_some() => {
                // "14 {, }916" has its comma between the digits.
                if out.last().is_some_and(|g| matches!(g.c, ' ' | FIXED_SPACE)) {
                    out.pop();
                }
                out.extend(lone_mark(glyphs, i, braces.0[i]));
                i = braces.0[i] + 1;
                i += usize::from(glyphs.get(i).is_some_and(|g| g.c == ' '));
            }
            '^' if degree(glyphs, i, to) > 0 => {
                put('°', out);
                i += degree(glyphs, i, to);
            }
            '√' | 'π' if g.c == '√' || is_alone(glyphs, i) => {
                put(UNREAD, out);
                i += 1;
                // The root's argument has no value of its own here.
                i += glyphs[i..to].iter().take_while(|g| g.c.is_ascii_digit()).count();
            }
            _ => {
                out.push(g);
                i += 1;
            }
        }
    }
}

/// The mark that a group of braces holds and nothing else: `{,}`.
fn lone_mark(glyphs: &[Glyph], open: usize, close: usize) -> Option<Glyph> {
    let inside = glyphs.get(open + 1..close).filter(|inside| inside.len() <= 3)?;
    let mut marks = inside.iter().filter(|g| !matches!(g.c, ' ' | FIXED_SPACE));
    let mark = marks.next().filter(|g| matches!(g.c, ',' | '.' | '\''))?;
    marks.next().is_none().then_some(*mark)
}

/// Whether the letter at `i` is not part of a word: π, but not the letter of a Greek word.
fn is_alone(glyphs: &[Glyph], i: usize) -> bool {
    let is_part = |g: &Glyph| is_letter(g.c);
    let is_in_word = glyphs.get(i + 1).is_some_and(is_part) || i > 0 && is_part(&glyphs[i - 1]);
    !is_in_word
}

/// How many glyphs `^\circ`, `^{\circ}` and `^{∘}` take.
fn degree(glyphs: &[Glyph], i: usize, to: usize) -> usize {
    let starts = |text: &str| text.chars().enumerate().all(|(k, c)| i + k < to && glyphs[i + k].c == c);
    ["^{\\circ}", "^\\circ", "^{\\degree}", "^{°}", "^{\\text{o}}"]
        .into_iter()
        .find(|text| starts(text))
        .map_or(0, |text| text.chars().count())
}

/// Rewrites the command at `i`, and returns where the text continues.
fn command(
    glyphs: &[Glyph],
    braces: &Braces,
    (i, to): (usize, usize),
    out: &mut Vec<Glyph>,
    depth: usize,
) -> usize {
    let here = glyphs[i];
    let mut put = |c: char| out.push(Glyph { c, raw: c, ..here });
    let n = glyphs[i + 1..to].iter().take_while(|g| g.c.is_ascii_alphabetic()).count();
    let name: String = glyphs[i + 1..i + 1 + n].iter().map(|g| g.c).collect();
    let next = i + 1 + n;
    if n == 0 {
        let Some(sign) = glyphs.get(i + 1).filter(|_| i + 1 < to) else { return i + 1 };
        match sign.c {
            '!' => {}
            ',' | ';' | ':' | ' ' | FIXED_SPACE => put(FIXED_SPACE),
            '(' | ')' => put(' '),
            '[' | ']' | '\\' => put('\n'),
            _ => out.push(*sign),
        }
        return i + 2;
    }
    match name.as_str() {
        "boxed" | "fbox" | "framebox" | "colorbox" => boxed(glyphs, braces, (i, next, to), out, depth),
        "frac" | "dfrac" | "tfrac" | "cfrac" | "sfrac" => fraction(glyphs, braces, (i, next, to), out, depth),
        "text" | "textbf" | "textit" | "textrm" | "mathrm" | "mathbf" | "mathit" | "mathsf" | "mbox"
        | "hbox" | "operatorname" | "underline" | "emph" | "mathbb" | "texttt" | "textnormal"
        | "boldsymbol" | "bm" => match braces.argument(glyphs, next, to) {
            Some((inside, next)) if inside.0 > i => {
                put(' ');
                rewrite(glyphs, braces, inside, out, depth + 1);
                next
            }
            _ => next,
        },
        "sqrt" | "pi" | "infty" | "log" | "ln" | "sin" | "cos" | "tan" | "theta" | "alpha" | "pm"
        | "binom" => {
            put(UNREAD);
            let has_argument = matches!(name.as_str(), "sqrt" | "binom");
            braces.argument(glyphs, next, to).filter(|_| has_argument).map_or(next, |(_, next)| next)
        }
        "begin" | "end" => {
            put('\n');
            braces.argument(glyphs, next, to).map_or(next, |(_, next)| next)
        }
        _ => {
            if let Some(c) = sign_of(&name) {
                put(c);
            }
            next
        }
    }
}

/// A command that is one sign.
fn sign_of(name: &str) -> Option<char> {
    Some(match name {
        "times" => '×',
        "cdot" | "ast" => '·',
        "div" => '÷',
        "approx" | "simeq" | "sim" | "doteq" => '≈',
        "rightarrow" | "implies" | "to" | "longrightarrow" | "therefore" | "iff" => '→',
        "circ" | "degree" => '°',
        "euro" => '€',
        "pounds" => '£',
        "yen" => '¥',
        "percent" => '%',
        "left" | "right" | "big" | "bigl" | "bigr" | "displaystyle" | "limits" | "rm" | "bf" | "it" => {
            return None;
        }
        _ => ' ',
    })
}

fn boxed(
    glyphs: &[Glyph],
    braces: &Braces,
    (i, next, to): (usize, usize, usize),
    out: &mut Vec<Glyph>,
    depth: usize,
) -> usize {
    let here = glyphs[i];
    let spaces = glyphs[next..to].iter().take_while(|g| matches!(g.c, ' ' | FIXED_SPACE)).count();
    let first = next + spaces;
    // Without braces TeX boxes a single digit, but models mean the whole number.
    let bare = glyphs[first..to].iter().take_while(|g| g.c.is_ascii_digit()).count();
    let (inside, next) = match braces.argument(glyphs, next, to) {
        Some(found) if glyphs[first].c == '{' => found,
        _ if bare > 0 => ((first, first + bare), first + bare),
        _ => return next,
    };
    out.push(Glyph { c: BOX_OPEN, raw: BOX_OPEN, ..here });
    rewrite(glyphs, braces, inside, out, depth + 1);
    let last = glyphs[next - 1];
    out.push(Glyph { c: BOX_CLOSE, raw: BOX_CLOSE, ..last });
    next
}

/// `\frac{3}{4}` and `\frac34` become 3/4, after a whole number with a space between.
fn fraction(
    glyphs: &[Glyph],
    braces: &Braces,
    (i, next, to): (usize, usize, usize),
    out: &mut Vec<Glyph>,
    depth: usize,
) -> usize {
    let here = glyphs[i];
    let parts = braces.argument(glyphs, next, to).and_then(|(num, next)| {
        let (den, next) = braces.argument(glyphs, next, to)?;
        Some((num, den, next))
    });
    let Some((num, den, next)) = parts else { return next };
    let plain_of = |range| {
        let mut part = Vec::new();
        rewrite(glyphs, braces, range, &mut part, depth + 1);
        part.retain(|g: &Glyph| !matches!(g.c, ' ' | FIXED_SPACE | '{' | '}' | '$'));
        part
    };
    let (num, mut den) = (plain_of(num), plain_of(den));
    let is_simple = |part: &[Glyph]| {
        part.iter()
            .enumerate()
            .all(|(k, g)| g.c.is_ascii_digit() || ",.".contains(g.c) || (k == 0 && g.c == '-'))
            && part.iter().any(|g| g.c.is_ascii_digit())
    };
    if !is_simple(&num) || !is_simple(&den) {
        out.push(Glyph { c: UNREAD, raw: UNREAD, ..here });
        return next;
    }
    let is_mixed = out.last().is_some_and(|g| g.c.is_ascii_digit());
    if is_mixed {
        out.push(Glyph { c: FIXED_SPACE, raw: FIXED_SPACE, end: here.at, ..here });
    }
    let first = out.len();
    let mut num = num;
    if den[0].c == '-' {
        let minus = den.remove(0);
        if num[0].c == '-' {
            num.remove(0);
        } else {
            num.insert(0, minus);
        }
    }
    out.extend(num);
    out.push(Glyph { c: '/', raw: '/', ..here });
    out.extend(den);
    // The fraction's place in the text is the whole command.
    let end = glyphs[next - 1].end;
    out[first].at = here.at;
    if let Some(last) = out.last_mut() {
        last.end = end;
    }
    next
}
