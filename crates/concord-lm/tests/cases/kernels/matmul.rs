//! `matmul` and `embed`, the kernels that read weights: every tensor type, every tile height, both tiers.

use concord_lm::engine::kernels::matmul::{Columns, Fed, Role, squares_width};
use concord_lm::engine::kernels::{Embed, Matmul};
use concord_lm::engine::{Gpu, Recording, Tier, Weights};
use concord_lm::reference;
use concord_lm::weights::testing::quantise_rows;
use concord_lm::weights::{Activation, TensorType, dequantise_rows};

use super::{check_close, noise};

/// f32 sums of up to 1,760 products in another order; the error of a sum is below 1e-6 of its terms'
/// magnitudes, and those are at most ten times the largest result.
const TOLERANCE: f32 = 1e-5;

/// All types; in a browser, where it takes long to compile all variants of a kernel, one of each number of buffers and each way
/// to the scales. `matmul` goes through all of them there, too.
fn types_of_all_layouts() -> impl Iterator<Item = TensorType> {
    let of_all = [TensorType::F32, TensorType::Q4_1, TensorType::Q5_0, TensorType::Q4_K, TensorType::Q6_K];
    TensorType::ALL.into_iter().filter(move |of| cfg!(not(target_arch = "wasm32")) || of_all.contains(of))
}

/// Rows of noise as a file stores them, and what they stand for.
fn matrix(tensor_type: TensorType, n_out: usize, n_in: usize, seed: u64) -> (Vec<u8>, Vec<f32>) {
    let mut values = noise(seed, n_out * n_in);
    // A block of zeros has scale 0; one of tiny values has a scale below the normal f16 range.
    values[..n_in.min(32)].fill(0.0);
    let last = values.len() - n_in.min(32);
    values[last..].iter_mut().for_each(|value| *value *= 1e-4);
    let bytes = quantise_rows(tensor_type, &values);
    dequantise_rows(tensor_type, n_in, &bytes, &mut values).unwrap();
    (bytes, values)
}

async fn product(gpu: &Gpu, kernel: &Matmul, weights: &Weights, x: &[f32], columns: Columns) -> Vec<f32> {
    let n_tokens = x.len() / weights.n_in as usize;
    let n_values = n_tokens * columns.stride as usize;
    let x = gpu.upload("x", x).await.unwrap();
    let y = gpu.upload("y", &vec![0.5f32; n_values]).await.unwrap();
    let bindings = kernel.bind(gpu, &x, weights, &y);
    let mut recording = Recording::new();
    kernel.encode(&mut recording, &bindings, weights, n_tokens as u32, columns);
    gpu.run_once(&recording, &y, n_values).await.unwrap()
}

/// `(tokens, n_in, n_out)` that other engines test, or were found to compute wrongly: every number of tokens around a tile of
/// eight and whole tiles of 32 in llama.cpp's `test-backend-ops` (its Vulkan backend once gave NaN for six and seven tokens,
/// issue 10710; ggml's Q2_K and Q3_K did for 32, pull request 625), fewer outputs than a tile and one and a half tiles (MLX,
/// issue 4250: zeros, and garbage in the last columns).
const OF_OTHERS: [(usize, usize, usize); 15] = [
    (1, 256, 16),
    (2, 256, 16),
    (3, 256, 16),
    (4, 256, 16),
    (5, 256, 16),
    (6, 256, 16),
    (7, 256, 16),
    (8, 256, 16),
    (9, 256, 16),
    (32, 256, 32),
    (45, 64, 128),
    (77, 64, 77),
    (128, 64, 45),
    (1, 1024, 32),
    (1, 1024, 96),
];

/// Against the CPU, over numbers of tokens around every tile height and awkward widths.
pub(crate) async fn matmul(gpu: &Gpu) {
    let shapes = [
        (1, 32, 1),
        (2, 64, 31),
        (3, 96, 33),
        (4, 32, 64),
        (5, 256, 65),
        (8, 160, 63),
        (9, 64, 1759),
        (16, 1760, 7),
        (17, 96, 130),
    ];
    for tier in [Tier::Software, Tier::Hardware] {
        for tensor_type in TensorType::ALL {
            let kernel = Matmul::for_tier(gpu, tensor_type, Role::Give, tier).await.unwrap();
            // In a browser it takes long.
            let of_others = OF_OTHERS.into_iter().filter(|_| cfg!(not(target_arch = "wasm32")));
            for (n_tokens, n_in, n_out) in shapes.into_iter().chain(of_others) {
                let n_in = usize::next_multiple_of(n_in, tensor_type.block_len());
                let (bytes, values) = matrix(tensor_type, n_out, n_in, 7);
                let shape = [n_out as u32, n_in as u32];
                let weights = Weights::upload(gpu, "w", tensor_type, shape, &bytes).await.unwrap();
                let x = noise(11, n_tokens * n_in);
                let columns = Columns::all(n_out as u32);
                let got = product(gpu, &kernel, &weights, &x, columns).await;
                let expected = reference::matmul(&x, &reference::Matrix::from_rows(n_in, &values));
                let what = format!("{tensor_type:?} {tier:?} [{n_tokens}, {n_in}] x [{n_out}, {n_in}]");
                check_close(&what, &got, &expected, TOLERANCE);
            }
        }
    }
}

/// Adding to the output, scaling the product, and writing some of its columns only.
pub(crate) async fn matmul_columns(gpu: &Gpu) {
    let (n_tokens, n_in, n_out, stride, offset) = (3, 64, 33, 50, 9);
    let (bytes, values) = matrix(TensorType::Q8_0, n_out, n_in, 3);
    let kernel = Matmul::new(gpu, TensorType::Q8_0, Role::Give).await.unwrap();
    let shape = [n_out as u32, n_in as u32];
    let weights = Weights::upload(gpu, "w", TensorType::Q8_0, shape, &bytes).await.unwrap();
    let x = noise(5, n_tokens * n_in);
    let product_cpu = reference::matmul(&x, &reference::Matrix::from_rows(n_in, &values));
    for (add, scale) in [(false, 1.0), (true, 1.0), (false, 0.25), (true, 0.22)] {
        let columns = Columns { offset: offset as u32, add, scale, ..Columns::all(stride as u32) };
        let got = product(gpu, &kernel, &weights, &x, columns).await;
        let mut expected = vec![0.5; n_tokens * stride];
        for (row, products) in expected.chunks_mut(stride).zip(product_cpu.chunks(n_out)) {
            for (value, product) in row[offset..].iter_mut().zip(products) {
                *value = scale * product + if add { *value } else { 0.0 };
            }
        }
        check_close(&format!("add {add}, scale {scale}"), &got, &expected, TOLERANCE);
    }
}

/// A row alone and the same row among 70, and among every number between that changes the tile, have
/// the same bits, and so have all variants.
pub(crate) async fn matmul_batch_invariance(gpu: &Gpu) {
    let n_out = 77;
    for tier in [Tier::Software, Tier::Hardware] {
        // Wide enough that a thread of the canonical order takes several units, or fewer than its neighbour.
        for (tensor_type, n_in) in types_of_all_layouts().flat_map(|ty| [(ty, 224usize), (ty, 1312)]) {
            let n_in = n_in.next_multiple_of(tensor_type.block_len());
            let (bytes, _) = matrix(tensor_type, n_out, n_in, 19);
            let kernel = Matmul::for_tier(gpu, tensor_type, Role::Give, tier).await.unwrap();
            let shape = [n_out as u32, n_in as u32];
            let weights = Weights::upload(gpu, "w", tensor_type, shape, &bytes).await.unwrap();
            let x = noise(23, 70 * n_in);
            let columns = Columns::all(n_out as u32);
            let together = product(gpu, &kernel, &weights, &x, columns).await;
            let buffer = gpu.upload("x", &x).await.unwrap();
            for variant in 0..kernel.n_variants() {
                let y = gpu.storage("y", 4 * together.len() as u64).await.unwrap();
                let bindings = kernel.bind(gpu, &buffer, &weights, &y);
                let mut recording = Recording::new();
                kernel.encode_with(variant, &mut recording, &bindings, &weights, 70, columns);
                let got: Vec<f32> = gpu.run_once(&recording, &y, together.len()).await.unwrap();
                let same = got.iter().zip(&together).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{tensor_type:?} {tier:?}, {n_in} inputs: variant {variant} differs");
            }
            for n_tokens in [1, 2, 4, 5, 8, 9, 16, 17, 24, 25, 63, 64, 65, 70] {
                let got = product(gpu, &kernel, &weights, &x[..n_tokens * n_in], columns).await;
                let same = got.iter().zip(&together).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{tensor_type:?} {tier:?}: {n_tokens} rows differ from the same among 70");
            }
        }
    }
}

/// A product that feeds a gated one, against the CPU's product, norm, products and gate; and each with the same bits whatever
/// the variant and the number of tokens.
pub(crate) async fn matmul_fed(gpu: &Gpu) {
    const EPS: f32 = 1e-5;
    for tier in [Tier::Software, Tier::Hardware] {
        for tensor_type in types_of_all_layouts() {
            let [n_in, dim] = [544usize, 136].map(|width| width.next_multiple_of(tensor_type.block_len()));
            let hidden_dim = 33;
            let upload = async |n_out: usize, n_in: usize, seed: u64| {
                let (bytes, values) = matrix(tensor_type, n_out, n_in, seed);
                let shape = [n_out as u32, n_in as u32];
                let weights = Weights::upload(gpu, "w", tensor_type, shape, &bytes).await.unwrap();
                (weights, reference::Matrix::from_rows(n_in, &values))
            };
            let (down, down_cpu) = upload(dim, n_in, 41).await;
            let (gate_up, gate_up_cpu) = upload(2 * hidden_dim, dim, 43).await;
            let [feed, gate] =
                [Role::Feed, Role::Gate].map(|role| Matmul::for_tier(gpu, tensor_type, role, tier));
            let (feed, gate) = (feed.await.unwrap(), gate.await.unwrap());
            let most_tokens = 37;
            let (x, states) = (noise(47, most_tokens * n_in), noise(53, most_tokens * dim));
            let gain = noise(59, dim);

            // With one variant of both, or the one that is meant for as many tokens.
            let run = async |n_tokens: usize, variant: Option<usize>| {
                let x = gpu.upload("x", &x[..n_tokens * n_in]).await.unwrap();
                let states = gpu.upload("states", &states[..n_tokens * dim]).await.unwrap();
                let gain = gpu.upload("gain", &gain).await.unwrap();
                let fed = gpu.storage("fed", (4 * n_tokens * dim) as u64).await.unwrap();
                let n_squares = n_tokens * squares_width(dim as u32) as usize;
                let squares = gpu.storage("squares", 4 * n_squares as u64).await.unwrap();
                let y = gpu.storage("y", (4 * n_tokens * hidden_dim) as u64).await.unwrap();
                let feeds = Fed { gain: &gain, x: &fed, squares: &squares };
                let products = [
                    (
                        &feed,
                        feed.bind_feeding(gpu, &x, &down, &states, feeds),
                        &down,
                        Columns { add: true, scale: 0.5, ..Columns::all(dim as u32) },
                    ),
                    (
                        &gate,
                        gate.bind_normed(gpu, &fed, &gate_up, &y, &squares),
                        &gate_up,
                        Columns {
                            activation: Activation::GeluTanh,
                            norm_eps: Some(EPS),
                            ..Columns::all(hidden_dim as u32)
                        },
                    ),
                ];
                let mut recording = Recording::new();
                for (kernel, bindings, weights, columns) in &products {
                    let n_tokens = n_tokens as u32;
                    match variant {
                        Some(idx) => {
                            kernel.encode_with(idx, &mut recording, bindings, weights, n_tokens, *columns);
                        }
                        None => kernel.encode(&mut recording, bindings, weights, n_tokens, *columns),
                    }
                }
                let gated: Vec<f32> = gpu.run_once(&recording, &y, n_tokens * hidden_dim).await.unwrap();
                let states: Vec<f32> =
                    gpu.run_once(&Recording::new(), &states, n_tokens * dim).await.unwrap();
                (gated, states)
            };

            let what = format!("{tensor_type:?} {tier:?} {n_in} -> {dim} -> {hidden_dim}");
            let (gated, fed_states) = run(most_tokens, None).await;
            let product = reference::matmul(&x, &down_cpu);
            let states_cpu: Vec<f32> =
                states.iter().zip(&product).map(|(state, product)| state + 0.5 * product).collect();
            check_close(&format!("{what}: states"), &fed_states, &states_cpu, TOLERANCE);
            let normed: Vec<f32> =
                states_cpu.chunks(dim).flat_map(|row| reference::rms_norm(row, &gain, EPS)).collect();
            let gate_up_rows = reference::matmul(&normed, &gate_up_cpu);
            let expected: Vec<f32> = gate_up_rows
                .chunks(2 * hidden_dim)
                .flat_map(|row| {
                    let (gate, up) = row.split_at(hidden_dim);
                    reference::gate(gate, up, Activation::GeluTanh)
                })
                .collect();
            // A gate multiplies two sums.
            check_close(&what, &gated, &expected, 10.0 * TOLERANCE);

            let is_same = |got: &[f32]| got.iter().zip(&gated).all(|(a, b)| a.to_bits() == b.to_bits());
            for variant in 0..feed.n_variants() {
                assert!(is_same(&run(most_tokens, Some(variant)).await.0), "{what}: variant {variant}");
            }
            for n_tokens in [1, 3, 4, 8, 9, 16, 17] {
                assert!(is_same(&run(n_tokens, None).await.0), "{what}: {n_tokens} tokens");
            }
        }
    }
}

/// Rows of the table come back as the CPU dequantises them.
pub(crate) async fn embed(gpu: &Gpu) {
    for tensor_type in TensorType::ALL {
        let kernel = Embed::new(gpu, tensor_type).await.unwrap();
        for (vocab_size, dim, ids) in
            [(1, 32, vec![0]), (1759, 96, vec![0, 1758, 3, 3, 1024]), (65, 320, vec![64; 7])]
        {
            let dim = usize::next_multiple_of(dim, tensor_type.block_len());
            let (bytes, values) = matrix(tensor_type, vocab_size, dim, 29);
            let shape = [vocab_size as u32, dim as u32];
            let table = Weights::upload(gpu, "table", tensor_type, shape, &bytes).await.unwrap();
            let batch: Vec<[u32; 4]> = ids.iter().map(|&id| [id, 0, 0, 0]).collect();
            let batch = gpu.upload("batch", &batch).await.unwrap();
            let y = gpu.storage("y", (4 * dim * ids.len()) as u64).await.unwrap();
            let mut recording = Recording::new();
            kernel.encode(
                &mut recording,
                &kernel.bind(gpu, &batch, &table, &y),
                (&table, 0),
                1.5,
                ids.len() as u32,
            );
            let got: Vec<f32> = gpu.run_once(&recording, &y, dim * ids.len()).await.unwrap();
            let expected = reference::embed(&reference::Matrix::from_rows(dim, &values), &ids, 1.5);
            // One product of two exact numbers: the same on every device, but for f16 scales below the
            // normal range, which a device may take as 0 (values below 1e-6 here).
            check_close(&format!("{tensor_type:?} [{vocab_size}, {dim}]"), &got, &expected, 1e-6);
        }
    }
}
