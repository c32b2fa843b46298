//! Headers of safetensors files.
//!
//! An input that begins with `{` is a header, to which the right length and some data are added; any
//! other input is a whole file.

#![no_main]

use concord::weights::SafetensorsHeader;
use concord::weights::safetensors::Parsed;
use concord_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

/// Bytes of data after a header.
const N_DATA: usize = 256;

fuzz_target!(|data: &[u8]| {
    let file = if data.starts_with(b"{") {
        [&(data.len() as u64).to_le_bytes()[..], data, &[0; N_DATA]].concat()
    } else {
        data.to_vec()
    };
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
                    }
                    Err(error) => assert!(error.to_string().len() < 2000),
                }
            }
        }
    });
});
