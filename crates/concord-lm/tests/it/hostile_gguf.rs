//! Truncated, corrupt and hostile GGUF files: a message that names the thing, never a panic.

use concord_lm::text::{ChatMessage, ChatTemplate, RenderOptions, Tokenizer};
use concord_lm::weights::testing::{GgufWriter, Noise, RandomModel, random_model};
use concord_lm::weights::{Header, ModelFile, Parsed, TensorType, WeightsError};

fn small() -> Vec<u8> {
    let tensor_type = TensorType::Q8_0;
    random_model(&RandomModel { dim: 32, hidden_dim: 32, n_layers: 1, tensor_type, ..RandomModel::default() })
}

/// The header of a file that is all there.
fn parse(file: &[u8]) -> Result<Header, WeightsError> {
    match Header::parse(file, Some(file.len() as u64))? {
        Parsed::Header(header) => Ok(header),
        Parsed::NeedMore { at_least } => panic!("a file of {} bytes asked for {at_least}", file.len()),
    }
}

#[test]
fn a_file_cut_anywhere_is_called_cut_short() {
    let file = small();
    let header = parse(&file).unwrap();
    let (header_end, data_end) = (header.data_start as usize, header.data_end as usize);
    // Every length of the header, then some of the data.
    for n_bytes in (0..header_end + 40).chain((header_end..data_end).step_by(997)).chain([data_end - 1]) {
        match parse(&file[..n_bytes]) {
            Err(error @ WeightsError::Truncated { .. }) => assert!(error.to_string().contains("cut short")),
            other => panic!("{n_bytes} of {data_end} bytes gave {other:?}"),
        }
        // The same prefix of a file that goes on only asks for more.
        let parsed = Header::parse(&file[..n_bytes], Some(file.len() as u64)).unwrap();
        if let Parsed::NeedMore { at_least } = parsed {
            assert!(at_least > n_bytes as u64 && at_least <= header.data_start);
        }
    }
    assert!(parse(&file[..data_end]).is_ok());
}

/// Whatever the bytes, an answer comes back: from the parser, the model check, tokenizer and template.
#[test]
fn corrupt_bytes_never_panic() {
    let whole = small();
    let n_header = parse(&whole).unwrap().data_start;
    let mut noise = Noise::new(42);
    let (mut n_refused, mut n_accepted) = (0, 0);
    for _ in 0..6000 {
        let mut file = whole.clone();
        for _ in 0..=noise.bits() % 3 {
            let position = (noise.bits() % n_header) as usize;
            let byte = (noise.bits() & 0xff) as u8;
            // Small and huge values find more than uniform ones.
            file[position] = match noise.bits() % 4 {
                0 => 0,
                1 => 0xff,
                2 => file[position] ^ (1 << (byte & 7)),
                _ => byte,
            };
        }
        match parse(&file) {
            Ok(header) => {
                use_all(header);
                n_accepted += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                n_refused += 1;
            }
        }
    }
    assert!(n_refused > 100 && n_accepted > 100, "{n_refused} refused, {n_accepted} accepted");
}

fn use_all(header: Header) {
    if let Ok(tokenizer) = Tokenizer::from_metadata(&header.metadata) {
        let ids = tokenizer.encode("Hi <|im_end|> আপেল ab", true).unwrap();
        tokenizer.decode(&ids, true);
    }
    if let Ok(template) = ChatTemplate::from_metadata(&header.metadata) {
        // Refusing the messages is as good an answer as rendering them.
        let _ = template.render(&[ChatMessage::user("hi")], &RenderOptions::default());
    }
    let _ = ModelFile::from_header(header);
}

/// `GGUF`, version 3 and two counts, then what a test adds.
fn raw(n_tensors: u64, n_entries: u64, rest: &[u8]) -> Vec<u8> {
    let head = [&b"GGUF\x03\0\0\0"[..], &n_tensors.to_le_bytes(), &n_entries.to_le_bytes()];
    [head.concat(), rest.to_vec()].concat()
}

fn refusal(file: &[u8]) -> String {
    match parse(file) {
        Ok(header) => panic!("accepted: {header:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn other_files_and_versions_are_named() {
    assert!(refusal(b"PK\x03\x04 a zip file, not a model").contains("not a GGUF file"));
    assert!(refusal(b"GGUF\x01\0\0\0").contains("version 1"));
    assert!(refusal(b"GGUF\0\0\0\x03").contains("little-endian"));
    let error = Header::parse(b"<htm", None).unwrap_err();
    assert_eq!(error, WeightsError::NotGguf);
}

#[test]
fn hostile_counts_are_refused_before_memory_is_taken() {
    let huge = u64::MAX;
    assert!(refusal(&raw(huge, 0, &[])).contains("tensors"));
    assert!(refusal(&raw(0, huge, &[])).contains("metadata entries"));
    assert!(refusal(&raw(0, 1, &huge.to_le_bytes())).contains("metadata key"));
    let key = [&1u64.to_le_bytes()[..], b"k"].concat();
    let entry = |parts: &[&[u8]]| raw(0, 1, &[&key[..], &parts.concat()].concat());
    let [text, array, number] = [8u32, 9, 4].map(u32::to_le_bytes);
    assert!(refusal(&entry(&[&text, &huge.to_le_bytes()])).contains("metadata text"));
    for element in [text, array, number] {
        for count in [huge, huge / 4, 1 << 40] {
            assert!(refusal(&entry(&[&array, &element, &count.to_le_bytes()])).contains("metadata array"));
        }
    }
    // With an unknown length the same files end at the header's limit, not in an endless request.
    let file = entry(&[&array, &number, &(1u64 << 32).to_le_bytes()]);
    assert!(matches!(Header::parse(&file, None), Err(WeightsError::HeaderTooLarge { .. })));
    let one_array = [&array[..], &1u64.to_le_bytes()].concat();
    let nested = one_array.repeat(100_000);
    assert!(refusal(&entry(&[&array, &nested])).contains("nested"));
    assert!(refusal(&entry(&[&99u32.to_le_bytes()])).contains("type 99"));
}

#[test]
fn impossible_tensors_are_refused_by_name() {
    let bytes = [0; 4096];
    let refused = |add: &dyn Fn(&mut GgufWriter)| {
        let mut writer = GgufWriter::new();
        writer.tensor("first", &[32, 8], 0, &bytes[..1024]);
        add(&mut writer);
        refusal(&writer.finish())
    };
    let cases: [(&[u64], u32, u64, &str); 12] = [
        (&[32, 4], 0, 500, "not a multiple"),
        (&[32, 4], 0, 256, "tensors first and second overlap"),
        (&[32, 4], 0, 0, "tensors first and second overlap"),
        (&[32, 4], 0, 1 << 40, "tensor second"),
        (&[32, 4], 0, u64::MAX - 31, "tensor second"),
        (&[1 << 31, 1 << 31, 1 << 31], 0, 512, "second has impossible dimensions"),
        (&[u64::MAX], 0, 512, "second has impossible dimensions"),
        (&[0, 4], 0, 512, "second has impossible dimensions"),
        (&[33, 4], 8, 512, "second has impossible dimensions"),
        (&[1; 5], 0, 512, "second has 5 dimensions"),
        (&[], 0, 512, "second has 0 dimensions"),
        (&[32, 4], 29, 512, "second is stored as IQ1_M"),
    ];
    for (dims, type_id, offset, expected) in cases {
        let error = refused(&|writer| {
            writer.entry("second", dims, type_id, offset);
        });
        assert!(error.contains(expected), "{error} does not say {expected}");
    }
    let twice = refused(&|writer| {
        writer.tensor("first", &[32], 0, &bytes[..128]);
    });
    assert!(twice.contains("tensor first appears twice"), "{twice}");
}

#[test]
fn impossible_metadata_is_refused() {
    let refused = |add: &dyn Fn(&mut GgufWriter)| {
        let mut writer = GgufWriter::new();
        add(&mut writer);
        refusal(&writer.finish())
    };
    for alignment in [0, 3, 1 << 31] {
        let error = refused(&|writer| {
            writer.u32("general.alignment", alignment);
        });
        assert!(error.contains(&format!("alignment is {alignment}")), "{error}");
    }
    let error = refused(&|writer| {
        writer.u32("a.key", 1).u32("a.key", 1);
    });
    assert!(error.contains("\"a.key\" appears twice"), "{error}");
    let error = refused(&|writer| {
        writer.raw("tokenizer.chat_template", 8, b"\x02\0\0\0\0\0\0\0\xff\xfe");
    });
    assert!(error.contains("not UTF-8"), "{error}");
}

#[test]
fn texts_on_which_nothing_depends_may_be_anything() {
    let mut writer = GgufWriter::new();
    writer.raw("general.author", 8, b"\x03\0\0\0\0\0\0\0\xff\xfea");
    writer.string("general.name", "A model\0\0").string("tokenizer.ggml.model", "gpt2\0");
    writer.strings("tokenizer.ggml.tokens", &["\0", "a\0"]);
    let file = writer.finish();
    let Parsed::Header(Header { metadata, .. }) = Header::parse(&file, Some(file.len() as u64)).unwrap()
    else {
        panic!("the header is whole");
    };
    assert_eq!(metadata.string("general.author"), Some("\u{fffd}\u{fffd}a"));
    assert_eq!(metadata.string("general.name"), Some("A model"));
    assert_eq!(metadata.string("tokenizer.ggml.model"), Some("gpt2"));
    assert_eq!(metadata.strings("tokenizer.ggml.tokens").unwrap(), ["\0", "a\0"]);
}
