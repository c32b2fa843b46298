//! Blocks of random bytes against the `gguf` package (`tests/fixtures/record_blocks.py`).

use std::collections::BTreeMap;

use concord_lm::weights::{TensorType, dequantise_rows};
use serde::Deserialize;

#[derive(Deserialize)]
struct Recorded {
    types: BTreeMap<String, Blocks>,
}

#[derive(Deserialize)]
struct Blocks {
    /// In hexadecimal.
    bytes: String,
    values: Vec<f32>,
}

#[test]
fn any_bytes_stand_for_the_numbers_that_the_gguf_package_reads() {
    let recorded: Recorded = serde_json::from_str(include_str!("../data/blocks.json")).unwrap();
    assert_eq!(recorded.types.len(), 4);
    for (name, blocks) in &recorded.types {
        let tensor_type = TensorType::ALL.into_iter().find(|tensor_type| tensor_type.name() == name).unwrap();
        let digits = blocks.bytes.as_bytes().chunks(2);
        let bytes: Vec<u8> =
            digits.map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect();
        let mut found = vec![f32::NAN; blocks.values.len()];
        dequantise_rows(tensor_type, tensor_type.block_len(), &bytes, &mut found).unwrap();
        assert_eq!(found, blocks.values, "{name}");
    }
}
