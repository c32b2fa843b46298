//! Which of the files that a person picked or dropped make a model.

/// What a script or a page may be handed beside a model's weights.
const BESIDE_SAFETENSORS: [&str; 3] = [".safetensors", ".json", ".txt"];

/// The places of the files that make a model, among the names of all: the GGUF files, else the safetensors files with
/// what lies beside them; none where there are neither.
pub fn of_model(names: &[String]) -> Vec<usize> {
    let ends = |name: &String, ends: &[&str]| ends.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    let places = |wanted: &[&str]| -> Vec<usize> {
        (0..names.len()).filter(|&idx| ends(&names[idx], wanted)).collect()
    };
    let gguf = places(&[".gguf"]);
    let has_safetensors = !places(&BESIDE_SAFETENSORS[..1]).is_empty();
    if gguf.is_empty() && has_safetensors { places(&BESIDE_SAFETENSORS) } else { gguf }
}

/// A file's name without the folder that was picked: `1_Pooling/config.json` of `model/1_Pooling/config.json`.
pub fn name_below(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_folder, below)| below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_picked_out_of_a_folder() {
        let of = |names: &[&str]| of_model(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["b.GGUF", "README.md", "a.gguf", "config.json"]), [0, 2]);
        assert_eq!(of(&["config.json", "model.safetensors", "x.png", "1_Pooling/config.json"]), [0, 1, 3]);
        assert_eq!(of(&["config.json", "notes.txt"]), [0usize; 0]);
        assert_eq!(name_below("folder/1_Pooling/config.json"), "1_Pooling/config.json");
        assert_eq!(name_below("config.json"), "config.json");
    }
}
