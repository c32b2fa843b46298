"""References and pairs of every method, from a session's responses, cosines and measurements.

`results["selection"]` holds, by method, what was picked with the session's settings and that method. Answers are taken
from the session. Code is normalised here by Python's own tokeniser, so the snippets of a session that is checked have to
be Python.
"""

import builtins
import io
import keyword
import sys
import tokenize
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from compare import near, same

sys.path.append(str(Path(__file__).resolve().parent.parent))

import baselines  # noqa: E402
from check_export import WHITE, Cosines, best, consistency_of, picks, stand_ins, whole_ones  # noqa: E402


def snippet(text):
    if "```" not in text:
        return text
    body = text.split("```")[1]
    return body.split("\n", 1)[1] if "\n" in body else body


def normalised(text):
    """Tokens of Python without comments and layout; names of the snippet's own as v0, v1, …"""
    names, out = {}, []
    marks = {tokenize.NEWLINE: "<line>", tokenize.INDENT: "<block>", tokenize.DEDENT: "<end>"}
    for token in tokenize.generate_tokens(io.StringIO(snippet(text)).readline):
        if token.type in marks:
            out.append(marks[token.type])
        elif token.type == tokenize.NAME and not keyword.iskeyword(token.string) and not hasattr(builtins, token.string):
            out.append(f"v{names.setdefault(token.string, len(names))}")
        elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER):
            out.append(token.string)
    return out


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        last, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            last, row[j + 1] = row[j + 1], min(last + (x != y), row[j] + 1, row[j + 1] + 1)
    return row[-1]


class Snippets:
    """As Cosines, with the similarity of code."""

    def __init__(self):
        self.tokens = {}

    def of_text(self, text):
        if text not in self.tokens:
            self.tokens[text] = normalised(text)
        return self.tokens[text]

    def of(self, a, b):
        a, b = self.of_text(a["text"]), self.of_text(b["text"])
        longest = max(len(a), len(b))
        return baselines.f32(1 - distance(a, b) / longest) if longest else 1.0


def reference(prompt, row, closeness, config):
    """(skip, sample, consistency, mean cosine, vote share) of a method with a reference."""
    is_random = config["method"] == "random-reference"
    none = [], [], None
    if config["anchor"] not in prompt["text"]:
        return "no-anchor-text", None, *none
    if len(row) < (1 if is_random else 2):
        return "too-few-candidates", None, *none
    stands = stand_ins(row, config)
    scored = consistency_of(prompt["task"], row, stands, closeness)
    if scored is None:
        return "not-embedded", None, *none
    consistency, mean_cosine = scored
    eligible = [i for i in range(len(row)) if stands[i] == i and row[i]["text"].strip(WHITE)]
    eligible = whole_ones(prompt["task"], row, eligible)
    if not eligible:
        return "empty-responses", None, consistency, mean_cosine, None
    uses_cosine = mean_cosine and config.get("tieBreak", "cosine") == "cosine"
    picked = best(eligible, lambda i: (consistency[i], mean_cosine[i] if uses_cosine else 0), 1)
    if is_random:
        picked = eligible[baselines.draw(config["seed"], [prompt["id"]], len(eligible))]
    is_math = prompt["task"] == "math"
    if is_math and row[picked]["value"] is None:
        return "no-answer", None, consistency, mean_cosine, None
    return None, row[picked]["sample"], consistency, mean_cosine, consistency[picked] if is_math else None


def check_method(session, rows, config, given):
    whole = baselines.Whole(session, config, rows)
    references = {r["promptId"]: r for r in given["references"]}
    pairs = {(p["promptId"], p["language"]): p for p in given["pairs"]}
    similarities = {s["promptId"]: s for s in session["similarities"]}
    asked = [(p["id"], l) for p in session["prompts"] for l in config["languages"] if l in p["text"]]
    yield from same("rows", list(pairs), asked)
    yield from same("references", list(references), [p["id"] for p in session["prompts"]])
    has_reference = config["method"] in ("cm-align", "random-reference")
    for prompt in session["prompts"]:
        found, where = references.get(prompt["id"]), f"reference of {prompt['id']}"
        if found is None:
            continue
        row = rows.get((prompt["id"], config["anchor"]), [])
        closeness = Snippets() if prompt["task"] == "code" else Cosines(similarities.get(prompt["id"]))
        of = whole.of(prompt)
        if has_reference:
            wanted = reference(prompt, row, closeness, config)
        else:
            wanted = baselines.lacks(config["method"], of), None, [], [], None
        for name, value in zip(("skip", "sample"), wanted):
            yield from same(f"{where}, {name}", found[name], value)
        for name, value in zip(("consistency", "meanCosine", "voteShare"), wanted[2:]):
            yield from near(f"{where}, {name}", found[name], value)
        picked = next((r for r in row if r["sample"] == wanted[1]), None)
        scored = {"consistency": wanted[2], "meanCosine": wanted[3]}
        for language in (l for l in config["languages"] if (prompt["id"], l) in pairs):
            pair, where = pairs[prompt["id"], language], f"pair {prompt['id']} / {language}"
            if has_reference:
                row_of = rows.get((prompt["id"], language), [])
                expected = picks(prompt, language, row_of, picked, scored, closeness, config)
            else:
                expected = baselines.pick(config["method"], of, language)
            for name, value in zip(("skip", "chosen", "rejected"), expected):
                yield from same(f"{where}, {name}", pair[name], value)
            for name, value in zip(("scores", "margin"), expected[3:]):
                yield from near(f"{where}, {name}", pair[name], value)


def check_selection(session, results):
    rows = defaultdict(list)
    for response in session["responses"]:
        response["value"] = None if response["answer"] is None else Fraction(response["answer"])
        if response["finishReason"] != "cancelled" and not response.get("translationOf"):
            rows[response["promptId"], response["language"]].append(response)
    for row in rows.values():
        row.sort(key=lambda r: r["sample"])
    for method, given in results.items():
        config = {**session["config"], "method": method}
        for line in check_method(session, dict(rows), config, given):
            yield f"{method}: {line}"
