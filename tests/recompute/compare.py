"""How two numbers of a session are compared."""

import math

TOLERANCE = 1e-6


def near(where, given, recomputed):
    """Yields a line if two numbers, or two lists of numbers, differ by more than the tolerance. None equals None."""
    if isinstance(given, list) or isinstance(recomputed, list):
        given, recomputed = list(given), list(recomputed)
        if len(given) != len(recomputed):
            yield f"{where}: {len(given)} values in the file, {len(recomputed)} recomputed"
        for at, (a, b) in enumerate(zip(given, recomputed)):
            yield from near(f"{where}[{at}]", a, b)
    elif given is None or recomputed is None:
        if given is not recomputed:
            yield f"{where}: {given} in the file, {recomputed} recomputed"
    # Written so that a NaN differs from everything.
    elif not math.isfinite(recomputed) or not abs(given - recomputed) <= TOLERANCE * max(1.0, abs(recomputed)):
        yield f"{where}: {given} in the file, {recomputed} recomputed"


def same(where, given, recomputed):
    """Yields a line if two values are not equal."""
    if given != recomputed:
        yield f"{where}: {given!r} in the file, {recomputed!r} recomputed"
