//! Separates what a model thought from what it answered: `<think>…</think>` and the markers of other families.
//!
//! Answers, detected languages, similarities and exports are all made from the response alone, so the rule is cautious: a
//! text that could belong to either side of a marker is reasoning. A marker that is only quoted, as `` `</think>` `` is
//! here, does not count.
//!
//! | shape | reasoning | response |
//! |---|---|---|
//! | `<think>A</think>B` | A | B |
//! | `A</think>B`: the template opened it, or the model forgot to | A | B |
//! | `<think>A`: cut before it was closed | A | none |
//! | `<think></think>B` | none | B |
//! | `<think>A</think>B</think>C` | A, B | C |
//! | `B<think>A</think>C` | A | B, C |

use std::ops::Range;

use super::reasoning_markers::{
    Family, Kind, Marker, Side, Span, harmony, in_lost_harmony, marker_at, without_wrapper,
};
use super::reasoning_ticks::Ticks;

/// Whether a text has reasoning, and whether the reasoning ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReasoningState {
    /// The text has no marker of reasoning.
    #[default]
    None,
    /// All reasoning was closed.
    Closed,
    /// The text ends within reasoning: there is no response, or it was broken off.
    Open,
}

/// A text cut into reasoning and response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitText {
    /// What was thought, without markers and the white space at its ends; `None` where there is none or it is blank.
    pub reasoning: Option<String>,
    /// What was answered. The text as it is where it has no marker.
    pub response: String,
    /// How far the reasoning came.
    pub state: ReasoningState,
    /// Byte ranges of the text that are reasoning or markers, ascending.
    pub ranges: Vec<Range<usize>>,
}

impl SplitText {
    /// Whether the byte at `place` belongs to reasoning or to a marker.
    pub fn is_reasoning_at(&self, place: usize) -> bool {
        self.ranges.iter().any(|range| range.contains(&place))
    }
}

/// Cuts a text into reasoning and response. `is_opened` says that the prompt before it ended within reasoning, as
/// [`opens_reasoning`] tells.
pub fn split_reasoning(text: &str, is_opened: bool) -> SplitText {
    let spans = harmony(text).or_else(|| in_lost_harmony(text)).unwrap_or_else(|| spans(text, is_opened));
    if spans.iter().all(|span| span.kind == Kind::Response) {
        return SplitText { response: text.to_owned(), ..SplitText::default() };
    }
    let parts =
        |kind| spans.iter().filter(move |span| span.kind == kind).map(|span| &text[span.range.clone()]);
    let reasoning: Vec<&str> =
        parts(Kind::Reasoning).map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut response = String::new();
    for part in parts(Kind::Response) {
        response += if response.trim().is_empty() { part.trim_start() } else { part };
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for span in spans.iter().filter(|span| span.kind != Kind::Response) {
        match ranges.last_mut() {
            Some(last) if last.end == span.range.start => last.end = span.range.end,
            _ => ranges.push(span.range.clone()),
        }
    }
    SplitText {
        reasoning: (!reasoning.is_empty()).then(|| reasoning.join("\n\n")),
        response: without_wrapper(&response).to_owned(),
        state: match spans.iter().rev().find(|span| span.kind != Kind::Response || !span.range.is_empty()) {
            Some(Span { kind: Kind::Reasoning, .. }) => ReasoningState::Open,
            _ => ReasoningState::Closed,
        },
        ranges,
    }
}

/// Whether whatever follows this text is reasoning, because the text ends with an opening marker. Some templates begin
/// the model's turn that way.
pub fn opens_reasoning(prompt: &str) -> bool {
    let prompt = prompt.trim_end();
    // A marker is short, and nothing may stand behind it.
    let start = prompt.floor_char_boundary(prompt.len().saturating_sub(40));
    let mut tail = prompt[start..].char_indices().map(|(at, _)| start + at);
    tail.any(|at| {
        marker_at(prompt, at).is_some_and(|m| m.side == Side::Open && at + m.n_bytes == prompt.len())
    })
}

/// Whether a text holds reasoning, or a marker of it.
pub fn has_reasoning(text: &str) -> bool {
    split_reasoning(text, false).state != ReasoningState::None
}

/// Whether a text may be the beginning of a marker. A stream should wait for more of it before it is shown.
pub fn may_open_reasoning(text: &str) -> bool {
    let text = text.trim_start();
    !text.is_empty() && super::reasoning_markers::begins_an_opening(text)
}

/// Walks from marker to marker. The last span is reasoning if and only if the text ends inside reasoning.
fn spans(text: &str, is_opened: bool) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    // The family that opened the current reasoning; unknown where the prompt did.
    let mut inside: Option<Option<Family>> = is_opened.then_some(None);
    let (mut start, mut at) = (0, 0);
    // Fences in the response so far, and how many spans are known to be reasoning, so that neither is counted again.
    let (mut ticks, mut n_fences, mut n_settled) = (Ticks::new(text), 0, 0);
    let kind = |is_inside: bool| if is_inside { Kind::Reasoning } else { Kind::Response };
    while at < text.len() {
        let found = marker_at(text, at).filter(|marker| !is_spoken_of(text, at, marker));
        let Some(marker) = found else {
            at = text.ceil_char_boundary(at + 1);
            continue;
        };
        let counts = match (inside, marker.side) {
            // A model may repeat the marker that the prompt ended with.
            (Some(None), Side::Open) => text[start..at].trim().is_empty(),
            // Any other opening marker is part of the reasoning around it, which only its own family closes.
            (Some(_), Side::Open) => false,
            (Some(family), Side::Close) => family.is_none_or(|family| family == marker.family),
            (None, _) => {
                marker.counts_at(text, at)
                    && (n_fences + ticks.n_fences(at)) % 2 == 0
                    && !ticks.are_around(at)
            }
        };
        if !counts {
            at += marker.n_bytes;
            continue;
        }
        if inside.is_none() {
            n_fences += ticks.n_fences(at);
        }
        spans.push(Span { range: start..at, kind: kind(inside.is_some()) });
        spans.push(Span { range: at..at + marker.n_bytes, kind: Kind::Marker });
        match marker.side {
            Side::Open => inside = Some(Some(marker.family)),
            Side::Close => {
                if inside.take().is_none() {
                    // Nothing was open, so everything before it was reasoning.
                    let before = spans[n_settled..].iter_mut().filter(|span| span.kind == Kind::Response);
                    before.for_each(|span| span.kind = Kind::Reasoning);
                    (n_fences, n_settled) = (0, spans.len());
                }
            }
        }
        at += marker.n_bytes;
        start = at;
        ticks.begin_part(start);
    }
    spans.push(Span { range: start..text.len(), kind: kind(inside.is_some()) });
    spans
}

/// Whether a marker is only quoted: it stands between a pair of quotation marks or backticks.
fn is_spoken_of(text: &str, at: usize, marker: &Marker) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + marker.n_bytes..].chars().next();
    matches!(
        (before, after),
        (Some('`'), Some('`')) | (Some('"'), Some('"')) | (Some('\''), Some('\'')) | (Some('“'), Some('”'))
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ReasoningState::{Closed, None as Plain, Open};

    /// Text, reasoning (empty for none), response, state.
    type Case = (&'static str, &'static str, &'static str, ReasoningState);

    const CASES: [Case; 62] = [
        // Without reasoning a text stays as it is, white space too.
        ("", "", "", Plain),
        ("  The answer is 7.\n", "", "  The answer is 7.\n", Plain),
        ("if a < b and c > d then [x]", "", "if a < b and c > d then [x]", Plain),
        ("I think </thin so", "", "I think </thin so", Plain),
        // Whole, with and without line breaks.
        ("<think>A</think>B", "A", "B", Closed),
        ("<think>\nOkay, 3 + 4.\n</think>\n\nIt is 7.", "Okay, 3 + 4.", "It is 7.", Closed),
        ("\n<think>A</think>\nB", "A", "B", Closed),
        (" <think>A</think> B ", "A", "B ", Closed),
        ("<THINK>A</Think>B", "A", "B", Closed),
        ("<think>এক\nদুই</think>উত্তর: ৭", "এক\nদুই", "উত্তর: ৭", Closed),
        // Only closed, as where the template opens it.
        ("A</think>B", "A", "B", Closed),
        ("A\nB</think>\n\nC\nD", "A\nB", "C\nD", Closed),
        ("</think>B", "", "B", Closed),
        ("</think>A</think>B", "A", "B", Closed),
        ("A</think>", "A", "", Closed),
        // Open and cut.
        ("<think>A", "A", "", Open),
        ("<think>", "", "", Open),
        ("<think>\n", "", "", Open),
        ("<think>A</thin", "A</thin", "", Open),
        // Empty.
        ("<think></think>B", "", "B", Closed),
        ("<think>\n\n</think>\n\nB", "", "B", Closed),
        ("<think>\n\n</think>", "", "", Closed),
        // More than once.
        ("<think>A</think>B<think>C</think>D", "A\n\nC", "BD", Closed),
        ("<think>A</think>B</think>C", "A\n\nB", "C", Closed),
        ("<think>A</think>B<think>C", "A\n\nC", "B", Open),
        ("B <think>A</think> C", "A", "B  C", Closed),
        ("<think>A<think>B</think>C", "A<think>B", "C", Closed),
        ("<think>A</think></think>B", "A", "B", Closed),
        // Markers that are only spoken of.
        ("<think>use `</think>` here</think>B", "use `</think>` here", "B", Closed),
        ("<think>say \"</think>\" now</think>B", "say \"</think>\" now", "B", Closed),
        ("Write `<think>` before it.", "", "Write `<think>` before it.", Plain),
        ("Use `<think>a</think>` so", "", "Use `<think>a</think>` so", Plain),
        ("a ` quote</think>B", "a ` quote", "B", Closed),
        ("```html\n<think>x</think>\n```\nso", "", "```html\n<think>x</think>\n```\nso", Plain),
        ("<think>A</think>```\n<think>\n```", "A", "```\n<think>\n```", Closed),
        ("```py\nx = 1\n```\n<think>A</think>B", "A", "```py\nx = 1\n```\nB", Closed),
        // Other families.
        ("<thinking>A</thinking>B", "A", "B", Closed),
        ("<thought>A</thought>B", "A", "B", Closed),
        ("<reasoning>A</reasoning>B", "A", "B", Closed),
        ("<seed:think>A</seed:think>B", "A", "B", Closed),
        ("<|START_THINKING|>A<|END_THINKING|><|START_RESPONSE|>B<|END_RESPONSE|>", "A", "B", Closed),
        ("<|START_THINKING|>A", "A", "", Open),
        ("[THINK]A[/THINK]B", "A", "B", Closed),
        ("[THINK]A", "A", "", Open),
        ("<|think|>A<|/think|>B", "A", "B", Closed),
        ("A<|think:end|>B", "A", "B", Closed),
        (
            "<|begin_of_thought|>A<|end_of_thought|>\n<|begin_of_solution|>B<|end_of_solution|>",
            "A",
            "B",
            Closed,
        ),
        ("◁think▷A◁/think▷B", "A", "B", Closed),
        ("<|channel>thought\nA<channel|>B", "A", "B", Closed),
        ("<|channel>thousand<channel|>B", "thousand", "B", Closed),
        ("<unused94>thought\nA<unused95>B", "A", "B", Closed),
        ("<|inner_prefix|>A<|inner_suffix|>B", "A", "B", Closed),
        ("Here is my thought process: A Here is my response: B", "A", "B", Closed),
        (
            "Here are my reasoning steps:\nA\n[BEGIN FINAL RESPONSE]\nB\n[END FINAL RESPONSE]",
            "A",
            "B",
            Closed,
        ),
        ("<think:opensource>A</think:opensource>B", "A", "B", Closed),
        ("Well. Here is my response: B", "", "Well. Here is my response: B", Plain),
        ("<think>A</think>\n<answer>\nB\n</answer>", "A", "B", Closed),
        (
            "<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>final<|message|>B<|return|>",
            "A",
            "B",
            Closed,
        ),
        ("<|channel|>analysis<|message|>A", "A", "", Open),
        ("<|channel|>final<|message|>B", "", "B", Closed),
        ("analysisWe add.assistantfinalIt is 7.", "We add.", "It is 7.", Closed),
        ("analysis of the data shows 7", "", "analysis of the data shows 7", Plain),
    ];

    fn check(text: &str, is_opened: bool, (reasoning, response, state): (&str, &str, ReasoningState)) {
        let split = split_reasoning(text, is_opened);
        let found = (split.reasoning.as_deref().unwrap_or_default(), split.response.as_str(), split.state);
        assert_eq!(found, (reasoning, response, state), "{text:?}");
    }

    #[test]
    fn every_shape_is_cut_where_it_should_be() {
        for (text, reasoning, response, state) in CASES {
            check(text, false, (reasoning, response, state));
            assert_eq!(has_reasoning(text), state != Plain, "{text:?}");
        }
    }

    #[test]
    fn what_a_prompt_opened_is_reasoning_until_it_is_closed() {
        for (text, wanted) in [
            ("A</think>B", ("A", "B", Closed)),
            ("A", ("A", "", Open)),
            ("", ("", "", Open)),
            ("</think>B", ("", "B", Closed)),
            ("</think>A</think>B", ("A", "B", Closed)),
            ("<think>A</think>B", ("<think>A", "B", Closed)),
            ("A[/THINK]B", ("A", "B", Closed)),
            ("A\n[BEGIN FINAL RESPONSE]\nB", ("A", "B", Closed)),
        ] {
            let (reasoning, response, state) = wanted;
            // A model that says once more what the prompt said means the same.
            check(text, true, (reasoning.trim_start_matches("<think>"), response, state));
        }
    }

    #[test]
    fn a_prompt_that_ends_with_an_opening_marker_opens() {
        for (prompt, opens) in [
            ("<|im_start|>assistant\n", false),
            ("<|im_start|>assistant\n<think>\n", true),
            ("<|im_start|>assistant\n<think>\n\n</think>\n\n", false),
            ("<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|><|START_THINKING|>", true),
            ("<|START_THINKING|><|END_THINKING|>", false),
            ("Was heißt <think>? 说", false),
            ("", false),
            ("ষষষষষষষষষষষষষষষষ<seed:think>", true),
        ] {
            assert_eq!(opens_reasoning(prompt), opens, "{prompt:?}");
        }
    }

    #[test]
    fn what_may_become_a_marker_is_waited_for() {
        for (text, waits) in [
            ("<", true),
            ("<thi", true),
            ("\n<think>a", true),
            ("<b", false),
            ("7", false),
            ("", false),
            ("[TH", true),
        ] {
            assert_eq!(may_open_reasoning(text), waits, "{text:?}");
        }
    }

    proptest! {
        /// Whatever the text: no panic, nothing is in both parts, and what has no marker is left alone.
        #[test]
        fn parts_never_overlap(pieces in prop::collection::vec(prop::sample::select(vec![
            "<think>", "</think>", "a", " ", "\n", "```", "`", "[THINK]", "[/THINK]", "<|channel|>", "final",
            "<|message|>", "<|end|>", "৭", "<", "analysis", "Here is my response:",
        ]), 0..12), is_opened: bool) {
            let text = pieces.concat();
            let split = split_reasoning(&text, is_opened);
            let mut end = 0;
            for range in &split.ranges {
                prop_assert!(range.start >= end && range.end <= text.len());
                end = range.end;
            }
            let n_left = text.len() - split.ranges.iter().map(Range::len).sum::<usize>();
            prop_assert!(split.response.len() <= n_left);
            if split.state == Plain {
                prop_assert_eq!(&split.response, &text);
            }
        }

        /// Counted on the way or each time from the beginning.
        #[test]
        fn backticks_are_counted_right(pieces in prop::collection::vec(prop::sample::select(vec![
            "`", "``", "```", "a", "\n", " ", "\r\n", "ক",
        ]), 0..20), step in 1_usize..5) {
            let text = pieces.concat();
            let mut ticks = Ticks::new(&text);
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)).step_by(step) {
                let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
                let n_before = text[line..at].matches('`').count() - 3 * text[line..at].matches("```").count();
                let is_inside = n_before % 2 == 1 && text[at..].lines().next().unwrap_or_default().contains('`');
                prop_assert_eq!(ticks.n_fences(at), text[..at].matches("```").count());
                prop_assert_eq!(ticks.are_around(at), is_inside, "{:?} {}", text, at);
            }
        }

        #[test]
        fn a_response_holds_no_reasoning(thought in "[a-z0-9 \n]{0,30}", said in "[a-z0-9 \n]{0,30}") {
            let split = split_reasoning(&format!("<think>{thought}</think>{said}"), false);
            prop_assert_eq!(split.reasoning.unwrap_or_default(), thought.trim());
            prop_assert_eq!(split.response.trim(), said.trim());
            prop_assert_eq!(split_reasoning(&split.response, false).state, Plain);
        }
    }
}
