"""Word problems, pictures and reasons in eight languages, from wordings written for each language."""

from . import ar, bn, de, en, es, ru, sw, zh
from .core import KINDS, LARGEST, SMALL, TYPES, draw_problem, draw_sums, n_steps, plain, results, seeded, split_of
from .general import TASKS, draw_general

LANGUAGES = {m.LANGUAGE.code: m.LANGUAGE for m in (en, de, es, ru, zh, ar, bn, sw)}
GENERAL = {m.LANGUAGE.code: m.GENERAL for m in (en, de, es, ru, zh, ar, bn, sw)}
