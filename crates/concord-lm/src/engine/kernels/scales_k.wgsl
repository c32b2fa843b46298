// A scale and a minimum of six bits for 32 weights, packed for 256 as in the file.
//
// scales: [n_rows, n_cols / 256], x: two 16-bit floats, the unit of the scales lowest; y, z, w: twelve bytes.
// Sub-blocks 0 to 3 have their scale in the low six bits of y's bytes and their minimum in those of z's; the
// scale and minimum of 4 to 7 have their low four bits in w's bytes and the others on top of y's and z's.

@group(0) @binding(3) var<storage, read> scales: array<vec4<u32>>;

fn affine(unit: u32) -> vec2<f32> {
    let packed = scales[unit >> 5u];
    let at = vec3<u32>(8u * ((unit >> 2u) & 3u));
    let bytes = (packed.yzw >> at) & vec3<u32>(255u);
    let early = vec2<u32>(bytes.x & 63u, bytes.y & 63u);
    let late = vec2<u32>(
        (bytes.z & 15u) | ((bytes.x >> 6u) << 4u),
        (bytes.z >> 4u) | ((bytes.y >> 6u) << 4u),
    );
    let steps = select(early, late, (unit & 16u) != 0u);
    return unpack2x16float(packed.x) * vec2<f32>(steps) * vec2<f32>(1.0, -1.0);
}
