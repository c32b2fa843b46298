//! The kernels that norm, gate, score, pool and compare.

use concord_lm::engine::kernels::rms_norm::{Norm, Rows};
use concord_lm::engine::kernels::{
    Activate, Cosine, Gate, HeadNorm, LayerNorm, LogProb, Pool, RmsNorm, SoftCap,
    head_norm as head_norm_kernel,
};
use concord_lm::engine::{Gpu, Recording};
use concord_lm::generate::Pooling;
use concord_lm::reference;
use concord_lm::weights::Activation;

use super::{check_close, noise};

/// Widths around the workgroup size, and a prime.
const WIDTHS: [usize; 6] = [1, 63, 64, 65, 130, 1759];
/// A few roundings of f32; sums are in another order.
const TOLERANCE: f32 = 4e-6;

/// Rows of ordinary, zero, huge and tiny values; all rows and a selection of them; with their mean and without it.
pub(crate) async fn rms_norm(gpu: &Gpu) {
    let kernel = RmsNorm::new(gpu).await.unwrap();
    for (dim, is_centred) in WIDTHS.into_iter().flat_map(|dim| [(dim, false), (dim, true)]) {
        let norm = Norm { dim: dim as u32, eps: 1e-5, is_centred };
        for n_rows in [1, 2, 3] {
            let mut x = noise(31, n_rows * dim);
            let last = (n_rows - 1) * dim;
            match n_rows {
                2 => x[last..].fill(0.0),
                3 => {
                    x[..dim].iter_mut().for_each(|value| *value *= 1e15);
                    x[last..].iter_mut().for_each(|value| *value *= 1e-12);
                }
                _ => {}
            }
            let gain = noise(37, dim);
            let expected = match is_centred {
                false => reference::rms_norm(&x, &gain, norm.eps),
                true => reference::centred_norm(&x, &gain, norm.eps),
            };
            let indices: Vec<u32> = (0..n_rows as u32).rev().collect();
            let reversed: Vec<f32> = expected.chunks(dim).rev().flatten().copied().collect();
            let x = gpu.upload("x", &x).await.unwrap();
            let gain = gpu.upload("gain", &gain).await.unwrap();
            let indices = gpu.upload("indices", &indices).await.unwrap();
            let y = gpu.storage("y", (4 * dim * n_rows) as u64).await.unwrap();
            let bindings = kernel.bind(gpu, &x, &gain, &indices, &y);
            let last = expected[last..].to_vec();
            let first = expected[..dim].to_vec();
            let cases = [
                (Rows::From(0), n_rows, expected),
                (Rows::Indexed, n_rows, reversed),
                (Rows::From(n_rows as u32 - 1), 1, last),
            ];
            for (rows, n_rows, expected) in cases {
                let mut recording = Recording::new();
                kernel.encode(&mut recording, &bindings, norm, rows, n_rows as u32);
                let got: Vec<f32> = gpu.run_once(&recording, &y, dim * n_rows).await.unwrap();
                check_close(
                    &format!("[{n_rows}, {dim}] {rows:?}, centred {is_centred}"),
                    &got,
                    &expected,
                    TOLERANCE,
                );
            }
            let mut recording = Recording::new();
            kernel.encode_add(&mut recording, &bindings, norm, 1);
            let before: Vec<f32> = gpu.run_once(&Recording::new(), &y, dim).await.unwrap();
            let got: Vec<f32> = gpu.run_once(&recording, &y, dim).await.unwrap();
            let sum: Vec<f32> = before.iter().zip(&first).map(|(a, b)| a + b).collect();
            check_close(&format!("[{n_rows}, {dim}] added"), &got, &sum, TOLERANCE);
        }
    }
}

/// Every query and key head on its own, values untouched.
pub(crate) async fn head_norm(gpu: &Gpu) {
    let kernel = HeadNorm::new(gpu).await.unwrap();
    for (n_tokens, n_heads, n_kv_heads, head_dim) in
        [(1, 1, 1, 4), (3, 6, 2, 20), (2, 4, 1, 130), (41, 2, 2, 64)]
    {
        let qkv_width = (n_heads + 2 * n_kv_heads) * head_dim;
        let mut expected = noise(61, n_tokens * qkv_width);
        expected[..head_dim].fill(0.0);
        let gains = noise(67, 2 * head_dim);
        let qkv = gpu.upload("qkv", &expected).await.unwrap();
        for row in expected.chunks_mut(qkv_width) {
            for (idx, head) in row.chunks_mut(head_dim).take(n_heads + n_kv_heads).enumerate() {
                let gain = if idx < n_heads { &gains[..head_dim] } else { &gains[head_dim..] };
                head.copy_from_slice(&reference::rms_norm(head, gain, 1e-6));
            }
        }
        let gains = gpu.upload("gains", &gains).await.unwrap();
        let params = head_norm_kernel::Params {
            n_tokens: n_tokens as u32,
            n_heads: n_heads as u32,
            head_dim: head_dim as u32,
            qkv_width: qkv_width as u32,
            eps: 1e-6,
            ..Default::default()
        };
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &kernel.bind(gpu, &gains, &qkv), n_kv_heads as u32, params);
        let got: Vec<f32> = gpu.run_once(&recording, &qkv, expected.len()).await.unwrap();
        check_close(&format!("{n_tokens} tokens, {n_heads} heads of {head_dim}"), &got, &expected, TOLERANCE);
    }
}

/// Logits far below, around and far above the cap; those past the count stay.
pub(crate) async fn soft_cap(gpu: &Gpu) {
    let kernel = SoftCap::new(gpu).await.unwrap();
    for n_values in [1, 64, 65, 1759] {
        let mut expected: Vec<f32> = noise(71, n_values + 1).iter().map(|value| 20.0 * value).collect();
        expected[0] = -1e6;
        let x = gpu.upload("x", &expected).await.unwrap();
        reference::soft_cap(&mut expected[..n_values], 30.0);
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &kernel.bind(gpu, &x), 30.0, n_values as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &x, n_values + 1).await.unwrap();
        check_close(&format!("{n_values} values"), &got, &expected, TOLERANCE);
    }
}

/// Gates from deep in the flat part to where the activation is the identity.
pub(crate) async fn gate(gpu: &Gpu) {
    let kernel = Gate::new(gpu).await.unwrap();
    let shapes = [(1, 4), (1, 252), (2, 256), (3, 260), (3, 1760), (41, 96)];
    let activations = [Activation::Silu, Activation::GeluTanh, Activation::GeluErf];
    for ((n_tokens, hidden_dim), activation) in shapes.into_iter().flat_map(|s| activations.map(|a| (s, a))) {
        let mut gate = noise(41, n_tokens * hidden_dim);
        gate[..4].copy_from_slice(&[-1e4, -90.0, 90.0, 1e4]);
        let up = noise(43, n_tokens * hidden_dim);
        let expected = reference::gate(&gate, &up, activation);
        let rows = gate.chunks(hidden_dim).zip(up.chunks(hidden_dim));
        let gate_up: Vec<f32> = rows.flat_map(|(gate, up)| [gate, up].concat()).collect();
        let gate_up = gpu.upload("gate_up", &gate_up).await.unwrap();
        let y = gpu.storage("y", (4 * n_tokens * hidden_dim) as u64).await.unwrap();
        let mut recording = Recording::new();
        let bindings = kernel.bind(gpu, &gate_up, &y);
        kernel.encode(&mut recording, &bindings, (hidden_dim as u32, activation), n_tokens as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &y, n_tokens * hidden_dim).await.unwrap();
        // The first row holds 1e4, which would hide errors of the others.
        check_close(&format!("extreme gates, {activation:?}"), &got[..4], &expected[..4], TOLERANCE);
        check_close(
            &format!("[{n_tokens}, {hidden_dim}] {activation:?}"),
            &got[4..],
            &expected[4..],
            TOLERANCE,
        );
    }
}

/// The bias goes in first, to each row the same.
pub(crate) async fn activate(gpu: &Gpu) {
    let kernel = Activate::new(gpu).await.unwrap();
    let activations = [Activation::Silu, Activation::GeluTanh, Activation::GeluErf];
    for ((n_tokens, hidden_dim), activation) in
        [(1, 4), (3, 260), (41, 96)].into_iter().flat_map(|s| activations.map(|a| (s, a)))
    {
        let x: Vec<f32> = noise(73, n_tokens * hidden_dim).iter().map(|value| 3.0 * value).collect();
        let bias = noise(79, hidden_dim);
        let mut expected = x.clone();
        reference::activate(&mut expected, &bias, activation);
        let x = gpu.upload("x", &x).await.unwrap();
        let bias = gpu.upload("bias", &bias).await.unwrap();
        let y = gpu.storage("y", (4 * n_tokens * hidden_dim) as u64).await.unwrap();
        let mut recording = Recording::new();
        let bindings = kernel.bind(gpu, &x, &bias, &y);
        kernel.encode(&mut recording, &bindings, (hidden_dim as u32, activation), n_tokens as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &y, expected.len()).await.unwrap();
        check_close(&format!("[{n_tokens}, {hidden_dim}] {activation:?}"), &got, &expected, TOLERANCE);
    }
}

/// Rows far from zero, rows without variance, and rows past the count, which stay.
pub(crate) async fn layer_norm(gpu: &Gpu) {
    let kernel = LayerNorm::new(gpu).await.unwrap();
    for dim in WIDTHS {
        let mut expected = noise(83, 3 * dim);
        expected[..dim].iter_mut().for_each(|value| *value += 100.0);
        let [before, gain, bias] = [89, 97, 101].map(|seed| noise(seed, dim));
        let norm = gpu.upload("norm", &[&before[..], &gain, &bias].concat()).await.unwrap();
        let x = gpu.upload("x", &expected).await.unwrap();
        let vectors = reference::LayerNorm { before, gain, bias };
        reference::layer_norm(&mut expected[..2 * dim], &vectors, 1e-5);
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &kernel.bind(gpu, &norm, &x), (dim as u32, 1e-5), 2);
        let got: Vec<f32> = gpu.run_once(&recording, &x, 3 * dim).await.unwrap();
        // The first row's differences to its mean have lost a few bits already.
        check_close(&format!("far from zero, {dim}"), &got[..dim], &expected[..dim], 1e-4);
        check_close(&format!("{dim}"), &got[dim..], &expected[dim..], TOLERANCE);
    }
}

/// Log-probs of the first, the last and the largest; logits of any size.
pub(crate) async fn log_prob(gpu: &Gpu) {
    let kernel = LogProb::new(gpu).await.unwrap();
    for vocab_size in WIDTHS {
        let n_rows = 3;
        let mut logits = noise(47, n_rows * vocab_size);
        logits[..vocab_size].iter_mut().for_each(|logit| *logit = *logit * 5.0 + 1e4);
        logits[2 * vocab_size..].fill(-1e4);
        let targets = [0, vocab_size as u32 - 1, vocab_size as u32 / 2];
        let expected: Vec<f32> = logits
            .chunks(vocab_size)
            .zip(targets)
            .map(|(logits, target)| reference::log_prob(logits, target))
            .collect();
        // Two tokens before the first row: the offset of a chunk.
        let all_targets = [[9999, 9999].as_slice(), &targets].concat();
        let logits = gpu.upload("logits", &logits).await.unwrap();
        let targets = gpu.upload("targets", &all_targets).await.unwrap();
        let y = gpu.storage("y", 20).await.unwrap();
        let mut recording = Recording::new();
        let bindings = kernel.bind(gpu, &logits, &targets, &y);
        kernel.encode(&mut recording, &bindings, vocab_size as u32, 2, n_rows as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &y, 5).await.unwrap();
        // Logits near 1e4 carry a rounding of 1e-3 of their own.
        check_close(&format!("vocabulary {vocab_size}, large logits"), &got[2..3], &expected[..1], 2e-3);
        check_close(&format!("vocabulary {vocab_size}"), &got[3..4], &expected[1..2], 1e-5);
        check_close(&format!("vocabulary {vocab_size}, equal logits"), &got[4..], &expected[2..], 2e-3);
    }
}

/// Groups of one and many tokens, and an empty one.
pub(crate) async fn pool(gpu: &Gpu) {
    let kernel = Pool::new(gpu).await.unwrap();
    for dim in WIDTHS {
        let sizes = [1u32, 0, 7, 64];
        let states = noise(53, 72 * dim);
        let mut first = 0;
        let groups: Vec<[u32; 2]> = sizes
            .iter()
            .map(|&n_tokens| {
                first += n_tokens;
                [first - n_tokens, n_tokens]
            })
            .collect();
        let x = gpu.upload("states", &states).await.unwrap();
        let groups = gpu.upload("groups", &groups).await.unwrap();
        let y = gpu.storage("y", (4 * sizes.len() * dim) as u64).await.unwrap();
        let bindings = kernel.bind(gpu, &x, &groups, &y);
        for pooling in [Pooling::Mean, Pooling::First, Pooling::Last] {
            let mut recording = Recording::new();
            kernel.encode(&mut recording, &bindings, dim as u32, pooling, sizes.len() as u32);
            let got: Vec<f32> = gpu.run_once(&recording, &y, sizes.len() * dim).await.unwrap();
            let expected = reference::pool(&states, dim, &sizes, pooling);
            check_close(&format!("{pooling:?} of {dim}"), &got, &expected, TOLERANCE);
        }
    }
}

/// Pairs of ordinary, equal, opposite and zero vectors.
pub(crate) async fn cosine(gpu: &Gpu) {
    let kernel = Cosine::new(gpu).await.unwrap();
    for (n_vectors, dim) in [(2, 64), (3, 1759), (65, 33), (130, 8)] {
        let mut vectors = noise(59, n_vectors * dim);
        if n_vectors > 2 {
            vectors[..dim].fill(0.0);
            let (first, rest) = vectors[dim..].split_at_mut(dim);
            rest[..dim].iter_mut().zip(first).for_each(|(b, a)| *b = -2.0 * *a);
        }
        let expected = reference::cosine(&vectors, dim);
        let vectors = gpu.upload("vectors", &vectors).await.unwrap();
        let n_cosines = n_vectors * (n_vectors - 1) / 2;
        let y = gpu.storage("y", (4 * n_cosines.max(1)) as u64).await.unwrap();
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &kernel.bind(gpu, &vectors, &y), n_vectors as u32, dim as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &y, n_cosines).await.unwrap();
        check_close(&format!("[{n_vectors}, {dim}]"), &got, &expected, 1e-5);
    }
}
