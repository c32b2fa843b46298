//! How large a session may be, and why. What is larger is refused before anything is allocated for it.

use std::collections::HashSet;

use super::{Language, Prompt, SessionConfig};

/// Most responses to a prompt in a language. Every response of a prompt is compared with every other, so work and memory grow
/// with the square: 1,024 in two languages are two million cosines a prompt. The papers use 4 to 64.
pub const MOST_SAMPLES: u32 = 1_024;

/// Most languages of a session. Methods are compared over every two of them.
pub const MOST_LANGUAGES: usize = 500;

/// Most responses of a run. A response with its text, tokens and log-probs takes 1 to 4 kB in the worker and again in the page;
/// WebAssembly can address 4 GB.
pub const MOST_RESPONSES: usize = 1_000_000;

/// Most cosines of a run: 1 GiB, of the 4 GB that WebAssembly can address.
pub const MOST_COSINES: usize = 1 << 28;

/// Highest index of a response. Translations are numbered after the samples, and each new one after the last, so it is well above
/// [`MOST_SAMPLES`].
pub const HIGHEST_SAMPLE: u32 = 1_000_000;

/// The size of a run: its responses, and the cosines between the responses of each prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunSize {
    /// One per text that is asked and sample.
    pub n_responses: usize,
    /// One per two responses of a prompt.
    pub n_cosines: usize,
}

impl RunSize {
    /// Of a run of these prompts. Numbers that do not fit are the largest that do.
    pub fn of(prompts: &[Prompt], config: &SessionConfig) -> Self {
        let asked: HashSet<&Language> = config.languages.iter().collect();
        let is_asked = |language: &&Language| asked.contains(language);
        let n = config.n as usize;
        prompts.iter().fold(Self::default(), |size, prompt| {
            let of_prompt = prompt.text.keys().filter(is_asked).count().saturating_mul(n);
            let n_cosines = of_prompt.saturating_mul(of_prompt.saturating_sub(1)) / 2;
            Self {
                n_responses: size.n_responses.saturating_add(of_prompt),
                n_cosines: size.n_cosines.saturating_add(n_cosines),
            }
        })
    }

    /// What is too large, with what is allowed; `None` where it fits.
    pub fn excess(self) -> Option<String> {
        if self.n_responses > MOST_RESPONSES {
            Some(format!("{} responses, of at most {MOST_RESPONSES}", self.n_responses))
        } else if self.n_cosines > MOST_COSINES {
            Some(format!("{} cosines between responses, of at most {MOST_COSINES}", self.n_cosines))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_session::sample;

    #[test]
    fn a_run_is_as_large_as_the_texts_that_are_asked() {
        let mut session = sample();
        session.prompts[1].text.remove(&Language::from("ar"));
        let size = |n, languages: &[&str]| {
            let languages = languages.iter().map(|tag| Language::from(*tag)).collect();
            RunSize::of(&session.prompts, &SessionConfig { n, languages, ..SessionConfig::default() })
        };
        assert_eq!(size(2, &["en", "ar"]), RunSize { n_responses: 6, n_cosines: 6 + 1 });
        assert_eq!(size(2, &["ar", "de"]), RunSize { n_responses: 2, n_cosines: 1 });
        assert_eq!(size(u32::MAX, &["en"]).excess().map(|said| said.contains("at most 1000000")), Some(true));
    }

    #[test]
    fn either_size_can_be_too_large() {
        for (n_responses, n_cosines, fits) in [
            (MOST_RESPONSES, MOST_COSINES, true),
            (MOST_RESPONSES + 1, 0, false),
            (0, MOST_COSINES + 1, false),
            (usize::MAX, usize::MAX, false),
        ] {
            assert_eq!(
                RunSize { n_responses, n_cosines }.excess().is_none(),
                fits,
                "{n_responses} {n_cosines}"
            );
        }
    }
}
