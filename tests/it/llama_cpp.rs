//! The CPU reference and the GPU model against llama.cpp.

use concord::engine::{self, GpuModel};
use concord::reference::{self, ReferenceModel};
use concord::weights::{Header, ModelFile, Parsed};
use pollster::block_on;

use crate::cases::kernels::gpu;
use crate::cases::llama_cpp::{check, fixtures};

fn header(file: &[u8]) -> ModelFile {
    let Parsed::Header(header) = Header::parse(file, Some(file.len() as u64)).unwrap() else {
        panic!("a whole file has a whole header");
    };
    ModelFile::from_header(header).unwrap()
}

#[test]
fn the_reference_agrees_with_llama_cpp() {
    for (name, file, fixture) in fixtures() {
        let weights = reference::Loader::load(&header(&file), &file).unwrap();
        let mut model = ReferenceModel::new(weights, fixture.capacity());
        let distance = block_on(check(&name, &fixture, &mut model));
        println!("{name}: logits within {distance:.1e} of their root mean square");
    }
}

#[test]
fn the_gpu_model_agrees_with_llama_cpp() {
    block_on(async {
        let gpu = gpu().await;
        for (name, file, fixture) in fixtures() {
            let weights = engine::Loader::load(&gpu, &header(&file), &file).await.unwrap();
            let mut model = GpuModel::new(&gpu, weights, fixture.capacity()).await.unwrap();
            let distance = check(&name, &fixture, &mut model).await;
            println!("{name}: logits within {distance:.1e} of their root mean square");
        }
    });
}
