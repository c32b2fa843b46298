//! Models of several files, natively: any order of the parts gives the whole, and what is missing is named.

use pollster::block_on;

use super::files::MemoryFiles;
use crate::{
    protocol::{Answer, FaultCode, ModelRequest},
    shelf::sha256_hex,
    weights::testing::{RandomModel, random_model, split_model},
    worker::machine::Machine,
    worker::task::Task,
    worker::testing::{TestHost, load, load_request, run},
};

fn logits(machine: &mut Machine) -> Vec<f32> {
    match run(machine, ModelRequest::Logits { tokens: vec![5, 9, 70, 3] }, &TestHost::default()) {
        Ok(Answer::Numbers(numbers)) => numbers,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_split_model_is_the_whole_one_whatever_order_its_parts_come_in() {
    let whole = random_model(&RandomModel::default());
    let expected = logits(&mut load(&whole).unwrap());
    let parts = split_model(&whole, 3);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        for chunk in [501, 1 << 20] {
            let named = order.map(|idx| ("part.gguf", &parts[idx][..]));
            let mut machine = Machine::default();
            let files = MemoryFiles::new(&named, chunk);
            let request = load_request("part.gguf");
            let info = block_on(machine.load(&Task::new(&TestHost::default(), 0), &request, files)).unwrap();
            assert_eq!(info.n_bytes, parts.iter().map(Vec::len).sum::<usize>() as f64);
            let lines: String = parts.iter().map(|part| sha256_hex(part) + "\n").collect();
            assert_eq!(info.sha256, sha256_hex(lines.as_bytes()), "the hash does not depend on the order");
            assert_eq!(logits(&mut machine), expected, "{order:?} in chunks of {chunk}");
        }
    }
}

#[test]
fn parts_that_are_missing_or_cut_short_are_named() {
    let parts = split_model(&random_model(&RandomModel::default()), 3);
    let name = |no: usize| format!("m-0000{no}-of-00003.gguf");
    let (first, second, third) = (name(1), name(2), name(3));
    let half = &parts[1][..parts[1].len() / 2];
    type Case<'a> = (&'a [(&'a str, &'a [u8])], &'a str);
    let cases: [Case<'_>; 4] = [
        (&[(&first, &parts[0]), (&third, &parts[2])], "m-00002-of-00003.gguf is not there"),
        (&[(&third, &parts[2])], "m-00001-of-00003.gguf, m-00002-of-00003.gguf are not there"),
        (
            &[(&first, &parts[0]), (&second, half), (&third, &parts[2])],
            "m-00002-of-00003.gguf: the file is cut",
        ),
        (&[(&first, &parts[0]), ("config.json", b"{\"a\": 1}")], "config.json: this is not a GGUF file"),
    ];
    for (files, expected) in cases {
        let (mut machine, host) = (Machine::default(), TestHost::default());
        let files = MemoryFiles::new(files, 1_000);
        let fault = block_on(machine.load(&Task::new(&host, 0), &load_request("m"), files)).unwrap_err();
        assert_eq!(fault.code, FaultCode::BadModel);
        assert!(fault.message.contains(expected), "{} does not say {expected}", fault.message);
    }
}
