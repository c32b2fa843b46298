// Rows of a decode: what each draws with and when it ends, and the queue of those that wait for a place. Joined with
// sample.wgsl and seat.wgsl, whose Params have first_row.
//
// draws: [first_row] of prefill, then one for each table row
// queue: rows that were let in, as entries of the batch, in a ring; those from head to end wait

// Stands for a table row, and for a whole result, where no row is.
const NOBODY: u32 = 0xffffffffu;

struct Draw {
    logits_row: u32,
    table_row: u32,
    seed: u32,
    stream: u32,
    // For a table row, less the position of the token that is evaluated.
    step: u32,
    top_k: u32,
    temperature: f32,
    top_p: f32,
    min_p: f32,
    penalty: f32,
    // The row evaluates no token at this position or after it.
    end: u32,
    // Drawing one of them ends the row.
    stops: array<u32, 8>,
}

struct Queue {
    head: atomic<u32>,
    end: u32,
    pad0: u32,
    pad1: u32,
    rows: array<vec4<u32>>,
}

@group(0) @binding(1) var<storage, read> draws: array<Draw>;
@group(0) @binding(6) var<storage, read_write> queue: Queue;

// The row that has waited longest.
fn next_row() -> vec4<u32> {
    var head = atomicLoad(&queue.head);
    while (head < queue.end) {
        let taken = atomicCompareExchangeWeak(&queue.head, head, head + 1u);
        if (taken.exchanged) { return queue.rows[head % arrayLength(&queue.rows)]; }
        head = taken.old_value;
    }
    return vec4<u32>(0u, 0u, NOBODY, 0u);
}
