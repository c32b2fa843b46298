//! The start-up check of the products: every variant of a kernel, in its role.

use super::device::Gpu;
use super::error::EngineError;
use super::kernels::Matmul;
use super::kernels::matmul::{Columns, Fed, Role, squares_width};
use super::recording::Recording;
use super::self_test::{N_IN, check, row, value};
use super::weights::Weights;
use crate::weights::{TensorType, dequantise_rows};

/// Gates and ups, or states: a last tile that is not full.
const N_OUT: usize = 40;
/// More tokens than the largest tile: workgroups in z, the last tile not full.
const N_TOKENS: usize = 33;
/// Of the states before they are added to.
const STATE: f32 = 2.0;

/// Multiplies integers with every variant of a kernel.
///
/// # Errors
/// [`EngineError::WrongResult`] naming the variant.
pub(crate) async fn matmul(gpu: &Gpu, kernel: &Matmul, tensor_type: TensorType) -> Result<(), EngineError> {
    let shape = [N_OUT as u32, N_IN as u32];
    let rows: Vec<u8> = (0..N_OUT).flat_map(|out| row(tensor_type, out)).collect();
    let mut values = vec![0.0; N_OUT * N_IN];
    dequantise_rows(tensor_type, N_IN, &rows, &mut values)?;
    let weights = Weights::upload(gpu, "self-test weights", tensor_type, shape, &rows).await?;
    let input: Vec<f32> = (0..N_TOKENS).flat_map(|token| (0..N_IN).map(move |i| value(token, i))).collect();
    let dot = |x: &[f32], row: &[f32]| row.iter().zip(x).map(|(weight, x)| weight * x).sum::<f32>();
    let products: Vec<f32> = input
        .chunks_exact(N_IN)
        .flat_map(|x| values.chunks_exact(N_IN).map(move |row| dot(x, row)))
        .collect();
    let x = gpu.upload("self-test input", &input).await?;
    let case = Case { gpu, kernel, weights: &weights, x: &x, products: &products };
    for variant in 0..kernel.n_variants() {
        let what = format!("{} {tensor_type:?}, variant {variant}", kernel.role().name());
        match kernel.role() {
            Role::Give => case.give(&what, variant).await?,
            Role::Gate => case.gate(&what, variant).await?,
            Role::Feed => case.feed(&what, variant).await?,
        }
    }
    Ok(())
}

struct Case<'a> {
    gpu: &'a Gpu,
    kernel: &'a Matmul,
    weights: &'a Weights,
    x: &'a super::buffers::Buffer,
    /// `[N_TOKENS, N_OUT]`
    products: &'a [f32],
}

impl Case<'_> {
    async fn give(&self, what: &str, variant: usize) -> Result<(), EngineError> {
        let y = self.gpu.storage("self-test output", 4 * (N_TOKENS * N_OUT) as u64).await?;
        let bindings = self.kernel.bind(self.gpu, self.x, self.weights, &y);
        let got = self.run(variant, &bindings, Columns::all(N_OUT as u32), (&y, N_TOKENS * N_OUT)).await?;
        check(what, &got, self.products.iter().copied(), 0.0)
    }

    /// The mean square of token t is (t + 1)^2, less 1 that epsilon adds.
    async fn gate(&self, what: &str, variant: usize) -> Result<(), EngineError> {
        let width = squares_width(N_IN as u32) as usize;
        let mean = |token: usize| (token as f32 + 1.0).powi(2) - 1.0;
        let square = |token: usize| mean(token) * N_IN as f32 / width as f32;
        let squares: Vec<f32> = (0..N_TOKENS * width).map(|i| square(i / width)).collect();
        let squares = self.gpu.upload("self-test squares", &squares).await?;
        let n_values = N_TOKENS * N_OUT / 2;
        let y = self.gpu.storage("self-test output", 4 * n_values as u64).await?;
        let bindings = self.kernel.bind_normed(self.gpu, self.x, self.weights, &y, &squares);
        let columns = Columns { norm_eps: Some(1.0), ..Columns::all(N_OUT as u32 / 2) };
        let got = self.run(variant, &bindings, columns, (&y, n_values)).await?;
        let expected = self.products.chunks_exact(N_OUT).zip(1u16..).flat_map(|(row, root)| {
            let (gates, ups) = row.split_at(N_OUT / 2);
            let root = f32::from(root);
            gates.iter().zip(ups).map(move |(gate, up)| {
                let gate = gate / root;
                gate / (1.0 + (-gate).exp()) * (up / root)
            })
        });
        check(what, &got, expected, 1e-4)
    }

    async fn feed(&self, what: &str, variant: usize) -> Result<(), EngineError> {
        let width = squares_width(N_OUT as u32) as usize;
        let gain = |out: usize| (out % 5) as f32 - 2.0;
        let gains: Vec<f32> = (0..N_OUT).map(gain).collect();
        let gains = self.gpu.upload("self-test gain", &gains).await?;
        let states: Vec<f32> = self.products.iter().map(|product| STATE + product).collect();
        for part in ["states", "input", "squares"] {
            let y = self.gpu.upload("self-test states", &vec![STATE; N_TOKENS * N_OUT]).await?;
            let fed = self.gpu.storage("self-test fed", 4 * (N_TOKENS * N_OUT) as u64).await?;
            let squares = self.gpu.storage("self-test squares", 4 * (N_TOKENS * width) as u64).await?;
            let feeds = Fed { gain: &gains, x: &fed, squares: &squares };
            let bindings = self.kernel.bind_feeding(self.gpu, self.x, self.weights, &y, feeds);
            let columns = Columns { add: true, ..Columns::all(N_OUT as u32) };
            let (from, n_values) = match part {
                "states" => (&y, states.len()),
                "input" => (&fed, states.len()),
                _ => (&squares, N_TOKENS * width),
            };
            let got = self.run(variant, &bindings, columns, (from, n_values)).await?;
            let expected: Vec<f32> = match part {
                "states" => states.clone(),
                "input" => states.iter().enumerate().map(|(i, state)| state * gain(i % N_OUT)).collect(),
                _ => states.chunks_exact(2).map(|two| two[0] * two[0] + two[1] * two[1]).collect(),
            };
            check(&format!("{what}, its {part}"), &got, expected, 1e-6)?;
        }
        Ok(())
    }

    async fn run(
        &self,
        variant: usize,
        bindings: &super::kernel::Bindings,
        columns: Columns,
        (from, n_values): (&super::buffers::Buffer, usize),
    ) -> Result<Vec<f32>, EngineError> {
        let mut recording = Recording::new();
        self.kernel.encode_with(variant, &mut recording, bindings, self.weights, N_TOKENS as u32, columns);
        self.gpu.run_once(&recording, from, n_values).await
    }
}
