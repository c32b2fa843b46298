//! `rope` and `attention` over scattered, shared slots.

use concord_lm::engine::kernels::{Attention, Rope, attention as attention_kernel, rope as rope_kernel};
use concord_lm::engine::{Buffer, Gpu, Recording};
use concord_lm::reference::{self, HeadShape, LayerKv, RopeAngles};
use concord_lm::weights::{RopePairs, Temperature};
use half::f16;
use half::slice::HalfFloatSliceExt;

use super::{check_close, noise};

const BASE: f64 = 10_000.0;
/// Queries and keys become longer as they turn.
const MAGNITUDE: f32 = 1.25;
/// Sums of up to 130 weighted values in another order, and exponentials of a few roundings.
const TOLERANCE: f32 = 1e-5;
/// An f16 apart: keys that differ in their last f32 bits round to either side.
const KEY_TOLERANCE: f32 = 1.0 / 1024.0;
/// Values that are stored exactly like this on the CPU: beyond f16 on both sides, and ties to even.
const HARD_VALUES: [f32; 4] = [1e6, -7e4, 2049.0, 2051.0];

/// Heads and a batch: position and table row of each token.
#[derive(Clone)]
struct Case {
    heads: HeadShape,
    rope_dim: usize,
    tokens: Vec<(u32, u32)>,
}

/// Sequence length of the table; longer than two chunks of the attention kernel.
const SEQ_LEN: usize = 140;
const N_TABLE_ROWS: usize = 3;

/// Table rows that list scattered slots; the rows share their first 70 slots.
fn table() -> Vec<u32> {
    let slot = |row: usize, position: usize| match position {
        0..70 => (position * 37 + 5) % 70,
        _ => 70 + row * (SEQ_LEN - 70) + (position * 11) % (SEQ_LEN - 70),
    };
    (0..N_TABLE_ROWS).flat_map(|row| (0..SEQ_LEN).map(move |position| slot(row, position) as u32)).collect()
}

const N_SLOTS: usize = 70 + N_TABLE_ROWS * (SEQ_LEN - 70);

fn cases() -> Vec<Case> {
    let shape = HeadShape::plain;
    let capped = |heads: HeadShape| HeadShape { scale: 0.3, soft_cap: 5.0, ..heads };
    let temperature = Some(Temperature { scale: 0.1, n_positions: 16 });
    let sharp = |heads: HeadShape| HeadShape { temperature, ..heads };
    vec![
        Case { heads: shape(1, 1, 4), rope_dim: 4, tokens: vec![(0, 0)] },
        Case { heads: shape(2, 1, 32), rope_dim: 32, tokens: vec![(62, 1), (63, 2)] },
        Case { heads: shape(6, 2, 64), rope_dim: 64, tokens: vec![(64, 0), (65, 0), (128, 2)] },
        Case { heads: shape(7, 7, 20), rope_dim: 8, tokens: vec![(130, 1)] },
        Case { heads: shape(4, 2, 128), rope_dim: 128, tokens: (70..111).map(|p| (p, p % 3)).collect() },
        Case { heads: shape(1, 1, 256), rope_dim: 256, tokens: vec![(139, 0), (1, 1)] },
        Case { heads: capped(shape(2, 2, 16)), rope_dim: 16, tokens: vec![(139, 0), (1, 1)] },
        Case { heads: sharp(shape(2, 2, 16)), rope_dim: 0, tokens: vec![(139, 0), (1, 1), (15, 2), (16, 2)] },
    ]
}

impl Case {
    fn qkv_width(&self) -> usize {
        (self.heads.n_heads + 2 * self.heads.n_kv_heads) * self.heads.head_dim
    }

    fn widths(&self) -> (usize, usize) {
        (self.heads.n_heads * self.heads.head_dim, self.heads.n_kv_heads * self.heads.head_dim)
    }

    async fn batch(&self, gpu: &Gpu) -> Buffer {
        let batch: Vec<[u32; 4]> = self.tokens.iter().map(|&(position, row)| [0, position, row, 0]).collect();
        gpu.upload("batch", &batch).await.unwrap()
    }

    fn name(&self) -> String {
        format!("{:?}, {} tokens", self.heads, self.tokens.len())
    }
}

/// Biased queries turned in place; biased keys turned and biased values stored as f16 in the slots that the table lists.
pub(crate) async fn rope(gpu: &Gpu) {
    let kernel = Rope::new(gpu).await.unwrap();
    let pairs = [RopePairs::Adjacent, RopePairs::Halves];
    for (case, pairs) in cases().into_iter().flat_map(|case| pairs.map(|pairs| (case.clone(), pairs))) {
        let (q_dim, kv_dim) = case.widths();
        let n_tokens = case.tokens.len();
        let (mut bias, mut unbiased) = (noise(63, case.qkv_width()), noise(61, n_tokens * case.qkv_width()));
        let hard = case.qkv_width() - HARD_VALUES.len()..case.qkv_width();
        bias[hard.clone()].fill(0.0);
        unbiased[hard].copy_from_slice(&HARD_VALUES);
        let qkv: Vec<f32> =
            unbiased.iter().zip(bias.iter().cycle()).map(|(value, bias)| value + bias).collect();
        let part = |from: usize, to: usize| -> Vec<f32> {
            qkv.chunks(case.qkv_width()).flat_map(|row| row[from..to].to_vec()).collect()
        };
        let (mut q, mut k) = (part(0, q_dim), part(q_dim, q_dim + kv_dim));
        let v = part(q_dim + kv_dim, q_dim + 2 * kv_dim);
        let positions: Vec<u32> = case.tokens.iter().map(|token| token.0).collect();
        let table = table();
        let slots: Vec<u32> =
            case.tokens.iter().map(|t| table[t.1 as usize * SEQ_LEN + t.0 as usize]).collect();
        let frequencies: Vec<f64> =
            (0..case.rope_dim / 2).map(|pair| BASE.powf(-2.0 * pair as f64 / case.rope_dim as f64)).collect();
        let angles = RopeAngles::new(&positions, pairs, &frequencies, MAGNITUDE);
        let mut kv = LayerKv::new(N_SLOTS, kv_dim);
        reference::rope(&mut q, &mut k, &v, &angles, &slots, case.heads.head_dim, &mut kv);

        let batch = case.batch(gpu).await;
        let table = gpu.upload("table", &table).await.unwrap();
        let angles = rope_kernel::angles(0..SEQ_LEN as u32, &frequencies, MAGNITUDE);
        // Where nothing turns, any buffer will do.
        let angles = if angles.is_empty() { vec![[1.0; 2]] } else { angles };
        let angles = gpu.upload("angles", &angles).await.unwrap();
        let bias = gpu.upload("bias", &bias).await.unwrap();
        let qkv = gpu.upload("qkv", &unbiased).await.unwrap();
        let k_pool = gpu.storage("k", (2 * N_SLOTS * kv_dim) as u64).await.unwrap();
        let v_pool = gpu.storage("v", (2 * N_SLOTS * kv_dim) as u64).await.unwrap();
        let buffers = rope_kernel::Buffers {
            batch: &batch,
            table: &table,
            angles: &angles,
            bias: &bias,
            qkv: &qkv,
            k_pool: &k_pool,
            v_pool: &v_pool,
        };
        let mut recording = Recording::new();
        let params = rope_kernel::Params {
            n_tokens: n_tokens as u32,
            q_dim: q_dim as u32,
            kv_dim: kv_dim as u32,
            head_dim: case.heads.head_dim as u32,
            rope_dim: case.rope_dim as u32,
            seq_len: SEQ_LEN as u32,
            halves: u32::from(pairs == RopePairs::Halves),
            ..Default::default()
        };
        kernel.encode(&mut recording, &kernel.bind(gpu, buffers), params);
        let got: Vec<f32> = gpu.run_once(&recording, &qkv, n_tokens * case.qkv_width()).await.unwrap();
        let got_q: Vec<f32> = got.chunks(case.qkv_width()).flat_map(|row| row[..q_dim].to_vec()).collect();
        check_close(&format!("queries, {} {pairs:?}", case.name()), &got_q, &q, 1e-6);
        let empty = Recording::new();
        let got_k: Vec<f16> = gpu.run_once(&empty, &k_pool, N_SLOTS * kv_dim).await.unwrap();
        let what = format!("keys, {} {pairs:?}", case.name());
        check_close(&what, &got_k.to_f32_vec(), &kv.keys.to_f32_vec(), KEY_TOLERANCE);
        let got_v: Vec<f16> = gpu.run_once(&empty, &v_pool, N_SLOTS * kv_dim).await.unwrap();
        assert_eq!(got_v, kv.values, "values, {}", case.name());
    }
}

/// Against the CPU; scores from flat to one that takes all.
pub(crate) async fn attention(gpu: &Gpu) {
    let kernel = Attention::new(gpu).await.unwrap();
    for case in cases() {
        for (spread, window) in [(0.01, 0), (1.0, 0), (30.0, 0), (1.0, 1), (1.0, 70)] {
            let got = attend(gpu, &kernel, &case, &case.tokens, spread, window).await;
            let (q_dim, kv_dim) = case.widths();
            let rows = qkv(&case, spread);
            let q: Vec<f32> = rows.chunks(case.qkv_width()).flat_map(|row| row[..q_dim].to_vec()).collect();
            let (keys, values) = pools(kv_dim);
            let kv = LayerKv { kv_dim, keys, values };
            let table = table();
            let lists: Vec<&[u32]> = case
                .tokens
                .iter()
                .map(|&(position, row)| {
                    let first = if window == 0 { 0 } else { (position + 1).saturating_sub(window) };
                    &table[row as usize * SEQ_LEN..][first as usize..=position as usize]
                })
                .collect();
            let positions: Vec<u32> = case.tokens.iter().map(|token| token.0).collect();
            let expected = reference::attention(&q, &kv, &lists, &positions, case.heads);
            check_close(
                &format!("{}, spread {spread}, window {window}", case.name()),
                &got,
                &expected,
                TOLERANCE,
            );
        }
    }
}

/// The first token alone gives the same bits as in its batch.
pub(crate) async fn attention_batch_invariance(gpu: &Gpu) {
    let kernel = Attention::new(gpu).await.unwrap();
    for case in cases() {
        let together = attend(gpu, &kernel, &case, &case.tokens, 1.0, 0).await;
        let alone = attend(gpu, &kernel, &case, &case.tokens[..1], 1.0, 0).await;
        assert_eq!(alone, together[..alone.len()], "{}", case.name());
    }
}

fn qkv(case: &Case, spread: f32) -> Vec<f32> {
    let values = noise(67, case.tokens.len() * case.qkv_width());
    values.iter().map(|value| value * spread).collect()
}

fn pools(kv_dim: usize) -> (Vec<f16>, Vec<f16>) {
    let pool = |seed| noise(seed, N_SLOTS * kv_dim).into_iter().map(f16::from_f32).collect();
    (pool(71), pool(73))
}

async fn attend(
    gpu: &Gpu,
    kernel: &Attention,
    case: &Case,
    tokens: &[(u32, u32)],
    spread: f32,
    window: u32,
) -> Vec<f32> {
    let (q_dim, kv_dim) = case.widths();
    let (keys, values) = pools(kv_dim);
    let batch = case.batch(gpu).await;
    let table = gpu.upload("table", &table()).await.unwrap();
    let qkv = gpu.upload("qkv", &qkv(case, spread)).await.unwrap();
    let k_pool = gpu.upload("k", &keys).await.unwrap();
    let v_pool = gpu.upload("v", &values).await.unwrap();
    let out = gpu.storage("out", (4 * tokens.len() * q_dim) as u64).await.unwrap();
    let buffers = attention_kernel::Buffers {
        batch: &batch,
        table: &table,
        qkv: &qkv,
        k_pool: &k_pool,
        v_pool: &v_pool,
        out: &out,
    };
    let mut recording = Recording::new();
    let params = attention_kernel::Params {
        n_tokens: tokens.len() as u32,
        n_heads: case.heads.n_heads as u32,
        n_kv_heads: case.heads.n_kv_heads as u32,
        head_dim: case.heads.head_dim as u32,
        qkv_width: case.qkv_width() as u32,
        seq_len: SEQ_LEN as u32,
        scale: case.heads.scale,
        window,
        soft_cap: case.heads.soft_cap,
        temperature: case.heads.temperature.map_or(0.0, |temperature| temperature.scale),
        step: case.heads.temperature.map_or(1, |temperature| temperature.n_positions),
        ..Default::default()
    };
    kernel.encode(&mut recording, &kernel.bind(gpu, buffers), params);
    gpu.run_once(&recording, &out, tokens.len() * q_dim).await.unwrap()
}
