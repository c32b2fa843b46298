//! The start-up checks of attention and of the kernels between the products: real numbers in, several tokens, heads and
//! workgroups, and what comes out compared with the formula in f64.

use half::f16;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernels::{
    Activate, Attention, Cosine, Gate, HeadNorm, LayerNorm, LogProb, Pool, Rope, SoftCap, attention,
    head_norm, rope,
};
use super::recording::Recording;
use super::self_test::check;
use crate::generate::Pooling;
use crate::weights::Activation;

/// Devices' own exponentials and square roots, and sums in another order.
const TOLERANCE: f32 = 1e-4;
const EPS: f32 = 1e-5;

/// Numbers between -2 and 2 without a pattern that a wrong place could hide in.
fn numbers(n: usize, seed: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * 37 + seed * 101 + i * i * 7) % 41) as f32 / 10.0 - 2.0).collect()
}

/// Runs what is recorded and compares a buffer with what it must hold.
async fn compare(
    gpu: &Gpu,
    name: &str,
    recording: &Recording,
    y: &Buffer,
    expected: &[f64],
) -> Result<(), EngineError> {
    let got: Vec<f32> = gpu.run_once(recording, y, expected.len()).await?;
    check(name, &got, expected.iter().map(|&value| value as f32), TOLERANCE)
}

/// Real queries and keys in several heads, tokens of two sequences, two chunks of positions, workgroups in z; with and
/// without a window and a cap.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(super) async fn attention(gpu: &Gpu, kernel: &Attention) -> Result<(), EngineError> {
    const N_HEADS: usize = 4;
    const N_KV_HEADS: usize = 2;
    const HEAD_DIM: usize = 8;
    // Two chunks of positions, the second with one.
    let n_positions = attention::WG as usize + 1;
    let (kv_dim, qkv_width) = (N_KV_HEADS * HEAD_DIM, (N_HEADS + 2 * N_KV_HEADS) * HEAD_DIM);
    let tokens = [(n_positions - 1, 0), (3, 0), (n_positions - 2, 1)];
    let batch = tokens.map(|(position, table_row)| [0, position as u32, table_row as u32, 0]);
    // The second sequence's slots lie before the first's, both backwards.
    let slot = |table_row: usize, position: usize| (2 - table_row) * n_positions - 1 - position;
    let table: Vec<u32> = (0..2).flat_map(|row| (0..n_positions).map(move |p| slot(row, p) as u32)).collect();
    let halves = |seed| -> Vec<f16> {
        numbers(2 * n_positions * kv_dim, seed).into_iter().map(f16::from_f32).collect()
    };
    let (keys, values) = (halves(1), halves(2));
    let qkv = numbers(tokens.len() * qkv_width, 3);
    let out = gpu.storage("self-test output", 4 * (tokens.len() * N_HEADS * HEAD_DIM) as u64).await?;
    let buffers = [
        gpu.upload("self-test batch", &batch).await?,
        gpu.upload("self-test table", &table).await?,
        gpu.upload("self-test queries", &qkv).await?,
        gpu.upload("self-test keys", &keys).await?,
        gpu.upload("self-test values", &values).await?,
    ];
    let [batch, slots, queries, k_pool, v_pool] = &buffers;
    let buffers = attention::Buffers { batch, table: slots, qkv: queries, k_pool, v_pool, out: &out };
    for (window, soft_cap) in [(0, 0.0), (10, 5.0)] {
        let params = attention::Params {
            n_tokens: tokens.len() as u32,
            n_heads: N_HEADS as u32,
            n_kv_heads: N_KV_HEADS as u32,
            head_dim: HEAD_DIM as u32,
            qkv_width: qkv_width as u32,
            scale: 0.5,
            seq_len: n_positions as u32,
            window,
            soft_cap,
            ..Default::default()
        };
        let attend = |token: usize, head: usize, i: usize| -> f64 {
            let (position, row) = tokens[token];
            let first = if window == 0 { 0 } else { (position + 1).saturating_sub(window as usize) };
            let (mut total, mut sum) = (0.0, 0.0);
            for p in first..=position {
                let place = slot(row, p) * kv_dim + head / (N_HEADS / N_KV_HEADS) * HEAD_DIM;
                let query = &qkv[token * qkv_width + head * HEAD_DIM..][..HEAD_DIM];
                let dot: f64 = query.iter().zip(&keys[place..]).map(|(q, k)| f64::from(q * k.to_f32())).sum();
                let score = 0.5 * dot;
                let cap = f64::from(soft_cap);
                let share = if cap > 0.0 { (cap * (score / cap).tanh()).exp() } else { score.exp() };
                total += share;
                sum += share * f64::from(values[place + i].to_f32());
            }
            sum / total
        };
        let heads = (0..tokens.len()).flat_map(|token| (0..N_HEADS).map(move |head| (token, head)));
        let expected: Vec<f64> =
            heads.flat_map(|(token, head)| (0..HEAD_DIM).map(move |i| attend(token, head, i))).collect();
        let mut recording = Recording::new();
        kernel.encode_folded(&mut recording, &kernel.bind(gpu, buffers), params, [2, 2]);
        compare(gpu, "attention", &recording, &out, &expected).await?;
    }
    Ok(())
}

/// Both forms of the feed-forward layer's middle, with every activation.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(super) async fn activations(gpu: &Gpu, gate: &Gate, activate: &Activate) -> Result<(), EngineError> {
    let (n_tokens, hidden_dim) = (3, 100);
    let x = numbers(n_tokens * 2 * hidden_dim, 4);
    let bias = numbers(hidden_dim, 5);
    let input = gpu.upload("self-test input", &x).await?;
    let biases = gpu.upload("self-test bias", &bias).await?;
    let y = gpu.storage("self-test output", 4 * (n_tokens * hidden_dim) as u64).await?;
    for kind in [Activation::Silu, Activation::GeluTanh, Activation::GeluErf] {
        let settings = (hidden_dim as u32, kind);
        let places = (0..n_tokens).flat_map(|token| (0..hidden_dim).map(move |i| (token, i)));
        let gated = |(token, i): (usize, usize)| {
            let start = 2 * token * hidden_dim + i;
            activated(kind, f64::from(x[start])) * f64::from(x[start + hidden_dim])
        };
        let expected: Vec<f64> = places.clone().map(gated).collect();
        let mut recording = Recording::new();
        gate.encode(&mut recording, &gate.bind(gpu, &input, &y), settings, n_tokens as u32);
        compare(gpu, "gate", &recording, &y, &expected).await?;
        let plain = |(token, i): (usize, usize)| {
            activated(kind, f64::from(x[token * hidden_dim + i]) + f64::from(bias[i]))
        };
        let expected: Vec<f64> = places.map(plain).collect();
        let mut recording = Recording::new();
        activate.encode(&mut recording, &activate.bind(gpu, &input, &biases, &y), settings, n_tokens as u32);
        compare(gpu, "activate", &recording, &y, &expected).await?;
    }
    Ok(())
}

fn activated(kind: Activation, x: f64) -> f64 {
    let tanh = || (0.797_884_560_802_865_4 * (x + 0.044_715 * x * x * x)).tanh();
    match kind {
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::GeluTanh => x / 2.0 * (1.0 + tanh()),
        Activation::GeluErf => x / 2.0 * (1.0 + libm::erf(x / 2.0f64.sqrt())),
    }
}

/// Norms of rows and of heads.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(super) async fn norms(
    gpu: &Gpu,
    layer_norm: &LayerNorm,
    head_norm: &HeadNorm,
) -> Result<(), EngineError> {
    let (n_rows, dim) = (3, 100);
    let (norm, x) = (numbers(3 * dim, 6), numbers(n_rows * dim, 7));
    let norms = gpu.upload("self-test norm", &norm).await?;
    let rows = gpu.upload("self-test input", &x).await?;
    let expected: Vec<f64> = x
        .chunks(dim)
        .flat_map(|row| {
            let of = |part: usize, i: usize| f64::from(norm[part * dim + i]);
            let v: Vec<f64> = row.iter().enumerate().map(|(i, &x)| f64::from(x) + of(0, i)).collect();
            let mean = v.iter().sum::<f64>() / dim as f64;
            let variance = v.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / dim as f64;
            let scale = 1.0 / (variance + f64::from(EPS)).sqrt();
            (0..dim).map(|i| (v[i] - mean) * scale * of(1, i) + of(2, i)).collect::<Vec<f64>>()
        })
        .collect();
    let mut recording = Recording::new();
    let settings = (dim as u32, EPS);
    layer_norm.encode(&mut recording, &layer_norm.bind(gpu, &norms, &rows), settings, n_rows as u32);
    compare(gpu, "layer_norm", &recording, &rows, &expected).await?;

    // Two query heads, one key head and one value head, which stays as it is.
    let (n_tokens, head_dim, n_normed) = (3, 24, 3);
    let (gain, qkv) = (numbers(2 * head_dim, 8), numbers(n_tokens * 4 * head_dim, 9));
    let gains = gpu.upload("self-test gain", &gain).await?;
    let heads = gpu.upload("self-test heads", &qkv).await?;
    let expected: Vec<f64> = qkv
        .chunks(head_dim)
        .enumerate()
        .flat_map(|(idx, values)| {
            let mean = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / head_dim as f64;
            let scale = 1.0 / (mean + f64::from(EPS)).sqrt();
            let (head, gain) = (idx % 4, &gain);
            let normed = move |(i, value): (usize, &f32)| match head {
                head if head < n_normed => {
                    let gain = gain[usize::from(head == 2) * head_dim + i];
                    f64::from(*value) * scale * f64::from(gain)
                }
                _ => f64::from(*value),
            };
            values.iter().enumerate().map(normed).collect::<Vec<f64>>()
        })
        .collect();
    let params = head_norm::Params {
        n_tokens: n_tokens as u32,
        n_heads: 2,
        head_dim: head_dim as u32,
        qkv_width: 4 * head_dim as u32,
        eps: EPS,
        ..Default::default()
    };
    let mut recording = Recording::new();
    head_norm.encode(&mut recording, &head_norm.bind(gpu, &gains, &heads), 1, params);
    compare(gpu, "head_norm", &recording, &heads, &expected).await
}

/// Turned queries, and keys in the pool, in both ways of pairing.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(super) async fn rope(gpu: &Gpu, kernel: &Rope) -> Result<(), EngineError> {
    let (n_tokens, head_dim, seq_len) = (3usize, 8usize, 4u32);
    let width = 4 * head_dim;
    let (qkv, bias) = (numbers(n_tokens * width, 10), numbers(width, 11));
    let angle = |position: usize, pair: usize| (position * (pair + 1)) as f64 / 7.0;
    let angles: Vec<[f32; 2]> = (0..seq_len as usize)
        .flat_map(|p| (0..head_dim / 2).map(move |pair| angle(p, pair)))
        .map(|angle| [angle.cos() as f32, angle.sin() as f32])
        .collect();
    let batch = [1, 2, 3].map(|position| [0u32, position, 0, 0]);
    let [batch, table] = [
        gpu.upload("self-test batch", &batch).await?,
        gpu.upload("self-test table", &[3u32, 2, 1, 0]).await?,
    ];
    let angles = gpu.upload("self-test angles", &angles).await?;
    let biases = gpu.upload("self-test bias", &bias).await?;
    let pool_bytes = 2 * u64::from(seq_len) * head_dim as u64;
    let [k_pool, v_pool] = [
        gpu.storage("self-test keys", pool_bytes).await?,
        gpu.storage("self-test values", pool_bytes).await?,
    ];
    for halves in [false, true] {
        let x = gpu.upload("self-test queries", &qkv).await?;
        let turned = |token: usize, head: usize, i: usize| -> f64 {
            let value = |i: usize| {
                let place = head * head_dim + i;
                f64::from(qkv[token * width + place]) + f64::from(bias[place])
            };
            let half = head_dim / 2;
            let (pair, other, is_first) = match halves {
                true => (i % half, (i + half) % head_dim, i < half),
                false => (i / 2, i ^ 1, i.is_multiple_of(2)),
            };
            let (sin, cos) = angle(token + 1, pair).sin_cos();
            if is_first { value(i) * cos - value(other) * sin } else { value(i) * cos + value(other) * sin }
        };
        let params = rope::Params {
            n_tokens: n_tokens as u32,
            q_dim: 2 * head_dim as u32,
            kv_dim: head_dim as u32,
            head_dim: head_dim as u32,
            rope_dim: head_dim as u32,
            seq_len,
            halves: u32::from(halves),
            ..Default::default()
        };
        let buffers = rope::Buffers {
            batch: &batch,
            table: &table,
            angles: &angles,
            bias: &biases,
            qkv: &x,
            k_pool: &k_pool,
            v_pool: &v_pool,
        };
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &kernel.bind(gpu, buffers), params);
        let got: Vec<f32> = gpu.run_once(&recording, &x, n_tokens * width).await?;
        let queries = got.chunks(width).flat_map(|row| &row[..2 * head_dim]).copied().collect::<Vec<f32>>();
        let places = (0..n_tokens).flat_map(|token| (0..2 * head_dim).map(move |i| (token, i)));
        let expected = places.map(|(token, i)| turned(token, i / head_dim, i % head_dim) as f32);
        check("rope", &queries, expected, TOLERANCE)?;
        let keys: Vec<f16> = gpu.run_once(&Recording::new(), &k_pool, n_tokens * head_dim).await?;
        let keys: Vec<f32> = keys.into_iter().map(f16::to_f32).collect();
        // Positions 1 to 3 lie in slots 2 to 0; f16 keeps eleven bits.
        let places = (0..n_tokens).rev().flat_map(|token| (0..head_dim).map(move |i| (token, i)));
        check("rope", &keys, places.map(|(token, i)| turned(token, 2, i) as f32), 1e-3)?;
    }
    Ok(())
}

/// The ends of the model: capped logits, log-probs, pooled states and their cosines. A row with a NaN must not come out as
/// numbers.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(super) async fn ends(
    gpu: &Gpu,
    (soft_cap, log_prob, pool, cosine): (&SoftCap, &LogProb, &Pool, &Cosine),
) -> Result<(), EngineError> {
    let (n_rows, vocab_size, cap) = (3usize, 100usize, 1.5f32);
    let mut logits = numbers(n_rows * vocab_size, 12);
    let x = gpu.upload("self-test logits", &logits).await?;
    let mut recording = Recording::new();
    soft_cap.encode(&mut recording, &soft_cap.bind(gpu, &x), cap, logits.len() as u32);
    let capped = |&x: &f32| f64::from(cap) * (f64::from(x) / f64::from(cap)).tanh();
    compare(gpu, "soft_cap", &recording, &x, &logits.iter().map(capped).collect::<Vec<f64>>()).await?;

    let targets = [7u32, 99, 0];
    let of_row = |row: usize| {
        let row_logits = &logits[row * vocab_size..][..vocab_size];
        let total: f64 = row_logits.iter().map(|&x| f64::from(x).exp()).sum();
        f64::from(row_logits[targets[row] as usize]) - total.ln()
    };
    let expected: Vec<f64> = (0..n_rows).map(of_row).collect();
    let wanted = gpu.upload("self-test targets", &targets).await?;
    let y = gpu.storage("self-test output", 4 * n_rows as u64).await?;
    let score = async |logits: &[f32]| -> Result<Vec<f32>, EngineError> {
        let x = gpu.upload("self-test logits", logits).await?;
        let mut recording = Recording::new();
        let bindings = log_prob.bind(gpu, &x, &wanted, &y);
        log_prob.encode(&mut recording, &bindings, vocab_size as u32, 0, n_rows as u32);
        gpu.run_once(&recording, &y, n_rows).await
    };
    check("log_prob", &score(&logits).await?, expected.iter().map(|&v| v as f32), TOLERANCE)?;
    logits[vocab_size + 3] = f32::NAN;
    let finite: Vec<f32> = score(&logits).await?.iter().map(|v| f32::from(v.is_finite())).collect();
    check("log_prob of a NaN", &finite, [1.0, 0.0, 1.0], 0.0)?;

    let (n_tokens, dim) = (5usize, 70usize);
    let states = numbers(n_tokens * dim, 13);
    let x = gpu.upload("self-test states", &states).await?;
    let groups = gpu.upload("self-test groups", &[[0u32, 3], [3, 2]]).await?;
    let y = gpu.storage("self-test output", 4 * 2 * dim as u64).await?;
    let state = |token: usize, i: usize| f64::from(states[token * dim + i]);
    for pooling in [Pooling::Mean, Pooling::First, Pooling::Last] {
        let of = |(first, last): (usize, usize), i: usize| match pooling {
            Pooling::Mean => {
                (first..=last).map(|token| state(token, i)).sum::<f64>() / (last - first + 1) as f64
            }
            Pooling::First => state(first, i),
            Pooling::Last => state(last, i),
        };
        let expected: Vec<f64> =
            [(0, 2), (3, 4)].into_iter().flat_map(|group| (0..dim).map(move |i| of(group, i))).collect();
        let mut recording = Recording::new();
        pool.encode(&mut recording, &pool.bind(gpu, &x, &groups, &y), dim as u32, pooling, 2);
        compare(gpu, "pool", &recording, &y, &expected).await?;
    }
    let dot = |a: usize, b: usize| (0..dim).map(|i| state(a, i) * state(b, i)).sum::<f64>();
    let pairs = (0..n_tokens).flat_map(|a| (a + 1..n_tokens).map(move |b| (a, b)));
    let expected: Vec<f64> = pairs.map(|(a, b)| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).collect();
    let y = gpu.storage("self-test output", 4 * expected.len() as u64).await?;
    let mut recording = Recording::new();
    cosine.encode(&mut recording, &cosine.bind(gpu, &x, &y), n_tokens as u32, dim as u32);
    compare(gpu, "cosine", &recording, &y, &expected).await
}
