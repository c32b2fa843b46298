//! The colours of `www/style.css` against each other, in light and dark: what is read has 4.5 to 1, what only marks 3 to 1
//! (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

/// Text that is read, by its token, and the grounds that it stands on.
const TEXT: [(&str, &[&str]); 16] = [
    (
        "ink",
        &["paper", "sheet", "well", "act-tint", "chosen-tint", "rejected-tint", "warn-tint", "fault-tint"],
    ),
    ("ink-soft", &["paper", "sheet", "well", "act-tint", "warn-tint", "fault-tint"]),
    ("act", &["paper", "sheet", "well", "act-tint", "warn-tint", "fault-tint"]),
    ("act-ink", &["act"]),
    ("chosen", &["paper", "sheet", "well", "chosen-tint"]),
    ("rejected", &["paper", "sheet", "well", "rejected-tint"]),
    ("warn", &["paper", "sheet", "well", "warn-tint"]),
    ("fault", &["paper", "sheet", "well", "fault-tint"]),
    // Texts in pictures have the hue of their language.
    ("hue-0", &["paper", "sheet"]),
    ("hue-1", &["paper", "sheet"]),
    ("hue-2", &["paper", "sheet"]),
    ("hue-3", &["paper", "sheet"]),
    ("hue-4", &["paper", "sheet"]),
    ("hue-5", &["paper", "sheet"]),
    ("hue-6", &["paper", "sheet"]),
    ("hue-7", &["paper", "sheet"]),
];

/// Lines, dots and edges of controls that have to be seen, and their grounds.
const MARKS: [(&str, &[&str]); 14] = [
    ("line-strong", &["paper", "sheet", "well"]),
    ("act", &["paper", "sheet", "well", "line"]),
    ("chosen", &["paper", "sheet", "well", "chosen-tint"]),
    ("rejected", &["paper", "sheet", "well", "rejected-tint"]),
    ("warn", &["warn-tint"]),
    ("fault", &["fault-tint"]),
    ("hue-0", &["well"]),
    ("hue-1", &["well"]),
    ("hue-2", &["well"]),
    ("hue-3", &["well"]),
    ("hue-4", &["well"]),
    ("hue-5", &["well"]),
    ("hue-6", &["well"]),
    ("hue-7", &["well"]),
];

#[test]
fn texts_and_marks_stand_out_in_both_themes() {
    let style = std::fs::read_to_string(super::tidy::root().join("www/style.css")).unwrap();
    let tokens = tokens(&style);
    let mut faint = Vec::new();
    for (needed, pairs) in [(4.5, &TEXT[..]), (3.0, &MARKS[..])] {
        for (front, grounds) in pairs {
            for ground in *grounds {
                for (theme, at) in [("light", 0), ("dark", 1)] {
                    let found = contrast(tokens[*front][at], tokens[*ground][at]);
                    if found < needed {
                        faint.push(format!("--{front} on --{ground}, {theme}: {found:.2}, not {needed}"));
                    }
                }
            }
        }
    }
    assert!(faint.is_empty(), "too faint:\n  {}", faint.join("\n  "));
}

#[test]
fn every_colour_is_in_the_tables() {
    let style = std::fs::read_to_string(super::tidy::root().join("www/style.css")).unwrap();
    let is_used = |name: &str| {
        TEXT.iter().chain(&MARKS).any(|(front, grounds)| *front == name || grounds.contains(&name))
    };
    let unknown: Vec<String> = tokens(&style).into_keys().filter(|name| !is_used(name)).collect();
    assert_eq!(unknown, Vec::<String>::new(), "say in TEXT or MARKS what these stand on");
}

/// Each `--name: light-dark(#……, #……);` before the first media query, as light and dark.
fn tokens(style: &str) -> BTreeMap<String, [[f64; 3]; 2]> {
    let style = style.split("@media").next().unwrap();
    let declared = style.lines().filter_map(|line| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
        let (light, dark) = value.trim_end_matches(");").split_once(", ")?;
        Some((name.to_owned(), [colour(light), colour(dark)]))
    });
    let tokens: BTreeMap<_, _> = declared.collect();
    assert!(tokens.len() > 20, "the tokens were not read");
    tokens
}

/// `#rrggbb` as shares of one.
fn colour(hex: &str) -> [f64; 3] {
    let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6).unwrap();
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0)
}

/// From 1, the same, to 21, black on white.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance as WCAG defines it.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[test]
fn contrasts_are_those_that_are_known() {
    assert!((contrast(colour("#000000"), colour("#ffffff")) - 21.0).abs() < 1e-9);
    // The grey that is known as the lightest one that may be read on white.
    assert!((contrast(colour("#767676"), colour("#ffffff")) - 4.54).abs() < 0.005);
    assert!((contrast(colour("#777777"), colour("#ffffff")) - 4.48).abs() < 0.005);
}
