//! Every shape byte by byte, every guard, and what trainers' reserved columns must not meet.

use serde_json::{Value, json};

use super::*;
use crate::data::{Language, ProblemKind, PromptSource, RowRecord, RowStatus, Session, test_session::sample};

fn row() -> ExportRow {
    let record =
        RowRecord { status: RowStatus::Accepted, reasons: vec!["sums".into()], ..RowRecord::default() };
    ExportRow { prompt_id: "a".into(), language: "ar".into(), chosen: 0, rejected: 1, record }
}

fn session(chosen: &str, rejected: &str) -> Session {
    let mut session = sample();
    session.model.name = "tiny".into();
    session.responses[2].text = chosen.into();
    session.responses[3].text = rejected.into();
    session
}

fn written(options: ExportOptions, session: &Session, rows: &[ExportRow]) -> Written {
    let (finder, mut writer) = (TextFinder::new(session), PairWriter::new(options));
    rows.iter().for_each(|row| writer.write(&finder.record(row), None));
    writer.finish()
}

fn lines(format: ExportFormat) -> Vec<Value> {
    let text = written(ExportOptions::of(format), &session("yes", "no"), &[row()]).into_text();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn kinds(written: &Written) -> Vec<(u32, ProblemKind)> {
    written.problems.iter().map(|problem| (problem.row, problem.kind)).collect()
}

#[test]
fn every_shape_is_what_its_trainer_reads() {
    let user = json!({ "role": "user", "content": "a in ar?" });
    let [yes, no] = ["yes", "no"].map(|text| json!({ "role": "assistant", "content": text }));
    let [gpt_yes, gpt_no] = ["yes", "no"].map(|text| json!({ "from": "gpt", "value": text }));
    let explicit = json!({ "prompt": [user], "chosen": [yes], "rejected": [no] });
    for (format, wanted) in [
        (ExportFormat::Trl, explicit.clone()),
        (ExportFormat::TrlImplicit, json!({ "chosen": [user, yes], "rejected": [user, no] })),
        (ExportFormat::Kto, json!({ "prompt": [user], "completion": [yes], "label": true })),
        (
            ExportFormat::LlamaFactory,
            json!({ "conversations": [{ "from": "human", "value": "a in ar?" }], "chosen": gpt_yes, "rejected": gpt_no }),
        ),
        (ExportFormat::MsSwift, json!({ "messages": [user, yes], "rejected_response": "no" })),
        (
            ExportFormat::Ultrafeedback,
            json!({ "prompt": "a in ar?", "chosen": [user, yes], "rejected": [user, no], "messages": [user, yes],
                "score_chosen": 1.0, "score_rejected": 0.0 }),
        ),
        (ExportFormat::Full, explicit.clone()),
        (ExportFormat::Hub, explicit),
    ] {
        let found = lines(format).remove(0);
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&found[name], value, "{format:?}: {name}");
        }
        let provenance = [
            ("prompt_id", json!("a")),
            ("language", json!("ar")),
            ("concord_margin", json!(1.0)),
            ("concord_has_scores", json!(true)),
            ("concord_status", json!("accepted")),
            ("concord_method", json!("cm-align")),
            ("concord_model", json!("tiny")),
        ];
        for (name, value) in provenance {
            assert_eq!(found[name], value, "{format:?}: {name}");
        }
    }
}

#[test]
fn no_column_of_ours_is_one_that_a_trainer_reads() {
    // What TRL, OpenRLHF and ms-swift read beside the columns of the shape itself.
    let reserved = [
        "tools",
        "images",
        "image",
        "videos",
        "audios",
        "objects",
        "channel",
        "margin",
        "chat_template_kwargs",
        "teacher_prompt",
        "ref_chosen_logps",
        "ref_rejected_logps",
        "system",
        "query",
        "response",
        "history",
    ];
    for format in ExportFormat::ALL {
        let columns = written(ExportOptions::of(format), &session("yes", "no"), &[row()]).columns;
        let mut names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        assert!(names.iter().all(|name| !reserved.contains(name)), "{format:?}: {names:?}");
        let n = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n, "{format:?} has a column twice");
        let own = ["messages", "completion", "label", "rejected_response"];
        let has_own = |name: &&str| own.contains(name);
        let may_have =
            matches!(format, ExportFormat::Kto | ExportFormat::MsSwift | ExportFormat::Ultrafeedback);
        assert!(may_have || !names.iter().any(has_own), "{format:?}: {names:?}");
    }
}

#[test]
fn every_row_has_every_column_with_one_type_and_never_null() {
    let mut session = session("yes", "no");
    // No scores, no reference, another model, an edited text.
    session.pairs[1].scores.clear();
    session.references[0].sample = None;
    session.responses[2].model = Some("other".into());
    let bare = ExportRow {
        record: RowRecord { chosen_text: Some(" Yes! ".into()), ..RowRecord::default() },
        ..row()
    };
    for format in ExportFormat::ALL {
        let first = lines(format).remove(0);
        let text = written(ExportOptions::of(format), &session, std::slice::from_ref(&bare)).into_text();
        let second: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let kind = |value: &Value| std::mem::discriminant(value);
        let columns = |row: &Value| {
            row.as_object().unwrap().iter().map(|(k, v)| (k.clone(), kind(v))).collect::<Vec<_>>()
        };
        assert_eq!(columns(&first), columns(&second), "{format:?}");
        assert!(second.as_object().unwrap().values().all(|value| !value.is_null()));
        assert_eq!(second["concord_model"], "other; tiny");
        assert!(text.contains("Yes!") && !text.contains(" Yes!"), "{text}");
        assert_eq!((&second["concord_has_scores"], &second["concord_margin"]), (&json!(false), &json!(0.0)));
    }
}

#[test]
fn full_rows_say_who_decided_and_what_it_was_compared_with() {
    let full = lines(ExportFormat::Full).remove(0);
    for (name, value) in [
        ("score_chosen", json!(1.0)),
        ("score_rejected", json!(0.0)),
        ("chosen_model", json!("tiny")),
        ("rejected_model", json!("tiny")),
        ("concord_chosen_sample", json!(0)),
        ("concord_rejected_sample", json!(1)),
        ("concord_chosen_edited", json!(false)),
        ("concord_decided_by", json!("person")),
        ("concord_changed", json!(false)),
        ("concord_reasons", json!("sums")),
        ("concord_reference", json!("en 0: 3")),
        ("concord_reference_language", json!("en")),
    ] {
        assert_eq!(full[name], value, "{name}");
    }
}

#[test]
fn what_is_known_of_the_prompt_set_goes_out_with_the_pairs() {
    let mut session = session("yes", "no");
    let options = ExportOptions::of(ExportFormat::Hub);
    let files = |session: &Session| {
        let written = written(options.clone(), session, &[row()]);
        let line: Value = serde_json::from_str(written.files[0].text.lines().next().unwrap()).unwrap();
        let facts = SideFacts {
            session,
            n_responses: session.responses.len(),
            options: &options,
            written: &written,
            parts: &[],
            batches_read_me: None,
            decisions: (String::new(), 0),
        };
        let beside = beside(&facts);
        let text = |name: &str| beside.iter().find(|(path, _)| path == name).unwrap().1.clone();
        (line["concord_licence"].clone(), ["README.md", "LICENSE.md", "croissant.json"].map(text))
    };
    let (licence, [card, note, croissant]) = files(&session);
    assert_eq!(licence, "");
    assert!(card.contains("source_datasets: [\"extended\"]"), "{card}");
    assert!(note.contains("which the session does not say") && !croissant.contains("wasDerivedFrom"));

    session.config.prompt_set = PromptSource {
        name: "<i>MGSM</i>".into(),
        source: "juletxara/mgsm".into(),
        licence: " CC-BY-SA-4.0 ".into(),
    };
    let (licence, [card, note, croissant]) = files(&session);
    assert_eq!(licence, "CC-BY-SA-4.0");
    assert!(card.contains("source_datasets: [\"juletxara/mgsm\"]"), "{card}");
    assert!(card.contains("&lt;i&gt;MGSM&lt;/i&gt;, from juletxara/mgsm, licence"), "{card}");
    assert!(note.contains("the licence of the prompts (CC-BY-SA-4.0)"), "{note}");
    let croissant: Value = serde_json::from_str(&croissant).unwrap();
    let entity = &croissant["prov:wasDerivedFrom"];
    assert_eq!(entity["sc:license"], "https://spdx.org/licenses/CC-BY-SA-4.0.html");
    assert_eq!(entity["sc:isBasedOn"], "https://huggingface.co/datasets/juletxara/mgsm");
}

#[test]
fn metadata_can_be_left_out() {
    let options = ExportOptions { metadata: false, ..ExportOptions::of(ExportFormat::MsSwift) };
    let columns = written(options, &session("yes", "no"), &[row()]).columns;
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    assert_eq!(names, ["messages", "rejected_response", "prompt_id", "language"]);
}

#[test]
fn a_side_is_unpaired_only_where_its_own_score_says_so() {
    let session = session("yes", "no");
    let labels = |threshold, scores: Vec<f32>| {
        let mut session = session.clone();
        session.pairs[1].scores = scores;
        let options = ExportOptions { threshold, ..ExportOptions::of(ExportFormat::Kto) };
        let written = written(options, &session, &[row()]);
        let found = kinds(&written);
        let rows: Vec<Value> =
            written.into_text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        (rows.iter().map(|row| row["label"].as_bool().unwrap()).collect::<Vec<_>>(), found)
    };
    assert_eq!(labels(None, vec![0.2, 0.1]), (vec![true, false], vec![(0, ProblemKind::NoThreshold)]));
    assert_eq!(labels(Some(0.5), vec![0.9, 0.1]), (vec![true, false], vec![]));
    assert_eq!(labels(Some(0.5), vec![0.9, 0.6]), (vec![true], vec![]));
    assert_eq!(labels(Some(0.5), vec![0.4, 0.1]), (vec![false], vec![]));
    assert_eq!(labels(Some(0.5), vec![0.5, 0.5]), (vec![true], vec![]));
    assert_eq!(labels(Some(0.5), vec![0.1, 0.9]), (vec![], vec![(1, ProblemKind::BeyondThreshold)]));
    assert_eq!(labels(Some(0.5), vec![]), (vec![], vec![(1, ProblemKind::NoScore)]));
}

#[test]
fn guards_refuse_what_trainers_misread_and_say_what_to_do() {
    for (chosen, rejected, kind) in [
        ("", "x", ProblemKind::EmptyText),
        ("x", "\u{200b}\u{feff}", ProblemKind::EmptyText),
        ("\u{1c}\u{1f}", "x", ProblemKind::EmptyText),
        ("x", " x\n", ProblemKind::SameText),
        ("\u{e4}", "a\u{308}", ProblemKind::SameText),
    ] {
        for format in ExportFormat::ALL {
            let written = written(ExportOptions::of(format), &session(chosen, rejected), &[row()]);
            assert_eq!(kinds(&written).first(), Some(&(1, kind)), "{format:?} {chosen:?} {rejected:?}");
            assert_eq!((written.n_pairs, written.n_rows()), (0, 0));
            let problem = &written.problems[0];
            assert!(problem.left_out && !problem.reason.is_empty() && !problem.fix.is_empty());
            assert_eq!(
                (problem.prompt_id.as_deref(), problem.language.as_ref()),
                (Some("a"), Some(&Language::from("ar")))
            );
        }
    }
}

#[test]
fn what_templates_trim_is_trimmed_and_all_else_is_kept() {
    let text = "e\u{301} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} ক\u{200d}্ \u{2028}=1+1 <b>";
    let written = written(ExportOptions::default(), &session(&format!("\u{1f} {text}\u{a0}"), "x"), &[row()]);
    assert_eq!(written.trimmed, 1);
    let out = written.into_text();
    assert!(!out.contains('\u{2028}') && out.lines().count() == 1);
    let line: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(line["chosen"][0]["content"], text);
}

#[test]
fn a_column_of_dates_is_warned_of_file_by_file() {
    let session = session("2024-05-01", "2024-05-02T10:00:00Z");
    for (format, n) in [
        (ExportFormat::Trl, 2),
        // The prompt stands in the same column, and is no date.
        (ExportFormat::TrlImplicit, 0),
        (ExportFormat::LlamaFactory, 2),
        (ExportFormat::MsSwift, 1),
        (ExportFormat::Hub, 2),
    ] {
        let written = written(ExportOptions::of(format), &session, &[row()]);
        assert_eq!(kinds(&written), vec![(0, ProblemKind::LooksLikeDates); n], "{format:?}");
    }
}

#[test]
fn statuses_say_which_rows_go_out() {
    let taken = |statuses: ExportStatuses| {
        RowStatus::ALL.into_iter().filter(|status| statuses.takes(*status)).collect::<Vec<_>>()
    };
    assert_eq!(taken(ExportStatuses::Accepted), [RowStatus::Accepted]);
    assert_eq!(taken(ExportStatuses::AcceptedAndUndecided), [RowStatus::Undecided, RowStatus::Accepted]);
}

#[test]
fn a_preview_counts_all_and_keeps_the_first_lines() {
    let session = session("yes", "no");
    let (finder, mut writer) =
        (TextFinder::new(&session), PairWriter::preview(ExportOptions::of(ExportFormat::Kto), 3));
    let row = row();
    (0..5).for_each(|_| writer.write(&finder.record(&row), None));
    let written = writer.finish();
    assert_eq!((written.n_pairs, written.n_rows(), written.n_accepted), (5, 10, 5));
    assert_eq!(written.into_text().lines().count(), 3);
}

#[test]
fn options_have_the_names_of_the_contract() {
    let options: ExportOptions = serde_json::from_str(
        r#"{"format":"trl-implicit","statuses":"accepted","order":"batches","threshold":0.5}"#,
    )
    .unwrap();
    let expected = ExportOptions {
        format: ExportFormat::TrlImplicit,
        statuses: ExportStatuses::Accepted,
        order: ExportOrder::Batches,
        threshold: Some(0.5),
        ..ExportOptions::default()
    };
    assert_eq!(options, expected);
    for format in ExportFormat::ALL {
        assert_eq!(serde_json::to_value(format).unwrap(), format.as_str());
        assert_eq!(ExportFormat::parse(format.as_str()), Some(format));
    }
}

#[test]
fn a_prompt_that_nobody_has_confirmed_is_told_of_and_other_sessions_have_no_such_column() {
    let mut session = session("yes", "no");
    let of_b = ExportRow { prompt_id: "b".into(), ..row() };
    let rows = [row(), of_b];
    let before = written(ExportOptions::default(), &session, &rows).into_text();
    assert!(!before.contains("concord_prompt_draft"));
    session.prompts[0].drafts = [("ar".into(), "Tiny".into())].into();
    for format in [ExportFormat::Trl, ExportFormat::Full, ExportFormat::Hub] {
        let written = written(ExportOptions::of(format), &session, &rows);
        assert_eq!(written.n_drafts, 1);
        assert!(kinds(&written).contains(&(0, ProblemKind::DraftPrompts)), "{:?}", written.problems);
        let columns: Vec<&str> = written.columns.iter().map(|column| column.name).collect();
        assert!(columns.contains(&"concord_prompt_draft"), "{columns:?}");
        let text = written.into_text();
        let drafts: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["concord_prompt_draft"].clone())
            .collect();
        assert_eq!(drafts, [json!("Tiny"), json!("")]);
    }
    let bare = ExportOptions { metadata: false, ..ExportOptions::default() };
    let bare = written(bare, &session, &rows);
    assert_eq!((bare.n_drafts, bare.into_text().contains("concord_prompt_draft")), (1, false));
}
