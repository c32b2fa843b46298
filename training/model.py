"""The Llama architecture in JAX: RMS norm, interleaved RoPE, grouped-query attention, SwiGLU, tied embeddings."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

DIM, LAYERS, HEADS, KV_HEADS, HEAD_DIM, HIDDEN = 192, 6, 6, 2, 32, 512
CONTEXT, ROPE_BASE, EPSILON = 512, 10000.0, 1e-5
MATRICES = {"q": (DIM, HEADS * HEAD_DIM), "k": (DIM, KV_HEADS * HEAD_DIM), "v": (DIM, KV_HEADS * HEAD_DIM), "o": (HEADS * HEAD_DIM, DIM),
            "gate": (DIM, HIDDEN), "up": (DIM, HIDDEN), "down": (HIDDEN, DIM)}


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def product(spec, a, b):
    """An einsum of two arrays whose factors are rounded to bf16 and whose sums are f32, as its gradients are: several times as fast on
    processors that multiply tiles of bf16."""
    return jnp.einsum(spec, a.astype(jnp.bfloat16), b.astype(jnp.bfloat16), preferred_element_type=jnp.float32)


def _product_forward(spec, a, b):
    a, b = a.astype(jnp.bfloat16), b.astype(jnp.bfloat16)
    return product(spec, a, b), (a, b)


def _product_backward(spec, factors, gradient):
    a, b = factors
    inputs, out = spec.split("->")
    left, right = inputs.split(",")
    return product(f"{out},{right}->{left}", gradient, b), product(f"{left},{out}->{right}", a, gradient)


product.defvjp(_product_forward, _product_backward)


def init(vocab, seed):
    rng = np.random.default_rng(seed)
    params = {"embed": rng.normal(0, 0.02, (vocab, DIM)), "norm": np.ones(DIM), "attn_norm": np.ones((LAYERS, DIM)), "ffn_norm": np.ones((LAYERS, DIM))}
    for name, (rows, cols) in MATRICES.items():
        scale = 1 / np.sqrt(2 * LAYERS) if name in ("o", "down") else 1.0
        params[name] = rng.normal(0, scale / np.sqrt(rows), (LAYERS, rows, cols))
    return {k: jnp.asarray(v, jnp.float32) for k, v in params.items()}


def rms(x, weight):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + EPSILON) * weight


def rope(x, positions):
    """Rotates adjacent pairs (2i, 2i+1), the form of llama.cpp's `llama`. x: [batch, time, heads, head_dim]."""
    freqs = ROPE_BASE ** (-jnp.arange(0, HEAD_DIM, 2) / HEAD_DIM)
    angle = positions[..., None, None] * freqs
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    even, odd = x[..., 0::2], x[..., 1::2]
    return jnp.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)


def attend(q, k, v, mask):
    """q: [b, t, heads, d]; k, v: [b, s, kv_heads, d]; mask: [b, t, s]. Query head h reads kv head h // (heads / kv_heads)."""
    b, t = q.shape[:2]
    group = HEADS // KV_HEADS
    q = q.reshape(b, t, KV_HEADS, group, HEAD_DIM).transpose(0, 2, 3, 1, 4).reshape(b, KV_HEADS, group * t, HEAD_DIM)
    scores = jnp.einsum("bkqd,bskd->bkqs", q, k) / np.sqrt(HEAD_DIM)
    scores = scores.reshape(b, KV_HEADS, group, t, -1) + jnp.where(mask, 0.0, -1e30)[:, None, None]
    weights = jax.nn.softmax(scores, -1).reshape(b, KV_HEADS, group * t, -1)
    out = jnp.einsum("bkqs,bskd->bkqd", weights, v)
    return out.reshape(b, KV_HEADS, group, t, HEAD_DIM).transpose(0, 3, 1, 2, 4).reshape(b, t, HEADS * HEAD_DIM)


def layer_qkv(p, i, x, positions):
    b, t = x.shape[:2]
    h = rms(x, p["attn_norm"][i])
    qkv = product("btd,de->bte", h, jnp.concatenate([p["q"][i], p["k"][i], p["v"][i]], 1))
    q, k, v = jnp.split(qkv, [HEADS * HEAD_DIM, (HEADS + KV_HEADS) * HEAD_DIM], -1)
    return rope(q.reshape(b, t, HEADS, HEAD_DIM), positions), rope(k.reshape(b, t, KV_HEADS, HEAD_DIM), positions), v.reshape(b, t, KV_HEADS, HEAD_DIM)


def layer_rest(p, i, x, attended):
    x = x + product("btd,de->bte", attended, p["o"][i])
    gate, up = jnp.split(product("btd,de->bte", rms(x, p["ffn_norm"][i]), jnp.concatenate([p["gate"][i], p["up"][i]], 1)), 2, -1)
    return x + product("btd,de->bte", jax.nn.silu(gate) * up, p["down"][i])


def hidden(p, tokens, positions, mask):
    x = p["embed"][tokens]
    for i in range(LAYERS):
        x = layer_rest(p, i, x, attend(*layer_qkv(p, i, x, positions), mask))
    return rms(x, p["norm"])


def loss(p, batch):
    """Mean cross-entropy at the response positions only; `at` indexes the flattened positions, `target` is -1 where unused."""
    segment, positions = batch["segment"], batch["position"]
    t = segment.shape[1]
    mask = (segment[:, :, None] == segment[:, None, :]) & jnp.tril(jnp.ones((t, t), bool))
    h = hidden(p, batch["tokens"], positions, mask).reshape(-1, DIM)[batch["at"]]
    logits = product("td,vd->tv", h, p["embed"])
    target = batch["target"]
    nll = jax.nn.logsumexp(logits, -1) - jnp.take_along_axis(logits, jnp.maximum(target, 0)[:, None], 1)[:, 0]
    used = (target >= 0).astype(jnp.float32)
    return jnp.sum(nll * used) / jnp.sum(used)


def decode(p, tokens, lengths, key, temperature, n, steps, end):
    """Continues left-aligned prompts (tokens: [b, t], padded on the right) `n` times each; greedily at temperature 0. -> [b, n, steps]

    A row that has ended goes on with `end`; all stop when every row has.
    """
    b, t = tokens.shape
    span = t + steps
    column = jnp.arange(span)
    positions = jnp.broadcast_to(jnp.arange(t), (b, t))
    x = p["embed"][tokens]
    causal = jnp.broadcast_to(jnp.tril(jnp.ones((t, t), bool)), (b, t, t))
    cache = []
    for i in range(LAYERS):
        q, k, v = layer_qkv(p, i, x, positions)
        x = layer_rest(p, i, x, attend(q, k, v, causal))
        pad = ((0, 0), (0, steps), (0, 0), (0, 0))
        cache.append(tuple(jnp.repeat(jnp.pad(part, pad), n, 0) for part in (k, v)))
    last = jnp.repeat(rms(x[jnp.arange(b), lengths - 1], p["norm"]), n, 0)
    lengths = jnp.repeat(lengths, n, 0)

    def choose(h, i):
        noise = jax.random.gumbel(jax.random.fold_in(key, i), (b * n, p["embed"].shape[0]))
        return jnp.argmax(product("td,vd->tv", h, p["embed"]) + temperature * noise, -1)

    def step(carry):
        i, cache, token, out = carry
        out = jax.lax.dynamic_update_slice(out, token[:, None], (0, i))
        x = p["embed"][token][:, None]
        position = (lengths + i)[:, None]
        # New keys go to column t + i; the padding between a prompt's end and column t stays masked.
        seen = ((column[None] < lengths[:, None]) | ((column[None] >= t) & (column[None] <= t + i)))[:, None]
        new = []
        for layer, (k_all, v_all) in enumerate(cache):
            q, k, v = layer_qkv(p, layer, x, position)
            k_all = jax.lax.dynamic_update_slice(k_all, k, (0, t + i, 0, 0))
            v_all = jax.lax.dynamic_update_slice(v_all, v, (0, t + i, 0, 0))
            x = layer_rest(p, layer, x, attend(q, k_all, v_all, seen))
            new.append((k_all, v_all))
        following = jnp.where(token == end, end, choose(rms(x[:, 0], p["norm"]), i + 1))
        return i + 1, new, following, out

    def goes_on(carry):
        i, _, token, _ = carry
        return (i < steps) & jnp.any(token != end)

    out = jnp.full((b * n, steps), end, tokens.dtype)
    first = choose(last, 0).astype(tokens.dtype)
    _, _, _, out = jax.lax.while_loop(goes_on, step, (0, cache, first, out))
    return out.reshape(b, n, steps)
