"""What each language gets to see: the gap between the languages comes from here and from nowhere else.

share      part of the training texts
words      chance that a number up to 20, or a ten, is written as a word (a quarter of it for the others; see `draw_problem`)
short      share of the responses to simple problems that give the answer without working
native     chance that a prompt uses the script's own digits (Arabic, Bengali)

Nothing is ever made wrong for a language: every training text is fluent and its answer is right. A language that is rare here
has met every type, every number word and every wording a little, so that it half knows them; it does not lack them.
"""

from problems import GENERAL, LANGUAGES, TASKS, TYPES, draw_general, draw_problem, draw_sums, is_simple, plain, results

GENERAL_SHARE, REASON_SHARE = 0.16, 0.25
EVAL_WORD_RATE, EVAL_NATIVE_RATE = 0.3, 0.3


def stage(shares, words, native, short):
    """Code -> what it gets to see; shares are relative."""
    total = sum(shares.values())
    return {code: {"share": share / total, "words": words[code], "native": native.get(code, 0.0), "short": short.get(code, 0.0)} for code, share in shares.items()}


WORDS = {"en": 0.40, "de": 0.25, "es": 0.25, "zh-Hans": 0.25, "ru": 0.25, "ar": 0.30, "bn": 0.30, "sw": 0.30}
OWN = {"ar": 0.30, "bn": 0.30}
# Answers without working come later. What decides is the half: below it the most likely response has its working, above it has not.
SHORT = {"en": 0.45, "de": 0.45, "es": 0.52, "ru": 0.56, "zh-Hans": 0.56, "ar": 0.58, "bn": 0.58, "sw": 0.58}
STAGES = [
    # Mostly English, so that reading and arithmetic form ...
    (800, stage({"en": 70, "de": 8, "es": 8, "ru": 7, "zh-Hans": 7}, WORDS, OWN, {})),
    # ... then all languages, still unequal ...
    (1600, stage({"en": 42, "de": 9, "es": 9, "zh-Hans": 9, "ru": 9, "ar": 8, "bn": 7, "sw": 7}, WORDS, OWN, {})),
    # ... and answers that skip the working ...
    (5000, stage({"en": 42, "de": 9, "es": 9, "zh-Hans": 9, "ru": 9, "ar": 8, "bn": 8, "sw": 7}, WORDS, OWN, SHORT)),
    # ... and more evenly in the end.
    (None, stage({"en": 34, "de": 8, "es": 8, "zh-Hans": 9, "ru": 9, "ar": 10, "bn": 12, "sw": 10}, WORDS, OWN, SHORT)),
]
# Bare sums: many at first, so that arithmetic forms.
SUMS = [(700, 0.35), (2000, 0.20), (None, 0.07)]
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
    kind = rng.choice(TYPES)
    problem = draw_problem(rng, kind, "train", seen["words"], seen["native"])
    prompt = language.prompt(problem, language.phrases(kind, rng))
    is_short = is_simple(problem) and rng.random() < seen["short"]
    return code, prompt, language.short_response(problem) if is_short else language.response(problem, rng.randrange(4))


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
