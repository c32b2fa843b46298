//! Kernel cases: each compares a kernel with its CPU twin over shapes chosen to hurt. Called natively
//! (`tests/it/kernels.rs`) and in a browser worker (`tests/browser_kernels.rs`).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a case fails by panicking")]

pub(crate) mod attention;
pub(crate) mod elementwise;
pub(crate) mod matmul;
pub(crate) mod sample;
pub(crate) mod seat;

use concord_lm::engine::{Adapter, Gpu};
use concord_lm::weights::testing::Noise;

/// Opens the device that tests run on: the software adapter, so that results depend on no machine; with
/// `CONCORD_TEST_ADAPTER=hardware` that of the machine.
pub(crate) async fn gpu() -> Gpu {
    let is_hardware = std::env::var("CONCORD_TEST_ADAPTER").is_ok_and(|kind| kind == "hardware");
    let is_any = cfg!(target_arch = "wasm32") || is_hardware;
    let adapter = if is_any { Adapter::Fastest } else { Adapter::Software };
    Gpu::new(adapter).await.expect("tests need a GPU adapter: install mesa-vulkan-drivers or chromium")
}

/// Normal noise.
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f32> {
    let mut noise = Noise::new(seed);
    (0..n).map(|_| noise.normal()).collect()
}

/// Fails with the worst element where any differs by more than `tolerance` times the larger of 1 and
/// the largest expected magnitude.
pub(crate) fn check_close(what: &str, got: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(got.len(), expected.len(), "{what}: number of values");
    let scale = expected.iter().fold(1.0f32, |scale, value| scale.max(value.abs()));
    let errors = got.iter().zip(expected).map(|(got, expected)| {
        let error = (got - expected).abs() / scale;
        if error.is_nan() { f32::INFINITY } else { error }
    });
    let (worst_idx, worst) = errors.enumerate().fold((0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
    assert!(
        worst <= tolerance,
        "{what}: error {worst:e} > {tolerance:e} at {worst_idx} of {}: got {}, expected {}",
        got.len(),
        got[worst_idx],
        expected[worst_idx]
    );
}
