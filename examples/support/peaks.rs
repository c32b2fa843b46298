//! What the GPU itself can do: bytes read and arithmetic per second, measured by two tiny kernels in the same run as
//! the model, so that its speed can be given as a share of them.

use std::fmt;
use std::time::Instant;

use bytemuck::{Pod, Zeroable};
use concord::engine::kernel::{Access, Kernel, Source};
use concord::engine::{Gpu, Recording, Tier};

use super::Failure;

/// Invocations of a workgroup, as in the shaders.
const WG: u32 = 256;
/// Chains of the arithmetic kernel times their lanes.
const LANES: f64 = 16.0;
/// Dispatches of the two submits whose difference counts.
const N_DISPATCHES: [u32; 2] = [2, 6];
/// The first run of each warms up; the fastest of the others counts.
const N_RUNS: u32 = 4;

static READ: Source = Source {
    name: "peak_read",
    weights: None,
    wgsl: &[include_str!("peak_read.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: &[],
    bindings: &[(1, Access::Read), (2, Access::Write)],
};
static FMA: Source = Source { name: "peak_fma", wgsl: &[include_str!("peak_fma.wgsl")], ..READ };

/// Of either shader: what one invocation does, and how many there are.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Params {
    n: u32,
    n_invocations: u32,
    pad: [u32; 2],
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peaks {
    /// Of one large buffer that is read once.
    pub(crate) bytes_per_sec: f64,
    /// In f32, a fused multiply-add being two.
    pub(crate) flop_per_sec: f64,
}

impl fmt::Display for Peaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [bytes, flop] = [self.bytes_per_sec, self.flop_per_sec].map(|per_sec| per_sec / 1e9);
        write!(f, "can read {bytes:.1} GB/s and compute {flop:.1} GFLOP/s in f32")
    }
}

impl Peaks {
    pub(crate) async fn measure(gpu: &Gpu) -> Result<Self, Failure> {
        let is_software = gpu.tier() == Tier::Software;
        let (n_groups, most, n_steps) =
            if is_software { (64, 64 << 20, 1 << 10) } else { (4096, 1 << 30, 1 << 14) };
        let n_invocations = n_groups * WG;
        let n_values = (gpu.max_buffer_bytes().min(most) / 16) as u32;
        let values = gpu.storage("peak values", 16 * u64::from(n_values)).await?;
        let seeds = gpu.upload("peak seeds", &vec![0.5f32; n_invocations as usize]).await?;
        let out = gpu.storage("peak output", 4 * u64::from(n_invocations)).await?;

        // Seconds of a dispatch, as the difference of two submits: what a submit costs at all is in both.
        let timed = async |source, input, n: u32| -> Result<f64, Failure> {
            let kernel = Kernel::new(gpu, source, &[]).await?;
            let bindings = kernel.bind(gpu, &[input, &out]);
            let mut fastest = [f64::INFINITY; 2];
            for run in 0..N_RUNS {
                for (n_dispatches, fastest) in N_DISPATCHES.into_iter().zip(&mut fastest) {
                    let mut recording = Recording::new();
                    for _ in 0..n_dispatches {
                        let params = Params { n, n_invocations, pad: [0; 2] };
                        recording.dispatch(&kernel, &bindings, &params, [n_groups, 1, 1]);
                    }
                    let start = Instant::now();
                    gpu.run_once::<u32>(&recording, &out, 1).await?;
                    if run > 0 {
                        *fastest = fastest.min(start.elapsed().as_secs_f64());
                    }
                }
            }
            Ok((fastest[1] - fastest[0]) / f64::from(N_DISPATCHES[1] - N_DISPATCHES[0]))
        };
        let bytes_per_sec = 16.0 * f64::from(n_values) / timed(&READ, &values, n_values).await?;
        let flop = 2.0 * LANES * f64::from(n_steps) * f64::from(n_invocations);
        Ok(Self { bytes_per_sec, flop_per_sec: flop / timed(&FMA, &seeds, n_steps).await? })
    }
}
