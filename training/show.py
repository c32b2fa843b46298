"""python training/show.py de [seed]: problems of every type, pictures and reasons in one language, to be read aloud."""

import importlib
import pathlib
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
package = types.ModuleType("problems")
package.__path__ = [str(HERE / "problems")]
sys.modules["problems"] = package
core, general = (importlib.import_module(f"problems.{name}") for name in ("core", "general"))
module = importlib.import_module(f"problems.{sys.argv[1]}")
language, seed = module.LANGUAGE, sys.argv[2] if len(sys.argv) > 2 else "1"
rng = core.seeded("show", seed)
for kind in core.TYPES:
    parts = language.wordings[kind]
    print(f"== {kind}")
    for at in range(max(map(len, parts))):  # every phrase once
        p = core.draw_problem(rng, kind, "train", 0.4, 0.2)
        print(language.prompt(p, [part[at % len(part)] for part in parts]))
        if at < len(language.responses[kind]):
            print("   ->", language.response(p, at).replace("\n", " / "))
for task in general.TASKS:
    for _ in range(8):
        asks, says = module.GENERAL.texts(general.draw_general(rng, task, "train"))
        print(asks, says)
