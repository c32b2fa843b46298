"""Every number that the lesson shows, computed again from the session behind it.

`results["lesson"]["figures"]` holds `[name, value]` for every number on the screen; the name says what it is of. The settings
are those of a fresh lesson: all prompts, no smallest margin, the session's own seed.
"""

import sys
import unicodedata
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.special import expit, log_expit, softmax

from batches import compose
from compare import near
from representations import contrast, mlc, vectors

sys.path.append(str(Path(__file__).resolve().parent.parent))

from baselines import draw  # noqa: E402

# Scripts of letters that a language is written in, by the first word of a letter's name.
SCRIPTS = {"ru": ["CYRILLIC"], "zh-Hans": ["CJK"], "ar": ["ARABIC"], "bn": ["BENGALI"]}
TAU = 0.2
MOST_TEXTS = 16


class Lesson:
    def __init__(self, session):
        self.session = session
        self.anchor = session["config"]["anchor"]
        self.languages = session["config"]["languages"]
        self.prompts = {prompt["id"]: prompt for prompt in session["prompts"]}
        self.rows = {}
        for response in session["responses"]:
            if response["finishReason"] != "cancelled" and not response.get("translationOf"):
                self.rows.setdefault((response["promptId"], response["language"]), []).append(response)
        for row in self.rows.values():
            row.sort(key=lambda response: response["sample"])
        self.cosines = {}
        for record in session["similarities"]:
            places = [(language, sample) for language, sample in record["order"]]
            cosine = iter(record["cosine"])
            of = self.cosines.setdefault(record["promptId"], {(place, place): 1.0 for place in places})
            for a, b in combinations(places, 2):
                of[a, b] = of[b, a] = next(cosine)
        self.references = {reference["promptId"]: reference["sample"] for reference in session["references"]}
        self.pairs = [pair for pair in session["pairs"] if None not in (pair["chosen"], pair["rejected"])]

    def row(self, prompt, language):
        return self.rows[prompt, language]

    def response(self, prompt, language, sample):
        return next(response for response in self.row(prompt, language) if response["sample"] == int(sample))

    def gold(self, prompt):
        return self.prompts[prompt].get("answer")

    # Steps 1 to 5.

    def right(self, prompt):
        firsts = [self.row(prompt, language)[0] for language in self.languages if (prompt, language) in self.rows]
        return sum(first["answer"] == self.gold(prompt) for first in firsts)

    def consistency(self, prompt, language, sample):
        row = self.row(prompt, language)
        answer = self.response(prompt, language, sample)["answer"]
        return sum(response["answer"] == answer for response in row) / len(row)

    def mean_cosine(self, prompt, language, sample):
        others = [r["sample"] for r in self.row(prompt, language) if r["sample"] != int(sample)]
        return np.mean([self.cosine(prompt, language, sample, language, other) for other in others])

    def cosine(self, prompt, language, sample, other_language, other):
        return self.cosines[prompt][(language, int(sample)), (other_language, int(other))]

    def score(self, prompt, language, sample):
        return self.cosine(prompt, language, sample, self.anchor, self.references[prompt])

    def margin(self, prompt, language):
        pair = next(p for p in self.pairs if (p["promptId"], p["language"]) == (prompt, language))
        return self.score(prompt, language, pair["chosen"]) - self.score(prompt, language, pair["rejected"])

    def explained(self, prompt):
        texts, places = [], []
        for language in [self.anchor, *[tag for tag in reversed(self.languages) if tag != self.anchor][:2]]:
            for response in self.row(prompt, language):
                if len(texts) < MOST_TEXTS and response["text"] not in texts:
                    texts.append(response["text"])
                    places.append((language, response["sample"]))
        gram = np.array([[self.cosines[prompt][a, b] for b in places] for a in places])
        centre = np.eye(len(places)) - 1 / len(places)
        values = np.sort(np.linalg.eigvalsh(centre @ gram @ centre))[::-1].clip(min=0)
        return values[:2].sum() / values.sum()

    def misleads(self, kind):
        if kind == "foreign":
            return sum(self.is_foreign(pair) for pair in self.session["pairs"] if pair["scores"])
        n = 0
        for prompt in self.prompts:
            row, gold = self.row(prompt, self.anchor), self.gold(prompt)
            if gold is None:
                continue
            answer = self.response(prompt, self.anchor, self.references[prompt])["answer"]
            if kind == "agreed":
                n += answer != gold and 2 * sum(r["answer"] == answer for r in row) >= len(row)
            else:
                drawn = draw(self.session["config"]["seed"], [prompt], len(row))
                n += answer == gold and row[drawn]["answer"] != gold
        return n

    def is_foreign(self, pair):
        row = self.row(pair["promptId"], pair["language"])
        best = row[int(np.argmax(pair["scores"]))]
        scripts = SCRIPTS.get(pair["language"], ["LATIN"])
        question = self.prompts[pair["promptId"]]["text"][pair["language"]]
        letters = {c for c in best["text"] if c.isalpha() and c not in question}
        return any(unicodedata.name(c, "?").split()[0] not in scripts for c in letters)

    # Steps 6 and 7.

    def units(self, prompt):
        chat = [r for r in self.session["measurements"]["representations"] if r["text"] == "chat"]
        return vectors(max(chat, key=lambda record: record["layer"]))[prompt]

    def singular(self, prompt, at):
        return mlc(np.array(list(self.units(prompt).values())), "code", TAU)["singularValues"][int(at)]

    def mlc_loss(self, prompt):
        return mlc(np.array(list(self.units(prompt).values())), "code", TAU)["loss"]

    def mlc_turned(self, prompt, language):
        units = self.units(prompt)
        mean = sum(unit for tag, unit in units.items() if tag != language)
        turned = {**units, language: mean / np.linalg.norm(mean)}
        return mlc(np.array(list(turned.values())), "code", TAU)["loss"]

    def pull(self, prompt, language):
        units = self.units(prompt)
        u, s, v = np.linalg.svd(np.array(list(units.values())), full_matrices=False)
        scale = (s[0] + 1e-12) * TAU
        shares = softmax(s / scale)
        shares[0] -= 1
        gradient = u @ np.diag(shares / scale) @ v
        return np.linalg.norm(gradient[list(units).index(language)])

    def layer(self, layer, key):
        plain = (r for r in self.session["measurements"]["representations"] if r["text"] == "plain")
        table = vectors(next(record for record in plain if record["layer"] == int(layer)))
        languages = sorted({language for rows in table.values() for language in rows})
        found = []
        for source in languages:
            for target in languages:
                both = [rows for rows in table.values() if source in rows and target in rows]
                if source != target and both:
                    x, y = (np.array([rows[language] for rows in both]) for language in (source, target))
                    found.append(contrast(x, y, 0.1)[key])
        return np.mean(found)

    # Steps 8 to 10.

    def seen(self, what, kind, step):
        items = [{"promptId": p["promptId"], "language": p["language"], "nTokens": 0} for p in self.pairs]
        settings = {
            "composition": "random" if kind == "random" else "anchor-excluded", "groupsPerBatch": 2, "batchesPerStep": 1,
            "nEpochs": 1, "seed": self.session["config"]["seed"], "completeGroupsOnly": False,
        }
        members = compose(items, self.anchor, settings)[2][int(step)]["items"]
        if what != "whole":
            return len({items[at]["promptId" if what == "prompts" else "language"] for at in members})
        whole = lambda prompt: {at for at, item in enumerate(items) if item["promptId"] == prompt} <= set(members)
        return sum(whole(prompt) for prompt in {items[at]["promptId"] for at in members})

    def lines(self, cut):
        return sum(pair["margin"] >= np.float32(cut) for pair in self.pairs)


def dpo(chosen, rejected, beta):
    advantage = float(beta) * (float(chosen) - float(rejected))
    return -log_expit(advantage), -float(beta) * expit(-advantage)


def kinds(lesson):
    return {
        "right": lesson.right,
        "consistency": lesson.consistency,
        "mean-cosine": lesson.mean_cosine,
        "score": lesson.score,
        "margin": lesson.margin,
        "cosine": lesson.cosine,
        "explained": lesson.explained,
        "misleads": lesson.misleads,
        "singular": lesson.singular,
        "mlc-loss": lesson.mlc_loss,
        "mlc-turned": lesson.mlc_turned,
        "pull": lesson.pull,
        "matched": lambda layer: lesson.layer(layer, "matched"),
        "unmatched": lambda layer: lesson.layer(layer, "unmatched"),
        "retrieval": lambda layer: lesson.layer(layer, "retrieval"),
        "contrastive": lambda layer: lesson.layer(layer, "loss"),
        "seen-prompts": lambda *of: lesson.seen("prompts", *of),
        "seen-languages": lambda *of: lesson.seen("languages", *of),
        "seen-whole": lambda *of: lesson.seen("whole", *of),
        "logprob": lambda *of: lesson.response(*of)["logprob"],
        "dpo-loss": lambda *of: dpo(*of)[0],
        "dpo-chosen": lambda *of: dpo(*of)[1],
        "dpo-rejected": lambda *of: -dpo(*of)[1],
        "lines": lesson.lines,
    }


def check_lesson(session, results):
    known = kinds(Lesson(session))
    seen = set()
    for name, value in results["figures"]:
        kind, *of = name.split("/")
        seen.add(kind)
        if kind in known:
            yield from near(name, value, float(known[kind](*of)))
        else:
            yield f"{name}: nothing checks it"
    for kind in sorted(set(known) - seen):
        yield f"{kind}: no such number was on the screen"
