"""python training/show.py de [seed]: problems of every type, pictures and reasons in one language, to be read aloud."""

import sys

from problems import GENERAL, LANGUAGES, TASKS, TYPES, draw_general, draw_problem, seeded

code, seed = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "1"
language, rng = LANGUAGES[code], seeded("show", seed)
for kind in TYPES:
    parts = language.wordings[kind]
    print(f"== {kind}")
    for at in range(max(map(len, parts))):  # every phrase once
        p = draw_problem(rng, kind, "train", 0.4, 0.2)
        print(language.prompt(p, [part[at % len(part)] for part in parts]))
        if at < len(language.responses[kind]):
            print("   ->", language.response(p, at).replace("\n", " / "))
for task in TASKS:
    for _ in range(8):
        asks, says = GENERAL[code].texts(draw_general(rng, task, "train"))
        print(asks, says)
