"""The pairs of MAPO, LIDR, ICR and LaCoMSA, from their definitions and a session's measurements.

Each `<method>(of, language)` returns (skip, chosen, rejected, scores, margin) of a prompt in a language.
"""

import math

import numpy as np
from check_export import Cosines, WHITE, best, comparable, f32, is_cut, may_be, stand_ins

MIN_CROSS_ENTROPY = 1e-3


def draw(seed, key, n):
    """A number below n from FNV-1a of the key's parts and one step of SplitMix64."""
    bits = (1 << 64) - 1
    value = 0xCBF29CE484222325
    for byte in "\0".join(key).encode():
        value = (value ^ byte) * 0x100000001B3 & bits
    value = (value ^ seed * 0x9E3779B97F4A7C15 & bits) + 0x9E3779B97F4A7C15 & bits
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & bits
    value = (value ^ value >> 27) * 0x94D049BB133111EB & bits
    return (value ^ value >> 31) * n >> 64


def skipped(reason, scores=(), margin=None):
    return reason, None, None, list(scores), margin


class Whole:
    """A session with what a method must know of all its prompts."""

    def __init__(self, session, config, rows):
        self.session, self.config, self.rows = session, config, rows
        self.measured = session.get("measurements", {})
        states = self.measured.get("states") or session["similarities"]
        self.states = {record["promptId"]: Cosines(record) for record in states}
        self.cut = {(r["promptId"], r["language"], r["sample"]) for r in session["responses"] if is_cut(r)}
        self.slope = self.length_slope()
        self.weights = self.language_weights()
        self.has_translations = any(r.get("translationOf") for r in session["responses"])

    def length_slope(self):
        """Log-probability on tokens by least squares, with a level of its own for every row."""
        rows = [list(zip(r["nTokens"], r["logprob"])) for r in self.measured.get("instructed", [])]
        n = sum(map(len, rows))
        table, values, at = np.zeros((n, len(rows) + 1)), np.zeros(n), 0
        for number, row in enumerate(rows):
            for tokens, logprob in row:
                table[at, number], table[at, -1], values[at] = 1, tokens, logprob
                at += 1
        has_two_lengths = any(len({tokens for tokens, _ in row}) > 1 for row in rows)
        return np.linalg.lstsq(table, values, rcond=None)[0][-1] if has_two_lengths else 0.0

    def language_weights(self):
        anchor, found = self.config["anchor"], {}
        for (prompt, language), row in self.rows.items():
            cosines = self.states.get(prompt, Cosines(None))
            for a in row:
                for b in self.rows.get((prompt, anchor), []):
                    if a is not b and cosines.of(a, b) is not None:
                        found.setdefault(language, []).append(cosines.of(a, b))
        asked = self.config["languages"]
        far = {l: np.mean(found[anchor]) - np.mean(found[l]) for l in asked if l in found and l != anchor and anchor in found}
        deviation = np.std(list(far.values())) if far else 0.0
        gap = {l: value / deviation if deviation > 1e-9 else 0.0 for l, value in far.items()}
        return {l: 1 / (1 + math.exp(-0.5 * gap.get(l, 0.0))) for l in asked}

    def of(self, prompt):
        return Prompt(self, prompt)


class Prompt:
    """One prompt under the eyes of a method."""

    def __init__(self, whole, prompt):
        self.whole, self.prompt, self.config = whole, prompt, whole.config
        self.anchors = self.row(whole.config["anchor"])

    def row(self, language):
        return self.whole.rows.get((self.prompt["id"], language), [])

    def record(self, part, language):
        records = self.whole.measured.get(part, [])
        return next((r for r in records if (r["promptId"], r["language"]) == (self.prompt["id"], language)), None)

    def may_choose(self, response):
        return not self.config["languageGate"] or may_be(response.get("detectedLanguage"), response["language"])

    def is_whole(self, response):
        """Neither cut nor the translation of something cut."""
        language, sample = response.get("translationOf") or (None, None)
        key = (self.prompt["id"], language, sample)
        return not is_cut(response) and key not in self.whole.cut

    def distinct(self, row):
        stands = stand_ins(row, self.config)
        return [i for i in range(len(row)) if stands[i] == i and row[i]["text"].strip(WHITE)]

    def by_score(self, row, scores):
        """Highest over lowest."""
        if scores is None:
            return skipped("not-measured")
        scores = [f32(s) for s in scores]
        if sum(bool(r["text"].strip(WHITE)) for r in row) < 2:
            return skipped("empty-responses", scores)
        distinct = self.distinct(row)
        top, low = best(distinct, scores.__getitem__, 1), best(distinct, scores.__getitem__, -1)
        allowed = [i for i in distinct if self.may_choose(row[i])]
        chosen = best([i for i in allowed if self.is_whole(row[i]) and scores[i] > scores[low]], scores.__getitem__, 1)
        if chosen is None:
            chosen = best(allowed, scores.__getitem__, 1)
        if scores[top] == scores[low]:
            return skipped("equal-scores", scores)
        if chosen is None or scores[chosen] <= scores[low]:
            return skipped("wrong-language", scores)
        margin = f32(scores[chosen] - scores[low])
        if comparable(row[chosen]["text"]) == comparable(row[low]["text"]):
            return skipped("same-text", scores, margin)
        return None, row[chosen]["sample"], row[low]["sample"], scores, margin


def lacks(method, of):
    """What the anchor language does not give, for the reference entry."""
    if of.config["anchor"] not in of.prompt["text"]:
        return "no-anchor-text"
    return "too-few-candidates" if method in ("mapo", "lacomsa") and not of.anchors else None


def pick(method, of, language):
    is_anchor = language == of.config["anchor"]
    if is_anchor and (not of.config["anchorPairs"] or method == "mapo"):
        return skipped("anchor-language")
    if lacks(method, of):
        return skipped("no-reference")
    if method != "lidr" and len(of.row(language)) < 2:
        return skipped("too-few-candidates")
    return {"mapo": mapo, "lidr": lidr, "icr": icr, "lacomsa": lacomsa}[method](of, language)


def mapo(of, language):
    row, record = of.row(language), of.record("translations", language)
    if record is None:
        return skipped("not-measured")
    said = {r["sample"] for r in of.anchors if r["text"].strip(WHITE)}
    targets = [k for k, t in enumerate(record["targets"]) if t in said and record["nTokens"][k] > 0]
    if not targets or any(r["sample"] not in record["samples"] for r in row):
        return skipped("not-measured")
    logprob = np.array(record["logprob"], dtype=np.float32).astype(float)
    entropy = np.maximum(-logprob / np.maximum(record["nTokens"], 1), MIN_CROSS_ENTROPY)
    score = lambda r: sum(1 / entropy[record["samples"].index(r["sample"])][targets]) / len(targets)
    return of.by_score(row, [score(r) for r in row])


def icr(of, language):
    row, record = of.row(language), of.record("instructed", language)
    if record is None or any(r["sample"] not in record["samples"] for r in row):
        return skipped("not-measured")
    at = [record["samples"].index(r["sample"]) for r in row]
    return of.by_score(row, [f32(record["logprob"][i]) - of.whole.slope * record["nTokens"][i] for i in at])


def lacomsa(of, language):
    row, cosines = of.row(language), of.whole.states.get(of.prompt["id"], Cosines(None))
    table = [[cosines.of(r, a) for a in of.anchors if a is not r] for r in row]
    if any(cosines.place.get((r["language"], r["sample"])) is None for r in row) or any(not t or None in t for t in table):
        return skipped("not-measured")
    scores = [f32(sum(t) / len(t) * of.whole.weights[language]) for t in table]
    distinct = of.distinct(row)
    possible = [
        (i, j)
        for i in distinct
        for j in distinct
        if scores[i] > scores[j] and of.may_choose(row[i]) and comparable(row[i]["text"]) != comparable(row[j]["text"])
    ]
    if not possible:
        return of.by_score(row, scores)
    possible = [pair for pair in possible if of.is_whole(row[pair[0]])] or possible
    i, j = possible[draw(of.config["seed"], [of.prompt["id"], language], len(possible))]
    return None, row[i]["sample"], row[j]["sample"], scores, f32(scores[i] - scores[j])


def lidr(of, language):
    anchor = of.config["anchor"]
    is_anchor = language == anchor
    made = [
        r
        for r in of.whole.session["responses"]
        if (r["promptId"], r["language"]) == (of.prompt["id"], language)
        and r.get("translationOf")
        and (r["translationOf"][0] != anchor) == is_anchor
        and r["finishReason"] != "cancelled"
    ]
    if not made:
        return skipped("no-translation" if of.whole.has_translations else "not-measured")
    made.sort(key=lambda r: (r["translationOf"], r["sample"]))
    says = lambda r: of.is_whole(r) and r["text"].strip(WHITE)
    if not is_anchor:
        made = [r for r in made if says(r)] or made
    translation = made[draw(of.config["seed"], [of.prompt["id"]], len(made))] if is_anchor else made[0]
    row = of.row(language)
    if not row:
        return skipped("too-few-candidates")
    own = next((r for r in row if r["sample"] == translation["translationOf"][1]), row[0])
    if is_anchor and not says(own):
        own = next((r for r in row if says(r)), own)
    chosen, rejected = (own, translation) if is_anchor else (translation, own)
    if not chosen["text"].strip(WHITE) or not rejected["text"].strip(WHITE):
        return skipped("empty-responses")
    if not of.may_choose(chosen):
        return skipped("wrong-language")
    if comparable(chosen["text"]) == comparable(rejected["text"]):
        return skipped("same-text")
    return None, chosen["sample"], rejected["sample"], [], None
