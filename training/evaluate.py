"""Greedy accuracy on a set of problems, to watch a training by. The file that ships is measured by `cargo xtask evaluate`."""

import collections
import re
import unicodedata

import jax
import jax.numpy as jnp
import numpy as np

import model
from problems import LANGUAGES
from tokenizer import END, SPECIAL, chat

STEPS = 56
_decode = jax.jit(model.decode, static_argnums=3)


def answer(text):
    """The last number of a response, in ASCII digits whatever its script; None if there is none."""
    found = re.findall(r"\d+", text)
    return str(int("".join(str(unicodedata.digit(c)) for c in found[-1]))) if found else None


def generate(params, tokenizer, prompts, chunk=256):
    """One response per prompt; prompts of similar length run together."""
    heads = [chat(tokenizer, p) for p in prompts]
    order = sorted(range(len(heads)), key=lambda i: len(heads[i]))
    out = [None] * len(heads)
    for start in range(0, len(order), chunk):
        part = order[start:start + chunk]
        span = -(-max(len(heads[i]) for i in part) // 48) * 48  # few shapes, few compilations
        tokens = np.zeros((chunk, span), np.int32)
        lengths = np.ones(chunk, np.int32)
        for row, i in enumerate(part):
            tokens[row, :len(heads[i])], lengths[row] = heads[i], len(heads[i])
        ids = np.asarray(_decode(params, tokens, jnp.asarray(lengths), STEPS))
        for row, i in enumerate(part):
            line = ids[row].tolist()
            end = line.index(SPECIAL.index(END)) if SPECIAL.index(END) in line else len(line)
            out[i] = tokenizer.decode(line[:end])
    return out


def greedy(params, tokenizer, problems):
    keys = [(i, code) for i in range(len(problems)) for code in LANGUAGES]
    texts = generate(params, tokenizer, [problems[i]["text"][c] for i, c in keys])
    right = collections.defaultdict(list)
    for (i, code), text in zip(keys, texts):
        right[code].append(answer(text) == problems[i]["answer"])
    return {code: np.array(v) for code, v in right.items()}


def report(params, tokenizer, problems):
    right = greedy(params, tokenizer, problems)
    out = {"greedy": {c: round(100 * float(v.mean()), 1) for c, v in right.items()}}
    out["others"] = round(float(np.mean([v for c, v in out["greedy"].items() if c != "en"])), 1)
    kinds = sorted({p["kind"] for p in problems})
    out["by type"] = {c: {k: round(100 * float(np.mean([r for r, p in zip(v, problems) if p["kind"] == k]))) for k in kinds} for c, v in right.items()}
    return out
