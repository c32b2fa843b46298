//! A short list of open models of architectures and types that the engine runs. Facts from their model cards; sizes are rounded.

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
    /// SPDX identifier.
    pub licence: &'static str,
    /// What it speaks, as its makers say.
    pub languages: &'static str,
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

/// All that are known, smallest first.
const ALL: [Offer; 6] = [
    Offer {
        name: "SmolLM2 135M Instruct",
        address: "bartowski/SmolLM2-135M-Instruct-GGUF:Q8_0",
        n_bytes: 145_000_000,
        licence: "Apache-2.0",
        languages: "English",
        kv_bytes_per_token: kv(30, 3, 64),
    },
    Offer {
        name: "SmolLM2 360M Instruct",
        address: "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF:Q8_0",
        n_bytes: 386_000_000,
        licence: "Apache-2.0",
        languages: "English",
        kv_bytes_per_token: kv(32, 5, 64),
    },
    Offer {
        name: "Qwen3 0.6B",
        address: "Qwen/Qwen3-0.6B-GGUF:Q8_0",
        n_bytes: 639_000_000,
        licence: "Apache-2.0",
        languages: "more than 100 languages",
        kv_bytes_per_token: kv(28, 8, 128),
    },
    Offer {
        name: "Qwen2.5 0.5B Instruct",
        address: "Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0",
        n_bytes: 676_000_000,
        licence: "Apache-2.0",
        languages: "29 languages, among them Arabic, Chinese, English, French, German, Japanese, Russian and Spanish",
        kv_bytes_per_token: kv(24, 2, 64),
    },
    Offer {
        name: "SmolLM2 1.7B Instruct",
        address: "bartowski/SmolLM2-1.7B-Instruct-GGUF:Q8_0",
        n_bytes: 1_820_000_000,
        licence: "Apache-2.0",
        languages: "English",
        kv_bytes_per_token: kv(24, 32, 64),
    },
    Offer {
        name: "Qwen2.5 1.5B Instruct",
        address: "Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q8_0",
        n_bytes: 1_890_000_000,
        licence: "Apache-2.0",
        languages: "29 languages, among them Arabic, Chinese, English, French, German, Japanese, Russian and Spanish",
        kv_bytes_per_token: kv(28, 2, 128),
    },
];

/// Encoders of texts in many languages, smallest first; as many fit beside a generator.
const ENCODERS: [Offer; 4] = [
    Offer {
        name: "paraphrase-multilingual-MiniLM-L12-v2",
        address: "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        n_bytes: 471_000_000,
        licence: "Apache-2.0",
        languages: "more than 50 languages",
        kv_bytes_per_token: kv(12, 12, 32),
    },
    Offer {
        name: "multilingual-e5-small",
        address: "intfloat/multilingual-e5-small",
        n_bytes: 471_000_000,
        licence: "MIT",
        languages: "about 100 languages",
        kv_bytes_per_token: kv(12, 12, 32),
    },
    Offer {
        name: "gte-multilingual-base",
        address: "Alibaba-NLP/gte-multilingual-base",
        n_bytes: 611_000_000,
        licence: "Apache-2.0",
        languages: "more than 70 languages",
        kv_bytes_per_token: kv(12, 12, 64),
    },
    Offer {
        name: "Qwen3 Embedding 0.6B",
        address: "Qwen/Qwen3-Embedding-0.6B-GGUF:Q8_0",
        n_bytes: 639_000_000,
        licence: "Apache-2.0",
        languages: "more than 100 languages",
        kv_bytes_per_token: kv(28, 8, 128),
    },
];

/// The encoders on offer.
pub fn encoders() -> impl Iterator<Item = &'static Offer> {
    ENCODERS.iter()
}

/// The models on offer.
pub fn offers() -> impl Iterator<Item = &'static Offer> {
    ALL.iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::{Address, Pick};

    #[test]
    fn every_offer_names_a_repository_and_a_quantisation_and_the_smallest_comes_first() {
        for offer in &ALL {
            let address = Address::parse(offer.address).unwrap();
            assert!(matches!(address, Address::Hub(hub) if matches!(hub.pick, Pick::Quant(_))), "{offer:?}");
            assert!(offer.memory_bytes() > offer.n_bytes && offer.n_bytes < 3_000_000_000, "{offer:?}");
        }
        assert!(ALL.is_sorted_by_key(|offer| offer.n_bytes));
        assert!(ENCODERS.iter().all(|offer| matches!(Address::parse(offer.address), Ok(Address::Hub(_)))));
        assert!(ENCODERS.is_sorted_by_key(|offer| offer.n_bytes));
    }
}
