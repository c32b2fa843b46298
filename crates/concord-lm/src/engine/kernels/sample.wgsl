// Draws one token per row: repetition penalty, temperature, top-k, top-p, min-p, then the inverse of
// the cumulative distribution over ids in order, at the uniform number of the row's key.
//
// Joined with shared.wgsl, queue.wgsl and sample_cut.wgsl, which hold bindings 0 to 3 and 6.
// batch:   [n_rows] = {id, position, table_row, unused}; in decode the drawn token becomes the next input, or, where the
//          row ends with it, the next row of the queue takes the place
// results: [first_row] of draws, then [n_steps, n_rows] of decode = {id and table_row << ID_BITS, bits of the raw log-prob,
//          bits of the sampled log-prob}, which has the last only where n_words is 3; the log-probs are NaN where a logit of
//          the row is not finite; NOBODY where no row sits
//
// Dispatch: one workgroup per row.

const ID_BITS: u32 = 20u;

@group(0) @binding(4) var<storage, read_write> batch: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read_write> results: array<u32>;

// Weight of each invocation's stretch of consecutive ids.
var<workgroup> stretch_weights: array<f32, WG>;
// Whether a logit of the row is not finite.
var<private> is_broken: bool;
// Entry of the draws that the workgroup works on. The batch changes, so invocations must not look there themselves.
var<workgroup> entry_of_row: u32;

fn pcg(value: u32) -> u32 {
    let state = value * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

fn uniform_number(row_idx: u32, draw: Draw) -> f32 {
    let step = draw.step + select(0u, batch[row_idx].y, params.decode == 1u);
    let word = pcg(step ^ pcg(draw.stream ^ pcg(draw.seed)));
    return f32(word >> 8u) * (1.0 / 16777216.0);
}

fn place_of_result(row_idx: u32) -> u32 {
    return params.n_words * (select(0u, params.first_row + params.step * params.n_rows, params.decode == 1u) + row_idx);
}

fn stops(entry: u32, id: u32) -> bool {
    var is_stop = false;
    for (var i = 0u; i < 8u; i++) { is_stop = is_stop || draws[entry].stops[i] == id; }
    return is_stop;
}

fn write_result(row_idx: u32, entry: u32, id: u32, raw_logprob: f32, sampled_logprob: f32) {
    let place = place_of_result(row_idx);
    results[place] = id;
    results[place + 1u] = select(bitcast<u32>(raw_logprob), NAN_BITS, is_broken);
    if (params.n_words == 3u) {
        results[place + 2u] = select(bitcast<u32>(sampled_logprob), NAN_BITS, is_broken);
    }
    if (params.decode == 1u) {
        let table_row = batch[row_idx].z;
        let position = batch[row_idx].y + 1u;
        results[place] = id | (table_row << ID_BITS);
        atomicOr(&seen[table_row * params.seen_words + id / 32u], 1u << (id % 32u));
        if (position < draws[entry].end && !stops(entry, id)) {
            batch[row_idx] = vec4<u32>(id, position, table_row, 0u);
        } else {
            batch[row_idx] = next_row();
        }
    }
}

// One invocation finds the stretch, then the id within it, that passes the uniform number.
fn finish(row_idx: u32, entry: u32, row: Row, cut: u32, stretch: u32, raw_total: f32) {
    var total = 0.0;
    var last = 0u;
    for (var i = 0u; i < WG; i++) {
        total += stretch_weights[i];
        if (stretch_weights[i] > 0.0) { last = i; }
    }
    let goal = uniform_number(row_idx, row.draw) * total;
    var before = 0.0;
    var chosen = 0u;
    while (chosen < last && before + stretch_weights[chosen] <= goal) {
        before += stretch_weights[chosen];
        chosen++;
    }
    var drawn = chosen * stretch;
    for (var id = drawn; id < min((chosen + 1u) * stretch, params.vocab_size); id++) {
        let weight = kept_weight(row, id, cut);
        before += weight;
        if (weight > 0.0) { drawn = id; }
        if (before > goal) { break; }
    }
    let raw_logprob = logits[row.start + drawn] - raw_total;
    write_result(row_idx, entry, drawn, raw_logprob, scaled(row, drawn) - log(total));
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (local == 0u) {
        let table_row = batch[group.x].z;
        entry_of_row = group.x;
        if (params.decode == 1u) { entry_of_row = select(params.first_row + table_row, NOBODY, table_row == NOBODY); }
        if (entry_of_row == NOBODY) { results[place_of_result(group.x)] = NOBODY; }
    }
    let entry = workgroupUniformLoad(&entry_of_row);
    if (entry == NOBODY) { return; }
    let draw = draws[entry];
    let start = select(draw.logits_row, group.x, params.decode == 1u) * params.vocab_size;
    var raw_highest = -3.0e38;
    var highest = -3.0e38;
    for (var id = local; id < params.vocab_size; id += WG) {
        raw_highest = max(raw_highest, finite_or_beyond(logits[start + id]));
        highest = max(highest, penalised(draw, start, id));
    }
    raw_highest = workgroup_max(local, raw_highest);
    is_broken = raw_highest >= BEYOND;
    highest = workgroup_max(local, highest);
    var raw_mass = 0.0;
    for (var id = local; id < params.vocab_size; id += WG) { raw_mass += exp(logits[start + id] - raw_highest); }
    let raw_total = raw_highest + log(workgroup_sum(local, raw_mass));

    if (draw.temperature <= 0.0) {
        // The lowest of the best ids; ids are exact in f32.
        var best = -f32(params.vocab_size - 1u);
        for (var id = local; id < params.vocab_size; id += WG) {
            if (penalised(draw, start, id) == highest) { best = max(best, -f32(id)); }
        }
        let id = u32(-workgroup_max(local, best));
        if (local == 0u) { write_result(group.x, entry, id, logits[start + id] - raw_total, 0.0); }
        return;
    }

    let row = Row(draw, start, highest);
    var cut = 0u;
    if (draw.top_k > 0u && draw.top_k < params.vocab_size) { cut = find_cut(local, row, 0u, f32(draw.top_k), false); }
    if (draw.top_p < 1.0) {
        let total = sums_from(local, row, vec3<u32>(cut), true).x;
        cut = find_cut(local, row, cut, draw.top_p * total, true);
    }
    let stretch = (params.vocab_size + WG - 1u) / WG;
    var weight = 0.0;
    for (var id = local * stretch; id < min((local + 1u) * stretch, params.vocab_size); id++) {
        weight += kept_weight(row, id, cut);
    }
    stretch_weights[local] = weight;
    workgroupBarrier();
    if (local == 0u) { finish(group.x, entry, row, cut, stretch, raw_total); }
}
