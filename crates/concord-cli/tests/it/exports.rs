//! The files for trainers are those that the page writes.

use std::fs;

use concord_align::align::{BatchSettings, Composition};
use concord_align::data::{
    DecisionLog, ExportFormat, ExportOptions, ExportOrder, ExportRow, ExportStatuses, PairWriter, RowRecord,
    Session, TextFinder, batches_read_me, file_name, part_name,
};
use concord_curation::curation::{Desk, Exported, Exporter};

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

/// What the page would write.
fn of_the_page(session: &Session, options: ExportOptions, settings: BatchSettings) -> Exported {
    let desk = Desk::new(session.clone());
    let mut exporter = Exporter::new(options, settings, None);
    while exporter.step(&desk) {}
    exporter.finish()
}

#[test]
fn what_people_decided_goes_out_as_from_the_page() {
    let (session, folder) = (example(), folder("decided"));
    assert!(!session.events.is_empty());
    let out = folder.join("pairs.jsonl");
    let args = ["export".into(), example_path(), "-o".into(), out.clone()];
    let with = |more: &[&str]| {
        ends(0, args.iter().cloned().chain(more.iter().map(Into::into)));
        text(&out)
    };
    let decided = with(&[]);
    let of_page = |statuses| {
        let options = ExportOptions { statuses, ..ExportOptions::default() };
        of_the_page(&session, options, BatchSettings::default()).written.into_text()
    };
    assert_eq!(decided, of_page(ExportStatuses::AcceptedAndUndecided));
    let accepted = with(&["--accepted"]);
    assert_eq!(accepted, of_page(ExportStatuses::Accepted));
    assert!(accepted.lines().count() < decided.lines().count() && !accepted.is_empty());
    let methods = with(&["--without-decisions"]);
    assert_eq!(methods, wanted(&session, ExportOptions::default()));
    assert_ne!(methods, decided);
    let hub = folder.join("hub");
    ends(0, ["export".into(), example_path(), "--format".into(), "hub".into(), "-o".into(), hub.clone()]);
    let (log, n_people) = {
        let mut log = DecisionLog::default();
        while log.step(&session) {}
        log.finish()
    };
    assert!(n_people > 0 && fs::read_dir(&hub).unwrap().count() > 3);
    let all: Vec<String> =
        files_below(&hub).iter().map(|path| fs::read_to_string(path).unwrap_or_default()).collect();
    assert!(all.contains(&log), "the log of decisions is not in the folder");
}

#[test]
fn batches_are_those_of_the_page_from_a_session_and_from_a_job() {
    let (mut session, folder) = (example(), folder("batches"));
    session.events.clear();
    write_job(&session, &folder, Kind::Lines, 2);
    ends(0, ["select".into(), folder.clone(), "-o".into(), folder.join("pairs")]);
    let settings = BatchSettings {
        groups_per_batch: 1,
        n_epochs: 2,
        seed: 7,
        composition: Composition::AnchorExcluded,
        ..BatchSettings::default()
    };
    let words = "--batches --groups-per-batch 1 --epochs 2 --seed 7 --composition anchor-excluded";
    for format in [ExportFormat::Trl, ExportFormat::Kto, ExportFormat::Hub] {
        let options = ExportOptions { order: ExportOrder::Batches, zip: true, ..ExportOptions::of(format) };
        let Exported { written, batches } = of_the_page(&session, options.clone(), settings.clone());
        let (rows, batches) = batches.unwrap();
        assert!(rows.len() > 4 && batches.batches.len() > 2, "{format:?}");
        for (name, source) in [("job", folder.clone()), ("session", example_path())] {
            let out = folder.join("out").join(format.as_str()).join(name);
            let given = [source, "--format".into(), format.as_str().into(), "-o".into(), out.clone()];
            let decisions = (name == "session").then(|| "--without-decisions".into());
            let args = std::iter::once("export".into()).chain(given).chain(words.split(' ').map(Into::into));
            let said = ends(0, args.chain(decisions));
            assert!(said.contains("the order of the rows is that of training"), "{said}");
            for file in &written.files {
                let path = out.join(part_name(&options, file.language.as_ref()));
                assert_eq!(text(&path), file.text, "{format:?} {name} {:?}", file.language);
            }
            let order = text(out.join("TRAINING-ORDER.md"));
            assert_eq!(order, batches_read_me(&batches.plan(), &rows, written.n_pairs));
            assert!(out.join("train/trl_dpo.py").is_file());
            let run: serde_json::Value = serde_json::from_str(&text(out.join("concord-run.json"))).unwrap();
            assert!(
                run["app"]["version"].as_str().is_some_and(|version| !version.is_empty()),
                "{name}: {run}"
            );
            let left: Vec<_> = files_below(&out)
                .into_iter()
                .filter(|path| path.to_string_lossy().contains("waiting"))
                .collect();
            assert!(left.is_empty(), "{left:?}");
        }
    }
    let said =
        ends(2, ["export".into(), folder.clone(), "--accepted".into(), "-o".into(), folder.join("x.jsonl")]);
    assert!(said.contains("nobody has decided on a job's pairs"), "{said}");
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}
