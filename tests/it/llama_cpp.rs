//! The CPU reference against llama.cpp.

use concord::generate::Capacity;
use concord::reference::{Loader, ReferenceModel};
use concord::weights::{Header, LlamaFile, Parsed};

use crate::cases::llama_cpp::{check, fixtures};

#[test]
fn the_reference_agrees_with_llama_cpp() {
    for (name, file, fixture) in fixtures() {
        let Parsed::Header(header) = Header::parse(&file, Some(file.len() as u64)).unwrap() else {
            panic!("{name}: the header is not whole");
        };
        let llama = LlamaFile::from_header(header).unwrap();
        let weights = Loader::load(&llama, &file).unwrap();
        let capacity = Capacity {
            n_slots: fixture.n_slots(),
            n_table_rows: 1,
            max_batch_tokens: fixture.n_prompt(),
            max_rows: 1,
        };
        let mut model = ReferenceModel::new(weights, capacity);
        let distance = pollster::block_on(check(name, &fixture, &mut model));
        println!("{name}: logits within {distance:.1e} of their root mean square");
    }
}
