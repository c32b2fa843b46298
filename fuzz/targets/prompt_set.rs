//! Untrusted prompt sets: any bytes, as JSON, JSON Lines, CSV or TSV, or whatever was picked by mistake.

#![no_main]

use concord::data::{Language, read_prompts};
use concord_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bounded(data.len(), || match read_prompts(data, &Language::from("en")) {
        Ok(set) => {
            assert!(!set.prompts.is_empty());
            assert!(set.prompts.iter().all(|prompt| prompt.text.len() >= 2 && !prompt.id.is_empty()));
        }
        // A refusal says what the file is.
        Err(error) => assert!(error.to_string().len() > 20),
    });
});
