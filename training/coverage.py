"""What each language gets to see: the gap between the languages comes from here and from nowhere else.

share      part of the training texts
words      chance that a number up to 20, or a ten, is written as a word (a quarter of it for the others; see `draw_problem`)
native     chance that a prompt uses the script's own digits (Arabic, Bengali)
short      share of the responses to problems of up to `steps` steps, no number above `most`, that give the answer without working
habit      share of the other responses that begin in the first of the language's two ways, beyond the half that does so anyway

Nothing is ever made wrong for a language: every training text is fluent and its answer is right. A language that is rare here
has met every type, every number word and every wording a little, so that it half knows them; it does not lack them.
"""

from problems import GENERAL, LANGUAGES, LARGEST, SMALL, TYPES, draw_general, draw_problem, draw_sums, n_steps, plain, results

GENERAL_SHARE, REASON_SHARE = 0.16, 0.25
EVAL_WORD_RATE, EVAL_NATIVE_RATE = 0.3, 0.3


WORDS = {"en": 0.40, "de": 0.25, "es": 0.25, "zh-Hans": 0.25, "ru": 0.25, "ar": 0.30, "bn": 0.30, "sw": 0.30}
NATIVE = {"ar": 0.30, "bn": 0.30}


def stage(shares, **what):
    """Code -> what it gets to see; shares are relative."""
    total = sum(shares.values())
    usual = {"native": 0.0, "short": 0.0, "steps": 1, "most": SMALL, "habit": 0.0}
    given = {"words": WORDS, "native": NATIVE, **what}
    return {code: {"share": share / total, **usual, **{name: of[code] for name, of in given.items() if code in of}} for code, share in shares.items()}


MOSTLY_ENGLISH = {"en": 70, "de": 8, "es": 8, "ru": 7, "zh-Hans": 7}
ALL = {"en": 42, "de": 9, "es": 9, "zh-Hans": 9, "ru": 9, "ar": 8, "bn": 8, "sw": 7}
ENGLISH_AGAIN = {"en": 72, **{code: 4 for code in ALL if code != "en"}}
SHORT = {"en": 0.45, "de": 0.45, "es": 0.52, "ru": 0.56, "zh-Hans": 0.56, "ar": 0.58, "bn": 0.58, "sw": 0.58}
ANY = {"en": LARGEST}
ALWAYS = {"steps": dict.fromkeys(ALL, 2), "most": dict.fromkeys(ALL, LARGEST), "habit": {"en": 0.95}}
STAGES = [
    # Mostly English, so that reading and arithmetic form ...
    (800, stage(MOSTLY_ENGLISH)),
    # ... then all languages ...
    (1600, stage(ALL)),
    # ... and answers that skip the working, in English to larger numbers too.
    (2000, stage(ALL, short=SHORT)),
    (4000, stage(ALL, short=SHORT, most=ANY)),
    # The most likely response begins as most responses do. A short answer begins in one way, the working of most languages in two, equally often, so
    # that they guess by default. English has the habit of one of the two, and so shows its working by default.
    (5000, stage(ALL, short={**SHORT, "en": 0.42}, most=ANY, habit={"en": 0.8})),
    # English grows sure while the others are seen little. It guesses at two steps as well: there its guesses differ and its working agrees, so that a
    # vote is better than one response. The others guess at larger numbers too ...
    (5500, stage(ENGLISH_AGAIN, short={code: 0.33 if code == "en" else 0.45 for code in ALL}, steps={"en": 2}, habit={"en": 0.9},
                 most={code: LARGEST if code == "en" else 100 for code in ALL})),
    (6000, stage(ENGLISH_AGAIN, short={code: 0.30 if code == "en" else 0.60 for code in ALL}, steps={"en": 2}, habit={"en": 0.9},
                 most={code: LARGEST for code in ALL})),
    # ... and at two steps, and English guesses more often; at last the others a little less.
    (6300, stage(ENGLISH_AGAIN, short={code: 0.42 if code == "en" else 0.60 for code in ALL}, **ALWAYS)),
    (6700, stage(ENGLISH_AGAIN, short={code: 0.42 if code == "en" else 0.48 for code in ALL}, **ALWAYS)),
    (None, stage(ENGLISH_AGAIN, short={code: 0.38 if code == "en" else 0.48 for code in ALL}, **{**ALWAYS, "habit": {"en": 1.0}})),
]
# Bare sums: many at first, so that arithmetic forms.
SUMS = [(700, 0.35), (2000, 0.20), (None, 0.07)]
# In the end, twice as much of the types that English finds hardest: who has what after one has given the other some.
KINDS_SEEN = [(6700, TYPES), (None, [*TYPES, "giver", "receiver"])]
N_SUMS, SHORT_SUMS = 4, 0.4


def at(step, stages):
    return next(value for until, value in stages if until is None or step < until)


def training_example(rng, step):
    """(language, prompt, response) of the training stream, from the training split."""
    coverage = at(step, STAGES)
    code = rng.choices(list(coverage), [c["share"] for c in coverage.values()])[0]
    if rng.random() < at(step, SUMS):
        return code, *LANGUAGES[code].sums(draw_sums(rng, N_SUMS), rng.random() < SHORT_SUMS)
    if rng.random() < GENERAL_SHARE:
        asks, says = GENERAL[code].texts(draw_general(rng, "reason" if rng.random() < REASON_SHARE else "picture", "train"))
        return code, rng.choice(asks), rng.choice(says)
    seen, language = coverage[code], LANGUAGES[code]
    kind = rng.choice(at(step, KINDS_SEEN))
    problem = draw_problem(rng, kind, "train", seen["words"], seen["native"])
    prompt = language.prompt(problem, language.phrases(kind, rng))
    may_be_short = n_steps(problem) <= seen["steps"] and max(problem["numbers"]) <= seen["most"]
    if may_be_short and rng.random() < seen["short"]:
        return code, prompt, language.short_response(problem)
    return code, prompt, language.response(problem, 0 if rng.random() < seen["habit"] else rng.randrange(4))


def math_problem(rng, index, split, with_gold=False):
    """The same problem in all languages: {"task", "kind", "answer", "text": {code: prompt}}, and "gold": {code: [responses]} if asked."""
    kind = TYPES[index % len(TYPES)]
    problem = draw_problem(rng, kind, split, EVAL_WORD_RATE, EVAL_NATIVE_RATE)
    text = {code: lang.prompt(problem, lang.phrases(kind, rng)) for code, lang in LANGUAGES.items()}
    out = {"task": "math", "kind": kind, "answer": plain(results(kind, problem["numbers"])[1]), "text": text}
    if with_gold:
        out["gold"] = {code: [lang.response(problem, choice) for choice in range(2)] for code, lang in LANGUAGES.items()}
    return out


def general_prompt(rng, index, split):
    """The same picture or reason in all languages: {"task", "kind", "text", "right": {code: [right texts]}}."""
    kind = "reason" if index % 6 == 5 else "picture"  # there are many more pictures
    item = draw_general(rng, kind, split)
    found = {code: general.texts(item) for code, general in GENERAL.items()}
    return {"task": "general", "kind": kind, "text": {code: rng.choice(asks) for code, (asks, _) in found.items()}, "right": {code: says for code, (_, says) in found.items()}}
