"""Rates of pairs by gold answers with their intervals, and how far methods and languages agree.

Kappa: Cohen 1960. Intervals: percentile bootstrap over prompts, ends as numpy's `percentile` interpolates them.
"""

import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import combinations

import numpy as np

from compare import near, same
from splitmix import SplitMix64

QUALITY = ["chosenRight", "rejectedWrong", "rightOverWrong", "coverage"]


def number(text):
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError, AttributeError):
        return None


class Judge:
    """Which responses are right, and the parts and wholes of any rate by prompt."""

    def __init__(self, session):
        self.gold = {p["id"]: number(p.get("answer")) for p in session["prompts"]}
        self.gold = {prompt: gold for prompt, gold in self.gold.items() if gold is not None}
        self.place = {prompt: at for at, prompt in enumerate(self.gold)}
        self.counts = defaultdict(lambda: np.zeros((len(self.gold), 2), dtype=int))
        self.right = {}
        self.candidates = defaultdict(list)
        for r in session["responses"]:
            if r["promptId"] in self.gold and r["finishReason"] != "cancelled":
                is_right = number(r["answer"]) == self.gold[r["promptId"]]
                self.right[r["promptId"], r["language"], r["sample"]] = is_right
                if r.get("translationOf") is None:
                    self.candidates[r["promptId"], r["language"]].append(is_right)

    def count(self, rate, prompt, is_so):
        self.counts[rate][self.place[prompt]] += [int(is_so), 1]

    def pairs(self, groups, pair):
        """Counts a row of the pair set in every group."""
        prompt, language = pair["promptId"], pair["language"]
        if prompt not in self.gold:
            return
        for group in groups:
            self.count((group, "coverage"), prompt, pair["chosen"] is not None)
            if pair["chosen"] is None:
                continue
            chosen = self.right.get((prompt, language, pair["chosen"]), False)
            wrong = not self.right.get((prompt, language, pair["rejected"]), False)
            for name, is_so in zip(QUALITY, [chosen, wrong, chosen and wrong]):
                self.count((group, name), prompt, is_so)

    def check(self, where, given, rate, drawn):
        part, whole = self.counts[rate].sum(axis=0).tolist() if len(self.gold) else (0, 0)
        yield from same(where, [given["part"], given["whole"]], [part, whole])
        yield from near(where, given["share"], part / whole if whole else None)
        sums = self.counts[rate][drawn].sum(axis=1) if drawn is not None else np.zeros((0, 2))
        sums = sums[sums[:, 1] > 0]
        interval = given.get("interval")
        ends = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5]).tolist() if len(sums) else None
        yield from near(f"{where} interval", interval and [interval["low"], interval["high"]], ends)

    def check_quality(self, where, given, group, drawn):
        for name in QUALITY:
            yield from self.check(f"{where} {name}", given[name], (group, name), drawn)

    def draw(self, seed, n_resamples):
        random, n = SplitMix64(seed), len(self.gold)
        if n == 0 or n_resamples == 0:
            return None
        return np.array([[random.below(n) for _ in range(n)] for _ in range(n_resamples)])


def check_evaluation(session, given):
    found, config, judge = given["evaluation"], session["config"], Judge(session)
    drawn = judge.draw(given["seed"], given["nResamples"])
    yield from same("prompts", found["nPrompts"], len(judge.gold))
    unread = [p["id"] for p in session["prompts"] if (p.get("answer") or "").strip() and p["id"] not in judge.gold]
    yield from same("unread gold", [u["promptId"] for u in found["unreadGold"]], unread)
    for (prompt, language), row in judge.candidates.items():
        for is_right in row:
            judge.count(("accuracy", language), prompt, is_right)
        if language != config["anchor"]:
            judge.count("mixed", prompt, len(set(row)) == 2)
    for reference in session["references"]:
        prompt, sample = reference["promptId"], reference["sample"]
        if prompt in judge.gold and sample is not None:
            judge.count("reference", prompt, judge.right[prompt, reference["language"], sample])
    bands = found["bands"]
    for pair in session["pairs"]:
        if pair["language"] == config["anchor"] and not config["anchorPairs"]:
            continue
        groups = ["all", pair["language"]]
        if pair["chosen"] is not None:
            groups += [at for at, band in enumerate(bands) if band["low"] <= pair["margin"] <= band["high"]]
        judge.pairs(groups, pair)
    yield from judge.check_quality("all", found["pairs"], "all", drawn)
    for language in found["languages"]:
        tag = language["language"]
        yield from judge.check_quality(tag, language["pairs"], tag, drawn)
        yield from judge.check(f"{tag} accuracy", language["accuracy"], ("accuracy", tag), drawn)
    for at, band in enumerate(bands):
        yield from judge.check_quality(f"band {at}", band["pairs"], at, drawn)
    n_banded = sum(band["pairs"]["coverage"]["part"] for band in bands)
    yield from same("rows in bands", n_banded, found["pairs"]["coverage"]["part"])
    yield from judge.check("mixed rows", found["mixedRows"], "mixed", drawn)
    yield from judge.check("references", found["referenceRight"], "reference", drawn)
    yield from judge.check("single", found["singleRight"], ("accuracy", config["anchor"]), drawn)


# ---- several methods -----------------------------------------------------------------------------------------------


def kappa(first, second):
    """Cohen's kappa of two lists of labels."""
    n, both = len(first), [Counter(first), Counter(second)]
    expected = sum(both[0][label] * both[1][label] for label in both[0])
    if n * n == expected:
        return None
    return (sum(a == b for a, b in zip(first, second)) * n - expected) / (n * n - expected)


# Why a method could not judge a row.
UNMEASURED = {"not-measured", "no-translation", "not-embedded"}


def label(pair, sample):
    return {pair["chosen"]: "chosen", pair["rejected"]: "rejected"}.get(sample, "neither")


def check_agreement(session, table, given):
    rows = [{(p["promptId"], p["language"]): p for p in table["methods"][at]["selection"]["pairs"]}
            for at in (given["first"], given["second"])]
    responses = defaultdict(list)
    for r in session["responses"]:
        if r["finishReason"] != "cancelled":
            responses[r["promptId"], r["language"]].append(r)
    labels, both, differing, n_unmeasured = ([], []), [], set(), 0
    places = {p["id"]: at for at, p in enumerate(session["prompts"])}
    for key in rows[0].keys() & rows[1].keys():
        pair = [row[key] for row in rows]
        picks = [(p["chosen"], p["rejected"]) for p in pair if p["chosen"] is not None]
        if not picks:
            continue
        if len(picks) == 1 and any(p["skip"] in UNMEASURED for p in pair):
            n_unmeasured += 1
            continue
        for r in responses[key]:
            if r.get("translationOf") is None or any(r["sample"] in pick for pick in picks):
                for side, p in zip(labels, pair):
                    side.append(label(p, r["sample"]))
        if len(picks) == 2:
            both.append(picks)
        if len(picks) == 1 or picks[0] != picks[1]:
            differing.add((places[key[0]], table["languages"].index(key[1])))
    where = f"{given['first']}/{given['second']}"
    same_pairs = sum(a == b for a, b in both)
    yield from near(f"{where} kappa", given["kappa"], kappa(*labels))
    yield from same(f"{where} not measured", given["nUnmeasured"], n_unmeasured)
    yield from same(f"{where} candidates", given["nCandidates"], len(labels[0]))
    yield from near(f"{where} jaccard", given["jaccard"], same_pairs / (2 * len(both) - same_pairs) if both else None)
    for name, n in [("samePair", same_pairs), ("sameChosen", sum(a[0] == b[0] for a, b in both)),
                    ("sameRejected", sum(a[1] == b[1] for a, b in both))]:
        yield from same(f"{where} {name}", [given[name]["part"], given[name]["whole"]], [n, len(both)])
    yield from same(f"{where} differing", sorted((d["prompt"], d["language"]) for d in given["differing"]), sorted(differing))


def ranking(session, prompt, language):
    """Answers of a row by votes, then by mean log-prob per token, then by text."""
    found = defaultdict(list)
    for r in session["responses"]:
        is_sample = r["finishReason"] != "cancelled" and r.get("translationOf") is None
        if is_sample and (r["promptId"], r["language"]) == (prompt, language) and r["answer"] is not None:
            found[r["answer"]].append((r["logprob"] or 0.0) / max(1, len(r["tokens"])))
    return sorted(found, key=lambda answer: (-len(found[answer]), -np.mean(found[answer]), answer))


def rank_c(first, second):
    first, second = (a + sorted(set(b) - set(a)) for a, b in ((first, second), (second, first)))
    n = len(first)
    if n == 0:
        return None
    weights = [math.exp(n - j) for j in range(n)]
    shares = [len(set(first[:j]) & set(second[:j])) / j for j in range(1, n + 1)]
    return sum(w * share for w, share in zip(weights, shares)) / sum(weights)


def check_responses(session, table, judge, drawn):
    found, languages, anchor = table["responses"], table["languages"], session["config"]["anchor"]
    for (prompt, language), row in judge.candidates.items():
        for is_right in row:
            judge.count(("accuracy", language), prompt, is_right)
    shares = {}
    for language, rate in zip(languages, found["accuracy"]):
        yield from judge.check(f"{language} accuracy", rate, ("accuracy", language), drawn)
        if rate["share"] is not None:
            shares[language] = rate["share"]
    values, others = list(shares.values()), [s for language, s in shares.items() if language != anchor]
    yield from near("average", found["average"], float(np.mean(values)) if values else None)
    yield from near("variance", found["variance"], 100 * float(np.var(values)) if values else None)
    gap = 100 * (shares[anchor] - np.mean(others)) if anchor in shares and others else None
    yield from near("gap", found["nonAnchorGap"], gap)
    same_labels, ranks = [], []
    for pair, (first, second) in zip(found["agreement"]["pairs"], combinations(languages, 2)):
        rankings = [[ranking(session, p["id"], l) for l in (first, second)] for p in session["prompts"]]
        of_pair = [a[0] == b[0] for a, b in rankings if a and b]
        rank = [r for r in (rank_c(a, b) for a, b in rankings) if r is not None]
        yield from same("pair of languages", [pair["first"], pair["second"]], [first, second])
        yield from near(f"{first}/{second} PAG", pair["pag"]["share"], sum(of_pair) / len(of_pair) if of_pair else None)
        yield from near(f"{first}/{second} RankC", pair["rankC"], float(np.mean(rank)) if rank else None)
        same_labels, ranks = same_labels + of_pair, ranks + rank
    yield from near("PAG", found["agreement"]["pag"]["share"], float(np.mean(same_labels)) if same_labels else None)
    yield from near("RankC", found["agreement"]["rankC"], float(np.mean(ranks)) if ranks else None)


def check_comparison(session, given):
    table, judge = given["table"], Judge(session)
    drawn = judge.draw(session["config"]["seed"], given["nResamples"])
    config = session["config"]
    yield from check_responses(session, table, judge, drawn)
    for at, method in enumerate(table["methods"]):
        rows = defaultdict(list)
        for pair in method["selection"]["pairs"]:
            is_asked = config["anchorPairs"] or pair["language"] != config["anchor"]
            for group in ((at, "all"), (at, pair["language"])):
                rows[group].append((pair, is_asked))
            if is_asked:
                judge.pairs([(at, "all"), (at, pair["language"])], pair)
        for tag, cell in zip(["all", *table["languages"]], [method["all"], *method["languages"]]):
            where, group = f"{method['method']} {tag}", (at, tag)
            yield from judge.check_quality(where, cell["quality"], group, drawn)
            asked = [pair["chosen"] is not None for pair, is_asked in rows[group] if is_asked]
            yield from same(f"{where} coverage", [cell["coverage"]["part"], cell["coverage"]["whole"]], [sum(asked), len(asked)])
            margins = [p["margin"] for p, _ in rows[group] if p["skip"] is None and p["margin"] is not None]
            yield from near(f"{where} margin", cell["meanMargin"], float(np.mean(margins)) if margins else None)
            skips = Counter(pair["skip"] for pair, _ in rows[group] if pair["skip"] is not None)
            yield from same(f"{where} skips", dict(cell["skips"]), dict(skips))
    n = len(table["methods"])
    yield from same("agreements", [[a["first"], a["second"]] for a in table["agreements"]], [list(c) for c in combinations(range(n), 2)])
    for agreement in table["agreements"]:
        yield from check_agreement(session, table, agreement)
