//! Any mapping and any file: prompts and responses, or a refusal; never a panic.

use concord_align::data::{
    Language, Mapping, Prompt, ResponseMapping, SessionConfig, SourceFile, check_session, import,
    import_responses, session_of,
};
use proptest::prelude::*;

/// Two prompts in English and German.
fn prompts() -> Vec<Prompt> {
    let csv =
        "id,en,de\na,How much is 3 + 4?,Wie viel ist 3 + 4?\nb,How much is 3 + 5?,Wie viel ist 3 + 5?\n";
    import(vec![SourceFile::new("p.csv", csv)], &Mapping::default(), &Language::from("en")).prompts
}

/// Cells, keys and files that mean something to the readers.
fn piece() -> impl Strategy<Value = String> {
    let known = "id|en|de|a|b|prompt|response|responses|chosen|rejected|model|language|sample|text|messages|role|user|content|\\[|\\]|\\{|\\}|\"|,|:|;|\t|\n| |0|1|null|row-1|doc\\.question|\\.|\u{feff}|ন";
    prop_oneof![6 => known.prop_map(|part: String| part), 1 => "\\PC{0,3}"]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|parts| parts.concat())
}

/// Any value under any member of a mapping.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (0u32..3).prop_map(Into::into),
        piece().prop_map(Into::into),
        prop::sample::select(vec![
            "rows",
            "wide",
            "columns",
            "pairs",
            "id",
            "text",
            "order",
            "long",
            "per-file",
            "nested",
            "row",
            "anchor-text",
            ",",
            ""
        ])
        .prop_map(Into::into),
    ];
    let column = |name: String, other: String| serde_json::json!({ "column": name, "language": other });
    let file = |name: String, other: String| serde_json::json!({ "file": name, "language": other });
    let object = prop_oneof![
        (piece(), piece()).prop_map(move |(a, b)| column(a, b)),
        (piece(), piece()).prop_map(move |(a, b)| file(a, b))
    ];
    let item = prop_oneof![leaf.clone(), object];
    let value = prop_oneof![3 => leaf, 1 => prop::collection::vec(item, 0..3).prop_map(Into::into)];
    let key = prop::sample::select(vec![
        "kind",
        "join",
        "path",
        "header",
        "delimiter",
        "quoting",
        "id",
        "prompt",
        "answer",
        "language",
        "model",
        "sample",
        "response",
        "chosen",
        "rejected",
        "texts",
        "prompts",
        "samples",
        "files",
        "task",
        "taskOfAll",
        "text",
    ]);
    prop::collection::vec((key, value), 0..5).prop_map(|members| {
        serde_json::Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_mapping_and_any_file_give_prompts_and_responses_or_a_refusal(json in json(), texts in prop::collection::vec(text(), 1..3), has_prompts in any::<bool>()) {
        let files = || texts.iter().enumerate().map(|(at, text)| SourceFile::new(["a_en.txt", "b"][at], text.as_bytes())).collect::<Vec<_>>();
        let anchor = Language::from("en");
        if let Ok(mapping) = serde_json::from_value::<Mapping>(json.clone()) {
            let found = import(files(), &mapping, &anchor);
            prop_assert!(found.refusal.is_some() || !found.prompts.is_empty());
        }
        if let Ok(mapping) = serde_json::from_value::<ResponseMapping>(json) {
            let given = if has_prompts { prompts() } else { Vec::new() };
            let found = import_responses(files(), &mapping, &given, &anchor);
            prop_assert_eq!(found.refusal.is_some(), found.responses.is_empty());
            if found.refusal.is_none() {
                let session = session_of(found, SessionConfig::default(), String::new());
                prop_assert_eq!(check_session(&session), []);
            }
        }
    }
}
