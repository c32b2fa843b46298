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
/// More tokens than a tile: workgroups in z, the last tile not full.
const N_TOKENS: usize = 43;
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

    let role = kernel.role();
    let x = gpu.upload("self-test input", &input).await?;
    let gains = gpu.upload("self-test gain", &(0..N_OUT).map(gain).collect::<Vec<_>>()).await?;
    let read = gpu.upload("self-test squares", &squares()).await?;
    for variant in 0..kernel.n_variants() {
        for (part, (expected, tolerance)) in expected(role, &products).into_iter().enumerate() {
            let y = gpu.upload("self-test output", &vec![STATE; N_TOKENS * N_OUT]).await?;
            let fed = gpu.storage("self-test fed", 4 * (N_TOKENS * N_OUT) as u64).await?;
            let written = gpu.storage("self-test squares", 4 * (N_TOKENS * N_OUT) as u64).await?;
            let (add, norm_eps) = (role == Role::Feed, (role == Role::Gate).then_some(1.0));
            let stride = if role == Role::Gate { N_OUT / 2 } else { N_OUT } as u32;
            let columns = Columns { add, norm_eps, ..Columns::all(stride) };
            let bindings = match role {
                Role::Give | Role::Gate => kernel.bind_normed(gpu, &x, &weights, &y, &read),
                Role::Feed => {
                    let feeds = Fed { gain: &gains, x: &fed, squares: &written };
                    kernel.bind_feeding(gpu, &x, &weights, &y, feeds)
                }
            };
            let mut recording = Recording::new();
            kernel.encode_with(variant, &mut recording, &bindings, &weights, N_TOKENS as u32, columns);
            let got: Vec<f32> = gpu.run_once(&recording, [&y, &fed, &written][part], expected.len()).await?;
            let what = format!("{} {tensor_type:?}, variant {variant}", role.name());
            check(&what, &got, expected, tolerance)?;
        }
    }
    Ok(())
}

fn gain(out: usize) -> f32 {
    (out % 5) as f32 - 2.0
}

/// The root of the mean square of a token, with the 1 that epsilon adds.
fn root(token: usize) -> f32 {
    token as f32 + 1.0
}

/// Squares whose mean is that of [`root`].
fn squares() -> Vec<f32> {
    let width = squares_width(N_IN as u32) as usize;
    let square = |token: usize| (root(token).powi(2) - 1.0) * N_IN as f32 / width as f32;
    (0..N_TOKENS * width).map(|i| square(i / width)).collect()
}

/// What a role makes of the products `[N_TOKENS, N_OUT]`: each of its outputs, with the share that may be wrong.
fn expected(role: Role, products: &[f32]) -> Vec<(Vec<f32>, f32)> {
    match role {
        Role::Give => vec![(products.to_vec(), 0.0)],
        Role::Gate => {
            let gated = |(token, row): (usize, &[f32])| -> Vec<f32> {
                let (gates, ups) = row.split_at(N_OUT / 2);
                let pairs = gates.iter().zip(ups).map(|(gate, up)| (gate / root(token), up / root(token)));
                pairs.map(|(gate, up)| gate / (1.0 + (-gate).exp()) * up).collect()
            };
            vec![(products.chunks_exact(N_OUT).enumerate().flat_map(gated).collect(), 1e-4)]
        }
        Role::Feed => {
            let states: Vec<f32> = products.iter().map(|product| STATE + product).collect();
            let fed = states.iter().enumerate().map(|(i, state)| state * gain(i % N_OUT)).collect();
            let squares = states.chunks_exact(2).map(|two| two[0] * two[0] + two[1] * two[1]).collect();
            vec![(states, 1e-6), (fed, 1e-6), (squares, 1e-6)]
        }
    }
}
