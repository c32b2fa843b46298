// Log-probs of given tokens: y[r] = logits[r, target[r]] - ln(sum_i exp(logits[r, i])), in nats.
//
// logits:  [n_rows, vocab_size]
// targets: [n_tokens], read from params.first on
// y:       [n_tokens], written from params.first on: bits of f32, of a NaN where a logit of the row is not finite
//
// Dispatch: one workgroup per row. Numerics: f32, the row's maximum is subtracted first.

struct Params { vocab_size: u32, first: u32, pad0: u32, pad1: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let start = group.x * params.vocab_size;
    var highest = -3.0e38;
    for (var i = local; i < params.vocab_size; i += WG) { highest = max(highest, finite_or_beyond(logits[start + i])); }
    highest = workgroup_max(local, highest);
    var mass = 0.0;
    for (var i = local; i < params.vocab_size; i += WG) { mass += exp(logits[start + i] - highest); }
    mass = workgroup_sum(local, mass);
    if (local == 0u) {
        let row = params.first + group.x;
        let log_prob = logits[start + targets[row]] - highest - log(mass);
        y[row] = select(bitcast<u32>(log_prob), NAN_BITS, highest >= BEYOND);
    }
}
