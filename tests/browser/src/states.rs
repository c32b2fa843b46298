//! States that no model had, added to a session file: languages meet in the middle of the network and part again.

use serde_json::{Value, json};

/// Numbers of a state.
const DIM: usize = 16;

/// The session with states of all its prompts after every layer, the embedding included: last token in the chat template, and
/// mean of the bare text.
///
/// # Panics
/// When the text is no session file.
pub fn with_states(session: &str, n_layers: usize) -> String {
    let mut session: Value = serde_json::from_str(session).expect("a session file");
    let ids: Vec<String> = texts(&session["prompts"], "id");
    let languages: Vec<String> =
        session["config"]["languages"].as_array().expect("languages").iter().map(text).collect();
    let order: Vec<(&String, &String)> =
        ids.iter().flat_map(|id| languages.iter().map(move |language| (id, language))).collect();
    let layers =
        ["chat", "plain"].into_iter().flat_map(|kind| (0..=n_layers).map(move |layer| (kind, layer)));
    let states = layers.map(|(kind, layer)| {
        let pull = distance(layer, n_layers) + if kind == "chat" { 0.1 } else { 0.0 };
        let values = (0..ids.len())
            .flat_map(|prompt| (0..languages.len()).map(move |language| (prompt, language)))
            .flat_map(|(prompt, language)| state(prompt, language, pull));
        json!({
            "text": kind, "pooling": if kind == "chat" { "last" } else { "mean" }, "layer": layer,
            "nLayers": n_layers, "dim": DIM, "order": order, "values": base64(values),
        })
    });
    let representations: Vec<Value> = states.collect();
    session["measurements"] = json!({ "representations": representations });
    session.to_string()
}

/// How much of a state is the language rather than the prompt: least in the middle.
fn distance(layer: usize, n_layers: usize) -> f32 {
    let share = layer as f32 / n_layers as f32;
    0.3 + 2.4 * (share - 0.5).abs()
}

/// A direction of the prompt's, and one of the language's.
fn state(prompt: usize, language: usize, pull: f32) -> Vec<f32> {
    let wave = |at: usize, seed: usize| ((at * (seed * 7 + 3) + seed * seed) as f32 * 0.71).sin();
    (0..DIM).map(|at| wave(at, prompt + 1) + pull * wave(at + 5, language + 40)).collect()
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|entry| text(&entry[field])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Little-endian f32 as base64 (RFC 4648).
fn base64(values: impl Iterator<Item = f32>) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let byte = |at: usize| u32::from(part.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize]);
            out.push(if at <= part.len() { letter } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_known_bytes() {
        assert_eq!(base64([1.0_f32].into_iter()), "AACAPw==");
        assert_eq!(base64([1.0_f32, -2.0].into_iter()), "AACAPwAAAMA=");
        assert_eq!(base64([0.0_f32; 3].into_iter()), "AAAAAAAAAAAAAAAA");
    }
}
