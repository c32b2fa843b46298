"""Recomputes what a session's methods gave, on its own, and compares.

    python3 tests/recompute session.json results.json

`results.json` holds one key per part. Each part has a module here with `check_<part>(session, results[part])` that
yields one line per difference. Needs numpy and scipy. Exit status 1 with the lines on standard error if anything
differs, else "differences: 0".
"""

import json
import sys

import batches
import evaluation
import lesson
import losses
import representations
import selection

CHECKS = {
    "selection": selection.check_selection,
    "mlc": representations.check_mlc,
    "alignx": representations.check_alignx,
    "projection": representations.check_projection,
    "evaluation": evaluation.check_evaluation,
    "comparison": evaluation.check_comparison,
    "batches": batches.check_batches,
    "losses": losses.check_losses,
    "lesson": lesson.check_lesson,
}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    session, results = (json.load(open(path, encoding="utf-8-sig")) for path in sys.argv[1:])
    differences = [f"{key}: nothing checks it" for key in results if key not in CHECKS]
    for key in results:
        differences += [f"{key}: {line}" for line in CHECKS.get(key, lambda *_: [])(session, results[key])]
    if not results:
        differences.append("the results are empty")
    for line in differences[:50]:
        print(line, file=sys.stderr)
    print(f"differences: {len(differences)}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
