//! The CPU reference and the GPU model against llama.cpp.

use concord_lm::engine::{self, GpuModel};
use concord_lm::reference::{self, Numerics, ReferenceModel};
use pollster::block_on;

use crate::cases::kernels::gpu;
use crate::cases::llama_cpp::{check, check_rounded, fixtures, model_file};

#[test]
fn the_reference_agrees_with_llama_cpp() {
    for (name, file, fixture) in fixtures() {
        let weights = reference::Loader::load(&model_file(&file), Numerics::F32, &file).unwrap();
        let mut model = ReferenceModel::new(weights, fixture.capacity());
        let distance = block_on(check(&name, &fixture, &mut model));
        println!("{name}: logits within {distance:.1e} of their root mean square");
    }
}

/// Quantised matrices in int8, as llama.cpp has them: within what its own answers are from those in f32.
#[test]
fn the_reference_in_int8_agrees_with_llama_cpp() {
    let mut n_checked = 0;
    for (name, file, fixture) in fixtures().into_iter().filter(|(name, _, _)| is_quantised(name)) {
        let weights = reference::Loader::load(&model_file(&file), Numerics::Int8, &file).unwrap();
        let mut model = ReferenceModel::new(weights, fixture.capacity());
        let distances = block_on(check_rounded(&name, &fixture, &mut model));
        println!(
            "{name}: logits from llama.cpp's in f32 and its own {distances:.4?} of their root mean square"
        );
        n_checked += 1;
    }
    assert!(n_checked > 40, "{n_checked}");
}

/// Whether a fixture's name ends with a quantised type.
fn is_quantised(name: &str) -> bool {
    !["-f32", "-f16", "-bf16"].iter().any(|float| name.ends_with(float))
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
