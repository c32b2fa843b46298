//! What is written as Parquet is read again, and what is damaged is refused.

use concord_tables::{Column, ColumnKind, Row, TableError, read, write_parquet};
use proptest::prelude::*;
use serde_json::json;

fn rows() -> Vec<Row> {
    let all = json!([
        {"id": "a", "n": 1, "margin": 0.25, "ok": true,
         "prompt": [{"role": "user", "content": "How many?\n\u{2028} \u{1f469}\u{200d}\u{1f52c}"}], "languages": ["en", "de"],
         "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}], "chosen": {"from": "gpt", "value": "c"}},
        {"id": "", "n": -9_007_199_254_740_993i64, "margin": -1e300, "ok": false, "prompt": [], "languages": [], "conversations": [], "chosen": {"from": "gpt", "value": ""}},
        {"id": null, "n": null, "margin": null, "ok": null, "prompt": null, "languages": null,
         "conversations": null, "chosen": null},
        {"id": "d", "n": 0, "margin": 3.0, "ok": true,
         "prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null}, {"role": "user", "content": "b"}],
         "languages": ["sw", null, "zh-Hans"], "conversations": [{"from": "human", "value": null}], "chosen": {"from": null, "value": "d"}},
    ]);
    all.as_array().into_iter().flatten().filter_map(|row| row.as_object().cloned()).collect()
}

fn columns() -> Vec<Column> {
    use ColumnKind::*;
    [
        ("id", Text),
        ("n", Integer),
        ("margin", Number),
        ("ok", Flag),
        ("prompt", Messages),
        ("languages", TextList),
        ("conversations", Turns),
        ("chosen", Turn),
    ]
    .map(|(name, kind)| Column::new(name, kind))
    .to_vec()
}

#[test]
fn every_kind_of_column_comes_back() {
    let file = write_parquet(&columns(), rows().into_iter()).unwrap();
    let sheets = read("x.parquet", &file).unwrap();
    assert_eq!(sheets.len(), 1);
    assert_eq!(
        sheets[0].columns,
        ["id", "n", "margin", "ok", "prompt", "languages", "conversations", "chosen"]
    );
    assert_eq!(sheets[0].rows, rows());
}

#[test]
fn more_rows_than_a_group_and_none_at_all() {
    let many = (0..25_001).map(|at| json!({"n": at, "id": at.to_string()}).as_object().unwrap().clone());
    let file = write_parquet(&columns()[..2], many).unwrap();
    let sheets = read("x", &file).unwrap();
    assert_eq!((sheets[0].rows.len(), &sheets[0].rows[20_000]["n"]), (25_001, &json!(20_000)));
    let empty = write_parquet(&columns(), std::iter::empty()).unwrap();
    assert_eq!(read("x", &empty).unwrap()[0].rows, Vec::<Row>::new());
}

#[test]
fn a_cell_of_another_kind_is_named() {
    let row = json!({"id": "a", "prompt": "How many?"}).as_object().unwrap().clone();
    let error = write_parquet(&columns(), [rows()[0].clone(), row].into_iter()).unwrap_err();
    assert!(matches!(&error, TableError::Value { row: 2, column, .. } if column == "prompt"), "{error}");
}

#[test]
fn other_files_are_no_tables() {
    for bytes in [b"".as_slice(), b"id,en,de\n", b"PK\x03\x04 prompts.csv", b"{}"] {
        assert_eq!(read("x.csv", bytes), Err(TableError::NotATable));
    }
    for bytes in [b"PAR1".as_slice(), b"PAR1PAR1", b"PAR1\0\0\0\0\xff\xff\xff\x7fPAR1"] {
        assert!(matches!(read("x", bytes), Err(TableError::Damaged { .. })), "{bytes:?}");
    }
    assert!(matches!(read("x.xlsx", b"PK\x03\x04"), Err(TableError::Damaged { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_damaged_file_is_read_or_refused(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        // The library reports what it finds as a panic in places; the message is not wanted here.
        std::panic::set_hook(Box::new(|_| {}));
        let mut file = write_parquet(&columns(), rows().into_iter()).unwrap();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if cut.index(4) == 0 {
            file.truncate(cut.index(file.len()));
        }
        for sheet in read("x", &file).unwrap_or_default() {
            prop_assert!(sheet.rows.iter().flat_map(|row| row.keys()).all(|name| sheet.columns.contains(name)));
        }
    }
}
