//! The markers that families of models put around their reasoning, taken from published templates and outputs.

use std::ops::Range;

/// What a part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Reasoning,
    Response,
    Marker,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// Whose marker it is: the place in [`FAMILIES`].
pub(super) type Family = usize;

/// Which end of reasoning a marker stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Open,
    Close,
}

/// A marker found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) family: Family,
    pub(super) side: Side,
    pub(super) n_bytes: usize,
}

impl Marker {
    /// Whether a marker counts outside reasoning. Plain words count only at the very beginning of a text.
    pub(super) fn counts_at(&self, text: &str, at: usize) -> bool {
        !FAMILIES[self.family].is_prose || (self.side == Side::Open && text[..at].trim().is_empty())
    }
}

/// The markers of a family; the letters of tags may have either case.
struct Markers {
    open: &'static [&'static str],
    close: &'static [&'static str],
    /// The markers are plain words.
    is_prose: bool,
}

const fn tags(open: &'static [&'static str], close: &'static [&'static str]) -> Markers {
    Markers { open, close, is_prose: false }
}

const FAMILIES: [Markers; 16] = [
    // Qwen, DeepSeek, GLM, SmolLM, Granite 3.3 and most others.
    tags(&["<think>"], &["</think>"]),
    tags(&["<thinking>"], &["</thinking>"]),
    tags(&["<thought>", "<thoughts>"], &["</thought>", "</thoughts>"]),
    tags(&["<reasoning>"], &["</reasoning>"]),
    // Seed-OSS.
    tags(&["<seed:think>"], &["</seed:think>"]),
    // Cohere.
    tags(&["<|START_THINKING|>"], &["<|END_THINKING|>"]),
    // Mistral.
    tags(&["[THINK]"], &["[/THINK]"]),
    // Solar and others.
    tags(
        &["<|think|>", "<|think_start|>", "<|think:start|>"],
        &["<|/think|>", "<|think_end|>", "<|end_think|>", "<|think:end|>"],
    ),
    // OpenThinker.
    tags(&["<|begin_of_thought|>"], &["<|end_of_thought|>"]),
    // Kimi.
    tags(&["◁think▷"], &["◁/think▷"]),
    // Gemma 4.
    tags(&["<|channel>thought", "<|channel>"], &["<channel|>"]),
    // MedGemma.
    tags(&["<unused94>thought", "<unused94>"], &["<unused95>"]),
    // Apertus.
    tags(&["<|inner_prefix|>"], &["<|inner_suffix|>"]),
    // Hunyuan 3.
    tags(&["<think:opensource>"], &["</think:opensource>"]),
    // Apriel.
    Markers { open: &["Here are my reasoning steps:"], close: &["[BEGIN FINAL RESPONSE]"], is_prose: true },
    // Granite 3.2.
    Markers {
        open: &["Here is my thought process:", "Here's my thought process:"],
        close: &["Here is my response:", "Here's my response:"],
        is_prose: true,
    },
];

/// What some families put around the response after reasoning.
const WRAPPERS: [(&str, &str); 6] = [
    ("<answer>", "</answer>"),
    ("<response>", "</response>"),
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
    ("<|START_TEXT|>", "<|END_TEXT|>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("[BEGIN FINAL RESPONSE]", "[END FINAL RESPONSE]"),
];

/// The tokens of gpt-oss that delimit channels.
const CHANNEL: &str = "<|channel|>";
const MESSAGE: &str = "<|message|>";
const TURNS: [&str; 4] = ["<|end|>", "<|start|>", "<|return|>", "<|call|>"];

/// The marker that begins at a byte of a text, the longest there is.
pub(super) fn marker_at(text: &str, at: usize) -> Option<Marker> {
    let rest = &text.as_bytes()[at..];
    if !matches!(rest.first(), Some(b'<' | b'[' | b'H' | 0xe2)) {
        return None;
    }
    let begins =
        |tag: &&str| rest.get(..tag.len()).is_some_and(|here| here.eq_ignore_ascii_case(tag.as_bytes()));
    let of = |family: Family| {
        let Markers { open, close, .. } = &FAMILIES[family];
        let sides = [(Side::Open, open), (Side::Close, close)];
        let found = sides.into_iter().flat_map(|(side, tags)| tags.iter().map(move |tag| (side, tag)));
        found.filter(|(_, tag)| begins(tag)).map(move |(side, tag)| Marker {
            family,
            side,
            n_bytes: tag.len(),
        })
    };
    (0..FAMILIES.len()).flat_map(of).max_by_key(|marker| marker.n_bytes)
}

/// Whether a text is the beginning of a marker that opens reasoning, or a whole one with what follows.
pub(super) fn begins_an_opening(text: &str) -> bool {
    let opens = FAMILIES.iter().flat_map(|family| family.open).copied().chain([CHANNEL]);
    opens.into_iter().any(|tag| {
        let n = tag.len().min(text.len());
        text.as_bytes()[..n].eq_ignore_ascii_case(&tag.as_bytes()[..n])
    })
}

/// Whether a token's text is a marker, or part of one. If such a token is special, a text decoded without special tokens
/// would not show where the reasoning ends.
pub fn is_reasoning_token(text: &str) -> bool {
    let text = text.trim();
    let tags = FAMILIES
        .iter()
        .filter(|family| !family.is_prose)
        .flat_map(|family| family.open.iter().chain(family.close));
    let wrappers = WRAPPERS.iter().flat_map(|(open, close)| [open, close]);
    let own = [&CHANNEL, &MESSAGE, &"<|channel>", &"<|end|>", &"<|start|>"];
    tags.chain(wrappers).chain(own).any(|tag| tag.eq_ignore_ascii_case(text))
}

/// A response without what its family puts around it.
pub(super) fn without_wrapper(response: &str) -> &str {
    let inner = response.trim();
    for (open, close) in WRAPPERS {
        if let Some(rest) = inner.strip_prefix(open) {
            let rest = rest.trim_start();
            return rest.strip_suffix(close).unwrap_or(rest).trim_end();
        }
    }
    // A closing one alone: the template opened it.
    let closed = WRAPPERS.iter().find_map(|(_, close)| inner.strip_suffix(close));
    closed.map_or(response, str::trim_end)
}

/// The channels of gpt-oss: `final` is the response, all others are reasoning. `None` for a text without channels.
pub(super) fn harmony(text: &str) -> Option<Vec<Span>> {
    text.contains(CHANNEL).then_some(())?;
    let mut spans = Vec::new();
    // A text that begins inside a message continues the one that the prompt opened, which is never the final one.
    let (mut kind, mut start, mut at) = (Kind::Reasoning, 0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let end = if rest.starts_with(CHANNEL) {
            let head_end = rest.find(MESSAGE).map_or(rest.len(), |place| place + MESSAGE.len());
            let name = rest[CHANNEL.len()..head_end].trim_start();
            spans.push(Span { range: start..at, kind });
            kind = if name.starts_with("final") { Kind::Response } else { Kind::Reasoning };
            at + head_end
        } else if let Some(turn) = TURNS.into_iter().find(|turn| rest.starts_with(turn)) {
            spans.push(Span { range: start..at, kind });
            // Between turns there is only the name of a role.
            kind = Kind::Marker;
            at + turn.len()
        } else {
            at = text.ceil_char_boundary(at + 1);
            continue;
        };
        spans.push(Span { range: at..end, kind: Kind::Marker });
        (start, at) = (end, end);
    }
    if start < text.len() || kind == Kind::Reasoning {
        spans.push(Span { range: start..text.len(), kind });
    }
    Some(spans)
}

/// The same after the special tokens were lost: `analysis…assistantfinal…`.
pub(super) fn in_lost_harmony(text: &str) -> Option<Vec<Span>> {
    let (open, close) = ("analysis", "assistantfinal");
    let body = text.strip_prefix(open)?;
    body.starts_with(char::is_uppercase).then_some(())?;
    let end = body.find(close).map_or(text.len(), |end| open.len() + end);
    let mut spans = vec![
        Span { range: 0..open.len(), kind: Kind::Marker },
        Span { range: open.len()..end, kind: Kind::Reasoning },
    ];
    if end < text.len() {
        spans.push(Span { range: end..end + close.len(), kind: Kind::Marker });
        spans.push(Span { range: end + close.len()..text.len(), kind: Kind::Response });
    }
    Some(spans)
}
