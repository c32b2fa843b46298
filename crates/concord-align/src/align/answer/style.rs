//! How a language writes numbers: which mark is the decimal mark when the text alone does not tell.
//!
//! Only "1–3 digits, mark, 3 digits" is open: `2,125` may be two thousand or two point one two five. The facts follow
//! Unicode CLDR's default number patterns.

use crate::data::Language;

/// The habits of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumberStyle {
    /// The decimal mark, `.` or `,`.
    pub(super) decimal: char,
    /// The other mark groups thousands. False where spaces do, so that the other mark must be a decimal mark too.
    pub(super) other_mark_groups: bool,
    /// An ordinary space may separate groups.
    pub(super) space_groups: bool,
    /// Commas may separate groups of four digits.
    pub(super) groups_of_four: bool,
    /// A slash between Persian digits may be the decimal mark.
    pub(super) slash_decimal: bool,
}

impl NumberStyle {
    pub(super) fn of(language: &Language) -> Self {
        let primary = language.primary();
        let region = language.region().unwrap_or_default().to_ascii_uppercase();
        let point = Self {
            decimal: '.',
            other_mark_groups: true,
            space_groups: false,
            groups_of_four: false,
            slash_decimal: matches!(primary.as_str(), "fa" | "ckb" | "ps"),
        };
        let comma = Self { decimal: ',', space_groups: true, ..point };
        match (primary.as_str(), region.as_str()) {
            // Mexico, Central America and the Spanish-speaking Caribbean write a decimal point.
            ("es", "MX" | "US" | "PR" | "DO" | "GT" | "HN" | "NI" | "PA" | "PE" | "SV" | "419") => point,
            ("de" | "it", "CH" | "LI") => point,
            ("sw", "CD") | ("ar", "MA" | "DZ" | "TN" | "LY" | "MR" | "EH") => comma,
            ("zh" | "ja" | "ko" | "yue", _) => Self { groups_of_four: true, ..point },
            (
                "de" | "es" | "it" | "pt" | "nl" | "id" | "tr" | "el" | "da" | "vi" | "ro" | "hr" | "sr"
                | "bs" | "sl" | "ca",
                _,
            )
            | ("gl" | "eu" | "is" | "mk" | "az" | "km" | "lo" | "jv" | "su" | "ckb" | "ku", _)
            | (
                "fo" | "lb" | "nds" | "oc" | "ast" | "br" | "fur" | "sc" | "tk" | "tt" | "tg" | "ba" | "rw"
                | "rn" | "ln",
                _,
            ) => comma,
            (
                "ru" | "uk" | "be" | "fr" | "pl" | "cs" | "sk" | "bg" | "fi" | "sv" | "nb" | "nn" | "no"
                | "hu" | "lt",
                _,
            )
            | ("lv" | "et" | "kk" | "ky" | "uz" | "hy" | "ka" | "sq" | "af", _) => {
                Self { other_mark_groups: false, ..comma }
            }
            ("zu" | "xh" | "st" | "tn" | "ss" | "nr" | "ve" | "ts", _) | ("en", "ZA") => {
                Self { space_groups: true, ..point }
            }
            _ => point,
        }
    }
}
