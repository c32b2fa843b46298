//! Texts are kept byte for byte; only comparisons see a normalised form.

use unicode_normalization::UnicodeNormalization;

/// The form two texts are compared in: NFC, no leading or trailing white space, runs of white space as one space.
///
/// Zero-width joiners stay, because they carry meaning in Indic scripts and in Persian.
pub fn comparable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.nfc());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::comparable;

    #[test]
    fn composed_and_decomposed_are_one_text() {
        assert_eq!(comparable(" zwo\u{308}lf\n A\u{308}pfel "), comparable("zwölf Äpfel"));
    }

    #[test]
    fn joiners_are_kept() {
        assert_ne!(comparable("ক্\u{200d}ষ"), comparable("ক্ষ"));
        assert_ne!(comparable("می\u{200c}خواهم"), comparable("میخواهم"));
    }

    #[test]
    fn white_space_alone_is_empty() {
        assert_eq!(comparable(" \u{a0}\t\n"), "");
    }
}
