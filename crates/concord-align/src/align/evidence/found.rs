//! Where a text has the words that a reader looks for.

use std::ops::Range;

use super::edges::at_edges;

/// Every place where the text has what is looked for, without regard to case; none for a blank query.
pub fn found_in(text: &str, query: &str) -> Vec<Range<usize>> {
    let query: Vec<char> = query.trim().chars().flat_map(char::to_lowercase).collect();
    let Some(first) = query.first() else { return Vec::new() };
    // Lower case may be longer than what it comes from, so each character keeps the place of its origin.
    let lower: Vec<(char, Range<usize>)> = text
        .char_indices()
        .flat_map(|(at, c)| c.to_lowercase().map(move |lower| (lower, at..at + c.len_utf8())))
        .collect();
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(window) = lower.get(from..from + query.len()) {
        let is_here = window[0].0 == *first && window.iter().map(|(c, _)| c).eq(query.iter());
        if is_here {
            out.push(window[0].1.start..window[window.len() - 1].1.end);
        }
        from += if is_here { query.len() } else { 1 };
    }
    at_edges(text, out)
}
