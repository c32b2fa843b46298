"""The classes by which accelerate and ms-swift share batches out over GPUs: their own source, with PyTorch left out.

Only the file that holds the class is run. Whatever it imports that is not Python's own is a stand-in, which the
classes do not call, or which a test replaces.
"""

import builtins
import functools
import importlib.util
import os

OWN = {"importlib", "math", "contextlib", "typing"}


class Anything:
    """Stands for a class, a function or a value of a library that is not here."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return Anything()

    def __bool__(self):  # what asks whether a library is there hears no
        return False

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Anything,), {})


def stand_in(name, globals=None, locals=None, fromlist=(), level=0):
    if level == 0 and name.split(".")[0] in OWN:
        return builtins.__import__(name, globals, locals, fromlist, level)
    return Anything()


@functools.lru_cache(maxsize=None)
def names_of(package, *path):
    """What a file of an installed package defines."""
    try:
        spec = importlib.util.find_spec(package)
    except ValueError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise AssertionError(f"{package} is not here. This test needs it without what it depends on: python3 -m pip install "
                             "--no-deps --target FOLDER accelerate ms-swift, and PYTHONPATH=FOLDER")
    file = os.path.join(list(spec.submodule_search_locations)[0], *path)
    with open(file, encoding="utf-8") as source:
        code = compile(source.read(), file, "exec")
    names = {"__name__": "shard", "__builtins__": {**vars(builtins), "__import__": stand_in}}
    exec(code, names)
    return names


class Ranks:
    """torch.distributed, as far as ms-swift asks it."""

    def __init__(self, rank, world):
        self.get_rank, self.get_world_size, self.is_initialized = lambda: rank, lambda: world, lambda: True


class Permutations:
    """torch, as far as ms-swift shuffles with it."""

    class Generator:
        def manual_seed(self, seed):
            self.seed = seed

    class Found(list):
        def tolist(self):
            return list(self)

    @classmethod
    def randperm(cls, n, generator):
        step = next(k for k in range(n // 2 + generator.seed, 2 * n) if all(n % d or k % d for d in range(2, n + 1)))
        return cls.Found(k * step % n for k in range(n))


class InTurn:
    """PyTorch's BatchSampler over its SequentialSampler."""

    def __init__(self, n_rows, batch_size, drop_last=False):
        self.n_rows, self.batch_size, self.drop_last = n_rows, batch_size, drop_last

    def __iter__(self):
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            yield list(range(start, min(start + self.batch_size, self.n_rows)))

    def __len__(self):
        return self.n_rows // self.batch_size if self.drop_last else -(-self.n_rows // self.batch_size)


def of_accelerate(sampler, world, even_batches=True):
    """The batches of each GPU, as accelerate gives them out: what TRL, LLaMA-Factory and axolotl train on."""
    shard = names_of("accelerate", "data_loader.py")["BatchSamplerShard"]
    return [list(map(list, shard(sampler, world, rank, even_batches=even_batches))) for rank in range(world)]


def of_swift(n_rows, batch_size, world, shuffle=False, drop_last=False, **options):
    """The batches of each GPU, as ms-swift gives them out."""
    shares = []
    for rank in range(world):
        names = names_of("swift", "dataloader", "shard.py")
        names["dist"], names["torch"] = Ranks(rank, world), Permutations
        shares.append(list(names["BatchSamplerShard"](n_rows, batch_size, shuffle, drop_last, 3, **options)))
    return shares


def steps(shares, accumulation):
    """For each optimiser step the device batches of all GPUs."""
    n_batches = max(map(len, shares))
    return [[batch for share in shares for batch in share[start:start + accumulation]]
            for start in range(0, n_batches, accumulation)]
