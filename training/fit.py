"""The training loop: packed batches made from the step number, Muon for the matrices, Adam for the rest, resumable checkpoints."""

import json
import pathlib
import queue
import threading
import time

import jax
import jax.numpy as jnp
import numpy as np

import model
from coverage import training_example
from problems import seeded
from tokenizer import END, SPECIAL, chat

ROWS, SPAN, SEED = 13, 160, 20261128
MUON_RATE, ADAM_RATE = 0.02, 3e-3
SCHEDULE = [(0, 0.02), (50, 1.0), (400, 1.0), (900, 0.35), (4000, 0.25), (5000, 0.14), (5500, 0.1), (6200, 0.1), (6700, 0.02), (6720, 0.12), (7400, 0.12), (8100, 0.015)]  # (step, factor on both rates), linear between
TARGETS = ROWS * SPAN * 7 // 10


def batch(step, tokenizer):
    """A pure function of the step number: whole problems, first fit into ROWS rows of SPAN tokens."""
    rng = seeded("train", SEED, step)
    rows, misses = [[] for _ in range(ROWS)], 0
    room = [SPAN] * ROWS
    while misses < 12:
        _, prompt, response = training_example(rng, step)
        head, tail = chat(tokenizer, prompt), [*tokenizer.encode(response).ids, SPECIAL.index(END)]
        size = len(head) + len(tail)
        fit = next((i for i in range(ROWS) if room[i] >= size), None)
        if fit is None:
            misses += 1
            continue
        rows[fit].append((head, tail))
        room[fit] -= size
    out = {k: np.zeros((ROWS, SPAN), np.int32) for k in ("tokens", "segment", "position")}
    at, target = [], []
    for r, row in enumerate(rows):
        start = 0
        for s, (head, tail) in enumerate(row, 1):
            whole = head + tail
            end = start + len(whole)
            out["tokens"][r, start:end], out["segment"][r, start:end], out["position"][r, start:end] = whole, s, np.arange(len(whole))
            at += range(r * SPAN + start + len(head) - 1, r * SPAN + end - 1)
            target += tail
            start = end
    count = sum(len(h) + len(t) for row in rows for h, t in row)
    unused = TARGETS - len(at)
    out["at"] = np.array((at + [0] * unused)[:TARGETS], np.int32)
    out["target"] = np.array((target + [-1] * max(unused, 0))[:TARGETS], np.int32)
    return out, count, sum(len(row) for row in rows)


def orthogonal(g):
    """Newton-Schulz: the nearest orthogonal matrix to each of the stacked matrices, roughly."""
    tall = g.shape[1] > g.shape[2]
    x = jnp.swapaxes(g, 1, 2) if tall else g
    x = x / (jnp.linalg.norm(x, axis=(1, 2), keepdims=True) + 1e-7)
    for _ in range(5):
        a = model.product("lij,lkj->lik", x, x)
        x = 3.4445 * x + model.product("lij,ljk->lik", -4.7750 * a + 2.0315 * model.product("lij,ljk->lik", a, a), x)
    return jnp.swapaxes(x, 1, 2) if tall else x


def update(params, state, data, step):
    value, grads = jax.value_and_grad(model.loss)(params, data)
    rate = jnp.interp(step, *(jnp.array(column, jnp.float32) for column in zip(*SCHEDULE)))
    new_params, new_state = {}, {}
    for name, p in params.items():
        g = grads[name]
        if name in model.MATRICES:
            m = 0.95 * state[name]["m"] + g
            direction = orthogonal(g + 0.95 * m)
            scale = max(1.0, p.shape[2] / p.shape[1]) ** 0.5
            new_params[name] = p * (1 - rate * MUON_RATE * 0.01) - rate * MUON_RATE * scale * direction
            new_state[name] = {"m": m}
        else:
            m, v = 0.9 * state[name]["m"] + 0.1 * g, 0.98 * state[name]["v"] + 0.02 * g * g
            unbiased = (m / (1 - 0.9 ** (step + 1))) / (jnp.sqrt(v / (1 - 0.98 ** (step + 1))) + 1e-8)
            new_params[name] = p - rate * ADAM_RATE * unbiased
            new_state[name] = {"m": m, "v": v}
    return new_params, new_state, value


def save(path, params, state, step, tokens, problems):
    flat = {f"p/{k}": np.asarray(v) for k, v in params.items()}
    flat |= {f"s/{k}/{m}": np.asarray(a) for k, s in state.items() for m, a in s.items()}
    part = path.with_suffix(".part.npz")
    np.savez(part, step=step, tokens=tokens, problems=problems, **flat)
    part.replace(path)


def restore(path):
    with np.load(path) as f:
        params = {k[2:]: jnp.asarray(f[k]) for k in f.files if k.startswith("p/")}
        state = {}
        for k in f.files:
            if k.startswith("s/"):
                _, name, moment = k.split("/")
                state.setdefault(name, {})[moment] = jnp.asarray(f[k])
        return params, state, int(f["step"]), int(f["tokens"]), int(f["problems"])


def prefetch(start, total, tokenizer):
    ready = queue.Queue(8)

    def work():
        for step in range(start, total):
            ready.put((step, *batch(step, tokenizer)))
        ready.put(None)

    threading.Thread(target=work, daemon=True).start()
    while (item := ready.get()) is not None:
        yield item


def fit(tokenizer, work, total, every=250, on_checkpoint=None):
    """Trains to `total` steps, going on from `work/checkpoint.npz` if there is one. -> (params, steps, tokens, problems)"""
    work = pathlib.Path(work)
    path = work / "checkpoint.npz"
    if path.exists():
        params, state, start, tokens, problems = restore(path)
        print(f"resuming at step {start}", flush=True)
    else:
        params, start, tokens, problems = model.init(tokenizer.get_vocab_size(), SEED), 0, 0, 0
        state = {k: {"m": jnp.zeros_like(v)} | ({} if k in model.MATRICES else {"v": jnp.zeros_like(v)}) for k, v in params.items()}
    step_fn = jax.jit(update, donate_argnums=(0, 1))
    began, recent, since = time.time(), [], time.time()
    done = start
    for step, data, n_tokens, n_problems in prefetch(start, total, tokenizer):
        params, state, value = step_fn(params, state, data, jnp.float32(step))
        recent.append(float(value))
        tokens, problems, done = tokens + n_tokens, problems + n_problems, step + 1
        if done % 25 == 0 or done == total:
            rate = 25 * n_tokens / (time.time() - since)
            since = time.time()
            print(f"step {done}/{total} loss {np.mean(recent[-25:]):.4f} tokens {tokens/1e6:.2f}M {rate:.0f}/s", flush=True)
        if done % every == 0 or done == total:
            save(path, params, state, done, tokens, problems)
            if on_checkpoint:
                result = on_checkpoint(params, done)
                with open(work / "dev.jsonl", "a") as log:
                    log.write(json.dumps({"step": done, "tokens": tokens, **result}) + "\n")
            since = time.time()
    return params, done, tokens, problems
