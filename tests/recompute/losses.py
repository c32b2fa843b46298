"""DPO, NLL and ORPO of the current model on its pairs, against itself as reference."""

import numpy as np
from scipy.special import expit, log_expit

from compare import near, same

MEANS = ["dpo", "nll", "total", "orpo", "margin", "tokenMargin"]


def of_pair(chosen, rejected, settings):
    """The values of `MEANS` from log-prob and tokens of both sides."""
    (w, n_w), (l, n_l) = chosen, rejected
    beta_advantage = settings["beta"] * ((w - w) - (l - l))
    dpo, nll = -log_expit(beta_advantage), -w / n_w
    p_w, p_l = np.exp(w / n_w), np.exp(l / n_l)
    odds_ratio = (p_w / (1 - p_w)) / (p_l / (1 - p_l))
    orpo = nll - settings["lam"] * np.log(expit(np.log(odds_ratio)))
    return [dpo, nll, dpo + settings["gamma"] * nll, orpo, w - l, w / n_w - l / n_l]


def check_group(where, given, pairs, scores, settings):
    values, n_missing = [], 0
    for pair in pairs:
        sides = [scores.get((pair["promptId"], pair["language"], pair[name])) for name in ("chosen", "rejected")]
        if None in sides:
            n_missing += 1
        else:
            values.append(of_pair(*sides, settings))
    yield from same(f"{where} pairs", [given["nPairs"], given["nNotMeasured"]], [len(values), n_missing])
    means = np.mean(values, axis=0).tolist() if values else [None] * len(MEANS)
    for name, mean in zip(MEANS, means):
        yield from near(f"{where} {name}", given[name], mean)
    likelier = sum(value[4] > 0 for value in values)
    yield from same(f"{where} likelier", [given["chosenLikelier"]["part"], given["chosenLikelier"]["whole"]], [likelier, len(values)])


def check_losses(session, given):
    settings, found, anchor = given["settings"], given["losses"], session["config"]["anchor"]
    scores = {}
    for row in session["measurements"]["own"]:
        for sample, n_tokens, logprob in zip(row["samples"], row["nTokens"], row["logprob"]):
            if n_tokens > 0:
                scores[row["promptId"], row["language"], sample] = (logprob, n_tokens)
    pairs = [pair for pair in session["pairs"] if pair["skip"] is None]
    yield from check_group("all", found["all"], pairs, scores, settings)
    tags = [tag for tag in session["config"]["languages"] if any(p["language"] == tag for p in pairs)]
    yield from same("languages", [language for language, _ in found["languages"]], tags)
    shares = {}
    for tag, group in found["languages"]:
        yield from check_group(tag, group, [p for p in pairs if p["language"] == tag], scores, settings)
        if group["chosenLikelier"]["share"] is not None:
            shares[tag] = group["chosenLikelier"]["share"]
    others = [share for tag, share in shares.items() if tag != anchor]
    gap = 100 * (shares[anchor] - float(np.mean(others))) if anchor in shares and others else None
    yield from near("preference gap", found["preferenceGap"], gap)
