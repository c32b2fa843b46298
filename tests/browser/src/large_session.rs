//! A session file of any size that no model made: written from the format's description, seeded, the same everywhere.
//!
//! Each prompt has a right answer. A language is right with a probability of its own, wrong responses disagree, and cosines
//! are higher between responses with one answer, so that methods have something to find.

use serde_json::{Value, json};

const LANGUAGES: [(&str, &str); 8] = [
    ("en", "She has that many apples in the end: "),
    ("de", "Am Ende hat sie so viele Äpfel: "),
    ("es", "Al final tiene tantas manzanas: "),
    ("ru", "В конце у неё столько яблок: "),
    ("zh-Hans", "最后她有这么多苹果："),
    ("ar", "في النهاية لديها هذا العدد من التفاح: "),
    ("sw", "Mwishoni ana idadi hii ya matufaha: "),
    ("bn", "শেষে তার কাছে এতগুলি আপেল আছে: "),
];

/// The file as text: a math session by CM-Align, with no references and pairs picked yet.
///
/// # Panics
/// When there are more than eight languages.
pub fn large_session(n_prompts: usize, n_languages: usize, n: usize) -> String {
    let languages = &LANGUAGES[..n_languages];
    let mut noise = Noise(42);
    let tags: Vec<&str> = languages.iter().map(|(tag, _)| *tag).collect();
    let ids: Vec<String> = (0..n_prompts).map(|i| format!("p{i:04}")).collect();
    let (mut prompts, mut responses, mut similarities) = (Vec::new(), Vec::new(), Vec::new());
    for (place, id) in ids.iter().enumerate() {
        let gold = 2 + place % 90;
        let text: serde_json::Map<String, Value> = languages
            .iter()
            .map(|(tag, words)| ((*tag).to_owned(), json!(format!("{words}{} + {}?", gold - 1, 1))))
            .collect();
        prompts.push(json!({"id": id, "task": "math", "answer": gold.to_string(), "text": text}));
        let (mut order, mut answers) = (Vec::new(), Vec::new());
        for (l, (tag, words)) in languages.iter().enumerate() {
            for sample in 0..n {
                let is_right = noise.unit() < 0.9 - 0.08 * l as f64;
                let answer = if is_right { gold } else { gold + 1 + noise.below(3) };
                let filler = "2 + 2 = 4. ".repeat(noise.below(6));
                let tokens: Vec<usize> = (0..16 + noise.below(16)).map(|_| noise.below(4000)).collect();
                responses.push(json!({
                    "promptId": id, "language": tag, "sample": sample, "tokens": tokens,
                    "text": format!("{filler}{words}{answer} ({sample})"), "logprob": -4.0 - 20.0 * noise.unit(),
                    "finishReason": "stop", "answer": answer.to_string(), "detectedLanguage": tag,
                }));
                order.push(json!([tag, sample]));
                answers.push(answer);
            }
        }
        similarities.push(json!({"promptId": id, "order": order, "cosine": cosines(&answers, &mut noise)}));
    }
    let config = json!({
        "task": "math", "anchor": tags[0], "languages": tags, "method": "cm-align", "n": n, "temperature": 0.9,
        "seed": 1, "maxTokens": 96, "encoder": "noise",
    });
    json!({
        "schema": "concord-session/1", "created": "2026-11-21T10:00:00.000Z", "app": {"version": "0.1.0"},
        "config": config,
        "model": {"name": "noise", "sha256": "", "architecture": "none", "quantization": "none"},
        "prompts": prompts, "responses": responses, "references": [], "pairs": [],
        "similarities": similarities, "events": [],
    })
    .to_string()
}

/// The upper triangle, row by row, in steps of a ten-thousandth.
fn cosines(answers: &[usize], noise: &mut Noise) -> Vec<f64> {
    let mut out = Vec::with_capacity(answers.len() * answers.len() / 2);
    for (i, a) in answers.iter().enumerate() {
        for b in &answers[i + 1..] {
            let near = if a == b { 0.85 } else { 0.6 };
            out.push(((near + 0.14 * noise.unit()) * 1e4).round() / 1e4);
        }
    }
    out
}

/// SplitMix64.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 up to 1, 1 left out.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
}
