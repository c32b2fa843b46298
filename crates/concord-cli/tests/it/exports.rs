//! The files for trainers are those that the page writes.

use std::fs;

use concord_align::data::{
    ExportFormat, ExportOptions, ExportRow, PairWriter, RowRecord, Session, TextFinder, file_name,
};

use crate::given::*;

fn wanted(session: &Session, options: ExportOptions) -> String {
    let rows = session.pairs.iter().filter_map(|pair| {
        let (chosen, rejected) = pair.chosen.zip(pair.rejected)?;
        let (prompt_id, language) = (pair.prompt_id.clone(), pair.language.clone());
        Some(ExportRow { prompt_id, language, chosen, rejected, record: RowRecord::default() })
    });
    let rows: Vec<ExportRow> = rows.collect();
    let (finder, mut writer) = (TextFinder::new(session), PairWriter::new(options));
    rows.iter().for_each(|row| writer.write(&finder.record(row), None));
    writer.finish().into_text()
}

#[test]
fn every_format_is_the_exporters_of_the_page() {
    let (session, folder) = (example(), folder("exports"));
    write_job(&session, &folder, Kind::Lines, 2);
    let said = ends(2, ["export".into(), folder.clone(), "-o".into(), folder.join("x.jsonl")]);
    assert!(said.contains("there are no pairs yet: run `concord select"), "{said}");
    ends(0, ["select".into(), folder.clone(), "-o".into(), folder.join("pairs")]);
    for format in ExportFormat::ALL {
        let options = ExportOptions::of(format);
        let out = folder.join("out").join(format.as_str());
        let args = |out: &std::path::Path| {
            [
                "export".into(),
                folder.clone(),
                "--format".into(),
                format.as_str().into(),
                "-o".into(),
                out.to_owned(),
            ]
        };
        ends(0, args(&out));
        if format == ExportFormat::Hub {
            let all: Vec<String> = text(out.join("data/de/train.jsonl")).lines().map(str::to_owned).collect();
            let lines = wanted(&session, options);
            assert!(!all.is_empty() && all.iter().all(|line| lines.contains(line.as_str())));
            assert!(out.join("README.md").is_file() && out.join("croissant.json").is_file());
            let said = ends(2, args(&folder.join("hub.jsonl")));
            assert!(said.contains("the hub format is a folder"), "{said}");
            continue;
        }
        let rows = out.join(file_name(&options));
        assert_eq!(text(&rows), wanted(&session, options.clone()), "{format:?}");
        assert!(out.join("README.md").is_file() && out.join("concord-run.json").is_file(), "{format:?}");
        let alone = folder.join(format!("{}.jsonl", format.as_str()));
        ends(0, args(&alone));
        assert_eq!(fs::read(alone).unwrap(), fs::read(rows).unwrap());
        let table = folder.join(format!("{}.parquet", format.as_str()));
        ends(0, args(&table));
        let sheets = concord_tables::read("x.parquet", &fs::read(table).unwrap()).unwrap();
        assert_eq!(sheets[0].rows.len(), wanted(&session, options).lines().count());
    }
}

#[test]
fn what_people_decided_is_not_passed_over_in_silence() {
    let (session, folder) = (example(), folder("decided"));
    let out = folder.join("pairs.jsonl");
    let args = ["export".into(), example_path(), "-o".into(), out.clone()];
    let said = ends(2, &args);
    assert!(said.contains("people have decided 38 times in this session: export it in the page"), "{said}");
    ends(0, args.iter().cloned().chain(["--without-decisions".into()]));
    assert_eq!(text(out), wanted(&session, ExportOptions::default()));
}
