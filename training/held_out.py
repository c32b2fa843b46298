"""The prompt files: the test (200 problems, 80 pictures and reasons), the starter prompts, and the practice prompts.

Each draws its numbers, and its pictures and reasons, from a split of its own.
"""

import json

from coverage import general_prompt, math_problem
from problems import seeded

COUNT, GENERAL_COUNT, STARTERS, PRACTICE = 200, 80, 40, 600
# What the starters open with, picked by hand for what they show: see the model card.
FIRST = ["held-out-037", "held-out-047", "held-out-057", "held-out-016", "general-007", "held-out-063", "held-out-010", "held-out-148"]


def distinct(make, split, count, prefix):
    """`count` prompts of a split whose English texts differ."""
    out, seen = [], set()
    for i in range(count):
        attempt = 0
        while (prompt := make(seeded(split, prefix, i, attempt), i, split))["text"]["en"] in seen:
            attempt += 1
        seen.add(prompt["text"]["en"])
        out.append({"id": f"{prefix}-{i + 1:03}", **prompt})
    return out


def problems():
    return distinct(math_problem, "test", COUNT, "held-out") + distinct(general_prompt, "test", GENERAL_COUNT, "general")


def starters(found):
    first = [p for wanted in FIRST for p in found if p["id"] == wanted]
    rest = [p for p in found if p["task"] == "math" and p["id"] not in FIRST]
    keep = ("task", "answer", "text")
    return [{"id": f"starter-{n:03}", **{k: p[k] for k in keep if k in p}} for n, p in enumerate([*first, *rest][:STARTERS], 1)]


def practice():
    """Without gold answers: the methods, and whoever trains on their pairs, do not see any."""
    return [{k: p[k] for k in ("id", "task", "text")} for p in practice_problems()]


def practice_problems(with_gold=False):
    return distinct(lambda rng, i, split: math_problem(rng, i, split, with_gold), "practice", PRACTICE, "practice")


def write(root):
    found = problems()
    (root / "static").mkdir(exist_ok=True)
    (root / "tests" / "data").mkdir(parents=True, exist_ok=True)
    with open(root / "static" / "starter-prompts.json", "w", encoding="utf-8") as f:
        json.dump(starters(found), f, ensure_ascii=False, indent=1)
        f.write("\n")
    with open(root / "static" / "practice-prompts.json", "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(p, ensure_ascii=False) for p in practice()) + "\n]\n")
    with open(root / "tests" / "data" / "held-out.jsonl", "w", encoding="utf-8") as f:
        f.writelines(json.dumps(p, ensure_ascii=False) + "\n" for p in found)
