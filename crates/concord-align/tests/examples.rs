//! The examples, run on the files beside them.

use serde_json::Value;

#[path = "../examples/select.rs"]
#[expect(dead_code, reason = "a test has no use for the example's main")]
mod select;

const RESPONSES: &str = include_str!("../examples/responses.jsonl");

#[test]
fn select_writes_the_pairs_that_agreement_gives() {
    let (pairs, notes) = select::run(RESPONSES).unwrap();
    let found: Vec<[String; 4]> = pairs
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let side = |name: &str| text(&row[name][0]["content"]);
            [text(&row["prompt_id"]), text(&row["language"]), side("chosen"), side("rejected")]
        })
        .collect();
    let expected = [
        ["apples", "de", "3 + 4 = 7. Die Antwort ist 7.", "4 - 3 = 1. Die Antwort ist 1."],
        ["apples", "es", "3 + 4 = 7. La respuesta es 7.", "Tiene 1 manzana. La respuesta es 1."],
        ["pencils", "es", "4 × 5 = 20. La respuesta es 20.", "4 + 5 = 9. La respuesta es 9."],
        [
            "sea",
            "es",
            "Los ríos llevan al mar la sal de las rocas, y solo el agua se evapora.",
            "El mar es azul.",
        ],
    ];
    assert_eq!(found, expected.map(|row| row.map(str::to_owned)));
    assert!(notes.iter().any(|note| note.contains("pencils, de: no pair, Some(NoneDisagree)")), "{notes:?}");
}

#[test]
fn select_names_the_line_that_is_wrong() {
    let reason = |line: &str| select::run(&format!("{RESPONSES}{line}")).unwrap_err().to_string();
    assert!(reason("{}").starts_with("line 4: missing field"), "{}", reason("{}"));
    let short = RESPONSES.lines().next().unwrap().replacen("[0.9, 0.1, 0.2, 0.1]", "[0.9]", 1);
    assert_eq!(reason(&short), "line 4: every response needs a vector of the same length");
}
