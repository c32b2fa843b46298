//! What each column of a prompt file is, going by its name: id, answer, task, a text in a language, or nothing we use.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::data::Language;

/// Names of the prompt's id.
pub(super) const ID: [&str; 17] = [
    "id",
    "prompt_id",
    "promptid",
    "uid",
    "uuid",
    "_id",
    "idx",
    "index",
    "key",
    "question_id",
    "example_id",
    "sample_id",
    "problem_id",
    "item_id",
    "qid",
    "task_id",
    "row_id",
];
/// Names of the gold answer.
pub(super) const ANSWER: [&str; 15] = [
    "answer",
    "gold",
    "answer_number",
    "target",
    "label",
    "gold_answer",
    "final_answer",
    "reference_answer",
    "expected",
    "expected_answer",
    "ground_truth",
    "solution",
    "targets",
    "correct_answer",
    "output",
];
/// Names of a text whose language stands elsewhere; the first that is there counts.
const TEXT: [&str; 12] = [
    "text",
    "prompt",
    "question",
    "instruction",
    "problem",
    "query",
    "inputs",
    "input",
    "sentence",
    "premise",
    "content",
    "translation",
];
/// Names of the language of a row.
pub(super) const LANGUAGE: [&str; 7] =
    ["language", "lang", "language_code", "lang_code", "locale", "lang_id", "language_id"];
/// Codes of languages that as the name of a column may mean something else; they count where the column holds texts.
const AMBIGUOUS: [&str; 30] = [
    "id", "no", "in", "as", "is", "it", "to", "or", "am", "so", "be", "an", "he", "my", "cat", "run", "min",
    "sun", "war", "may", "ind", "kin", "mal", "mon", "som", "tat", "ha", "si", "nr", "ts",
];
/// How many times longer the texts of other languages are at most, on the average.
const MOST_SHORTER: usize = 2;
/// Letters beyond ASCII, from which on a field is a text.
const MIN_LETTERS: usize = 4;

/// The columns of a file.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) id: Option<String>,
    pub(super) answer: Option<String>,
    pub(super) task: Option<String>,
    /// A text whose language stands elsewhere.
    pub(super) text: Option<String>,
    /// Alpaca's second text, which follows the first.
    pub(super) input: Option<String>,
    /// A language for each row.
    pub(super) language: Option<String>,
    /// Columns with texts in a language, as named, and the spelling of the language.
    pub(super) languages: Vec<(String, String)>,
    /// What is none of these.
    pub(super) ignored: Vec<String>,
}

/// A name as it is compared: lower case, words joined by `_`.
pub(super) fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

impl Columns {
    /// Looks at the names of all rows, and at what stands below them.
    pub(super) fn of(rows: &[(u32, Value)]) -> Self {
        let mut names: Vec<&String> = Vec::new();
        let mut values: BTreeMap<&String, Vec<&Value>> = BTreeMap::new();
        for (name, value) in rows.iter().filter_map(|(_, row)| row.as_object()).flatten() {
            let known = values.entry(name).or_default();
            if known.is_empty() {
                names.push(name);
            }
            known.push(value);
        }
        let mut columns = Self::default();
        let find = |wanted: &[&str]| -> Vec<&String> {
            wanted.iter().filter_map(|own| names.iter().copied().find(|name| plain(name) == *own)).collect()
        };
        let is_taken = |column: &Option<String>, name: &String| column.as_ref() == Some(name);
        let indonesian = |name: &String| spelling_in(name).is_some_and(|found| plain(&found) == "id");
        let siblings: Vec<&[&Value]> = names
            .iter()
            .filter(|name| !ID.contains(&plain(name).as_str()) && spelling_in(name).is_some())
            .map(|name| values[*name].as_slice())
            .collect();
        let texts = |name: &String| {
            values.get(name).is_some_and(|all| {
                if indonesian(name) { are_translations(all, &siblings) } else { are_texts(all) }
            })
        };
        // What holds texts is no id: `id` may be Indonesian, `question_id` the question in it.
        columns.id = find(&ID).into_iter().find(|name| !texts(name)).cloned();
        columns.task = find(&["task"]).first().map(|name| (*name).clone());
        columns.language = find(&LANGUAGE).first().map(|name| (*name).clone());
        let text = find(&TEXT);
        columns.text = text.first().map(|name| (*name).clone());
        columns.input = text.iter().find(|name| plain(name) == "input").map(|name| (*name).clone());
        columns.input = columns.input.filter(|input| Some(input) != columns.text.as_ref());
        columns.answer = find(&ANSWER).first().map(|name| (*name).clone());
        for name in names {
            let taken = [
                &columns.id,
                &columns.task,
                &columns.language,
                &columns.text,
                &columns.input,
                &columns.answer,
            ];
            if taken.into_iter().any(|column| is_taken(column, name)) {
                continue;
            }
            match spelling_in(name) {
                Some(spelling)
                    if !is_numbers(&values[name])
                        && (!(is_ambiguous(name) || indonesian(name)) || texts(name)) =>
                {
                    columns.languages.push((name.clone(), spelling));
                }
                _ => columns.ignored.push(name.clone()),
            }
        }
        columns
    }
}

/// Whether a cell of a first row is the name of a column that is read.
pub(super) fn is_known_name(cell: &str) -> bool {
    let name = plain(cell);
    let lists: [&[&str]; 4] = [&ID, &ANSWER, &TEXT, &LANGUAGE];
    name == "task" || lists.iter().any(|list| list.contains(&name.as_str())) || spelling_in(cell).is_some()
}

pub(super) fn is_ambiguous(name: &str) -> bool {
    AMBIGUOUS.contains(&plain(name).as_str())
}

/// The language that a column is named by: by itself (`deu_Latn`, `German`), or beside the name of a text (`question_de`,
/// `de_prompt`, `text (German)`).
fn spelling_in(name: &str) -> Option<String> {
    spelling_beside(name, &TEXT)
}

/// The language that a column is named by, by itself or beside one of these words.
pub(super) fn spelling_beside(name: &str, words: &[&str]) -> Option<String> {
    let name = name.trim();
    let is_text = |part: &str| words.contains(&plain(part).as_str());
    let separators = |c: char| "_-. (:/".contains(c);
    let after = name.find(separators).map(|at| (&name[..at], name[at + 1..].trim_matches([' ', ')', '('])));
    let before = name.rfind(separators).map(|at| (&name[at + 1..], &name[..at]));
    let beside = [after, before].into_iter().flatten();
    let beside = beside.filter(|(part, _)| is_text(part)).map(|(_, spelling)| spelling);
    beside.chain([name]).find(|spelling| Language::known(spelling).is_some()).map(str::to_owned)
}

/// Nothing but numbers, truth values and nothing.
fn is_numbers(values: &[&Value]) -> bool {
    values.iter().all(|value| match value {
        Value::String(text) => text.trim().is_empty() || !text.chars().any(char::is_alphabetic),
        Value::Object(_) | Value::Array(_) => false,
        _ => true,
    })
}

/// Half of what is there has words, or letters of a script that may have no spaces.
pub(super) fn are_texts(values: &[&Value]) -> bool {
    let is_text = |text: &&str| {
        text.trim().contains(char::is_whitespace)
            || text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).count() >= MIN_LETTERS
    };
    let texts = || values.iter().filter_map(|value| value.as_str()).filter(|text| !text.trim().is_empty());
    texts().next().is_some() && 2 * texts().filter(is_text).count() >= texts().count()
}

/// Whether a column that by its name holds ids or Indonesian holds texts: about as long as those beside it in other languages,
/// and where there are none, of three words or more.
pub(super) fn are_translations(values: &[&Value], siblings: &[&[&Value]]) -> bool {
    let texts = |values: &[&Value]| -> Vec<String> {
        values.iter().filter_map(|value| value.as_str()).map(|text| text.trim().to_owned()).collect()
    };
    let mean = |texts: &[String]| {
        let texts: Vec<usize> = texts.iter().map(|text| text.chars().count()).filter(|n| *n > 0).collect();
        texts.iter().sum::<usize>() / texts.len().max(1)
    };
    let own = texts(values);
    let others = siblings.iter().map(|values| mean(&texts(values))).max();
    are_texts(values)
        && match others {
            Some(others) => MOST_SHORTER * mean(&own) >= others,
            None => 2 * own.iter().filter(|text| text.split_whitespace().count() > 2).count() >= own.len(),
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn indonesian_is_told_from_ids_by_its_cells_and_by_what_stands_beside_it() {
        let read = |column: &str, cells: [&str; 2], others: &[&str]| {
            let row = |cell: &str| {
                let mut row = serde_json::Map::from_iter([(column.to_owned(), json!(cell))]);
                let question = json!("How many apples has Mia, if she had seven and buys five?");
                row.extend(others.iter().map(|name| ((*name).to_owned(), question.clone())));
                Value::Object(row)
            };
            let columns = Columns::of(&[(1, row(cells[0])), (2, row(cells[1]))]);
            let is_language = columns.languages.iter().any(|(name, _)| name == column);
            (columns.id.as_deref() == Some(column), is_language)
        };
        let texts = ["Berapa banyak apel yang Mia punya sekarang?", "Berapa harga semua buku itu?"];
        let beside = ["question_en", "question_sw"];
        for column in ["question_id", "id"] {
            assert_eq!(read(column, texts, &beside), (false, true), "{column}");
            assert_eq!(read(column, texts, &[]), (false, true), "{column} alone");
            // Ids may have a space, but they are short.
            for ids in [["q17", "q18"], ["train 1", "train 2"], ["17", "18"]] {
                assert_eq!(read(column, ids, &beside), (true, false), "{column}: {ids:?}");
                assert_eq!(read(column, ids, &[]), (true, false), "{column} alone: {ids:?}");
            }
        }
        // A second column of ids is not taken for a language either.
        let mut row = json!({ "id": "a", "question_id": "q17", "en": "One apple?", "de": "Ein Apfel?" });
        let columns = Columns::of(&[(1, row.take())]);
        assert_eq!((columns.id.as_deref(), columns.languages.len()), (Some("id"), 2));
        assert_eq!(columns.ignored, ["question_id"]);
    }

    #[test]
    fn columns_named_by_a_language() {
        for (name, spelling) in [
            ("en", Some("en")),
            ("deu_Latn", Some("deu_Latn")),
            ("Simplified Chinese", Some("Simplified Chinese")),
            ("question_de", Some("de")),
            ("text-pt-BR", Some("pt-BR")),
            ("sw_prompt", Some("sw")),
            ("prompt (German)", Some("German")),
            ("notes", None),
            ("difficulty", None),
            ("answer_de", None),
            ("prompt_in_lang", None),
            ("question_id", Some("id")),
            ("option_a_en", None),
            ("zz", None),
        ] {
            assert_eq!(spelling_in(name).as_deref(), spelling, "{name}");
        }
    }
}
