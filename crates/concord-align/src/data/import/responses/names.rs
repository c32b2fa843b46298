//! What the names of columns and files say of responses.

use super::super::columns::{plain, spelling_beside};

/// Names of a response or of a list of them; the first that is there counts.
pub(super) const RESPONSE: [&str; 28] = [
    "response",
    "responses",
    "completion",
    "completions",
    "generation",
    "generations",
    "generated_text",
    "model_output",
    "model_outputs",
    "model_response",
    "output",
    "outputs",
    "output_text",
    "prediction",
    "predictions",
    "pred",
    "reply",
    "candidates",
    "choices",
    "resps",
    "samples",
    "result",
    "answers",
    "assistant",
    "text",
    "content",
    "messages",
    "answer",
];
/// Names of the prompt's text.
pub(super) const PROMPT: [&str; 14] = [
    "prompt",
    "question",
    "instruction",
    "query",
    "problem",
    "input",
    "inputs",
    "doc.question",
    "doc.query",
    "doc.problem",
    "doc.prompt",
    "conversation",
    "conversations",
    "messages",
];
/// Names of the prompt's id; what may be the row's own comes last.
pub(super) const PROMPT_ID: [&str; 18] = [
    "prompt_id",
    "promptid",
    "question_id",
    "problem_id",
    "task_id",
    "custom_id",
    "example_id",
    "instance_id",
    "item_id",
    "qid",
    "doc_id",
    "uid",
    "uuid",
    "id",
    "_id",
    "key",
    "idx",
    "index",
];
/// Names of the model.
pub(super) const MODEL: [&str; 10] = [
    "model",
    "model_name",
    "model_id",
    "generation_model",
    "generation_models",
    "models",
    "generator",
    "llm",
    "engine",
    "system",
];
/// Names of the number of a response.
pub(super) const SAMPLE: [&str; 8] =
    ["sample", "sample_id", "sample_idx", "sample_index", "sample_number", "attempt", "repetition", "repeat"];
/// Names of the gold answer.
pub(super) const GOLD: [&str; 12] = [
    "gold",
    "gold_answer",
    "ground_truth",
    "reference_answer",
    "expected_answer",
    "correct_answer",
    "answer_number",
    "target",
    "expected",
    "final_answer",
    "label",
    "answer",
];
/// Words of a file's name that are no part of the model's.
const GENERIC: [&str; 24] = [
    "responses",
    "response",
    "outputs",
    "output",
    "results",
    "result",
    "samples",
    "generations",
    "generation",
    "generated",
    "predictions",
    "preds",
    "completions",
    "answers",
    "data",
    "train",
    "test",
    "dev",
    "validation",
    "pairs",
    "chosen",
    "rejected",
    "batch",
    "file",
];
/// Endings of file names that say a format.
const ENDINGS: [&str; 11] =
    ["jsonl", "ndjson", "json", "csv", "tsv", "txt", "tab", "parquet", "xlsx", "xls", "ods"];

/// The language of a column of responses, `response_de`, `de_output`, `answer (German)`.
pub(super) fn response_language(column: &str) -> Option<String> {
    beside(column, &RESPONSE)
}

/// The language of a column of prompts, `question_de`, `prompt (German)`. Whether `question_id` is an id or Indonesian is not
/// told by its name ([`may_be_indonesian`]).
pub(super) fn prompt_language(column: &str) -> Option<String> {
    beside(column, &PROMPT).filter(|_| !PROMPT_ID.contains(&plain(column).as_str()))
}

/// Whether a column is named as one of ids, or of prompts in Indonesian.
pub(super) fn may_be_indonesian(column: &str) -> bool {
    PROMPT_ID.contains(&plain(column).as_str()) && beside(column, &PROMPT).is_some()
}

/// The language beside one of the words, where a column has both.
fn beside(column: &str, words: &[&str]) -> Option<String> {
    let name = plain(column);
    let has_word = name.split(|c: char| "_.(:/) ".contains(c)).any(|part| words.contains(&part));
    spelling_beside(column, words).filter(|spelling| has_word && plain(spelling) != name)
}

/// What tells columns of one response each apart: `1` of `response_1`, `a` of `output-a`.
pub(super) fn sample_suffix(column: &str) -> Option<String> {
    let name = plain(column);
    let word = RESPONSE.iter().find(|word| name.starts_with(**word) && name.len() > word.len())?;
    let rest = name[word.len()..].trim_start_matches('_');
    let is_number = !rest.is_empty() && rest.len() <= 4 && rest.bytes().all(|b| b.is_ascii_digit());
    let is_letter = rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_lowercase());
    (is_number || is_letter).then(|| rest.to_owned())
}

/// The model that a file's name says: a folder such as `org__model`, or the name without its ending, its language and words
/// that say what is in it. All of the name where nothing is left.
pub(super) fn model_of_file(name: &str, language: Option<&str>) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    let file = parts.pop().unwrap_or_default();
    if let Some(folder) = parts.iter().find(|folder| folder.contains("__")) {
        return folder.replacen("__", "/", 1);
    }
    let stem = match file.rsplit_once('.') {
        Some((stem, ending))
            if ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) && !stem.is_empty() =>
        {
            stem
        }
        _ => file,
    };
    let language = language.unwrap_or_default().to_lowercase();
    let of_language: Vec<&str> = language.split(['_', '-', '.']).collect();
    let is_own = |word: &str| {
        let word = word.to_lowercase();
        !word.is_empty() && !GENERIC.contains(&word.as_str()) && !of_language.contains(&word.as_str())
    };
    let (mut first, mut last, mut at) = (None, 0, 0);
    for word in stem.split_inclusive(['_', '-', ' ', '(', ')']) {
        let bare = word.trim_end_matches(['_', '-', ' ', '(', ')']);
        if is_own(bare) {
            first.get_or_insert(at);
            last = at + bare.len();
        }
        at += word.len();
    }
    first.and_then(|first| stem.get(first..last)).unwrap_or(stem).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_say_models() {
        for (name, language, wanted) in [
            ("gpt-4o.jsonl", None, "gpt-4o"),
            ("gpt-4.1_sw.jsonl", Some("sw"), "gpt-4.1"),
            ("responses_gemma-2-9b-it_de.csv", Some("de"), "gemma-2-9b-it"),
            ("sw-llama-3.2-1b.json", Some("sw"), "llama-3.2-1b"),
            ("meta-llama__Llama-3-8B/samples_mgsm_sw.jsonl", Some("sw"), "meta-llama/Llama-3-8B"),
            ("responses_sw.jsonl", Some("sw"), "responses_sw"),
            ("ben_Beng.jsonl", Some("ben_Beng"), "ben_Beng"),
            ("", None, ""),
        ] {
            assert_eq!(model_of_file(name, language), wanted, "{name}");
        }
    }

    #[test]
    fn columns_of_responses() {
        for (name, language) in [
            ("response_de", Some("de")),
            ("de_response", Some("de")),
            ("Output (German)", Some("German")),
            ("answer_de", Some("de")),
            ("de", None),
            ("response", None),
            ("response_1", None),
            ("question_de", None),
        ] {
            assert_eq!(response_language(name).as_deref(), language, "{name}");
        }
        assert_eq!(prompt_language("question_de").as_deref(), Some("de"));
        assert_eq!(["prompt_id", "Question ID", "question_id"].map(prompt_language), [None, None, None]);
        for (name, suffix) in [
            ("response_1", Some("1")),
            ("response_a", Some("a")),
            ("output2", Some("2")),
            ("response_de", None),
            ("response", None),
        ] {
            assert_eq!(sample_suffix(name).as_deref(), suffix, "{name}");
        }
    }
}
