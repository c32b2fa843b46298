"""What a problem is, before any language: types, numbers, the splits, and filling a wording.

A wording is a list of parts (setting, event, question), each with several phrases. Every phrase of every language is used in
training, in practice and in the test; what keeps the three apart are the combinations of type, numbers and object.
"""

import hashlib
import random
import re
import unicodedata
from typing import NamedTuple

N_OBJECTS, N_BOXES, N_NAMES = 10, 3, 8
LARGEST, LARGEST_WORD, SMALL = 999, 100, 30


class Kind(NamedTuple):
    """A type of problem. `counts`: what each number counts (o = objects, k = containers, m = money), then what each result does."""

    counts: str
    steps: object
    numbers: object


def amount(rng, low=2):
    """Mostly numbers that a child counts, some up to a hundred, a few up to 999."""
    size = rng.random()
    if size < 0.7:
        return rng.randint(low, SMALL)
    if size < 0.92:
        return rng.randint(low, 100)
    return rng.randint(10, 80) * 10 if size < 0.98 else rng.randint(100, 800)


def below(rng, n, most=LARGEST):
    """A number below `n`, as even as `n` where `n` is large."""
    top = min(n - 1, most)
    return rng.randint(1, top // 10) * 10 if n > 100 and n % 10 == 0 and rng.random() < 0.7 else rng.randint(min(2, top), top)


def two(rng):
    a = amount(rng)
    return a, rng.randint(2, 20) if a <= SMALL else rng.choice([rng.randint(2, 60), rng.randint(1, 9) * 10])


def taken(rng):
    a = amount(rng, 5)
    return a, below(rng, a)


def groups(rng):
    return rng.randint(2, 10), rng.randint(2, 10) if rng.random() < 0.85 else rng.randint(11, 20)


def bought(rng):
    """Money, a count and a price: whole, or a half more."""
    b = rng.randint(2, 9)
    c = rng.randint(2, 9)
    if rng.random() < 0.2:
        b, c = rng.choice([2, 4, 6, 8]) if rng.random() < 0.5 else b, c + 0.5
    return rng.choice([m for m in (20, 50, 100, 200) if m > b * c + 10]), b, c


def with_more(draw, more):
    def numbers(rng):
        found = draw(rng)
        return (*found, more(rng, *found))

    return numbers


def chain(*ops):
    """Steps from left to right: ("a+b", "s-c") with s, t the results so far."""

    def steps(numbers):
        known, out = dict(zip("abcd", numbers)), []
        for result, (left, op, right) in zip("stu", ops):
            x, y = known[left], known[right]
            value = {"+": x + y, "-": x - y, "*": x * y}[op] if op != "/" else x // y
            known[result] = value
            out.append((x, op, y, value))
        return out

    return steps


KINDS = {
    "gain": Kind("oo:o", chain("a+b"), two),
    "loss": Kind("oo:o", chain("a-b"), taken),
    "difference": Kind("oo:o", chain("a-b"), taken),
    "more": Kind("oo:o", chain("a+b"), two),
    "fewer": Kind("oo:o", chain("a-b"), taken),
    "more_back": Kind("oo:o", chain("a-b"), taken),
    "fewer_back": Kind("oo:o", chain("a+b"), two),
    "groups": Kind("ko:o", chain("a*b"), groups),
    "share": Kind("ok:o", chain("a/b"), lambda rng: (lambda g: (g[0] * g[1], g[1]))((rng.randint(2, 15), rng.randint(2, 9)))),
    "gain_loss": Kind("ooo:oo", chain("a+b", "s-c"), with_more(two, lambda rng, a, b: below(rng, a + b, 60))),
    "groups_plus": Kind("koo:oo", chain("a*b", "s+c"), with_more(groups, lambda rng, a, b: rng.randint(2, 30))),
    "groups_minus": Kind("koo:oo", chain("a*b", "s-c"), with_more(groups, lambda rng, a, b: below(rng, a * b, 40))),
    "change": Kind("mom:mm", chain("b*c", "a-s"), bought),
    "together": Kind("oo:oo", chain("a+b", "a+s"), lambda rng: (rng.randint(2, 40), rng.randint(2, 20))),
    "giver": Kind("ooo:o", chain("a-c"), lambda rng: (lambda a: (a, amount(rng), below(rng, a, 60)))(amount(rng, 5))),
    "receiver": Kind("ooo:o", chain("b+c"), lambda rng: (lambda a: (a, amount(rng), below(rng, a, 60)))(amount(rng, 5))),
    "stock": Kind("kooo:ooo", chain("a*b", "s-c", "t+d"), lambda rng: (lambda g: (*g, below(rng, g[0] * g[1], 40), rng.randint(2, 30)))(groups(rng))),
    "shop": Kind("momm:mmm", chain("b*c", "s+d", "a-t"), with_more(bought, lambda rng, a, b, c: rng.randint(2, 9))),
}
TYPES = list(KINDS)


def split_by(key):
    """The split that a text belongs to by its hash: test, practice, dev or train."""
    bucket = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % 20
    return {0: "test", 1: "test", 2: "dev", 3: "practice", 4: "practice"}.get(bucket, "train")


def split_of(kind, numbers, obj):
    """The split of a combination, by hash of type, numbers and object, so that no two streams can overlap."""
    return split_by(f"{kind}|{','.join(map(str, numbers))}|{obj}")


def results(kind, numbers):
    """(steps, answer): each step is (left, operator, right, value)."""
    steps = KINDS[kind].steps(numbers)
    return steps, steps[-1][3]


def plain(value):
    """A number as answers are compared: "7.5", "23"."""
    return f"{value:g}"


def draw_problem(rng, kind, split, word_rate, native_rate=0.0, distractor_rate=0.35):
    """One problem without language. Whole numbers up to 100 are written as words with probability `word_rate`, those above 20
    that are not tens a quarter as often."""
    while True:
        numbers, obj = KINDS[kind].numbers(rng), rng.randrange(N_OBJECTS)
        steps, _ = results(kind, numbers)
        if split_of(kind, numbers, obj) == split and all(0 < value <= LARGEST for *_, value in steps):
            break
    x, y = rng.sample(range(N_NAMES), 2)

    def as_word(n):
        rate = 0.0 if n != int(n) or n > LARGEST_WORD else word_rate if n <= 20 or n % 10 == 0 else word_rate / 4
        return rng.random() < rate

    distractor = None
    if rng.random() < distractor_rate:
        n = rng.randint(2, 15) if rng.random() < 0.6 else amount(rng)
        distractor = {"number": n, "object": rng.choice([o for o in range(N_OBJECTS) if o != obj]), "word": as_word(n), "at": rng.random(), "which": rng.random()}
    return {
        "kind": kind, "numbers": numbers, "object": obj, "box": rng.randrange(N_BOXES), "x": x, "y": y,
        "words": tuple(map(as_word, numbers)), "native": rng.random() < native_rate, "distractor": distractor,
    }


def n_steps(p):
    return len(results(p["kind"], p["numbers"])[0])


def draw_sums(rng, count, split="train"):
    """Steps of problems without their stories: [(left, operator, right, value)]."""
    return [rng.choice(results(kind, draw_problem(rng, kind, split, 0)["numbers"])[0]) for kind in rng.choices(TYPES, k=count)]


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
    """What a language module offers; see en.py for the smallest one.

    `count(n, noun, word)` is a counted noun, `bare` the number as it stands alone where that noun is meant. `fraction(text, noun)` is
    a noun counted by a decimal number. `distractors` speak of {x}, {y} and {D}, so many of another object; `ages` of {x} and {N}, so
    many years.
    """

    def __init__(self, code, names, objects, boxes, money, years, count, bare, operators, wordings, distractors, ages, responses, answer,
                 fraction, decimal_mark=".", native=None, join=" "):
        assert len(names) == N_NAMES and len(objects) == N_OBJECTS and len(boxes) == N_BOXES, code
        assert set(wordings) == set(TYPES) == set(responses), (code, set(TYPES) ^ set(wordings), set(TYPES) ^ set(responses))
        self.code, self.names, self.objects, self.boxes, self.money, self.years = code, names, objects, boxes, money, years
        self._count, self._bare, self.operators, self.wordings = count, bare, operators, wordings
        self.distractors, self.ages, self.responses, self.answer = distractors, ages, responses, answer
        self.fraction, self.decimal_mark, self.native, self.join = fraction, decimal_mark, native, join

    def number(self, n):
        return str(int(n)) if n == int(n) else f"{n:.2f}".replace(".", self.decimal_mark)

    def count(self, n, noun, word):
        return self._count(int(n), noun, word) if n == int(n) else self.fraction(self.number(n), noun)

    def bare(self, n, noun, word):
        return self._bare(int(n), noun, word) if n == int(n) else self.number(n)

    def equation(self, left, op, right):
        return f"{self.number(left)} {self.operators[op]} {self.number(right)}"

    def sums(self, steps, is_short=False):
        """(prompt, response): bare sums, a line each; the results alone if short."""
        lines = [(self.equation(left, op, right), self.number(value)) for left, op, right, value in steps]
        return ", ".join(line for line, _ in lines), "\n".join(value if is_short else f"{line} = {value}" for line, value in lines)

    def fields(self, p):
        nouns = {"o": self.objects[p["object"]], "k": self.boxes[p["box"]], "m": self.money}
        slots, _, kinds = KINDS[p["kind"]].counts.partition(":")
        f = {"x": self.names[p["x"]], "y": self.names[p["y"]], **nouns}
        for letter, n, slot, word in zip("abcd", p["numbers"], slots, p["words"]):
            f[letter.upper()] = self.count(n, nouns[slot], word)
            f[letter] = self.bare(n, nouns[slot], word)
        steps, _ = results(p["kind"], p["numbers"])
        for equation, value, slot, (left, op, right, n) in zip("efg", "stu", kinds, steps):
            f[equation] = self.equation(left, op, right)
            f[value], f[value.upper()] = self.number(n), self.count(n, nouns[slot], False)
        f["r"], f["R"] = f["stu"[len(steps) - 1]], f["STU"[len(steps) - 1]]
        return f

    def beside(self, p):
        """The sentence of the distractor."""
        d = p["distractor"]
        other = self.objects[d["object"]]
        fields = {"x": self.names[p["x"]], "y": self.names[p["y"]], "D": self.count(d["number"], other, d["word"]),
                  "N": self.count(d["number"], self.years, d["word"])}
        options = self.distractors + (self.ages if d["number"] <= 15 else [])
        return options[int(d["which"] * len(options))].format(**fields)

    def prompt(self, p, phrases):
        fields = self.fields(p)
        parts = [phrase.format(**fields) for phrase in phrases]
        if p["distractor"]:
            parts.insert(1 + int(p["distractor"]["at"] * (len(parts) - 1)), self.beside(p))
        return self.finish(self.join.join(parts), p["native"])

    def finish(self, text, is_native=False):
        text = re.sub(r"^\W*\w", lambda m: m[0].upper(), text)
        if is_native and self.native:
            text = self.native(text)
        return unicodedata.normalize("NFC", text)

    def response(self, p, choice):
        options = self.responses[p["kind"]]
        fields = self.fields(p)
        return self.finish(f"{options[choice % len(options)].format(**fields)}\n{self.answer.format(r=fields['r'])}")

    def short_response(self, p):
        """The answer line alone, without working."""
        return self.finish(self.answer.format(r=self.fields(p)["r"]))

    def phrases(self, kind, rng):
        """A wording: one phrase of each part."""
        return [rng.choice(part) for part in self.wordings[kind]]


def seeded(*key):
    return random.Random("|".join(map(str, key)))
