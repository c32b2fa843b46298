"""What a problem is, before any language: types, numbers, the hold-out split, and filling a wording.

A wording is a list of parts (setup, event, question), each with several phrases. A phrase that starts with "*" is held out:
no training text ever uses it. Each evaluation wording uses exactly one held-out phrase. A phrase that starts with "+" joins the
training in its last stage only.
"""

import hashlib
import random
import unicodedata

TYPES = ["gain", "loss", "difference", "groups", "share", "gain_loss", "groups_plus", "change"]
# What each number of a type counts: o = objects, k = containers, m = money; the last letter is what the result counts.
COUNTS = {
    "gain": "oo:o", "loss": "oo:o", "difference": "oo:o", "groups": "ko:o", "share": "ok:o",
    "gain_loss": "ooo:o", "groups_plus": "koo:o", "change": "mom:m",
}
N_OBJECTS, N_BOXES, N_NAMES = 10, 3, 8
SPLITS = ("train", "dev", "held-out")


def split_of(kind, numbers, obj):
    """The split of a number combination: by hash of type, numbers and object, so that no stream can overlap another."""
    key = f"{kind}|{','.join(map(str, numbers))}|{obj}"
    bucket = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % 10
    return {0: "held-out", 1: "dev"}.get(bucket, "train")


def draw_numbers(kind, rng):
    r = rng.randint
    if kind == "gain":
        return r(2, 30), r(2, 20)
    if kind == "loss":
        a = r(5, 30)
        return a, r(2, min(a - 1, 20))
    if kind == "difference":
        a = r(4, 30)
        return a, r(2, a - 1)
    if kind == "groups":
        return r(2, 9), r(2, 10)
    if kind == "share":
        b = r(2, 9)
        return b * r(2, 10), b
    if kind == "gain_loss":
        a, b = r(3, 20), r(2, 15)
        return a, b, r(2, min(a + b - 1, 20))
    if kind == "groups_plus":
        return r(2, 9), r(2, 9), r(2, 15)
    b, c = r(2, 9), r(2, 9)
    return rng.choice([m for m in (20, 50, 100) if m > b * c]), b, c


def results(kind, n):
    """(steps, answer): each step is (left, operator, right, value)."""
    if kind == "gain":
        steps = [(n[0], "+", n[1], n[0] + n[1])]
    elif kind in ("loss", "difference"):
        steps = [(n[0], "-", n[1], n[0] - n[1])]
    elif kind == "groups":
        steps = [(n[0], "*", n[1], n[0] * n[1])]
    elif kind == "share":
        steps = [(n[0], "/", n[1], n[0] // n[1])]
    elif kind == "gain_loss":
        s = n[0] + n[1]
        steps = [(n[0], "+", n[1], s), (s, "-", n[2], s - n[2])]
    elif kind == "groups_plus":
        s = n[0] * n[1]
        steps = [(n[0], "*", n[1], s), (s, "+", n[2], s + n[2])]
    else:
        s = n[1] * n[2]
        steps = [(n[1], "*", n[2], s), (n[0], "-", s, n[0] - s)]
    return steps, steps[-1][3]


def draw_problem(rng, kind, split, word_rate, native_rate=0.0):
    """One problem without language. Numbers up to 20 are written as words with probability `word_rate`."""
    while True:
        numbers, obj = draw_numbers(kind, rng), rng.randrange(N_OBJECTS)
        if split_of(kind, numbers, obj) == split:
            break
    x, y = rng.sample(range(N_NAMES), 2)
    return {
        "kind": kind, "numbers": numbers, "object": obj, "box": rng.randrange(N_BOXES), "x": x, "y": y,
        "words": tuple(n <= 20 and rng.random() < word_rate for n in numbers), "native": rng.random() < native_rate,
    }


class Forms:
    """A noun or a name: `{o:pl}` gives a form by its key, `{x:er|sie}` picks by gender (m, f, n)."""

    def __init__(self, gender, default, **forms):
        self.gender, self.default, self.forms = gender, default, forms

    def __format__(self, spec):
        if not spec:
            return self.default
        if "|" in spec:
            options = spec.split("|")
            return options[min("mfn".index(self.gender), len(options) - 1)]
        return self.forms[spec]


class Language:
    """What a language module offers; see en.py for the smallest one."""

    def __init__(self, code, names, objects, boxes, money, count, bare, operators, wordings, responses, answer, native_digits=None, join=" "):
        assert len(names) == N_NAMES and len(objects) == N_OBJECTS and len(boxes) == N_BOXES, code
        self.code, self.names, self.objects, self.boxes, self.money = code, names, objects, boxes, money
        self.count, self.bare, self.operators, self.wordings = count, bare, operators, wordings
        self.responses, self.answer, self.native_digits, self.join = responses, answer, native_digits, join
        self.parts, self.late = {}, {}
        for kind in TYPES:
            for part in wordings[kind]:
                assert part[-1].startswith("*") and not part[0].startswith("*"), (code, kind, part)
            self.parts[kind] = [([p for p in part if p[0] not in "*+"], [p[1:] for p in part if p[0] == "*"]) for part in wordings[kind]]
            self.late[kind] = [[p[1:] for p in part if p[0] == "+"] for part in wordings[kind]]

    def fields(self, p):
        nouns = {"o": self.objects[p["object"]], "k": self.boxes[p["box"]], "m": self.money}
        slots, _, result = COUNTS[p["kind"]].partition(":")
        f = {"x": self.names[p["x"]], "y": self.names[p["y"]], **nouns}
        for letter, n, slot, word in zip("abc", p["numbers"], slots, p["words"]):
            f[letter.upper()] = self.count(n, nouns[slot], word)
            f[letter] = self.bare(n, nouns[slot], word)
        steps, answer = results(p["kind"], p["numbers"])
        for letter, (left, op, right, _) in zip("ef", steps):
            f[letter] = f"{left} {self.operators[op]} {right}"
        mid = nouns["m" if p["kind"] == "change" else "o"]
        f["s"], f["S"] = str(steps[0][3]), self.count(steps[0][3], mid, False)
        f["r"], f["R"] = str(answer), self.count(answer, nouns[result], False)
        return f

    def prompt(self, p, phrases):
        text = self.join.join(phrases).format(**self.fields(p))
        text = text[0].upper() + text[1:]
        if p["native"] and self.native_digits:
            text = text.translate(self.native_digits)
        return unicodedata.normalize("NFC", text)

    def response(self, p, choice):
        options = self.responses[p["kind"]]
        text = options[choice % len(options)].format(**self.fields(p))
        text = f"{text[0].upper()}{text[1:]}\n{self.answer.format(r=results(p['kind'], p['numbers'])[1])}"
        return unicodedata.normalize("NFC", text)

    def train_phrases(self, kind, limit, rng, late=False):
        """Phrases of a training wording: the first `limit` of each part, with the late ones if asked, never a held-out one."""
        return [rng.choice(train[:limit] + more if late else train[:limit]) for (train, _), more in zip(self.parts[kind], self.late[kind])]

    def held_out_phrases(self, kind, rng):
        """Phrases of an evaluation wording: exactly one is held out."""
        unseen = rng.randrange(len(self.parts[kind]))
        return [rng.choice(held if i == unseen else train) for i, (train, held) in enumerate(self.parts[kind])]


def seeded(*key):
    return random.Random("|".join(map(str, key)))
