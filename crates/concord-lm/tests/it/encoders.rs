//! Encoders on the CPU and on the GPU against the transformers library.

use concord_lm::engine::{self, GpuModel};
use concord_lm::reference::{self, Numerics, ReferenceModel};
use pollster::block_on;

use crate::cases::encoders::{CAPACITY, check, fixtures};
use crate::cases::kernels::gpu;

#[test]
fn the_reference_agrees_with_transformers() {
    for (name, file, bytes, fixture) in fixtures() {
        let weights = reference::Loader::load(&file, Numerics::F32, &bytes).unwrap();
        let mut model = ReferenceModel::new(weights, CAPACITY);
        let distance = block_on(check(&name, &fixture, &mut model));
        println!("{name}: vectors within {distance:.1e} of their root mean square");
    }
}

#[test]
fn the_gpu_model_agrees_with_transformers() {
    block_on(async {
        let gpu = gpu().await;
        for (name, file, bytes, fixture) in fixtures() {
            let weights = engine::Loader::load(&gpu, &file, &bytes).await.unwrap();
            let mut model = GpuModel::new(&gpu, weights, CAPACITY).await.unwrap();
            let distance = check(&name, &fixture, &mut model).await;
            println!("{name}: vectors within {distance:.1e} of their root mean square");
        }
    });
}
