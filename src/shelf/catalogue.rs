//! A short list of open models that the engine runs: multilingual ones first, each group from the smallest up.
//!
//! Names, licences, languages and shapes are those of the model cards and configurations; sizes are rounded. A test loads
//! a small file of every offer's family, vocabulary and template.

/// Tokens for which the memory need is stated: eight responses of a thousand tokens at once.
const STATED_TOKENS: u64 = 8 * 1024;

/// An open model worth trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// For people.
    pub name: &'static str,
    /// Where to load it from.
    pub address: &'static str,
    /// Size of the file.
    pub n_bytes: u64,
    /// SPDX identifier, or the name of the terms.
    pub licence: &'static str,
    /// What it speaks, as its makers say.
    pub languages: &'static str,
    /// `general.architecture` of the file.
    pub architecture: &'static str,
    /// The vocabulary: `tokenizer.ggml.pre` of byte-level ones, else `tokenizer.ggml.model`.
    pub vocabulary: &'static str,
    /// Bytes of keys and values per token, in f16.
    pub kv_bytes_per_token: u64,
}

impl Offer {
    /// Memory for the weights and for eight responses of a thousand tokens at once, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.n_bytes + self.kv_bytes_per_token * STATED_TOKENS
    }
}

/// Keys and values of one token: two vectors of `n_kv_heads` × `head_dim` f16 numbers per layer.
const fn kv(n_layers: u64, n_kv_heads: u64, head_dim: u64) -> u64 {
    2 * n_layers * n_kv_heads * head_dim * 2
}

/// Generators: those made for many languages, then those made for English; each group from the smallest up.
const MULTILINGUAL: [Offer; 10] = [
    Offer {
        name: "Qwen3 0.6B",
        address: "Qwen/Qwen3-0.6B-GGUF:Q8_0",
        n_bytes: 639_000_000,
        licence: "Apache-2.0",
        languages: "more than 100 languages",
        architecture: "qwen3",
        vocabulary: "qwen2",
        kv_bytes_per_token: kv(28, 8, 128),
    },
    Offer {
        name: "Qwen2.5 0.5B Instruct",
        address: "Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0",
        n_bytes: 676_000_000,
        licence: "Apache-2.0",
        languages: QWEN25_LANGUAGES,
        architecture: "qwen2",
        vocabulary: "qwen2",
        kv_bytes_per_token: kv(24, 2, 64),
    },
    Offer {
        name: "Llama 3.2 1B Instruct",
        address: "unsloth/Llama-3.2-1B-Instruct-GGUF:Q4_K_M",
        n_bytes: 808_000_000,
        licence: "Llama 3.2 Community License",
        languages: "English, French, German, Hindi, Italian, Portuguese, Spanish and Thai",
        architecture: "llama",
        vocabulary: "llama-bpe",
        kv_bytes_per_token: kv(16, 8, 64),
    },
    Offer {
        name: "Qwen2.5 1.5B Instruct",
        address: "Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q4_K_M",
        n_bytes: 1_117_000_000,
        licence: "Apache-2.0",
        languages: QWEN25_LANGUAGES,
        architecture: "qwen2",
        vocabulary: "qwen2",
        kv_bytes_per_token: kv(28, 2, 128),
    },
    Offer {
        name: "Granite 3.3 2B Instruct",
        address: "ibm-granite/granite-3.3-2b-instruct-GGUF:Q4_K_M",
        n_bytes: 1_550_000_000,
        licence: "Apache-2.0",
        languages: "12 languages, among them Arabic, Chinese, Czech, Dutch, Japanese and Korean",
        architecture: "granite",
        vocabulary: "refact",
        kv_bytes_per_token: kv(40, 8, 64),
    },
    Offer {
        name: "Qwen3 1.7B",
        address: "Qwen/Qwen3-1.7B-GGUF:Q8_0",
        n_bytes: 1_834_000_000,
        licence: "Apache-2.0",
        languages: "more than 100 languages",
        architecture: "qwen3",
        vocabulary: "qwen2",
        kv_bytes_per_token: kv(28, 8, 128),
    },
    Offer {
        name: "SmolLM3 3B",
        address: "ggml-org/SmolLM3-3B-GGUF:Q4_K_M",
        n_bytes: 1_920_000_000,
        licence: "Apache-2.0",
        languages: "English, French, German, Italian, Portuguese and Spanish",
        architecture: "smollm3",
        vocabulary: "llama-bpe",
        kv_bytes_per_token: kv(36, 4, 128),
    },
    Offer {
        name: "Tiny Aya Global 3.35B",
        address: "CohereLabs/tiny-aya-global-GGUF:Q4_K_M",
        n_bytes: 2_140_000_000,
        licence: "CC-BY-NC-4.0",
        languages: "more than 70 languages, many of them with few resources",
        architecture: "cohere2",
        vocabulary: "tiny_aya",
        kv_bytes_per_token: kv(36, 4, 128),
    },
    Offer {
        name: "Ministral 3 3B Instruct",
        address: "mistralai/Ministral-3-3B-Instruct-2512-GGUF:Q4_K_M",
        n_bytes: 2_150_000_000,
        licence: "Apache-2.0",
        languages: "dozens of languages, among them Arabic, Chinese, Dutch, Japanese and Korean",
        architecture: "mistral3",
        vocabulary: "tekken",
        kv_bytes_per_token: kv(26, 8, 128),
    },
    Offer {
        name: "Phi-4 mini Instruct",
        address: "unsloth/Phi-4-mini-instruct-GGUF:Q4_K_M",
        n_bytes: 2_490_000_000,
        licence: "MIT",
        languages: "23 languages, among them Arabic, Chinese, Finnish, Hebrew, Thai and Ukrainian",
        architecture: "phi3",
        vocabulary: "gpt-4o",
        kv_bytes_per_token: kv(32, 8, 128),
    },
];

/// Generators whose makers promise English alone.
const ENGLISH: [Offer; 5] = [
    Offer {
        name: "SmolLM2 135M Instruct",
        address: "bartowski/SmolLM2-135M-Instruct-GGUF:Q8_0",
        n_bytes: 145_000_000,
        licence: "Apache-2.0",
        languages: "English; small enough for a first try",
        architecture: "llama",
        vocabulary: "smollm",
        kv_bytes_per_token: kv(30, 3, 64),
    },
    Offer {
        name: "Gemma 3 270M Instruct",
        address: "unsloth/gemma-3-270m-it-GGUF:Q8_0",
        n_bytes: 292_000_000,
        licence: "Gemma terms",
        languages: "English, and some of many others",
        architecture: "gemma3",
        vocabulary: "llama",
        kv_bytes_per_token: kv(18, 1, 256),
    },
    Offer {
        name: "SmolLM2 360M Instruct",
        address: "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF:Q8_0",
        n_bytes: 386_000_000,
        licence: "Apache-2.0",
        languages: "English",
        architecture: "llama",
        vocabulary: "smollm",
        kv_bytes_per_token: kv(32, 5, 64),
    },
    Offer {
        name: "Gemma 3 1B Instruct",
        address: "unsloth/gemma-3-1b-it-GGUF:Q4_K_M",
        n_bytes: 806_000_000,
        licence: "Gemma terms",
        languages: "English, and some of many others",
        architecture: "gemma3",
        vocabulary: "llama",
        kv_bytes_per_token: kv(26, 1, 256),
    },
    Offer {
        name: "Gemma 2 2B Instruct",
        address: "bartowski/gemma-2-2b-it-GGUF:Q4_K_M",
        n_bytes: 1_710_000_000,
        licence: "Gemma terms",
        languages: "English",
        architecture: "gemma2",
        vocabulary: "llama",
        kv_bytes_per_token: kv(26, 4, 256),
    },
];

const QWEN25_LANGUAGES: &str =
    "29 languages, among them Arabic, Chinese, English, French, German, Japanese, Russian and Spanish";

/// Encoders of texts in many languages, smallest first; as many fit beside a generator.
const ENCODERS: [Offer; 4] = [
    Offer {
        name: "paraphrase-multilingual-MiniLM-L12-v2",
        address: "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        n_bytes: 471_000_000,
        licence: "Apache-2.0",
        languages: "more than 50 languages",
        architecture: "bert",
        vocabulary: "t5",
        kv_bytes_per_token: kv(12, 12, 32),
    },
    Offer {
        name: "multilingual-e5-small",
        address: "intfloat/multilingual-e5-small",
        n_bytes: 471_000_000,
        licence: "MIT",
        languages: "about 100 languages",
        architecture: "bert",
        vocabulary: "t5",
        kv_bytes_per_token: kv(12, 12, 32),
    },
    Offer {
        name: "gte-multilingual-base",
        address: "Alibaba-NLP/gte-multilingual-base",
        n_bytes: 611_000_000,
        licence: "Apache-2.0",
        languages: "more than 70 languages",
        architecture: "gte",
        vocabulary: "t5",
        kv_bytes_per_token: kv(12, 12, 64),
    },
    Offer {
        name: "Qwen3 Embedding 0.6B",
        address: "Qwen/Qwen3-Embedding-0.6B-GGUF:Q8_0",
        n_bytes: 639_000_000,
        licence: "Apache-2.0",
        languages: "more than 100 languages",
        architecture: "qwen3",
        vocabulary: "qwen2",
        kv_bytes_per_token: kv(28, 8, 128),
    },
];

/// The encoders on offer.
pub fn encoders() -> impl Iterator<Item = &'static Offer> {
    ENCODERS.iter()
}

/// The generators on offer: those made for many languages first.
pub fn offers() -> impl Iterator<Item = &'static Offer> {
    MULTILINGUAL.iter().chain(&ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::{Address, Pick};

    #[test]
    fn every_offer_names_a_repository_and_a_quantisation() {
        for offer in offers() {
            let address = Address::parse(offer.address).unwrap();
            assert!(matches!(address, Address::Hub(hub) if matches!(hub.pick, Pick::Quant(_))), "{offer:?}");
            assert!(offer.memory_bytes() > offer.n_bytes && offer.n_bytes < 3_000_000_000, "{offer:?}");
        }
        assert!(ENCODERS.iter().all(|offer| matches!(Address::parse(offer.address), Ok(Address::Hub(_)))));
    }

    #[test]
    fn the_smallest_of_each_group_comes_first() {
        for group in [&MULTILINGUAL[..], &ENGLISH, &ENCODERS] {
            assert!(group.is_sorted_by_key(|offer| offer.n_bytes));
        }
    }
}
