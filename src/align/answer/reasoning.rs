//! Which parts of a text are a model's reasoning, which is never read for an answer.

use std::ops::Range;

/// Openings and endings of reasoning, in lower case.
const TAGS: [(&str, &str); 6] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
];

/// The byte ranges of reasoning, ascending: between the tags; all before a first closing tag without an opening one;
/// all after an opening tag that is never closed.
pub(super) fn hidden(text: &str) -> Vec<Range<usize>> {
    if !text.contains(['<', '[', '◁']) {
        return Vec::new();
    }
    // ASCII lower case keeps byte offsets.
    let lower = text.to_ascii_lowercase();
    let mut out: Vec<Range<usize>> = Vec::new();
    for (open, close) in TAGS {
        let mut at = 0;
        while at < lower.len() {
            let opening = lower[at..].find(open).map(|i| at + i);
            let closing = lower[at..].find(close).map(|i| at + i);
            match (opening, closing) {
                (Some(start), Some(end)) if start < end => {
                    out.push(start..end + close.len());
                    at = end + close.len();
                }
                (_, Some(end)) => {
                    // The opening tag was in the prompt, so everything up to here was reasoning.
                    out.push(0..end + close.len());
                    at = end + close.len();
                }
                (Some(start), None) => {
                    out.push(start..lower.len());
                    at = lower.len();
                }
                (None, None) => break,
            }
        }
    }
    out.sort_by_key(|range| range.start);
    out
}

#[cfg(test)]
mod tests {
    use super::hidden;

    #[test]
    fn closed_cut_and_only_closed() {
        assert_eq!(hidden("<think>a</think>b").first(), Some(&(0..16)));
        assert_eq!(hidden("a</think>b").first(), Some(&(0..9)));
        assert_eq!(hidden("a<Think>b").first(), Some(&(1..9)));
        assert!(hidden("3 < 4 [5]").is_empty());
    }
}
