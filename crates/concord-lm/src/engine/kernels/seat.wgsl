// Seats the rows of a decode: those that have ended leave, the others move up, and rows of the queue take the free places.
// Rows that ended while they waited leave the queue.
//
// Joined with queue.wgsl, which holds bindings 1 and 6.
// places: [max_rows] = {id, position, table_row, unused}, who sat where after the last decode
// batch:  [max_rows] who sits where now; where nobody sits the table row is NOBODY
//
// Dispatch: one invocation.

struct Params {
    first_row: u32,
    // Places that rows of the queue may take.
    n_rows: u32,
    max_rows: u32,
    pad0: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read_write> batch: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> places: array<vec4<u32>>;

fn goes_on(row: vec4<u32>) -> bool {
    if (row.z == NOBODY) { return false; }
    return row.y < draws[params.first_row + row.z].end;
}

// Closes the gaps in the queue, from its end.
fn tidy_queue() {
    let size = arrayLength(&queue.rows);
    let head = atomicLoad(&queue.head);
    var first = queue.end;
    for (var i = queue.end; i > head; i--) {
        let row = queue.rows[(i - 1u) % size];
        if (goes_on(row)) {
            first--;
            queue.rows[first % size] = row;
        }
    }
    atomicStore(&queue.head, first);
}

@compute @workgroup_size(1)
fn main() {
    tidy_queue();
    var n_seated = 0u;
    for (var place = 0u; place < params.max_rows; place++) {
        let row = places[place];
        if (goes_on(row)) {
            batch[n_seated] = row;
            n_seated++;
        }
    }
    for (var place = n_seated; place < params.max_rows; place++) {
        var row = vec4<u32>(0u, 0u, NOBODY, 0u);
        if (place < params.n_rows) { row = next_row(); }
        batch[place] = row;
    }
}
