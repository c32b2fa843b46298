//! What announces an answer, and what ties the numbers of one calculation together.

use super::digits::Glyph;
use super::words::is_unspaced;

/// The glyph range inside the last `\boxed{…}` that is closed.
pub(super) fn boxed(glyphs: &[Glyph]) -> Option<(usize, usize)> {
    let starts = positions(glyphs, "\\boxed{");
    starts.into_iter().rev().find_map(|from| {
        let mut depth = 1;
        for (i, g) in glyphs.iter().enumerate().skip(from) {
            match g.c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some((from, i));
            }
        }
        None
    })
}

/// The glyph positions right after every marker, ascending.
pub(super) fn ends(glyphs: &[Glyph]) -> Vec<usize> {
    let mut out = positions(glyphs, "####");
    for stem in STEMS {
        let n = stem.chars().count();
        let unbounded = stem.chars().all(|c| !c.is_lowercase());
        let compound = COMPOUND.contains(&stem);
        let is_word = |end: &usize| {
            let before = end.checked_sub(n + 1).is_none_or(|i| compound || !glyphs[i].c.is_alphabetic());
            let after = glyphs.get(*end).is_none_or(|g| !g.c.is_alphabetic() || is_unspaced(g.c));
            unbounded || (before && after)
        };
        out.extend(positions(glyphs, stem).into_iter().filter(is_word));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// True if what stands between a marker and a number says that the number is the answer: a colon, an equals sign or a
/// word for "is", or nothing but signs; within one sentence, and at most [`MAX_GAP`] characters.
pub(super) fn connects(glyphs: &[Glyph], marker: usize, number: usize) -> bool {
    let gap = &glyphs[marker..number];
    if gap.len() > MAX_GAP {
        return false;
    }
    let colon = gap.iter().any(|g| matches!(g.c, ':' | '=' | '→' | '：'));
    let sentence_ends = gap.iter().enumerate().any(|(i, g)| match g.c {
        '.' => gap.get(i + 1).is_some_and(|next| next.c.is_whitespace()),
        '!' | '?' | '。' | '؟' | '।' | '۔' => true,
        _ => false,
    });
    let n_lines = gap.iter().filter(|g| g.c == '\n').count();
    let text: String = gap.iter().map(|g| g.c).collect();
    let no_letters = !gap.iter().any(|g| g.c.is_alphabetic());
    let is_word = |word: &&str| {
        text.split(|c: char| !c.is_alphabetic() && !super::words::is_mark(c)).any(|w| w == *word)
    };
    let says_is = COPULAS
        .iter()
        .any(|word| if word.chars().all(is_unspaced) { text.contains(word) } else { is_word(word) });
    !sentence_ends && n_lines <= if colon { 2 } else { 0 } && (colon || no_letters || says_is)
}

/// True if the text between two numbers makes them parts of one calculation.
pub(super) fn is_calculation(gap: &[Glyph]) -> bool {
    let letters = gap.iter().any(|g| g.c.is_alphabetic());
    let sentence_ends = gap.windows(2).any(|pair| pair[0].c == '.' && pair[1].c.is_whitespace());
    let stops = gap
        .iter()
        .any(|g| matches!(g.c, '\n' | '!' | '?' | ';' | ',' | '。' | '，' | '、' | '؟' | '،' | '।'));
    let operator = gap.iter().any(|g| match g.c {
        '=' | '≈' | '+' | '*' | '×' | '÷' | '·' | '∙' => true,
        '-' | ':' | '/' | 'x' => {
            !letters || (g.c == 'x' && gap.iter().filter(|g| g.c.is_alphabetic()).count() == 1)
        }
        _ => false,
    });
    operator && !stops && !sentence_ends && gap.len() <= MAX_GAP
}

/// The positions right after each occurrence of `text`.
fn positions(glyphs: &[Glyph], text: &str) -> Vec<usize> {
    let n = text.chars().count();
    let starts =
        |i: usize| text.chars().enumerate().all(|(k, c)| glyphs.get(i + k).is_some_and(|g| g.c == c));
    (0..glyphs.len()).filter(|&i| starts(i)).map(|i| i + n).collect()
}

/// Longest text between a marker and its number, or between two numbers of a calculation, in characters.
const MAX_GAP: usize = 60;

/// Words for "answer", in the reader's lower case. Those of unspaced and of caseless scripts may be part of a longer word.
const STEMS: [&str; 50] = [
    "answer",
    "antwort",
    "lösung",
    "ergebnis",
    "respuesta",
    "resultado",
    "solución",
    "ответ",
    "результат",
    "答案",
    "答",
    "结果",
    "الجواب",
    "الإجابة",
    "الاجابة",
    "جواب",
    "الناتج",
    "النتيجة",
    "উত্তর",
    "ফলাফল",
    "jibu",
    "jawabu",
    "réponse",
    "résultat",
    "risposta",
    "resposta",
    "antwoord",
    "svar",
    "svaret",
    "odpowiedź",
    "відповідь",
    "cevap",
    "cevabı",
    "jawaban",
    "jawapan",
    "đáp án",
    "đáp số",
    "उत्तर",
    "जवाब",
    "பதில்",
    "விடை",
    "సమాధానం",
    "คำตอบ",
    "ចម្លើយ",
    "پاسخ",
    "答え",
    "정답",
    "답",
    "απάντηση",
    "תשובה",
];

/// Stems that end compounds: "Endergebnis", "Schlussantwort".
const COMPOUND: [&str; 3] = ["antwort", "ergebnis", "lösung"];

/// Words for "is" and its like.
const COPULAS: [&str; 52] = [
    "is",
    "equals",
    "are",
    "would",
    "ist",
    "lautet",
    "beträgt",
    "sind",
    "es",
    "son",
    "sería",
    "равен",
    "равна",
    "равно",
    "это",
    "составляет",
    "是",
    "为",
    "為",
    "等于",
    "هو",
    "هي",
    "يساوي",
    "হল",
    "হলো",
    "হচ্ছে",
    "হবে",
    "ni",
    "est",
    "è",
    "é",
    "jest",
    "är",
    "er",
    "adalah",
    "ialah",
    "là",
    "है",
    "ஆகும்",
    "คือ",
    "เท่ากับ",
    "គឺ",
    "است",
    "برابر",
    "は",
    "은",
    "는",
    "είναι",
    "היא",
    "olarak",
    "dir",
    "sawa",
];
