//! What a product reads from global memory, counted where it reads: shaders with a counter in each of their two loads.

use concord_lm::engine::kernel::{Access, Layout, Source};
use concord_lm::engine::kernels::Matmul;
use concord_lm::engine::kernels::matmul::{Body, Params, Role};
use concord_lm::engine::{Gpu, Recording, Tier, Weights};
use concord_lm::weights::TensorType;
use concord_lm::weights::testing::quantise_rows;
use pollster::block_on;

use crate::cases::kernels::{gpu, noise};

const N_OUT: u32 = 64;
const N_IN: u32 = 512;
/// Binding of the counters.
const COUNTED: u32 = 9;

/// The same shader, counting units of eight weights and vectors of four inputs.
fn counting(source: &Source) -> Source {
    let counted = |text: &str, head: &str, counter: u32| {
        assert_eq!(text.matches(head).count(), 1, "{head}");
        text.replace(head, &format!("{head}\natomicAdd(&counted[{counter}], 1u);"))
    };
    let text = counted(&source.text(), "fn load8(unit: u32) -> Eight {", 0);
    let mut text = counted(&text, "fn input(at: u32) -> vec4<f32> {", 1);
    assert_eq!(text.matches(" x[").count(), 1, "all inputs are read in one place");
    text.push_str(&format!(
        "@group(0) @binding({COUNTED}) var<storage, read_write> counted: array<atomic<u32>, 2>;\n"
    ));
    let mut bindings = source.all_bindings();
    bindings.push((COUNTED, Access::Write));
    let text: &'static str = text.leak();
    Source { weights: None, wgsl: vec![text].leak(), bindings: bindings.leak(), ..*source }
}

/// Bytes of weights that are read as shares of the matrix, and bytes of inputs for each product of two numbers.
async fn work(gpu: &Gpu, body: Body, [tile_tokens, tile_outs]: [u32; 2], n_tokens: u32) -> [f64; 2] {
    let tensor_type = TensorType::Q4_0;
    let layout = Layout::new(gpu, &counting(&Role::Give.source(body, tensor_type))).await.unwrap();
    let constants = [("WG", 64), ("K_LANES", 8), ("M", tile_tokens), ("N_PARTIALS", 32 * tile_tokens)];
    let constants = if body == Body::Rows { &constants[..] } else { &[] };
    let kernel = layout.kernel(gpu, constants).await.unwrap();
    let rows = quantise_rows(tensor_type, &noise(1, (N_OUT * N_IN) as usize));
    let weights = Weights::upload(gpu, "w", tensor_type, [N_OUT, N_IN], &rows).await.unwrap();
    let x = gpu.upload("x", &noise(2, (n_tokens * N_IN) as usize)).await.unwrap();
    let y = gpu.storage("y", u64::from(4 * n_tokens * N_OUT)).await.unwrap();
    let squares = gpu.storage("squares", 16).await.unwrap();
    let counted = gpu.storage("counted", 8).await.unwrap();
    let mut buffers = weights.after([&x, &y, &squares]);
    buffers.push(&counted);
    let tiles_x = N_OUT.div_ceil(tile_outs);
    let params = Params {
        n_in: N_IN,
        n_out: N_OUT,
        n_tokens,
        y_stride: N_OUT,
        tiles_x,
        scale: 1.0,
        ..Params::default()
    };
    let mut recording = Recording::new();
    let groups = [tiles_x, 1, n_tokens.div_ceil(tile_tokens)];
    recording.dispatch(&kernel, &layout.bind(gpu, &buffers), &params, groups);
    let [units, vectors]: [u32; 2] =
        gpu.run_once(&recording, &counted, 2).await.unwrap()[..].try_into().unwrap();
    let matrix = f64::from(N_OUT) * f64::from(N_IN);
    [8.0 * f64::from(units) / matrix, 16.0 * f64::from(vectors) / (matrix * f64::from(n_tokens))]
}

#[test]
fn forty_rows_read_the_weights_once_and_few_inputs() {
    block_on(async {
        let gpu = gpu().await;
        let sixteen = work(&gpu, Body::Rows, [16, 16], 40).await;
        let forty = work(&gpu, Body::Tile, [40, 16], 40).await;
        println!("shares of the weights, bytes of inputs per FMA: tiles of 16 {sixteen:?}, of 40 {forty:?}");
        assert_eq!(sixteen[0], 3.0, "what the count was made to see");
        assert_eq!(forty[0], 1.0, "each weight once");
        assert!(4.0 * forty[1] <= sixteen[1], "{forty:?}, {sixteen:?}");
        let kernel = Matmul::for_tier(&gpu, TensorType::Q4_0, Role::Give, Tier::Hardware).await.unwrap();
        for n_out in [64, 4096, 151_936] {
            assert_eq!(kernel.tile_tokens(40, n_out), 40, "{n_out} outputs");
            assert_eq!(kernel.tile_tokens(17, n_out), 40, "{n_out} outputs");
            assert_eq!(kernel.tile_tokens(16, n_out), 16, "{n_out} outputs");
        }
    });
}
