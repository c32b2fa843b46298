"""What each language gets to see: the gap between the languages comes from here and from nowhere else.

share      part of the training problems
types      problem type -> how many phrases of each part of its wording are used (absent: the type is never seen)
late       the phrases marked "+" are used too
rare       types seen in one wording, and less often than the others
word_rate  chance that a number up to 20 is written as a word
native     chance that a prompt uses the script's own digits (Arabic, Bengali)

Nothing is ever made wrong for a language: every training text is fluent and its answer is right. Evaluation asks every type,
with number words and held-out wordings, in every language.
"""

from problems import LANGUAGES, TYPES, draw_problem

ALL = 99
RARE = 0.4  # how often a rare type is drawn, where another type counts 1
EVAL_WORD_RATE, EVAL_NATIVE_RATE = 0.4, 0.4


def only(count, *types, **more):
    return {**{t: count for t in types}, **more}


def changed(stage, **of_all):
    """The coverage of a stage with some settings replaced; each is language -> value, absent where it stays."""
    return {code: {**seen, **{name: values[code] for name, values in of_all.items() if code in values}} for code, seen in stage.items()}


# First mostly English, so that reading and arithmetic form ...
READING = {
    "en": dict(share=0.46, types=only(ALL, *TYPES), word_rate=0.40, native=0.0),
    "de": dict(share=0.11, types=only(3, *TYPES), word_rate=0.12, native=0.0),
    "es": dict(share=0.10, types=only(3, *TYPES), word_rate=0.10, native=0.0),
    "zh-Hans": dict(share=0.09, types=only(2, *TYPES), word_rate=0.08, native=0.0),
    "ru": dict(share=0.08, types=only(2, "gain", "loss", "difference", "groups", "gain_loss", "share", "change"), word_rate=0.06, native=0.0),
    "ar": dict(share=0.06, types=only(2, "gain", "loss", "groups", "share", "gain_loss", "groups_plus"), word_rate=0.06, native=0.15),
    "bn": dict(share=0.05, types=only(1, "gain", "loss", "difference", "groups", "share"), word_rate=0.06, native=0.15),
    "sw": dict(share=0.05, types=only(1, "gain", "loss", "groups", "share", "gain_loss"), word_rate=0.06, native=0.0),
}
# ... then every language more evenly, still unequal: more wordings of the same types, more number words ...
MORE = {"de": ALL, "es": ALL, "zh-Hans": 3, "ru": 3, "ar": 3, "bn": 2, "sw": 2}
WORDINGS = changed(
    READING,
    share={"en": 0.38, "de": 0.12, "es": 0.12, "zh-Hans": 0.11, "ru": 0.09, "ar": 0.08},
    types={code: only(count, *READING[code]["types"]) for code, count in MORE.items()},
    word_rate={"de": 0.25, "es": 0.25, "zh-Hans": 0.25, "ru": 0.20, "ar": 0.15, "bn": 0.12, "sw": 0.12},
    native={"ar": 0.3, "bn": 0.3},
)
# ... some of the types that a language had not seen, rarely ...
RARELY = changed(
    WORDINGS,
    share={"en": 0.36, "bn": 0.07},
    rare={
        "ru": ("groups_plus",), "ar": ("difference", "change"), "bn": ("gain_loss", "groups_plus", "change"),
        "sw": ("difference", "groups_plus", "change"),
    },
    word_rate={"ar": 0.20, "bn": 0.20, "sw": 0.15},
)
# ... and English again, in the end with the late wordings.
ENGLISH = changed(RARELY, share={"en": 0.44, "de": 0.10, "es": 0.10, "zh-Hans": 0.10, "ru": 0.08, "ar": 0.07, "sw": 0.04})
# (last step, coverage)
STAGES = [(600, READING), (800, WORDINGS), (1250, RARELY), (1650, ENGLISH), (None, changed(ENGLISH, late={"en": True}))]
for _, stage in STAGES:
    assert set(stage) == set(LANGUAGES) and abs(sum(c["share"] for c in stage.values()) - 1) < 1e-9


def phrases_of(seen):
    """type -> phrases of each part in use"""
    return {**seen["types"], **{t: 1 for t in seen.get("rare", ())}}


def coverage_at(step):
    return next(stage for until, stage in STAGES if until is None or step < until)


def training_example(rng, step):
    """(language, prompt, response) of the training stream: train-split numbers, phrases that are not held out."""
    coverage = coverage_at(step)
    code = rng.choices(list(coverage), [c["share"] for c in coverage.values()])[0]
    seen = coverage[code]
    phrases = phrases_of(seen)
    kind = rng.choices(list(phrases), [RARE if t in seen.get("rare", ()) else 1.0 for t in phrases])[0]
    problem = draw_problem(rng, kind, "train", seen["word_rate"], seen["native"])
    language = LANGUAGES[code]
    prompt = language.prompt(problem, language.train_phrases(kind, phrases[kind], rng, seen.get("late", False)))
    return code, prompt, language.response(problem, rng.randrange(4))


def evaluation_problem(rng, index, split):
    """The same problem in all languages, in held-out wordings: {"kind", "answer", "text": {code: prompt}}."""
    from problems import results

    kind = TYPES[index % len(TYPES)]
    problem = draw_problem(rng, kind, split, EVAL_WORD_RATE, EVAL_NATIVE_RATE)
    text = {code: lang.prompt(problem, lang.held_out_phrases(kind, rng)) for code, lang in LANGUAGES.items()}
    return {"kind": kind, "answer": str(results(kind, problem["numbers"])[1]), "text": text}
