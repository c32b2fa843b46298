"""The held-out problems: 200 for evaluation, 40 of them as the starter prompts. Numbers from the held-out split, held-out wordings."""

import json

from coverage import evaluation_problem
from problems import seeded

COUNT, STARTERS = 200, 40
# The starter set opens with these, one of each type (chosen because the samples of most languages disagree, see the model card); the rest follow in order.
FIRST = [3, 168, 9, 68, 138, 61, 142, 151]


def problems():
    out, seen = [], set()
    for i in range(COUNT):
        attempt = 0
        while True:
            p = evaluation_problem(seeded("held-out", i, attempt), i, "held-out")
            if p["text"]["en"] not in seen:
                break
            attempt += 1
        seen.add(p["text"]["en"])
        out.append({"id": f"held-out-{i + 1:03}", "task": "math", **p})
    return out


def starters(all_problems):
    order = FIRST + [i for i in range(COUNT) if i not in FIRST]
    keep = ("task", "answer", "text")
    return [{"id": f"starter-{n:03}", **{k: all_problems[i][k] for k in keep}} for n, i in enumerate(order[:STARTERS], 1)]


def write(root):
    found = problems()
    (root / "static").mkdir(exist_ok=True)
    (root / "tests" / "data").mkdir(parents=True, exist_ok=True)
    with open(root / "static" / "starter-prompts.json", "w", encoding="utf-8") as f:
        json.dump(starters(found), f, ensure_ascii=False, indent=1)
        f.write("\n")
    with open(root / "tests" / "data" / "held-out.jsonl", "w", encoding="utf-8") as f:
        for p in found:
            f.write(json.dumps({k: p[k] for k in ("id", "task", "kind", "answer", "text")}, ensure_ascii=False) + "\n")
