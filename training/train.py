"""Makes the teaching model: `python training/train.py --out static/teaching-model.gguf`.

Tokenizer, training and GGUF, in that order; what `training/work/` holds already is not made again, and an interrupted
training goes on from its last checkpoint. `--prompts` writes the prompt files instead.
"""

import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
DEV_PROBLEMS, EVERY = 72, 500


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "static" / "teaching-model.gguf")
    parser.add_argument("--work", type=pathlib.Path, default=HERE / "work")
    parser.add_argument("--steps", type=int, default=None, help="stop here instead of at the end of the schedule")
    parser.add_argument("--every", type=int, default=EVERY, help="steps between checkpoints")
    parser.add_argument("--prompts", action="store_true", help="write the starter, practice and test prompts, train nothing")
    parser.add_argument("--card", type=pathlib.Path, metavar="REPORT", help="write the model card with what `cargo xtask evaluate --json` printed, train nothing")
    args = parser.parse_args()
    if args.prompts:
        import held_out
        return held_out.write(HERE.parent)

    import json

    import card
    import evaluate
    import fit
    import gguf_file
    import tokenizer as tok
    from coverage import math_problem
    from problems import seeded

    args.work.mkdir(parents=True, exist_ok=True)
    tokenizer = tok.load(args.work / "tokenizer.json")
    if args.card:
        params, _, step, tokens, problems = fit.restore(args.work / "checkpoint.npz")
        trained = {"step": step, "tokens": tokens, "problems": problems, "parameters": sum(p.size for p in params.values()), "bytes": args.out.stat().st_size}
        return card.write(args.out.with_suffix(".md"), trained, json.loads(args.card.read_text()))

    dev = [math_problem(seeded("dev", i), i, "dev") for i in range(DEV_PROBLEMS)]

    def check(params, step):
        result = evaluate.report(params, tokenizer, dev)
        print(json.dumps(result), flush=True)
        return result

    params, step, tokens, problems = fit.fit(tokenizer, args.work, args.steps or fit.SCHEDULE[-1][0], args.every, check)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    size = gguf_file.write(args.out, params, tokenizer, f"{step} steps, {tokens} tokens, {problems} problems")
    print(f"{args.out}: {size} bytes after {step} steps, {tokens} tokens, {problems} problems")
    return None


if __name__ == "__main__":
    main()
