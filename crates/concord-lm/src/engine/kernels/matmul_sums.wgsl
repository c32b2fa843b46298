// The loops of matmul.wgsl: what an invocation adds up for an output or a pair, in the canonical order that is said there.

// Adds the products of four inputs to the sums of four tokens, for one output or a pair.
fn accumulate4(
    a: ptr<function, vec4<f32>>, b: ptr<function, vec4<f32>>,
    wa: vec4<f32>, wb: vec4<f32>, starts: vec4<u32>, at: u32,
) {
    let x0 = input(starts.x + at);
    if (M == 1u) {
        (*a).x = mac4(wa, x0, (*a).x);
        return;
    }
    let x1 = input(starts.y + at);
    let x2 = input(starts.z + at);
    let x3 = input(starts.w + at);
    let sa = *a;
    *a = vec4<f32>(mac4(wa, x0, sa.x), mac4(wa, x1, sa.y), mac4(wa, x2, sa.z), mac4(wa, x3, sa.w));
    if (M > 4u) {
        let sb = *b;
        *b = vec4<f32>(mac4(wb, x0, sb.x), mac4(wb, x1, sb.y), mac4(wb, x2, sb.z), mac4(wb, x3, sb.w));
    }
}

fn accumulate(
    a: ptr<function, vec4<f32>>, b: ptr<function, vec4<f32>>,
    wa: Eight, wb: Eight, starts: vec4<u32>, at: u32,
) {
    accumulate4(a, b, wa.lo, wb.lo, starts, at);
    accumulate4(a, b, wa.hi, wb.hi, starts, at + 1u);
}

// One token or four: K_LANES is SUMS.
fn few(row: u32, lane: u32, units: u32, starts: vec4<u32>) -> vec4<f32> {
    var a = vec4<f32>();
    var b = vec4<f32>();
    let last = row + units - 1u;
    for (var unit = lane; unit < units; unit += 4u * SUMS) {
        let w0 = load8(row + unit);
        let w1 = load8(min(row + unit + SUMS, last));
        let w2 = load8(min(row + unit + 2u * SUMS, last));
        let w3 = load8(min(row + unit + 3u * SUMS, last));
        accumulate(&a, &b, w0, w0, starts, 2u * unit);
        if (unit + SUMS < units) { accumulate(&a, &b, w1, w1, starts, 2u * (unit + SUMS)); }
        if (unit + 2u * SUMS < units) { accumulate(&a, &b, w2, w2, starts, 2u * (unit + 2u * SUMS)); }
        if (unit + 3u * SUMS < units) { accumulate(&a, &b, w3, w3, starts, 2u * (unit + 3u * SUMS)); }
    }
    return a;
}

// Eight tokens or sixteen, the sums of one thread of the canonical order after another.
fn many(rows: vec2<u32>, lane: u32, units: u32, first: u32, local: u32) {
    let s0 = token_starts(first);
    let s1 = token_starts(first + 4u);
    let s2 = token_starts(first + 8u);
    let s3 = token_starts(first + 12u);
    for (var thread = lane; thread < SUMS; thread += K_LANES) {
        var a0 = vec4<f32>(); var a1 = vec4<f32>(); var a2 = vec4<f32>(); var a3 = vec4<f32>();
        var b0 = vec4<f32>(); var b1 = vec4<f32>(); var b2 = vec4<f32>(); var b3 = vec4<f32>();
        for (var unit = thread; unit < units; unit += SUMS) {
            let wa = load8(rows.x + unit);
            let wb = load8(rows.y + unit);
            accumulate(&a0, &b0, wa, wb, s0, 2u * unit);
            accumulate(&a1, &b1, wa, wb, s1, 2u * unit);
            if (M > 8u) {
                accumulate(&a2, &b2, wa, wb, s2, 2u * unit);
                accumulate(&a3, &b3, wa, wb, s3, 2u * unit);
            }
        }
        add_partial(0u, local, a0, b0);
        add_partial(1u, local, a1, b1);
        if (M > 8u) {
            add_partial(2u, local, a2, b2);
            add_partial(3u, local, a3, b3);
        }
    }
}

// The workgroup's memory begins as zeros.
fn add_partial(quad: u32, local: u32, a: vec4<f32>, b: vec4<f32>) {
    partials[2u * quad * WG + local] += a;
    partials[(2u * quad + 1u) * WG + local] += b;
}
