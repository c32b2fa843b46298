//! Vocabularies of byte-level BPE, as GGUF files spell them.

/// Two control tokens, the 256 bytes, and fillers up to `n_tokens`.
pub(crate) fn small_vocabulary(n_tokens: usize) -> Vec<String> {
    let mut tokens = vec!["<|start|>".to_owned(), "<|end|>".to_owned()];
    tokens.extend(bytes());
    tokens.extend((tokens.len()..n_tokens).map(|id| format!("<|filler {id}|>")));
    tokens
}

/// Tokens in the proportions of Qwen's vocabulary and the merges that make them: the 256 bytes, all pairs, as many
/// triples as there is place for, and 293 others at the end.
pub(crate) fn merged_vocabulary(n_tokens: usize) -> (Vec<String>, Vec<String>) {
    let bytes = bytes();
    let pairs: Vec<(&str, &str)> =
        bytes.iter().flat_map(|a| bytes.iter().map(move |b| (a.as_str(), b.as_str()))).collect();
    let texts: Vec<String> = pairs.iter().map(|(a, b)| format!("{a}{b}")).collect();
    let triples = texts.iter().flat_map(|pair| bytes.iter().map(move |b| (pair.as_str(), b.as_str())));
    let n_merges = n_tokens - bytes.len() - 293;
    let merged: Vec<(&str, &str)> = pairs.iter().copied().chain(triples).take(n_merges).collect();
    let mut tokens = bytes.clone();
    tokens.extend(merged.iter().map(|(a, b)| format!("{a}{b}")));
    tokens.extend(["<|start|>".to_owned(), "<|end|>".to_owned()]);
    tokens.extend((tokens.len()..n_tokens).map(|id| format!("<|filler {id}|>")));
    (tokens, merged.iter().map(|(a, b)| format!("{a} {b}")).collect())
}

/// The 256 bytes in GPT-2's spelling.
fn bytes() -> Vec<String> {
    let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let mut next_spelling = 0x100;
    let spelling = |byte: u32| {
        let spelling = if printable(byte) { byte } else { next_spelling };
        next_spelling += u32::from(!printable(byte));
        char::from_u32(spelling).expect("a letter of Latin").to_string()
    };
    (0..256).map(spelling).collect()
}

#[test]
fn the_merges_make_the_tokens_each_once() {
    let (tokens, merges) = merged_vocabulary(151_936);
    assert_eq!((tokens.len(), merges.len()), (151_936, 151_387));
    let known: std::collections::BTreeSet<&String> = tokens.iter().collect();
    assert_eq!(known.len(), tokens.len());
    for merge in &merges {
        let (a, b) = merge.split_once(' ').unwrap();
        assert!(
            [a.to_owned(), b.to_owned(), format!("{a}{b}")].iter().all(|text| known.contains(text)),
            "{merge}"
        );
    }
}
