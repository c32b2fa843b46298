//! `seat`: who leaves, who moves up and who takes which place, against the CPU; and rows that follow one another while the
//! sampler draws.

use concord_lm::engine::kernels::sample::{Buffers, DrawEntry, NOBODY, Params, decoded, result_words};
use concord_lm::engine::kernels::{Sample, Seat, seat};
use concord_lm::engine::{Gpu, Recording};
use concord_lm::generate::{DecodeRow, DrawKey, Ends, SamplingSettings, TokenInput};
use concord_lm::reference;

/// Places, and the first table row's entry among the draws.
const MAX_ROWS: usize = 6;
/// Table rows.
const N_ROWS: usize = 14;
/// Length of the ring.
const QUEUE_LEN: usize = 2 * N_ROWS;
const NO_ROW: [u32; 4] = [0, 0, NOBODY, 0];

fn entry([id, position, table_row, _]: [u32; 4], n_most: u32, stops: &[u32]) -> DrawEntry {
    let input = TokenInput { id, position, table_row };
    let settings = SamplingSettings { temperature: 0.0, ..Default::default() };
    DrawEntry::of_row(&DecodeRow { input, key: DrawKey::default(), settings }, &Ends::new(n_most, stops))
}

/// The buffer of a queue whose head is anywhere in the ring.
fn ring(head: u32, waiting: &[[u32; 4]]) -> Vec<u32> {
    let mut words = vec![0; 4 * (1 + QUEUE_LEN)];
    (words[0], words[1]) = (head, head + waiting.len() as u32);
    for (at, row) in (head as usize..).zip(waiting) {
        words[4 * (1 + at % QUEUE_LEN)..][..4].copy_from_slice(row);
    }
    words
}

/// Who waits in a queue.
fn waiting(words: &[u32]) -> Vec<[u32; 4]> {
    let row = |at: u32| {
        let at = 4 * (1 + at as usize % QUEUE_LEN);
        [words[at], words[at + 1], words[at + 2], words[at + 3]]
    };
    (words[0]..words[1]).map(row).collect()
}

pub(crate) async fn seat_equals_reference(gpu: &Gpu) {
    let kernel = Seat::new(gpu).await.unwrap();
    for case in 0..60_u32 {
        let random = |i: u32, n: u32| (case * 7919 + i * 104_729 + case * i * 31) / 7 % n;
        // Who sits and who waits are some of the table rows; some of them have ended.
        let (n_seated, n_waiting) = (random(1, 7) as usize, random(2, 9) as usize);
        let rows: Vec<[u32; 4]> =
            (0..N_ROWS as u32).map(|row| [row + 50, random(row + 10, 9), (row * 5 + case) % 14, 0]).collect();
        let mut places = vec![NO_ROW; MAX_ROWS];
        for (i, row) in rows[..n_seated].iter().enumerate() {
            places[(i * 5 + case as usize) % MAX_ROWS] = *row;
        }
        let in_queue = &rows[n_seated..n_seated + n_waiting];
        let has_ended = |row: &[u32; 4]| (row[2] * 7 + case).is_multiple_of(3);
        let mut entries = vec![DrawEntry::default(); MAX_ROWS + N_ROWS];
        for row in rows.iter().filter(|row| !has_ended(row)) {
            entries[MAX_ROWS + row[2] as usize] = entry(*row, 1 + random(row[2], 3), &[]);
        }
        let n_rows = random(3, MAX_ROWS as u32 + 1);

        let draws = gpu.upload("draws", &entries).await.unwrap();
        let batch = gpu.storage("batch", 16 * MAX_ROWS as u64).await.unwrap();
        let sat = gpu.upload("places", &places).await.unwrap();
        let queue = gpu.upload("queue", &ring(case * 11, in_queue)).await.unwrap();
        let buffers = seat::Buffers { draws: &draws, batch: &batch, places: &sat, queue: &queue };
        let params = seat::Params { first_row: MAX_ROWS as u32, n_rows, max_rows: MAX_ROWS as u32, pad0: 0 };
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &kernel.bind(gpu, buffers), params);
        let got: Vec<[u32; 4]> = gpu.run_once(&recording, &batch, MAX_ROWS).await.unwrap();
        let words: Vec<u32> = gpu.run_once(&Recording::new(), &queue, 4 * (1 + QUEUE_LEN)).await.unwrap();

        let goes_on = |row: &[u32; 4]| row[2] != NOBODY && !has_ended(row);
        let (mut seated, left) = reference::seat(&places, in_queue, n_rows as usize, goes_on);
        seated.resize(MAX_ROWS, NO_ROW);
        assert_eq!(got, seated, "case {case}: {n_seated} sat, {n_waiting} waited, {n_rows} places");
        assert_eq!(waiting(&words), left, "case {case}");
    }
}

/// Two places and four rows: one ends at a stop token, one at its limit, and those that wait follow in the same step.
pub(crate) async fn rows_follow_in_the_step_in_which_they_end(gpu: &Gpu) {
    let kernel = Sample::new(gpu).await.unwrap();
    let (vocab_size, n_steps) = (40_u32, 5_u32);
    let mut logits = vec![0.0_f32; 2 * vocab_size as usize];
    // The first place always draws 7, the second 30.
    (logits[7], logits[vocab_size as usize + 30]) = (9.0, 9.0);
    let rows = [[1, 4, 3, 0], [2, 9, 0, 0], [3, 0, 1, 0], [4, 2, 13, 0]];
    let ends: [(u32, &[u32]); 4] = [(9, &[8, 7]), (2, &[7]), (3, &[5]), (9, &[1, 2, 3, 4, 5, 6, 30])];
    let mut entries = vec![DrawEntry::default(); MAX_ROWS + N_ROWS];
    for (row, (n_most, stops)) in rows.into_iter().zip(ends) {
        entries[MAX_ROWS + row[2] as usize] = entry(row, n_most, stops);
    }
    let n_words = result_words(false);
    let n_all_words = (MAX_ROWS as u32 + 2 * n_steps) * n_words;
    let draws = gpu.upload("draws", &entries).await.unwrap();
    let logits = gpu.upload("logits", &logits).await.unwrap();
    let seen = gpu.storage("seen", 8 * N_ROWS as u64).await.unwrap();
    let batch = gpu.upload("batch", &rows[..2]).await.unwrap();
    let results = gpu.storage("results", 4 * u64::from(n_all_words)).await.unwrap();
    let queue = gpu.upload("queue", &ring(QUEUE_LEN as u32 - 1, &rows[2..])).await.unwrap();
    let buffers = Buffers {
        draws: &draws,
        logits: &logits,
        seen: &seen,
        batch: &batch,
        results: &results,
        queue: &queue,
    };
    let bindings = kernel.bind(gpu, buffers);
    let mut recording = Recording::new();
    for step in 0..n_steps {
        let (n_rows, first_row) = (2, MAX_ROWS as u32);
        let params = Params {
            vocab_size,
            seen_words: 2,
            n_rows,
            step,
            decode: 1,
            first_row,
            n_words,
            ..Default::default()
        };
        kernel.encode(&mut recording, &bindings, params);
    }
    let words: Vec<u32> = gpu.run_once(&recording, &results, n_all_words as usize).await.unwrap();
    let got: Vec<Option<(u32, u32)>> = decoded(&words[MAX_ROWS * n_words as usize..], n_words)
        .map(|result| result.map(|(table_row, sampled)| (table_row, sampled.id)))
        .collect();
    // Row 3 stops at once and row 1 follows, for three steps; row 0 draws twice and row 13 follows, until it draws 30.
    let expected = [(3, 7), (0, 30), (1, 7), (0, 30), (1, 7), (13, 30), (1, 7)].map(Some);
    assert_eq!(got[..7], expected);
    assert_eq!(got[7..], [None; 3], "nobody sits any more");
    let left: Vec<[u32; 4]> = gpu.run_once(&Recording::new(), &batch, 2).await.unwrap();
    assert_eq!(left, [NO_ROW; 2]);
    let seen: Vec<u32> = gpu.run_once(&Recording::new(), &seen, 2 * N_ROWS).await.unwrap();
    assert_eq!([seen[6], seen[0], seen[2], seen[26]], [1 << 7, 1 << 30, 1 << 7, 1 << 30]);
}
