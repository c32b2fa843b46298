//! Texts of one thing over and over, which a model that has lost its way writes: the reader looks at a text of twice the
//! length not much more than twice as much.

use super::super::find_answer;
use super::super::work::work_of;
use crate::data::Language;

/// Characters of the shorter text.
const N_CHARS: usize = 1_000;

/// How much more may be looked at in a text of twice the length: what is looked at once per text is in both.
const MOST_GROWTH: f64 = 2.2;

const UNITS: [&str; 84] = [
    "7 ",
    "7",
    "7\n",
    "7, ",
    "7. ",
    "7.",
    "7,",
    "7 7\n",
    "1,234 ",
    "1,234",
    "1 000 ",
    "٧ ",
    "٧",
    "٧،",
    "७ ",
    "½ ",
    "7/7 ",
    "7/",
    "3:",
    "3:30 ",
    "24/7",
    "7^",
    "7^7",
    "7e5",
    "× 10^5 ",
    "7k",
    "2 h 30 ",
    "1st ",
    "1. 7\n",
    "- 7\n",
    "x = 7 ",
    "3x ",
    "(",
    "(7",
    "((7",
    "[0,1)",
    "(2, 3) ",
    "{",
    "{{7",
    "}",
    "= ",
    "= = = ",
    "7 = ",
    "7 = 7 ",
    "1 + ",
    "1+1=2 ",
    "\\boxed{",
    "\\boxed{7} ",
    "\\boxed{} ",
    "\\frac{",
    "\\frac{1}{2} ",
    "\\text{",
    "\\",
    "\\(7\\) ",
    "#### ",
    "#### 7\n",
    "# ",
    "```",
    "```\n7\n",
    "```python\nx = 7\n```\n",
    "**7** ",
    "~~7",
    "<",
    "<<1+1=2>>",
    "<b>",
    "<answer>7</answer>",
    "</answer>",
    "一",
    "十",
    "七 ",
    "十二万",
    "7万",
    "1万2000",
    "\u{e000}",
    "$7",
    "?",
    "7?\n",
    ".",
    "a. ",
    "\n",
    " ",
    "minus 7 ",
    "\u{5d0}\u{5b0}",
    "\u{301}",
];

/// What is said over and over, each in its language.
const SAID: [(&str, &str); 39] = [
    ("en", "Answer: "),
    ("en", "Answer: 7\n"),
    ("en", "Answer: a "),
    ("en", "answer "),
    ("en", "the answer is a "),
    ("en", "The answer is 7. "),
    ("en", "The answer is (B). "),
    ("en", "The answer is 3 + 4 = 7, and so on. "),
    ("en", "(B) 7 "),
    ("en", "final answer a "),
    ("en", "final answer: "),
    ("en", "Solution: 7 + 1\n"),
    ("en", "Question: 7\n"),
    ("en", "wait, 7 "),
    ("en", "Wait, 7. "),
    ("en", "so "),
    ("en", "so 7 "),
    ("en", "So 7. "),
    ("en", "because "),
    ("en", "because 7 "),
    ("en", "because 7, "),
    ("en", "Let's check. 7. "),
    ("en", "Let's check: 7 = 7. "),
    ("en", "so check. 7. "),
    ("en", "Check: 7\n"),
    ("en", "step 7 "),
    ("en", "for 7 days "),
    ("en", "Let me know 7. "),
    ("en", "I cannot determine the answer. "),
    ("en", "cannot "),
    ("en", "two hundred "),
    ("en", "one dozen dozen dozen "),
    ("en", "two thirds "),
    ("sw", "elfu 7 "),
    ("sw", "mia moja "),
    ("zh", "答案是"),
    ("zh", "答案：7\n"),
    ("th", "คำตอบคือ 7 "),
    ("ar", "الجواب ٧ "),
];

/// What may stand before and after.
const AROUND: [(&str, &str); 3] = [("", ""), ("3 + 4 = 7. ", " = 12"), ("The answer is 7. ", "\n12")];

#[test]
fn a_text_of_twice_the_length_costs_about_twice_as_much() {
    let plain = UNITS.iter().map(|unit| ("en", *unit));
    let mut wrong = Vec::new();
    for (tag, unit) in plain.chain(SAID) {
        let language = Language::from(tag);
        for (before, after) in AROUND {
            let work = |n_chars: usize| {
                let body = unit.repeat(n_chars / unit.chars().count());
                work_of(|| find_answer(&format!("{before}{body}{after}"), &language))
            };
            let (short, long) = (work(N_CHARS), work(2 * N_CHARS));
            let growth = long as f64 / short as f64;
            if growth > MOST_GROWTH {
                wrong.push(format!("{tag}: {before:?} {unit:?} {after:?}: {short}, then {long}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
