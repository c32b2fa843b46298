//! The recipes that train on exported pairs and keep their batches, with a session's numbers filled in.

use serde::{Deserialize, Serialize};

use crate::align::Batches;
use crate::data::{Session, TaskKind};

/// The recipes, by their names in a folder.
const TRAIN: [(&str, &str); 6] = [
    ("train/trl_dpo.py", include_str!("recipes/train/trl_dpo.py")),
    ("train/llamafactory.yaml", include_str!("recipes/train/llamafactory.yaml")),
    ("train/dataset_info.json", include_str!("recipes/train/dataset_info.json")),
    ("train/axolotl.yml", include_str!("recipes/train/axolotl.yml")),
    ("train/concord_axolotl.py", include_str!("recipes/train/concord_axolotl.py")),
    ("train/swift.sh", include_str!("recipes/train/swift.sh")),
];

/// β of DPO where nobody says another (arXiv 2305.18290).
const BETA: f32 = 0.1;

/// What the recipes are told of pairs in training order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrainFacts {
    /// The model that gave the responses, and is to be trained.
    pub model: String,
    /// Rows of a complete group: the languages that have pairs.
    pub n_languages: u32,
    /// Rows of a full batch.
    pub batch_rows: u32,
    /// Batches of an optimiser step.
    pub batches_per_step: u32,
    /// Seed of what the trainer draws.
    pub seed: u32,
    /// γ, the weight of the NLL of the chosen response: 1 for math and code, 0 for instructions (CM-Align, section 4).
    pub gamma: f32,
}

impl TrainFacts {
    /// Of a session's pairs in batches; only its settings and its model are looked at.
    pub fn of(session: &Session, batches: &Batches) -> Self {
        Self {
            model: session.model.name.clone(),
            n_languages: batches.batch_size / batches.settings.groups_per_batch.max(1),
            batch_rows: batches.batch_size,
            batches_per_step: batches.settings.batches_per_step,
            seed: batches.settings.seed,
            gamma: gamma_of(session.config.task),
        }
    }
}

/// γ for a kind of answers.
pub fn gamma_of(task: TaskKind) -> f32 {
    if task == TaskKind::General { 0.0 } else { 1.0 }
}

/// The files of `train/`: each name with its text.
pub fn train_files(facts: &TrainFacts) -> Vec<(&'static str, String)> {
    let number = |value: f32| format!("{value:?}");
    let step_rows = facts.batch_rows.saturating_mul(facts.batches_per_step);
    let values = [
        ("@MODEL@", nameable(&facts.model).to_owned()),
        ("@BETA@", number(BETA)),
        ("@GAMMA@", number(facts.gamma)),
        ("@SEED@", facts.seed.to_string()),
        ("@N_LANGUAGES@", facts.n_languages.to_string()),
        ("@BATCH_ROWS@", facts.batch_rows.to_string()),
        ("@BATCHES_PER_STEP@", facts.batches_per_step.to_string()),
        ("@STEP_ROWS@", step_rows.to_string()),
    ];
    let filled =
        |text: &str| values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    TRAIN.iter().map(|(name, text)| (*name, filled(text))).collect()
}

/// The name, if it can stand in quotes of Python, YAML and a shell.
fn nameable(model: &str) -> &str {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/:+~-".contains(c);
    let is_good = !model.is_empty() && !model.starts_with('-') && model.chars().all(is_plain);
    if is_good { model } else { "your/model" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(model: &str) -> Vec<(&'static str, String)> {
        train_files(&TrainFacts {
            model: model.to_owned(),
            n_languages: 7,
            batch_rows: 14,
            batches_per_step: 3,
            seed: 5,
            gamma: 1.0,
        })
    }

    #[test]
    fn every_placeholder_is_filled_and_a_strange_name_is_not_taken() {
        for (name, text) in files("Qwen/Qwen2.5-7B-Instruct") {
            for word in [
                "MODEL",
                "BETA",
                "GAMMA",
                "SEED",
                "N_LANGUAGES",
                "BATCH_ROWS",
                "BATCHES_PER_STEP",
                "STEP_ROWS",
            ] {
                assert!(!text.contains(&format!("@{word}@")), "{name}: {word}");
            }
        }
        let text = |model: &str, file: &str| {
            files(model).into_iter().find(|(name, _)| name.ends_with(file)).unwrap().1
        };
        let yaml = text("Qwen/Qwen2.5-7B-Instruct", "llamafactory.yaml");
        assert!(yaml.contains("model_name_or_path: \"Qwen/Qwen2.5-7B-Instruct\""), "{yaml}");
        assert!(
            yaml.contains("per_device_train_batch_size: 14\n") && yaml.contains("pref_ftx: 1.0 "),
            "{yaml}"
        );
        assert!(text("m", "swift.sh").contains("step=42"));
        for strange in ["", "a\"; rm -rf ~; \"", "--help", "Modèle"] {
            assert!(text(strange, "llamafactory.yaml").contains("\"your/model\""), "{strange}");
        }
    }
}
