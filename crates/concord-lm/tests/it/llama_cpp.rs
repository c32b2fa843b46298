//! The CPU reference and the GPU model against llama.cpp.

use concord_lm::engine::{self, GpuModel};
use concord_lm::reference::{self, ReferenceModel};
use pollster::block_on;

use crate::cases::kernels::gpu;
use crate::cases::llama_cpp::{check, fixtures, model_file};

#[test]
fn the_reference_agrees_with_llama_cpp() {
    for (name, file, fixture) in fixtures() {
        let weights = reference::Loader::load(&model_file(&file), &file).unwrap();
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
            let weights = engine::Loader::load(&gpu, &model_file(&file), &file).await.unwrap();
            let mut model = GpuModel::new(&gpu, weights, fixture.capacity()).await.unwrap();
            let distance = check(&name, &fixture, &mut model).await;
            println!("{name}: logits within {distance:.1e} of their root mean square");
        }
    });
}
