"""MLC, AlignX and the projection from a session's vectors and cosines, written from the papers' definitions.

MLC: arXiv 2602.16660. Singular values come from the matrix of unit vectors itself, not from its cosines.
AlignX: arXiv 2509.24338. Effective rank: Roy and Vetterli, 2007.
"""

import base64

import numpy as np
from scipy.special import log_softmax

from compare import near, same


def vectors(representation):
    """Unit vectors by prompt and language, in file order; a zero vector stays zero."""
    values = np.frombuffer(base64.b64decode(representation["values"]), dtype="<f4").astype(np.float64)
    values = values.reshape(-1, representation["dim"])
    table = {}
    for (prompt_id, language), vector in zip(representation["order"], values):
        length = np.linalg.norm(vector)
        table.setdefault(prompt_id, {})[language] = vector / length if length > 0 else vector
    return table


# ---- MLC -----------------------------------------------------------------------------------------------------------


def mlc(units, form, tau):
    """Loss, singular values, lowest cosine, mean cosine and effective rank of unit vectors `[m, d]`."""
    s = np.linalg.svd(units, compute_uv=False)
    logits = (s / (s[0] + 1e-12) if form == "code" else s) / tau
    cosines = (units @ units.T)[np.triu_indices(len(units), 1)]
    shares = s[s > 0] / s.sum()
    return {
        "singularValues": s.tolist(),
        "loss": -log_softmax(logits)[0],
        "minCosine": cosines.min(),
        "meanCosine": cosines.mean(),
        "effectiveRank": np.exp(-(shares * np.log(shares)).sum()),
    }


def check_mlc(session, results):
    for result in results:
        representation = session["measurements"]["representations"][result["at"]]
        table = vectors(representation)
        where = f"representation {result['at']} {result['form']} form"
        recomputed = {
            prompt_id: (list(rows), mlc(np.array(list(rows.values())), result["form"], result["tau"]))
            for prompt_id, rows in table.items()
            if len(rows) >= 2
        }
        yield from same(where + ": prompts", sorted(p["promptId"] for p in result["prompts"]), sorted(recomputed))
        yield from same(where + ": left out", sorted(result["leftOut"]), sorted(set(table) - set(recomputed)))
        for prompt in result["prompts"]:
            languages, numbers = recomputed.get(prompt["promptId"], ([], {}))
            there = f"{where}, prompt {prompt['promptId']}"
            yield from same(there + ": languages", sorted(prompt["languages"]), sorted(languages))
            for key, value in numbers.items():
                yield from near(f"{there}: {key}", prompt[key], value)
        for key in ["loss", "minCosine", "meanCosine", "effectiveRank"]:
            mean = np.mean([numbers[key] for _, numbers in recomputed.values()])
            yield from near(f"{where}: mean of {key}", result["mean"][key], mean)


# ---- AlignX --------------------------------------------------------------------------------------------------------


def contrast(sources, targets, tau):
    """The contrastive loss, the retrieval rate, and the mean matched and unmatched cosines, source to target."""
    n = len(sources)
    # Sums of products row by row, so that equal vectors have equal cosines.
    cosines = np.array([(source * targets).sum(axis=1) for source in sources])
    rest = np.where(np.eye(n, dtype=bool), -np.inf, cosines)
    hits = np.diag(cosines) > rest.max(axis=1) + 1e-9
    off = cosines[~np.eye(n, dtype=bool)]
    return {
        "loss": -np.diag(log_softmax(cosines / tau, axis=1)).sum() / (2 * n),
        "retrieval": hits.mean(),
        "matched": np.diag(cosines).mean(),
        "unmatched": off.mean() if n > 1 else None,
    }


def check_alignx(session, results):
    for result in results:
        table = vectors(session["measurements"]["representations"][result["at"]])
        languages = sorted({language for rows in table.values() for language in rows})
        expected = {}
        for source in languages:
            for target in languages:
                both = [rows for rows in table.values() if source in rows and target in rows]
                if source != target and both:
                    x, y = (np.array([rows[language] for rows in both]) for language in (source, target))
                    expected[source, target] = (len(both), contrast(x, y, result["tau"]))
        where = f"representation {result['at']}"
        given = {(pair["source"], pair["target"]): pair for pair in result["pairs"]}
        yield from same(where + ": language pairs", sorted(given), sorted(expected))
        for pair in set(given) & set(expected):
            n, numbers = expected[pair]
            there = f"{where}, {pair[0]} to {pair[1]}"
            yield from same(there + ": prompts", given[pair]["nPrompts"], n)
            for key, value in numbers.items():
                yield from near(f"{there}: {key}", given[pair][key], value)


# ---- projection ----------------------------------------------------------------------------------------------------


def explained_variance(similarity):
    """Shares of variance on the two principal axes of unit vectors that are known by their cosines alone."""
    n = len(similarity["order"])
    gram = np.eye(n)
    gram[np.triu_indices(n, 1)] = similarity["cosine"]
    gram = np.triu(gram) + np.triu(gram, 1).T
    centre = np.eye(n) - 1 / n
    values = np.sort(np.linalg.eigvalsh(centre @ gram @ centre))[::-1].clip(min=0)
    return (values[:2] / values.sum()).tolist()


def check_projection(session, results):
    similarities = {s["promptId"]: s for s in session["similarities"]}
    yield from same("prompts", sorted(r["promptId"] for r in results), sorted(similarities))
    for result in results:
        recomputed = explained_variance(similarities[result["promptId"]])
        yield from near(f"prompt {result['promptId']}: explained variance", result["explained"], recomputed)
