"""What a model makes of a set of problems, to watch a training by. The file that ships is measured by `cargo xtask evaluate`."""

import collections
import re
import unicodedata

import jax
import jax.numpy as jnp
import numpy as np

import model
from problems import LANGUAGES
from tokenizer import END, SPECIAL, chat

STEPS, SAMPLES, TEMPERATURE = 88, 8, 0.9
_decode = jax.jit(model.decode, static_argnums=(5, 6, 7))
_NUMBER = r"\d+(?:[.,٫]\d+)?"
_SUM = re.compile(rf"({_NUMBER})\s*([+\-×÷·:])\s*({_NUMBER})\s*=[^\d=\n]*({_NUMBER})")  # Swahili names the noun first
SCRIPTS = {"ru": "CYRILLIC", "zh-Hans": "CJK", "ar": "ARABIC", "bn": "BENGALI"}


def value(text):
    """A number in the digits of any script, with a point or a comma."""
    return float("".join(str(unicodedata.digit(c)) if c.isdigit() else "." for c in text))


def answer(text):
    """The last number of a response; None if there is none."""
    found = re.findall(_NUMBER, text)
    return value(found[-1]) if found else None


def has_false_sum(text):
    """Whether an equation in the text does not hold."""
    for left, op, right, result in _SUM.findall(text):
        a, b, c = value(left), value(right), value(result)
        if abs({"+": a + b, "-": a - b, "×": a * b, "·": a * b}.get(op, a / b if b else c + 1) - c) > 1e-6:
            return True
    return False


def has_foreign_letter(code, text):
    """Whether a letter of another script stands in the text."""
    script = SCRIPTS.get(code, "LATIN")
    return any(c.isalpha() and not unicodedata.name(c, script).startswith(script) for c in text)


def generate(params, tokenizer, prompts, n=1, temperature=0.0, seed=0, rows=512):
    """[(text, whether it ended)] * n for each prompt; prompts of similar length run together."""
    end = SPECIAL.index(END)
    heads = [chat(tokenizer, p) for p in prompts]
    order = sorted(range(len(heads)), key=lambda i: len(heads[i]))
    out, chunk = [None] * len(heads), max(1, rows // n)
    for start in range(0, len(order), chunk):
        part = order[start:start + chunk]
        span = -(-max(len(heads[i]) for i in part) // 32) * 32  # few shapes, few compilations
        tokens = np.zeros((chunk, span), np.int32)
        lengths = np.ones(chunk, np.int32)
        for row, i in enumerate(part):
            tokens[row, :len(heads[i])], lengths[row] = heads[i], len(heads[i])
        ids = np.asarray(_decode(params, tokens, jnp.asarray(lengths), jax.random.key(seed * 100_003 + start), temperature, n, STEPS, end))
        for row, i in enumerate(part):
            lines = [line.tolist() for line in ids[row]]
            out[i] = [(tokenizer.decode(line[:line.index(end)] if end in line else line), end in line) for line in lines]
    return out


def report(params, tokenizer, problems, n=SAMPLES, temperature=TEMPERATURE):
    """Rates by language, in percent, over problems with gold answers."""
    keys = [(i, code) for i in range(len(problems)) for code in LANGUAGES]
    prompts = [problems[i]["text"][c] for i, c in keys]
    greedy = generate(params, tokenizer, prompts)
    sampled = generate(params, tokenizer, prompts, n, temperature, seed=1)
    rows = collections.defaultdict(list)
    english = {}
    for (i, code), one, many in zip(keys, greedy, sampled):
        gold = float(problems[i]["answer"])
        answers = [answer(text) for text, _ in many]
        n_right = sum(a == gold for a in answers)
        counts = collections.Counter(answers)
        wrong = [a for a in answers if a != gold]
        if code == "en":
            english[i] = set(wrong)
        rows[code].append({
            "kind": problems[i]["kind"], "greedy": answer(one[0][0]) == gold, "sampled": n_right / n, "pass": n_right > 0, "mixed": 0 < n_right < n,
            "majority": counts.most_common(1)[0][0] == gold, "n_wrong": len(wrong), "twice": sum(counts[a] > 1 for a in wrong),
            "as_english": sum(a in english.get(i, ()) for a in wrong),
            "short": sum("=" not in text for text, _ in many) / n, "greedy_short": "=" not in one[0][0],
            "false": sum(has_false_sum(text) for text, _ in many) / n, "foreign": sum(has_foreign_letter(code, text) for text, _ in many) / n,
            "unfinished": sum(not ended for _, ended in many) / n,
        })
    out = {}
    for code, found in rows.items():
        mean = {name: round(100 * float(np.mean([r[name] for r in found])), 1) for name in ("greedy", "sampled", "pass", "mixed", "majority", "short", "greedy_short", "false", "foreign", "unfinished")}
        n_wrong = max(1, sum(r["n_wrong"] for r in found))
        mean |= {name: round(100 * sum(r[name] for r in found) / n_wrong) for name in ("twice", "as_english")}
        mean["kinds"] = {k: round(100 * float(np.mean([r["sampled"] for r in found if r["kind"] == k]))) for k in sorted({r["kind"] for r in found})}
        out[code] = mean
    return out
