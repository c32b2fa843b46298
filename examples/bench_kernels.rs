//! Measures the products with quantised weights: `cargo xtask bench-kernels`.
//!
//! For each shape, tensor type and number of rows: microseconds of a product, and its shares of what the GPU can read
//! and multiply at most. Times are differences of two submits of different length, so that the way to the device and back
//! does not count; the copies of a matrix that a submit goes through are larger than any cache.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]
#![expect(clippy::disallowed_methods, reason = "native code only: runs are timed with the system clock")]

#[path = "support/peaks.rs"]
mod peaks;
#[expect(dead_code, reason = "only the failure is of use here")]
#[path = "support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::Instant;

use concord::engine::kernels::Matmul;
use concord::engine::kernels::matmul::{Columns, Role};
use concord::engine::{Adapter, Gpu, Recording, Tier, Weights};
use concord::weights::TensorType;
use concord::weights::testing::quantise_rows;
use peaks::Peaks;
use support::Failure;

const USAGE: &str = "\
cargo xtask bench-kernels [options]
  --software        the software adapter, with smaller matrices
  --types A,B       tensor types (Q4_0,Q8_0,Q4_K,Q6_K)
  --variant N       the N-th kernel for all numbers of rows, from 0, not the one that is meant for each";

/// Rows of the batch.
const ROWS: [u32; 9] = [1, 2, 4, 8, 16, 24, 40, 64, 256];
/// `[n_out, n_in]`: qkv, output, gate and up, down, head of Qwen2.5-0.5B, and two matrices that no cache holds.
const SHAPES: [[u32; 2]; 7] =
    [[1152, 896], [896, 896], [9728, 896], [896, 4864], [151_936, 896], [16_384, 4096], [4096, 16_384]];
/// The same for a software adapter.
const SMALL_SHAPES: [[u32; 2]; 3] = [[896, 896], [896, 4864], [4096, 1024]];
/// Bytes of the copies of a matrix together: more than the caches of any GPU hold.
const COLD_BYTES: u64 = 256 << 20;
/// Rows of noise that a matrix repeats.
const DISTINCT_ROWS: usize = 16;

fn main() -> ExitCode {
    match pollster::block_on(run(&std::env::args().skip(1).collect::<Vec<_>>())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &[String]) -> Result<(), Failure> {
    let mut types = vec![TensorType::Q4_0, TensorType::Q8_0, TensorType::Q4_K, TensorType::Q6_K];
    let mut adapter = Adapter::Fastest;
    let mut variant = None;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.clone().next()) {
            ("--software", _) => adapter = Adapter::Software,
            ("--variant", Some(idx)) => {
                args.next();
                variant = Some(idx.parse().map_err(|error| format!("variant {idx}: {error}"))?);
            }
            ("--types", Some(names)) => {
                args.next();
                let is_named = |of: &TensorType| names.split(',').any(|name| name == format!("{of:?}"));
                types = TensorType::ALL.into_iter().filter(is_named).collect();
            }
            _ => return Err(format!("there is no option {arg}\n\n{USAGE}").into()),
        }
    }
    let gpu = Gpu::new(adapter).await?;
    println!("GPU: {} ({:?})", gpu.name(), gpu.tier());
    let peaks = Peaks::measure(&gpu).await?;
    println!("  {peaks}");
    let shapes = if gpu.tier() == Tier::Software { &SMALL_SHAPES[..] } else { &SHAPES[..] };
    println!("type  n_out x n_in       rows        us   % bandwidth  % FMA");
    for tensor_type in types {
        let kernel = Matmul::new(&gpu, tensor_type, Role::Give).await?;
        for &shape in shapes {
            measure(&gpu, (&kernel, variant), tensor_type, shape, peaks).await?;
        }
    }
    Ok(())
}

/// Every number of rows for one matrix.
async fn measure(
    gpu: &Gpu,
    (kernel, variant): (&Matmul, Option<usize>),
    tensor_type: TensorType,
    [n_out, n_in]: [u32; 2],
    peaks: Peaks,
) -> Result<(), Failure> {
    let is_software = gpu.tier() == Tier::Software;
    let noise: Vec<f32> = (0..DISTINCT_ROWS as u32 * n_in)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / 1.7e7 - 0.5)
        .collect();
    let rows = quantise_rows(tensor_type, &noise);
    let bytes: Vec<u8> =
        rows.iter().copied().cycle().take(rows.len() / DISTINCT_ROWS * n_out as usize).collect();
    let n_bytes = bytes.len() as u64;
    let cold = if is_software { n_bytes } else { COLD_BYTES };
    let mut copies = Vec::new();
    for _ in 0..cold.div_ceil(n_bytes).min(128) {
        copies.push(Weights::upload(gpu, "w", tensor_type, [n_out, n_in], &bytes).await?);
    }
    for n_tokens in ROWS {
        let x: Vec<f32> = (0..n_tokens * n_in).map(|i| noise[(i as usize * 7 + 3) % noise.len()]).collect();
        let x = gpu.upload("x", &x).await?;
        let y = gpu.storage("y", 4 * u64::from(n_tokens * n_out)).await?;
        let bindings: Vec<_> = copies.iter().map(|weights| kernel.bind(gpu, &x, weights, &y)).collect();
        let columns = Columns::all(n_out);
        let timed = async |n: u32| -> Result<f64, Failure> {
            let mut recording = Recording::new();
            for i in 0..n as usize {
                let i = i % copies.len();
                let (bindings, weights) = (&bindings[i], &copies[i]);
                match variant {
                    Some(idx) => {
                        kernel.encode_with(idx, &mut recording, bindings, weights, n_tokens, columns);
                    }
                    None => kernel.encode(&mut recording, bindings, weights, n_tokens, columns),
                }
            }
            let mut fastest = f64::INFINITY;
            for _ in 0..3 {
                let start = Instant::now();
                gpu.run_once::<f32>(&recording, &y, 1).await?;
                fastest = fastest.min(start.elapsed().as_secs_f64());
            }
            Ok(fastest)
        };
        let [few, many] = if is_software { [1, 3] } else { [32, 128 + 32] };
        let secs = (timed(many).await? - timed(few).await?) / f64::from(many - few);
        let flop = 2.0 * f64::from(n_out) * f64::from(n_in) * f64::from(n_tokens);
        println!(
            "{:<5} {n_out:>6} x {n_in:<6} {n_tokens:>8} {:>9.2} {:>13.1} {:>6.1}",
            format!("{tensor_type:?}"),
            secs * 1e6,
            100.0 * n_bytes as f64 / secs / peaks.bytes_per_sec,
            100.0 * flop / secs / peaks.flop_per_sec
        );
    }
    Ok(())
}
