"""The trial: what preference training on the model's own pairs does to the gap between English and the other languages.

    python training/align.py --pairs FOLDER [--seeds 3]

`cargo xtask evaluate --data static/practice-prompts.json --pairs FOLDER` makes the pairs. LoRA on all matrices, DPO (Rafailov et al.
2023, eq. 7) plus `gamma` times the mean NLL per token of the chosen response; a batch holds whole prompts, that is all their languages. Accuracy is
greedy on the test problems; intervals are paired bootstraps over prompts.
"""

import argparse
import collections
import json
import pathlib
import random
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

import evaluate  # noqa: E402
import gguf_file  # noqa: E402
import model  # noqa: E402
from problems import LANGUAGES  # noqa: E402
from tokenizer import END, SPECIAL, chat  # noqa: E402

RATE, BETA, GAMMA, EPOCHS, RANK, BATCH = 2e-3, 0.1, 1.0, 1, 16, 32
LINE = 320  # tokens; the longest row has some 250
OTHERS = [code for code in LANGUAGES if code != "en"]


def adapters(rank, seed):
    """LoRA (Hu et al. 2021): name -> A [layers, in, rank] of noise, B [layers, rank, out] of zeros."""
    rng = np.random.default_rng(seed)
    return {name: {"A": jnp.asarray(rng.normal(0, 1 / np.sqrt(rows), (model.LAYERS, rows, rank)), jnp.float32), "B": jnp.zeros((model.LAYERS, rank, cols), jnp.float32)}
            for name, (rows, cols) in model.MATRICES.items()}


@jax.jit
def merged(params, lora):
    """Parameters with the adapters added in (alpha = rank)."""
    return {**params, **{name: params[name] + lora[name]["A"] @ lora[name]["B"] for name in model.MATRICES}}


def encoded(tokenizer, row):
    """[prompt | chosen | rejected] as tokens, branches and positions; a response sees its prompt and itself."""
    head = chat(tokenizer, row["prompt"])
    tails = [[*tokenizer.encode(row[side]).ids, SPECIAL.index(END)] if row.get(side) else [] for side in ("chosen", "rejected")]
    tokens, branch, position = list(head), [0] * len(head), list(range(len(head)))
    at, target, side = [], [], []
    for b, tail in enumerate(tails):
        if tail:
            at += [len(head) - 1, *range(len(tokens), len(tokens) + len(tail) - 1)]
            target, side = target + tail, side + [b] * len(tail)
        tokens, branch, position = tokens + tail, branch + [b + 1] * len(tail), position + list(range(len(head), len(head) + len(tail)))
    return {"id": row["id"], "tokens": tokens, "branch": branch, "position": position, "at": at, "target": target, "side": side, "reference": (0.0, 0.0)}


def packed(rows):
    """A batch of up to BATCH encoded rows as arrays [lines, LINE]: the longest first, each in the first line that has room."""
    lines = []
    for i in sorted(range(len(rows)), key=lambda i: -len(rows[i]["tokens"])):
        size = len(rows[i]["tokens"])
        line = next((line for line in lines if sum(len(rows[j]["tokens"]) for j in line) + size <= LINE), None)
        if line is None:
            lines.append(line := [])
        line.append(i)
    n_lines = -(-len(lines) // 4) * 4  # few shapes, few compilations
    data = {k: np.zeros((n_lines, LINE), np.int32) for k in ("tokens", "branch", "position", "at", "target", "side")}
    data |= {"row": np.full((n_lines, LINE), -1, np.int32), "row_at": np.full((n_lines, LINE), -1, np.int32), "reference": np.zeros((BATCH, 2), np.float32)}
    for n, line in enumerate(lines):
        start, first = 0, 0
        for i in line:
            end, last = start + len(rows[i]["tokens"]), first + len(rows[i]["at"])
            for name in ("tokens", "branch", "position"):
                data[name][n, start:end] = rows[i][name]
            data["at"][n, first:last] = np.array(rows[i]["at"]) + start
            data["target"][n, first:last], data["side"][n, first:last] = rows[i]["target"], rows[i]["side"]
            data["row"][n, start:end], data["row_at"][n, first:last], data["reference"][i] = i, i, rows[i]["reference"]
            start, first = end, last
    return data


def log_probs(params, data):
    """(sums, counts): [BATCH, 2] log-probability and number of tokens of the chosen and the rejected response."""
    branch, row = data["branch"], data["row"]
    is_open = (branch[:, None, :] == 0) | (branch[:, :, None] == branch[:, None, :])
    mask = jnp.tril(jnp.ones((LINE, LINE), bool)) & (row[:, :, None] == row[:, None, :]) & is_open
    h = model.hidden(params, data["tokens"], data["position"], mask)
    logits = model.product("btd,vd->btv", jnp.take_along_axis(h, data["at"][..., None], 1), params["embed"])
    each = jnp.take_along_axis(logits, data["target"][..., None], 2)[..., 0] - jax.nn.logsumexp(logits, -1)
    used = (data["row_at"] >= 0).astype(jnp.float32)
    by_row = jnp.zeros((BATCH, 2)).at[data["row_at"], data["side"]]
    return by_row.add(each * used), by_row.add(used)


reference_log_probs = jax.jit(lambda params, data: log_probs(params, data)[0])


def prepared(params, tokenizer, rows):
    """Encoded rows with the log-probabilities that the model gives their responses before it is trained."""
    coded = [encoded(tokenizer, row) for row in rows]
    for start in range(0, len(coded), BATCH):
        part = coded[start:start + BATCH]
        for row, sums in zip(part, np.asarray(reference_log_probs(params, packed(part)))):
            row["reference"] = sums
    return coded


def loss(lora, params, data, beta, gamma, dpo):
    sums, counts = log_probs(merged(params, lora), data)
    has_pair = (counts[:, 1] > 0).astype(jnp.float32)
    has_row = (counts[:, 0] > 0).astype(jnp.float32)
    change = sums - data["reference"]
    margin = beta * (change[:, 0] - change[:, 1])
    preference = -(jax.nn.log_sigmoid(margin) * has_pair).sum() / jnp.maximum(has_pair.sum(), 1)
    nll = -(sums[:, 0] / jnp.maximum(counts[:, 0], 1) * has_row).sum() / jnp.maximum(has_row.sum(), 1)
    stats = jnp.stack([preference, nll, ((margin > 0) * has_pair).sum() / jnp.maximum(has_pair.sum(), 1)])
    return dpo * preference + gamma * nll, stats


def adam_step(lora, m, v, params, data, beta, gamma, dpo, t, rate):
    (_, stats), grads = jax.value_and_grad(loss, has_aux=True)(lora, params, data, beta, gamma, dpo)
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(grads)))
    grads = jax.tree.map(lambda g: g / jnp.maximum(norm, 1.0), grads)
    m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, grads)
    v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, grads)
    lora = jax.tree.map(lambda x, a, b: x - rate * (a / (1 - 0.9 ** t)) / (jnp.sqrt(b / (1 - 0.999 ** t)) + 1e-8), lora, m, v)
    return lora, m, v, stats


step = jax.jit(adam_step, donate_argnums=(0, 1, 2))


def batches(rows, is_grouped, rng):
    """Whole prompts until a batch is full, or rows in any order; every row is in one batch."""
    if not is_grouped:
        rows = rows[:]
        rng.shuffle(rows)
        return [rows[i:i + BATCH] for i in range(0, len(rows), BATCH)]
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row["id"]].append(row)
    order = sorted(groups)
    rng.shuffle(order)
    out = [[]]
    for key in order:
        if len(out[-1]) + len(groups[key]) > BATCH:
            out.append([])
        out[-1] += groups[key]
    return out


def train(params, rows, *, rate=RATE, beta=BETA, gamma=GAMMA, dpo=1.0, epochs=EPOCHS, rank=RANK, seed=0, is_grouped=True):
    """-> (adapters, statistics of the last third of the steps, steps)"""
    rng = random.Random(seed)
    lora = adapters(rank, seed)
    m = jax.tree.map(jnp.zeros_like, lora)
    v = jax.tree.map(jnp.zeros_like, lora)
    plan = [b for _ in range(epochs) for b in batches(rows, is_grouped, rng)]
    warm, stats = max(1, len(plan) // 10), []
    for t, batch in enumerate(plan, 1):
        now = rate * min(t / warm, 0.5 * (1 + np.cos(np.pi * max(0, t - warm) / max(1, len(plan) - warm))))
        lora, m, v, found = step(lora, m, v, params, packed(batch), beta, gamma, dpo, jnp.float32(t), jnp.float32(now))
        stats.append(np.asarray(found))
    return lora, np.mean(stats[-max(1, len(stats) // 3):], 0), len(plan)


def rights(params, tokenizer, problems):
    """code -> [problems] of 0 and 1: greedy answers that are right."""
    keys = [(i, code) for i in range(len(problems)) for code in LANGUAGES]
    texts = evaluate.generate(params, tokenizer, [problems[i]["text"][c] for i, c in keys])
    out = {code: np.zeros(len(problems)) for code in LANGUAGES}
    for (i, code), [(text, _)] in zip(keys, texts):
        out[code][i] = evaluate.answer(text) == float(problems[i]["answer"])
    return out


def summary(right):
    """English, mean of the others, gap; in points."""
    others = 100 * np.mean([right[code] for code in OTHERS])
    english = 100 * right["en"].mean()
    return english, others, english - others


def intervals(before, after, draws=2000, seed=1):
    """95 % intervals of the changes of English, others and gap."""
    rng = np.random.default_rng(seed)
    n = len(before["en"])
    english = after["en"] - before["en"]
    others = np.mean([after[c] - before[c] for c in OTHERS], 0)
    picks = rng.integers(0, n, (draws, n))
    changes = [100 * english[picks].mean(1), 100 * others[picks].mean(1)]
    changes.append(changes[0] - changes[1])
    return [np.percentile(c, (2.5, 97.5)) for c in changes]


def read_rows(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]


def describe(name, before, after, stats, n_steps, seconds):
    b, a = summary(before), summary(after)
    spans = intervals(before, after)
    by = " ".join(f"{c} {100 * after[c].mean():.1f}" for c in LANGUAGES)
    shrinks = 100 * (1 - a[2] / b[2]) if b[2] else 0.0
    cells = "; ".join(f"{what} {y - x:+.1f} [{lo:+.1f}, {hi:+.1f}]" for what, x, y, (lo, hi) in zip(("en", "others", "gap"), b, a, spans))
    print(f"{name}: en {a[0]:.1f} others {a[1]:.1f} gap {a[2]:.1f} (shrinks {shrinks:.0f} %) | {cells} | {by} | dpo {stats[0]:.3f} nll {stats[1]:.3f} margin>0 {stats[2]:.2f} | {n_steps} steps {seconds:.0f} s",
          flush=True)


def gold_rows(problems, seed=3):
    """The generator's own response to every practice prompt: the ceiling, which no method sees."""
    rng = random.Random(seed)
    return [{"id": p["id"], "language": code, "prompt": p["text"][code], "chosen": p["gold"][code][rng.randrange(2)]} for p in problems for code in LANGUAGES]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=HERE.parent / "static" / "teaching-model.gguf")
    parser.add_argument("--pairs", type=pathlib.Path, required=True, help="the folder that `cargo xtask evaluate --pairs` wrote")
    parser.add_argument("--only", nargs="*", default=None, help="names of the settings to run")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=None, help="only so many test problems")
    parser.add_argument("--practice", type=int, default=None, help="gold responses of only so many practice prompts")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--gamma", type=float, default=GAMMA)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    args = parser.parse_args()
    import held_out

    params, tokenizer = gguf_file.read(args.model)
    params = {name: jnp.asarray(value) for name, value in params.items()}
    problems = [p for p in held_out.problems() if p["task"] == "math"][:args.limit]
    own, others, gold = (prepared(params, tokenizer, rows) for rows in (
        read_rows(args.pairs / "cm-align.jsonl"), read_rows(args.pairs / "random-reference.jsonl"),
        gold_rows(held_out.practice_problems(with_gold=True)[:args.practice])))
    shared = {"rate": args.rate, "gamma": args.gamma, "epochs": args.epochs}
    settings = {
        "CM-Align": (own, shared),
        "gold": (gold, {**shared, "dpo": 0.0, "gamma": 1.0}),
        "chosen only": (own, {**shared, "dpo": 0.0, "gamma": 1.0}),
        "random reference": (others, shared),
        "shuffled batches": (own, {**shared, "is_grouped": False}),
    }
    before = rights(params, tokenizer, problems)
    print("before: en {:.1f} others {:.1f} gap {:.1f} | ".format(*summary(before)) + " ".join(f"{c} {100 * before[c].mean():.1f}" for c in LANGUAGES), flush=True)
    for name, (rows, options) in settings.items():
        if args.only and name not in args.only:
            continue
        for seed in range(args.seeds):
            began = time.time()
            lora, stats, n_steps = train(params, rows, seed=seed, **options)
            describe(f"{name}, seed {seed}, {len(rows)} rows", before, rights(merged(params, lora), tokenizer, problems), stats, n_steps, time.time() - began)


if __name__ == "__main__":
    main()
