//! What the name of a model file tells about the type of its weights.
//!
//! Publishers write the quantisation at the end of the name, as in `model-Q8_0.gguf`, `model.q4_k_m.gguf` or
//! `model-UD-Q4_K_XL.gguf`. A name is only a hint: the header of the file decides what is loaded. It is enough to
//! steer a person away from a download of which no byte could be used.

use crate::weights::PartName;

/// In the order they are taken when nobody says which: near the original first, then smaller.
const PREFERRED: [&str; 15] = [
    "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q4_K_S", "Q4_1", "IQ4_XS", "IQ4_NL", "Q3_K_M", "Q3_K_S",
    "Q2_K", "F16", "BF16", "F32",
];

/// Beginnings of the types whose blocks the engine does not read: codebooks below four bits, ternary and
/// microscaling types.
const CANNOT_RUN: [&str; 9] = ["iq1_", "iq2_", "iq3_", "tq1_", "tq2_", "mxfp4", "nvfp4", "q1_0", "q2_0"];

/// Whether a file's name ends in a quantisation, in any case.
pub(super) fn has_quantisation(path: &str, name: &str) -> bool {
    let stem = stem(path);
    let Some(before) = stem.strip_suffix(&name.to_ascii_lowercase()) else { return false };
    before.is_empty() || before.ends_with(['-', '.', '_', '/'])
}

/// False for a file, or a bare quantisation, whose name says that its weights are of a type that does not run here.
pub(super) fn may_run(path: &str) -> bool {
    let stem = stem(path);
    let last = stem.rsplit(['-', '.', '/', ':']).next().unwrap_or(&stem);
    !CANNOT_RUN.iter().any(|beginning| last.starts_with(beginning))
}

/// Where a file stands in the order of preference; names that say nothing come last.
pub(super) fn rank(path: &str) -> usize {
    PREFERRED.iter().position(|name| has_quantisation(path, name)).unwrap_or(PREFERRED.len())
}

fn stem(path: &str) -> String {
    let stem = PartName::parse(path).map_or_else(|| path.to_owned(), |part| part.stem).to_ascii_lowercase();
    stem.trim_end_matches(".gguf").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as publishers write them.
    #[test]
    fn types_that_cannot_run_are_known_by_name() {
        for runs in [
            "Qwen3-0.6B-Q8_0.gguf",
            "gemma-3-270m-it-UD-Q4_K_XL.gguf",
            "tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf",
            "qwen2.5-0.5b-instruct-q2_k.gguf",
            "SmolLM3-IQ4_XS.gguf",
            "model.gguf",
            "iq2-model-F16.gguf",
            "Q6_K_L",
        ] {
            assert!(may_run(runs), "{runs}");
        }
        for does_not in [
            "gemma-3-1b-it-UD-IQ2_M.gguf",
            "model.IQ3_XXS.gguf",
            "big/model-IQ1_S-00001-of-00003.gguf",
            "gpt-oss-20b-MXFP4.gguf",
            "bitnet-TQ2_0.gguf",
            "IQ2_XXS",
        ] {
            assert!(!may_run(does_not), "{does_not}");
        }
    }

    #[test]
    fn the_end_of_the_name_counts() {
        assert!(
            has_quantisation("a/model.q8_0.gguf", "Q8_0") && has_quantisation("m-UD-Q4_K_XL.gguf", "Q4_K_XL")
        );
        assert!(
            !has_quantisation("model-IQ8_0.gguf", "Q8_0") && !has_quantisation("Q8_0-model.gguf", "Q8_0")
        );
        assert!(rank("m-Q8_0.gguf") < rank("m-Q4_K_M.gguf") && rank("m-Q2_K.gguf") < rank("m.gguf"));
    }
}
