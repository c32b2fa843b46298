//! Sampling settings and the counter-based generator: the CPU twin of `engine/kernels/sample.wgsl`.

/// How the next token is drawn. Applied in this order: repetition penalty, temperature, top-k,
/// top-p, min-p; each truncation works on what the one before left, renormalised. Ties with the
/// last token kept are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingSettings {
    /// Logits are divided by it; 0 takes the most likely token (ties: the lowest id).
    pub temperature: f32,
    /// Keep the k most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the smallest set of most likely tokens whose probability reaches this; 1 keeps all.
    pub top_p: f32,
    /// Drop tokens whose probability is below this share of the most likely one's; 0 keeps all.
    pub min_p: f32,
    /// Positive logits of seen tokens are divided by it, negative multiplied; 1 is off.
    pub repetition_penalty: f32,
}

impl Default for SamplingSettings {
    fn default() -> Self {
        Self { temperature: 0.9, top_k: 0, top_p: 1.0, min_p: 0.0, repetition_penalty: 1.0 }
    }
}

/// Key of one draw. The same key gives the same uniform number on every device, in every batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawKey {
    /// Seed of the run.
    pub seed: u32,
    /// Stream: a hash of prompt id, language and sample (see [`stream_id`]).
    pub stream: u32,
    /// Index of the token within the response, from 0.
    pub step: u32,
}

/// The stream of one response: FNV-1a over the prompt id, the language tag and the sample index,
/// so it does not depend on the batch, the order or which other prompts there are.
pub fn stream_id(prompt_id: &str, language: &str, sample: u32) -> u32 {
    let bytes =
        prompt_id.bytes().chain([0xff]).chain(language.bytes()).chain([0xff]).chain(sample.to_le_bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl DrawKey {
    /// A uniform number in [0, 1) with 24 random bits: PCG output permutation chained over the key
    /// (Jarzynski and Olano 2020), the same integer operations as in the kernel.
    pub fn uniform(self) -> f32 {
        let word = pcg(self.step ^ pcg(self.stream ^ pcg(self.seed)));
        (word >> 8) as f32 * (1.0 / 16_777_216.0)
    }
}

/// One round of the PCG-RXS-M-XS 32-bit hash.
fn pcg(value: u32) -> u32 {
    let state = value.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}
