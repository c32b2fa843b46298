//! Headers of safetensors files, and the JSON files beside them.
//!
//! An input that begins with `{` is a header, to which the right length and some data are added; any
//! other input is a whole file. What follows the first zero byte of a header is the `config.json`.

#![no_main]

use concord::weights::safetensors::Parsed;
use concord::weights::testing::RandomModel;
use concord::weights::{EncoderProfile, ModelFile, ProfileFiles, SafetensorsHeader};
use concord_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

/// Bytes of data after a header.
const N_DATA: usize = 256;

/// The configuration of a small BERT.
const CONFIG: &[u8] =
    br#"{"model_type": "bert", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
    "num_attention_heads": 2, "max_position_embeddings": 8, "layer_norm_eps": 1e-12}"#;

/// Reads one text as each of the files that say how vectors are made.
fn read_profile(json: &[u8]) {
    let hyperparameters = RandomModel::default().hyperparameters();
    let file = || Some(json.to_vec());
    let files = [
        ProfileFiles { modules: file(), ..ProfileFiles::default() },
        ProfileFiles { pooling: file(), ..ProfileFiles::default() },
        ProfileFiles { settings: file(), transformer: file(), ..ProfileFiles::default() },
    ];
    for files in files {
        if let Ok(profile) = EncoderProfile::from_files(&files, "e5", &hyperparameters) {
            assert!(profile.max_tokens >= 1 && profile.max_tokens <= hyperparameters.seq_len);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let (data, config) = match data.iter().position(|&byte| byte == 0) {
        Some(end) if data.starts_with(b"{") => (&data[..end], &data[end + 1..]),
        _ => (data, CONFIG),
    };
    let file = if data.starts_with(b"{") {
        [&(data.len() as u64).to_le_bytes()[..], data, &[0; N_DATA]].concat()
    } else {
        data.to_vec()
    };
    bounded(config.len(), || read_profile(config));
    let file_len = file.len() as u64;
    bounded(file.len(), || {
        for n_bytes in [0, 8, file.len() / 2, file.len()] {
            let prefix = &file[..n_bytes.min(file.len())];
            for known in [Some(file_len), None] {
                match SafetensorsHeader::parse(prefix, known) {
                    Ok(Parsed::NeedMore { at_least }) => {
                        assert!(at_least > prefix.len() as u64, "no progress at {n_bytes}");
                        assert!(known.is_none_or(|file_len| at_least <= file_len));
                    }
                    Ok(Parsed::Header(header)) => {
                        assert!(known.is_none_or(|file_len| header.data_end <= file_len));
                        let mut end = 8;
                        for tensor in &header.tensors {
                            assert!(tensor.start >= end, "{} overlaps", tensor.name);
                            end = tensor.start + tensor.n_bytes;
                            assert_eq!(tensor.n_rows() * tensor.row_bytes() as u64, tensor.n_bytes);
                        }
                        assert!(end <= header.data_end);
                        if let Err(error) = ModelFile::from_safetensors(header, config) {
                            assert!(error.to_string().len() < 100_000);
                        }
                    }
                    Err(error) => assert!(error.to_string().len() < 2000),
                }
            }
        }
    });
});
