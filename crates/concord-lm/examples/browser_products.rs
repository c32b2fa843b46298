//! The products with quantised weights as calls from JavaScript, for `cargo xtask bench --browser`, which times them beside
//! those of other engines in one browser.

#![cfg(target_arch = "wasm32")]

use concord_lm::engine::kernel::Bindings;
use concord_lm::engine::kernels::Matmul;
use concord_lm::engine::kernels::matmul::{Columns, Role};
use concord_lm::engine::{Adapter, Gpu, Recording, Weights};
use concord_lm::weights::TensorType;
use concord_lm::weights::testing::quantise_rows;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// Rows of noise that a matrix repeats.
const DISTINCT_ROWS: usize = 16;

/// A GPU.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Device(Gpu);

/// Products of one batch with several matrices of one shape.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Products {
    gpu: Gpu,
    kernel: Matmul,
    weights: Vec<(Weights, Bindings)>,
    y: concord_lm::engine::Buffer,
    n_tokens: u32,
}

#[wasm_bindgen]
impl Device {
    /// Opens the adapter, which the browser calls `name`.
    ///
    /// # Errors
    /// There is none, or it cannot be used.
    pub async fn open(name: String) -> Result<Device, JsError> {
        Ok(Self(Gpu::known_as(Adapter::Fastest, &name).await?))
    }

    /// Which kernels run on it.
    pub fn tier(&self) -> String {
        format!("{:?}", self.0.tier())
    }

    /// Uploads `n_matrices` matrices of noise `[n_out, n_in]` and a batch `[n_tokens, n_in]`.
    ///
    /// # Errors
    /// No such tensor type, or no memory.
    pub async fn products(
        &self,
        tensor_type: String,
        n_out: u32,
        n_in: u32,
        n_tokens: u32,
        n_matrices: u32,
    ) -> Result<Products, JsError> {
        let gpu = self.0.clone();
        let named = TensorType::ALL.into_iter().find(|of| format!("{of:?}") == tensor_type);
        let tensor_type = named.ok_or_else(|| JsError::new("there is no such tensor type"))?;
        let noise: Vec<f32> = (0..DISTINCT_ROWS as u32 * n_in)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / 1.7e7 - 0.5)
            .collect();
        let rows = quantise_rows(tensor_type, &noise);
        let n_bytes = rows.len() / DISTINCT_ROWS * n_out as usize;
        let bytes: Vec<u8> = rows.iter().copied().cycle().take(n_bytes).collect();
        let x: Vec<f32> = (0..n_tokens * n_in).map(|i| noise[i as usize % noise.len()]).collect();
        let x = gpu.upload("x", &x).await?;
        let y = gpu.storage("y", 4 * u64::from(n_tokens * n_out)).await?;
        let kernel = Matmul::new(&gpu, tensor_type, Role::Give).await?;
        let mut weights = Vec::new();
        for _ in 0..n_matrices {
            let matrix = Weights::upload(&gpu, "w", tensor_type, [n_out, n_in], &bytes).await?;
            let bindings = kernel.bind(&gpu, &x, &matrix, &y);
            weights.push((matrix, bindings));
        }
        Ok(Products { gpu, kernel, weights, y, n_tokens })
    }
}

#[wasm_bindgen]
impl Products {
    /// Multiplies the batch with the first `n` matrices in one submit, waits for it and gives the first output.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn run(&self, n: u32) -> Result<f32, JsError> {
        let mut recording = Recording::new();
        for (weights, bindings) in &self.weights[..n as usize] {
            let columns = Columns::all(weights.n_out);
            self.kernel.encode(&mut recording, bindings, weights, self.n_tokens, columns);
        }
        Ok(self.gpu.run_once::<f32>(&recording, &self.y, 1).await?[0])
    }
}
