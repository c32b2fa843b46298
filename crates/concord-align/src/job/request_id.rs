//! The name of a request, `c1_7f3a9c21_g_000012_sw_0_8`: it travels to a server and back, and alone says what an answer answers.
//!
//! It has only letters, digits, `-` and `_`, and at most 64 of them, so that every batch service takes it. Nothing of the
//! prompt's text or of its own id is in it.

use std::{fmt, str::FromStr};

use crate::data::Language;

/// Most characters of a name.
pub const LONGEST_ID: usize = 64;

/// Stands in the name of a request for responses.
const GENERATE: &str = "g";
/// Stands in the name of a request for vectors of responses.
const EMBED: &str = "e";

/// The samples `first` to `first + count - 1` of one prompt in one language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId {
    /// The first eight hexadecimal digits of the job's hash.
    pub job: String,
    /// Line of the prompt in `prompts.jsonl`, from 0.
    pub line: usize,
    /// In which language it is asked.
    pub language: Language,
    /// The first sample.
    pub first: u32,
    /// How many samples, at least 1.
    pub count: u32,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name(GENERATE))
    }
}

impl RequestId {
    /// The name of the request for the vectors of these samples.
    pub fn embed_name(&self) -> String {
        self.name(EMBED)
    }

    /// Reads the name of a request for vectors.
    ///
    /// # Errors
    /// As for a request for responses.
    pub fn of_embed_name(name: &str) -> Result<Self, IdError> {
        Self::read(name, EMBED)
    }

    fn name(&self, stage: &str) -> String {
        let Self { job, line, language, first, count } = self;
        format!("c1_{job}_{stage}_{line:06}_{}_{first}_{count}", language.as_str())
    }
}

/// Why a name is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    /// It is of a version that is not known, such as `c2`.
    Version,
    /// It has another shape.
    Shape,
}

impl FromStr for RequestId {
    type Err = IdError;

    fn from_str(name: &str) -> Result<Self, IdError> {
        Self::read(name, GENERATE)
    }
}

impl RequestId {
    fn read(name: &str, stage: &str) -> Result<Self, IdError> {
        let parts: Vec<&str> = name.split('_').collect();
        match parts.first().and_then(|version| version.strip_prefix('c')) {
            Some("1") => {}
            Some(version) if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) => {
                return Err(IdError::Version);
            }
            _ => return Err(IdError::Shape),
        }
        let [_, job, named, line, language, first, count] = parts[..] else { return Err(IdError::Shape) };
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let id = Self {
            job: job.to_owned(),
            line: number(line)?,
            language: Language(language.to_owned()),
            first: number(first)?,
            count: number(count)?,
        };
        let is_good = job.len() == 8
            && job.bytes().all(is_hex)
            && named == stage
            && is_tag(language)
            && id.count > 0
            && id.first.checked_add(id.count).is_some();
        if is_good { Ok(id) } else { Err(IdError::Shape) }
    }
}

/// Whether a language's tag can stand in a name.
pub(super) fn is_tag(language: &str) -> bool {
    !language.is_empty() && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn number<T: FromStr>(digits: &str) -> Result<T, IdError> {
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain).ok_or(IdError::Shape)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_reads_as_it_was_written(
            job in "[0-9a-f]{8}", line in 0usize..20_000_000, language in "[a-z]{2,3}(-[A-Z][a-z]{3})?",
            first in 0u32..1_024, count in 1u32..1_024,
        ) {
            let id = RequestId { job, line, language: Language(language), first, count };
            let name = id.to_string();
            prop_assert!(name.len() <= LONGEST_ID, "{name}");
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            prop_assert_eq!(name.parse(), Ok(id.clone()));
            prop_assert_eq!(RequestId::of_embed_name(&name), Err(IdError::Shape));
            let name = id.embed_name();
            prop_assert!(name.parse::<RequestId>().is_err());
            prop_assert_eq!(RequestId::of_embed_name(&name), Ok(id));
        }

        #[test]
        fn no_text_is_read_with_a_panic(text in ".{0,80}") {
            let _ = text.parse::<RequestId>();
        }
    }

    #[test]
    fn foreign_names_are_told_from_later_versions() {
        let shape = Err(IdError::Shape);
        for (name, wanted) in [
            ("c2_7f3a9c21_g_000012_sw_0_8", Err(IdError::Version)),
            ("c12", Err(IdError::Version)),
            ("request-1", shape.clone()),
            ("", shape.clone()),
            ("c1_7f3a9c21_g_000012_sw_0", shape.clone()),
            ("c1_7f3a9c21_g_000012_sw_0_0", shape.clone()),
            ("c1_7f3a9c21_g_+00012_sw_0_8", shape.clone()),
            ("c1_7f3a9c21_g_000012_sw_4294967295_8", shape.clone()),
            ("c1_7f3a9c21_x_000012_sw_0_8", shape.clone()),
            ("c1_7F3A9C21_g_000012_sw_0_8", shape.clone()),
            ("c1_7f3a9c21_g_000012_s w_0_8", shape),
        ] {
            assert_eq!(name.parse::<RequestId>(), wanted, "{name}");
        }
    }
}
