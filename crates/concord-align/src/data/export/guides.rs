//! Settings for the trainers that read a shape, and a text that says how.

use serde_json::json;

use super::facts::pretty;
use super::{ExportFormat, SideFacts};

/// The files beside the rows of a trainer.
pub(super) fn files(facts: &SideFacts<'_>) -> Vec<(String, String)> {
    let Some(part) = facts.parts.first() else { return Vec::new() };
    let file = part.path.as_str();
    let mut files = vec![("README.md".to_owned(), read_me(facts, file))];
    match facts.options.format {
        ExportFormat::Trl => {
            files.push(("axolotl.yml".to_owned(), axolotl(facts, file, "dpo", AXOLOTL_DPO)));
            files.push(("openrlhf.sh".to_owned(), openrlhf(file)));
        }
        ExportFormat::TrlImplicit => {
            files.push(("axolotl.yml".to_owned(), axolotl(facts, file, "orpo", AXOLOTL_ORPO)));
        }
        ExportFormat::Kto => {
            files.push(("axolotl.yml".to_owned(), axolotl(facts, file, "kto", AXOLOTL_KTO)));
        }
        ExportFormat::LlamaFactory => {
            files.push(("dataset_info.json".to_owned(), dataset_info(&[("concord", file)])));
        }
        ExportFormat::MsSwift => files.push(("swift.sh".to_owned(), swift(file))),
        ExportFormat::Ultrafeedback | ExportFormat::Full | ExportFormat::Hub => {}
    }
    files
}

const AXOLOTL_DPO: &str = "\
    type: chat_template.default
    field_messages: prompt
    field_chosen: chosen
    field_rejected: rejected
";
const AXOLOTL_ORPO: &str = "    type: chat_template.argilla\n";
const AXOLOTL_KTO: &str = "    type: chatml.argilla_chat\n";

/// Axolotl's settings for the data; the model's own are left to whoever trains.
fn axolotl(facts: &SideFacts<'_>, file: &str, method: &str, how: &str) -> String {
    let loader = loader(facts);
    let beta = if method == "orpo" { "orpo_alpha: 0.1\nchat_template: tokenizer_default\n" } else { "" };
    format!(
        "# To be added to the settings of your model.\nrl: {method}\n{beta}datasets:\n  - path: {file}\n    ds_type: {loader}\n    split: train\n{how}"
    )
}

fn openrlhf(file: &str) -> String {
    format!(
        "#!/bin/sh\n# OpenRLHF takes prompt and sides apart as they are; without --data.prompt_key it would lose the prompt.\n\
         python -m openrlhf.cli.train_dpo \\\n  --model.model_name_or_path \"$MODEL\" \\\n  --data.dataset {file} \\\n  --data.prompt_key prompt \\\n  \
         --data.chosen_key chosen \\\n  --data.rejected_key rejected \\\n  --data.apply_chat_template\n"
    )
}

fn swift(file: &str) -> String {
    format!("#!/bin/sh\nswift rlhf --rlhf_type dpo --model \"$MODEL\" --dataset {file}\n")
}

/// What LLaMA-Factory has to know of files: `ranking`, or it would read them as ordinary conversations.
pub(super) fn dataset_info(files: &[(&str, &str)]) -> String {
    let entry = |file: &str| {
        json!({
            "file_name": file, "formatting": "sharegpt", "ranking": true,
            "columns": { "messages": "conversations", "chosen": "chosen", "rejected": "rejected" },
        })
    };
    let entries = files.iter().map(|(name, file)| ((*name).to_owned(), entry(file)));
    pretty(&serde_json::Value::Object(entries.collect()))
}

fn read_me(facts: &SideFacts<'_>, file: &str) -> String {
    let (written, options) = (facts.written, facts.options);
    let statuses = match written.n_pairs - written.n_accepted {
        0 => "All of them were accepted by a person.".to_owned(),
        n => format!("{n} of them nobody has looked at."),
    };
    let mut text = format!(
        "# Preference pairs\n\n`{file}` holds {} pairs in {} rows. {statuses} `concord-run.json` says how they were made and has the file's SHA-256.\n\n",
        written.n_pairs,
        written.n_rows()
    );
    if written.problems.iter().any(|problem| problem.left_out) {
        text.push_str(
            "`rows-left-out.csv` lists the rows that a trainer would misread, with what to do.\n\n",
        );
    }
    text.push_str(&trainers(options.format).replace("LOADER", loader(facts)).replace("FILE", file));
    text
}

/// What Hugging Face's `load_dataset`, and what is built on it, calls the kind of file.
fn loader(facts: &SideFacts<'_>) -> &'static str {
    if facts.options.parquet { "parquet" } else { "json" }
}

fn trainers(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Trl => {
            "\
- TRL: `DPOTrainer(train_dataset=load_dataset(\"LOADER\", data_files=\"FILE\", split=\"train\"), …)`; CPO, ORPO, BCO and KTO read it too, and so does Unsloth.\n\
- Axolotl: the lines of `axolotl.yml`. OpenRLHF: `openrlhf.sh`.\n\
- LLaMA-Factory drops these rows, and ms-swift does not read them: export for them.\n"
        }
        ExportFormat::TrlImplicit => {
            "\
- TRL: `RewardTrainer` as it is; trainers that want the prompt apart take it out of the two conversations.\n\
- Axolotl's ORPO: the lines of `axolotl.yml`. OpenRLHF: no `--data.prompt_key`.\n"
        }
        ExportFormat::Kto => {
            "\
- TRL: `KTOTrainer` as it is. Axolotl: the lines of `axolotl.yml`.\n\
- A label says that a response is good or bad by itself. Rows come from pairs, where chosen is only the better one; set a threshold on the score.\n"
        }
        ExportFormat::LlamaFactory => {
            "\
- Put both files into LLaMA-Factory's `data` folder (or add the entry of `dataset_info.json` to the one there) and name the data set `concord`, stage `dpo`.\n\
- `ranking: true` has to stay: without it the rows are read as ordinary conversations.\n"
        }
        ExportFormat::MsSwift => {
            "- ms-swift: `swift.sh`, for DPO, ORPO, CPO, SimPO (`--rlhf_type`) and reward models.\n"
        }
        ExportFormat::Ultrafeedback => {
            "\
This is the legacy shape of UltraFeedback-binarized: a prompt as text and two whole conversations. TRL's trainers no longer read it;\n\
take the file for TRL unless your code asks for this one.\n"
        }
        ExportFormat::Full | ExportFormat::Hub => {
            "Every column that is known of a pair. Trainers read the other formats.\n"
        }
    }
}
