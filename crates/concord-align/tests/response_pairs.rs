//! Files whose rows say which of two responses is the better one: their pairs are the session's, and no method's.

use concord_align::data::{
    ExportRow, Language, Pair, PairRecord, ResponseMapping, RowParts, RowRecord, Session, SessionConfig,
    SourceFile, check_session, import_responses, read_session, session_of, write_session,
};

#[test]
fn pairs_of_a_file_are_the_picks_of_the_session_and_no_methods() {
    let lines = [
        r#"{"prompt_id":"b","prompt":"How much is 3 + 5?","chosen":"Eight","rejected":"Nine"}"#,
        r#"{"prompt_id":"a","prompt":"How much is 3 + 4?","chosen":"Seven","rejected":"Eight"}"#,
        r#"{"prompt_id":"a","prompt":"How much is 3 + 4?","chosen":"7","rejected":"8"}"#,
        r#"{"prompt_id":"c","prompt":"How much is 3 + 6?","chosen":"Nine","rejected":""}"#,
    ];
    let read = import_responses(
        vec![SourceFile::new("pairs.jsonl", lines.join("\n").as_bytes())],
        &ResponseMapping::default(),
        &[],
        &Language::from("en"),
    );
    let picks = |pairs: &[Pair]| -> Vec<(String, Option<u32>, Option<u32>)> {
        pairs.iter().map(|pair| (pair.prompt_id.clone(), pair.chosen, pair.rejected)).collect()
    };
    let wanted = [("b".to_owned(), Some(0), Some(1)), ("a".to_owned(), Some(0), Some(1))];
    assert_eq!(picks(&read.pairs), wanted);
    let told: Vec<_> = read.problems.iter().filter(|found| found.problem.row == 3).collect();
    assert!(
        matches!(&told[..], [one] if !one.problem.left_out && one.problem.reason.contains("earlier row")),
        "{told:?}"
    );

    let session = session_of(read, SessionConfig::default(), "2026-11-28T00:00:00Z".to_owned());
    assert_eq!(check_session(&session), []);
    let written = write_session(&session).unwrap();
    let again = read_session(&written).unwrap();
    assert_eq!((picks(&again.pairs), again.config.picked_by()), (wanted.to_vec(), "imported"));
    let row = ExportRow {
        prompt_id: "a".into(),
        language: "en".into(),
        chosen: 0,
        rejected: 1,
        record: RowRecord::default(),
    };
    let parts = RowParts { prompt: None, pair: None, reference: None, has_drafts: false };
    assert_eq!(PairRecord::of(&again, &row, parts, again.responses.iter()).method, "imported");
    // A session without such pairs is written as before.
    assert!(!write_session(&Session::default()).unwrap().contains("importedPairs"));
}
