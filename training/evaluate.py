"""Accuracy, mixed rows and CM-Align pairs of a set of problems, on the float weights. The shipped numbers come from the Rust side."""

import collections
import re
import unicodedata

import jax
import jax.numpy as jnp
import numpy as np

import model
from problems import LANGUAGES, seeded
from tokenizer import END, SPECIAL, chat

STEPS = 56
_decode = jax.jit(model.decode, static_argnums=(3, 4))


def answer(text):
    """The last number of a response, in ASCII digits whatever its script; None if there is none."""
    found = re.findall(r"\d+", text)
    return str(int("".join(str(unicodedata.digit(c)) for c in found[-1]))) if found else None


def generate(params, tokenizer, prompts, temperature, seed, chunk=256):
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
        ids = np.asarray(_decode(params, tokens, jnp.asarray(lengths), STEPS, temperature, jax.random.PRNGKey(seed + start)))
        for row, i in enumerate(part):
            line = ids[row].tolist()
            end = line.index(SPECIAL.index(END)) if SPECIAL.index(END) in line else len(line)
            out[i] = tokenizer.decode(line[:end])
    return out


def greedy(params, tokenizer, problems):
    keys = [(i, code) for i in range(len(problems)) for code in LANGUAGES]
    texts = generate(params, tokenizer, [problems[i]["text"][c] for i, c in keys], 0.0, 0)
    right = collections.defaultdict(list)
    for (i, code), text in zip(keys, texts):
        right[code].append(answer(text) == problems[i]["answer"])
    return {code: np.array(v) for code, v in right.items()}, dict(zip(keys, texts))


def sampled(params, tokenizer, problems, n=8, temperature=0.9, seed=1):
    keys = [(i, code, j) for i in range(len(problems)) for code in LANGUAGES for j in range(n)]
    texts = generate(params, tokenizer, [problems[i]["text"][c] for i, c, _ in keys], temperature, seed)
    table = {(i, c): [None] * n for i, c, _ in keys}
    for (i, c, j), text in zip(keys, texts):
        table[i, c][j] = answer(text)
    return table


def pairs(problems, table, reference):
    """Counts over the non-English rows; `reference(i, answers)` is the answer every response is compared with."""
    count = collections.Counter()
    for i, problem in enumerate(problems):
        target = reference(i, table[i, "en"])
        for code in LANGUAGES:
            if code == "en":
                continue
            same = [a for a in table[i, code] if a is not None and a == target]
            other = [a for a in table[i, code] if a != target]
            count["rows"] += 1
            if target is not None and same and other:
                count["pairs"] += 1
                count["chosen"] += target == problem["answer"]
                rejected = other[seeded("rejected", i, code).randrange(len(other))]
                count["rejected"] += rejected != problem["answer"]
                count["both"] += target == problem["answer"] and rejected != problem["answer"]
    n = max(count["pairs"], 1)
    return {"coverage": count["pairs"] / count["rows"], "chosen right": count["chosen"] / n, "rejected wrong": count["rejected"] / n,
            "right over wrong": count["both"] / n}


def majority(_, answers):
    votes = collections.Counter(a for a in answers if a is not None)
    return votes.most_common(1)[0][0] if votes else None


def random_one(i, answers):
    return answers[seeded("reference", i).randrange(len(answers))]


def report(params, tokenizer, problems, with_samples=True):
    right, texts = greedy(params, tokenizer, problems)
    out = {"greedy": {c: round(100 * float(v.mean()), 1) for c, v in right.items()}}
    others = [v for c, v in out["greedy"].items() if c != "en"]
    out["others"] = round(float(np.mean(others)), 1)
    kinds = sorted({p["kind"] for p in problems if "kind" in p})
    out["by type"] = {c: {k: round(100 * float(np.mean([r for r, p in zip(v, problems) if p["kind"] == k]))) for k in kinds} for c, v in right.items()}
    if with_samples:
        table = sampled(params, tokenizer, problems)
        gold = [p["answer"] for p in problems]
        rate = {c: np.array([[a == gold[i] for a in table[i, c]] for i in range(len(problems))]) for c in LANGUAGES}
        mixed = {c: r.any(1) & ~r.all(1) for c, r in rate.items()}
        out["sampled"] = {c: round(100 * float(r.mean()), 1) for c, r in rate.items()}
        out["mixed"] = {c: round(100 * float(m.mean()), 1) for c, m in mixed.items()}
        out["mixed others"] = round(100 * float(np.mean([m for c, m in mixed.items() if c != "en"])), 1)
        out["majority en"] = round(100 * float(np.mean([majority(i, table[i, "en"]) == g for i, g in enumerate(gold)])), 1)
        out["CM-Align"] = {k: round(100 * v, 1) for k, v in pairs(problems, table, majority).items()}
        out["random reference"] = {k: round(100 * v, 1) for k, v in pairs(problems, table, random_one).items()}
    return out, texts
