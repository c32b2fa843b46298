//! Whether an adapter that hides its name is a real GPU: by how fast it multiplies.

use super::device::{Gpu, Tier};
use super::error::EngineError;
use super::kernels::Matmul;
use super::kernels::matmul::Columns;
use super::kernels::matmul::Role;
use super::recording::Recording;
use super::weights::Weights;
use crate::weights::TensorType;

/// Inputs and outputs of the matrix.
const DIM: u32 = 1024;
const N_TOKENS: u32 = 64;
/// Products of one measurement: together half a GFLOP, so that the way there and back does not count.
const N_PRODUCTS: u32 = 4;
/// FLOP per second below which an adapter is taken for a software one. The slowest GPUs of laptops and phones reach several
/// times as much with these kernels, a processor of a few cores less.
const SLOWEST_GPU: f64 = 2e10;

impl Gpu {
    /// Measures the adapter, and takes it for a software one from now on where it is as slow as one.
    ///
    /// # Errors
    /// The device refuses the kernel or its buffers.
    pub async fn measure_tier(&mut self, now_ms: impl Fn() -> f64) -> Result<f64, EngineError> {
        let kernel = Matmul::for_tier(self, TensorType::F32, Role::Give, Tier::Hardware).await?;
        let bytes = vec![0u8; 4 * (DIM * DIM) as usize];
        let weights = Weights::upload(self, "matrix", TensorType::F32, [DIM, DIM], &bytes).await?;
        let n_bytes = 4 * u64::from(N_TOKENS * DIM);
        let [x, y] = [self.storage("input", n_bytes).await?, self.storage("output", n_bytes).await?];
        let mut recording = Recording::new();
        let bindings = kernel.bind(self, &x, &weights, &y);
        for _ in 0..N_PRODUCTS {
            let columns = Columns::all(DIM);
            kernel.encode(&mut recording, &bindings, &weights, N_TOKENS, columns);
        }
        let mut spent_ms = f64::INFINITY;
        for _ in 0..2 {
            let start_ms = now_ms();
            let _products: Vec<f32> = self.run_once(&recording, &y, 1).await?;
            spent_ms = (now_ms() - start_ms).max(0.01);
        }
        let flop = 2.0 * f64::from(DIM * N_TOKENS) * f64::from(DIM) * f64::from(N_PRODUCTS);
        let per_sec = flop / spent_ms * 1e3;
        self.set_tier(if per_sec < SLOWEST_GPU { Tier::Software } else { Tier::Hardware });
        Ok(per_sec)
    }
}
