//! The rules of import, with their words; and that order, splits and repeats of the lines change nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use super::{choice, collected, id, job, line, said, whole};

#[test]
fn what_is_said_of_an_import() {
    let good = line(&id(1, "sw", 0, 4), &[choice(0, "a"), choice(1, "b"), choice(3, "d")]);
    assert_eq!(said(&good)[0], "3 of 20 responses are here, 0 failed and 17 are missing.");
    assert_eq!(said(&whole().concat())[0], "All 20 responses are here.");
    let foreign = good.replace(job().short(), "01234567");
    assert_eq!(
        said(&foreign)[1],
        "1 line was not taken: these results belong to job 01234567; open its session."
    );
    for (file, wanted) in [
        (format!("{good}{}", &good[..50]), "1 line cut off at the end of results-0.jsonl."),
        (
            format!("{good}<html>\n"),
            "1 line is no result and was passed over: results-0.jsonl, line 2: not a result (expected value at line 1 column 1).",
        ),
        (good.replace("c1_", "c2_"), "1 result is of a later version; use a newer Concord: c2_"),
        (line(&id(7, "sw", 0, 4), &[]), "1 name is not of this job: c1_"),
        (line(&id(2, "sw", 0, 1), &[choice(0, "a")]), "1 name is not of this job: c1_"),
        (line(&id(0, "sw", 4, 1), &[choice(0, "a")]), "1 name is not of this job: c1_"),
        (line("request-7", &[choice(0, "a")]), "1 name is not of this job: request-7."),
        (
            line(&id(0, "sw", 0, 1), &[choice(0, "a"), choice(1, "b")]),
            "1 choice more than was asked for was ignored: c1_",
        ),
        (
            line(&id(0, "sw", 0, 2), &[choice(0, "a"), choice(0, "b")]),
            "1 choice came twice in one answer; the first was kept: c1_",
        ),
        (
            format!("{good}{}", line(&id(1, "sw", 3, 1), &[choice(0, "D")])),
            "1 sample came with 2 different answers; the first was kept: mgsm-2 sw s3.",
        ),
    ] {
        assert!(said(&file).iter().any(|said| said.starts_with(wanted)), "{wanted}\n{:#?}", said(&file));
    }
    let failed = json!({ "custom_id": id(0, "sw", 0, 4), "response": null, "error": { "code": "batch_expired", "message": "It is too late." } });
    assert_eq!(
        said(&format!("{failed}\n"))[1],
        "4 failed with batch_expired: It is too late (mgsm-1 sw s0, mgsm-1 sw s1, mgsm-1 sw s2)."
    );
}

#[test]
fn results_of_another_model_wait_for_a_choice() {
    let job = job();
    let of = |model: &str, first: u32| {
        line(&id(0, "sw", first, 1), &[choice(0, "a")]).replace("Qwen/Qwen2.5-7B-Instruct", model)
    };
    let files = |lines: &[String]| vec![lines.concat()];
    assert!(
        collected(&job, &files(&[of("qwen2.5-7b-instruct", 0), of("/models/Qwen2.5-7B-Instruct.gguf", 1)]))
            .0
            .question
            .is_some()
    );
    assert_eq!(collected(&job, &files(&[of("/models/Qwen2.5-7B-Instruct.gguf", 1)])).0.question, None);
    let other = collected(&job, &files(&[of("Llama", 0)])).0;
    assert_eq!(
        report_lines(&other)[1],
        "The job asked for \"Qwen/Qwen2.5-7B-Instruct\", and the server says that \"Llama\" answered. Take the responses as that model's?"
    );
    let mut collector = Collector::new(&job);
    collector.begin("r");
    collector.push([of("Llama", 0), of("Mistral", 1)].concat().as_bytes());
    collector.end();
    assert_eq!(
        report_lines(&collector.report())[1],
        "Results of 2 models: \"Llama\" (1) and \"Mistral\" (1). Choose one."
    );
    collector.accept_model(Some("Llama"));
    let report = collector.report();
    assert_eq!((report.question, report.n_done, report.n_of_other_model), (None, 1, 1));
    assert_eq!(collector.responses().len(), 1);
}

#[test]
fn a_response_replaces_a_failure_and_never_the_other_way_round() {
    let failed =
        json!({ "custom_id": id(0, "en", 0, 4), "response": null, "error": "busy" }).to_string() + "\n";
    let good = line(&id(0, "en", 0, 4), &[choice(0, "a"), choice(1, "b"), choice(2, "c"), choice(3, "d")]);
    for files in [[failed.clone(), good.clone()], [good, failed]] {
        let (report, _) = collected(&job(), &files);
        assert_eq!((report.n_done, report.n_failed), (4, 0));
        assert!(report.failures.is_empty());
    }
}

#[test]
fn what_is_missing_completes_the_job_and_importing_again_changes_nothing() {
    let job = job();
    let plan = Plan::new(&job, Dialect::Vllm);
    let part = [
        line(&id(0, "sw", 0, 4), &[choice(0, "a"), choice(3, "d")]),
        json!({ "custom_id": id(0, "en", 1, 1), "response": null, "error": "busy" }).to_string() + "\n",
        line(&id(0, "en", 3, 1), &[choice(0, "d")]),
    ]
    .concat();
    let mut collector = Collector::new(&job);
    collector.begin("part");
    collector.push(part.as_bytes());
    collector.end();
    let asked: Vec<Value> =
        collector.missing_lines(&plan).map(|l| serde_json::from_str(&l).unwrap()).collect();
    let ids: Vec<&str> = asked.iter().map(|line| line["custom_id"].as_str().unwrap()).collect();
    let wanted =
        [id(0, "sw", 1, 2), id(0, "en", 0, 3), id(1, "sw", 0, 4), id(1, "en", 0, 4), id(2, "en", 0, 4)];
    assert_eq!(ids, wanted);
    assert_eq!(asked[0]["body"]["seed"], json!(base_seed(1, "mgsm-1", &"sw".into()) + 1));
    let rest: String = ids
        .iter()
        .map(|name| {
            let id: RequestId = name.parse().unwrap();
            let choices: Vec<Value> = (0..id.count).map(|i| choice(i, "x")).collect();
            line(name, &choices)
        })
        .collect();
    let (report, responses) = collected(&job, &[part.clone(), rest.clone()]);
    assert!(report.is_whole() && report.n_repeated == 0);
    let mut again = Collector::new(&job);
    for file in [&part, &rest, &part, &rest] {
        again.begin("again");
        again.push(file.as_bytes());
        again.end();
    }
    assert_eq!(again.missing_lines(&plan).count(), 0);
    assert_eq!((again.report().n_repeated, again.report().conflicts.n), (20, 0));
    assert_eq!(again.responses(), responses);
}

#[test]
fn a_line_that_is_too_long_is_passed_over_whole() {
    let job = job();
    let mut collector = Collector::new(&job);
    collector.begin("long.jsonl");
    collector.push(b"{\"custom_id\":\"");
    let piece = vec![b'a'; 1 << 20];
    (0..65).for_each(|_| collector.push(&piece));
    collector.push(b"\"}\n");
    collector.push(whole().concat().as_bytes());
    collector.end();
    let report = collector.report();
    assert_eq!(report.bad.first, ["long.jsonl, line 1: longer than 64 MiB"]);
    assert!(report.is_whole());
}

proptest! {
    #[test]
    fn order_splits_and_repeats_of_lines_change_nothing(
        order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(),
        repeats in proptest::collection::vec(0..5_usize, 0..8),
        cut in 0..13_usize,
        singles in any::<bool>(),
    ) {
        let job = job();
        // The same answers, a sample a line or a request a line.
        let lines = if singles { one_sample_a_line() } else { BTreeMap::from_iter(whole().into_iter().enumerate()) };
        let mut lines_in_order: Vec<String> = order.iter().flat_map(|k| {
            lines.iter().filter(|(place, _)| **place % 5 == *k).map(|(_, line)| line.clone()).collect::<Vec<_>>()
        }).collect();
        lines_in_order.extend(repeats.iter().map(|place| lines[place].clone()));
        let cut = cut.min(lines_in_order.len());
        let files = [lines_in_order[..cut].concat(), lines_in_order[cut..].concat()];
        let wanted = collected(&job, &[whole().concat()]).1;
        prop_assert_eq!(collected(&job, &files).1, wanted);
    }

    #[test]
    fn no_bytes_make_a_collector_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let job = job();
        let mut collector = Collector::new(&job);
        collector.begin("x");
        collector.push(&bytes);
        collector.end();
        let _ = report_lines(&collector.report());
    }
}

fn one_sample_a_line() -> BTreeMap<usize, String> {
    let job = job();
    let ids: Vec<RequestId> = (0..3)
        .flat_map(|line| Plan::new(&job, Dialect::Vllm).requests_of(line).collect::<Vec<_>>())
        .collect();
    let singles = ids.into_iter().flat_map(|whole| {
        (0..whole.count).map(move |i| {
            let single = RequestId { first: whole.first + i, count: 1, ..whole.clone() };
            line(&single.to_string(), &[choice(0, &format!("{whole} {i}"))])
        })
    });
    singles.enumerate().collect()
}
