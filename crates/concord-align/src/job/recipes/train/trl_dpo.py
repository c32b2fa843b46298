#!/usr/bin/env python3
"""Trains on pairs in training order with TRL: DPO, CM-Align's DPO + NLL, ORPO, and MLC on top.

    pip install trl                                                  (1.16, brings PyTorch)
    python3 train/trl_dpo.py pairs.trl.jsonl                         one GPU, or the CPU
    accelerate launch --num_processes 4 train/trl_dpo.py pairs.trl.jsonl
    python3 train/trl_dpo.py pairs.trl.jsonl --plan --processes 4    only says what it would do

The file is an export in training order: its columns concord_epoch, concord_step, concord_batch and
concord_group say which rows belong together. A group is the rows of one prompt in its languages; a
device batch, which one GPU sees at once, is always whole groups. --device-rows says how many rows fit.
Device batch x GPUs x accumulation is then chosen so that an optimiser step is a step of the file, and
what stands against that is said before anything starts.

What would break the order, and why it cannot here: TRL shuffles rows (the batches come from
concord_batch, not from a sampler); TRL drops rows whose prompt fills max_length, 1024 if nobody says
otherwise, and all later batches shift (there is no limit unless you give --max-length, and then a
dropped row is missing from its own group only); epochs are written out in the file (one epoch is
trained); group_by_length and packing (refused in --args).

Losses. dpo: -log sigmoid(beta x margin), plus gamma x NLL of the chosen response as in CM-Align. TRL's
NLL is the mean over all chosen tokens of a device batch, so long responses weigh more than in a mean
over pairs. orpo: no reference model; --beta weighs the odds ratio, and TRL's NLL is over prompt and
response. --mlc: every second step, lambda x the cross-entropy that makes the states of a prompt's last
token collinear in all languages (arXiv 2602.16660); its extractor is trained along and removed before
the model is saved in --output. The checkpoints on the way keep it, to go on from them.

Every device batch counts the same, whatever its number of rows. Tried with TRL 1.16 on one and two
processes; DeepSpeed and FSDP were not tried, and MLC refuses ZeRO-3 and FSDP.

Exit status: 0 trained; 1 it stopped, and said why.
"""

import argparse
import json
import os
import sys
from collections import Counter
from itertools import groupby

REFUSED = {"group_by_length": "sorts rows by length", "packing": "joins rows",
           "train_sampling_strategy": "is another order", "streaming": "shuffles through a buffer",
           "num_train_epochs": "repeats the file, which already holds every epoch",
           "per_device_train_batch_size": "is --device-rows here",
           "gradient_accumulation_steps": "follows from the file's steps",
           "split_batches": "cuts groups apart", "dispatch_batches": "hands out rows, not batches"}


class Stop(Exception):
    """Ends the program with a sentence for a person."""


# ---- what a device batch is: no PyTorch up to the next line like this ------------------------------------------------


class Rows:
    """The columns that say where each row belongs."""

    def __init__(self, epoch, step, batch, group):
        self.epoch, self.step, self.batch, self.group = list(epoch), list(step), list(batch), list(group)

    @classmethod
    def of(cls, dataset, name="the file"):
        """From a table with columns; refuses what is no export in training order."""
        names = ["concord_" + part for part in ("epoch", "step", "batch", "group")]
        absent = [column for column in names if column not in dataset.column_names]
        if absent:
            raise Stop(f"{name} has no column {absent[0]}, so it is not in training order. In Concord take Batches > "
                       "Download in this order, or an export with the option \"In training batches\".")
        rows = cls(*(dataset[column] for column in names))
        if not rows.batch:
            raise Stop(f"{name} has no rows.")
        for line in range(1, len(rows.batch)):
            if rows.batch[line] < rows.batch[line - 1]:
                raise Stop(f"{name} was shuffled: line {line + 1} is of batch {rows.batch[line]}, after batch "
                           f"{rows.batch[line - 1]}. Take the file as it was exported.")
        return rows

    def units(self):
        """For each batch its groups, each a list of places."""
        places = range(len(self.batch))
        return [[list(unit) for _, unit in groupby(of_batch, key=self.group.__getitem__)]
                for _, of_batch in groupby(places, key=self.batch.__getitem__)]

    def split_groups(self):
        """How many prompts have rows apart in an epoch: all is well if none, as in batches of whole groups."""
        runs = Counter((self.epoch[unit[0]], self.group[unit[0]]) for batch in self.units() for unit in batch)
        return sum(count > 1 for count in runs.values())


def cut(units, n_parts):
    """Whole units in order as so many device batches, as even as can be."""
    n_parts = min(n_parts, len(units))
    ends = [len(units) * part // n_parts for part in range(n_parts + 1)]
    return [sum(units[start:end], []) for start, end in zip(ends, ends[1:])]


class Plan:
    """Device batches in training order, and how they become optimiser steps."""

    def __init__(self, rows, processes=1, device_rows=None):
        batches = rows.units()
        self.processes = processes
        n_units = max(len(units) for units in batches)
        largest = max(len(unit) for units in batches for unit in units)
        steps = dict(zip(rows.batch, rows.step))
        self.batches_per_step = max(Counter(steps.values()).values())
        if device_rows is not None and device_rows < largest:
            raise Stop(f"A group of this file has {largest} rows, so --device-rows {device_rows} would cut it apart. "
                       f"Give at least --device-rows {largest}. If they do not fit: shorter responses (--max-length), "
                       "LoRA (--lora 16), or fewer languages in the export.")
        fits = [parts for parts in range(1, n_units + 1) if device_rows is None or
                all(len(piece) <= device_rows for units in batches for piece in cut(units, parts))]
        # Something for every process, steps as in the file, device batches of one size, as few as possible: in this order.
        n_pieces = {parts: sum(min(parts, len(units)) for units in batches) for parts in fits}
        self.parts = min(fits, key=lambda parts: (n_pieces[parts] < processes, self.batches_per_step * parts % processes != 0,
                                                  n_units % parts != 0, parts))
        self.per_step = self.batches_per_step * self.parts
        self.accumulation = -(-self.per_step // processes)
        self.notes = []
        self.take(rows)
        if self.per_step % processes:
            self.notes.append(
                f"A step of the file is {self.per_step} device batches, which {processes} processes cannot share evenly: the "
                f"optimiser steps every {processes * self.accumulation}. Groups stay whole, but the steps are not the file's. "
                f"They are with {' or '.join(map(str, divisors(self.per_step)))} processes.")
        of_step = Counter()
        for units in batches:
            of_step[steps[rows.batch[units[0][0]]]] += min(self.parts, len(units))
        short = [step for step in sorted(of_step)[:-1] if of_step[step] < self.per_step]
        if short:
            self.notes.append(f"Step {short[0]} of the file is shorter than others, as the last of an epoch may be. The optimiser "
                              "steps every so many device batches, so later steps begin elsewhere; groups stay whole.")
        if rows.split_groups():
            self.notes.append(f"The rows of {rows.split_groups()} prompts are in several batches of an epoch, as in a file that "
                              "was composed at random: a baseline, in which groups do not meet in a step.")

    def take(self, rows):
        """The device batches of rows, which may be fewer than those that the plan was made of."""
        self.n_rows = len(rows.batch)
        pieces = [piece for units in rows.units() for piece in cut(units, self.parts)]
        n_whole = len(pieces) // self.processes * self.processes
        if not n_whole:
            raise Stop(f"The file gives {len(pieces)} device batches, fewer than the {self.processes} processes. Use fewer "
                       "processes, or a smaller --device-rows.")
        self.pieces, left = pieces[:n_whole], pieces[n_whole:]
        if left:
            n_rows = sum(map(len, left))
            self.notes.append(f"The last {n_rows} rows are left out: {len(pieces)} device batches are no multiple of "
                              f"{self.processes} processes, and repeating others instead would train on those twice.")
        sizes = sorted(set(map(len, self.pieces)))
        if len(sizes) > 1:
            self.notes.append(f"Device batches have {sizes[0]} to {sizes[-1]} rows, and each counts the same in a step, so a row "
                              "in a small one weighs more. Exports of complete groups only do not have that.")
        return self.pieces

    def words(self):
        sizes = sorted(set(map(len, self.pieces)))
        rows = " to ".join(map(str, dict.fromkeys((sizes[0], sizes[-1]))))
        return [f"{sum(map(len, self.pieces))} rows in {len(self.pieces)} device batches of {rows} rows, whole groups in each. "
                f"{self.processes} process(es) x accumulation {self.accumulation}: "
                f"{-(-len(self.pieces) // (self.processes * self.accumulation))} optimiser steps.", *self.notes]


def divisors(number):
    return [n for n in range(1, number + 1) if number % n == 0]


class DeviceBatches:
    """A batch sampler. Accelerate gives batch k x N + r to process r of N as it is."""

    drop_last = True  # nothing is filled up: the plan has a multiple of N batches

    def __init__(self, pieces):
        self.pieces = pieces

    def __iter__(self):
        return iter(self.pieces)

    def __len__(self):
        return len(self.pieces)


# ---- training ---------------------------------------------------------------------------------------------------------


def mlc_loss(states, groups, tau):
    """The mean over groups of MLC's loss in the form of its authors' code; states [rows, dim], groups [rows].

    Singular values of the unit vectors of a group, divided by the largest one, which the gradient takes for a
    constant; then the cross-entropy with the first as label. A group of one row has nothing to agree with.
    """
    import torch
    from torch.nn.functional import cross_entropy, normalize

    units = normalize(states.float(), dim=-1, eps=1e-12)
    losses = []
    for group in torch.unique_consecutive(groups):
        members = units[groups == group]
        if len(members) > 1:
            s = torch.linalg.svdvals(members)
            logits = s / (s[:1].detach() + 1e-12) / tau
            losses.append(cross_entropy(logits[None], torch.zeros(1, dtype=torch.long, device=s.device)))
    # Without a group the extractor still takes part, with gradient 0, or other processes would wait for it.
    return torch.stack(losses).mean() if losses else 0.0 * units.sum()


def gather_rows(accelerator):
    """accelerator.gather for tensors with another number of rows in each process, which would end or hang it.

    TRL gathers every pair's rewards for its logs. Shorter ones are filled up on the way, and cut again.
    """
    import torch

    plain = accelerator.gather

    def gather(tensor):
        if accelerator.num_processes == 1 or not torch.is_tensor(tensor) or tensor.dim() == 0:
            return plain(tensor)
        n_rows = plain(torch.tensor([len(tensor)], device=tensor.device)).tolist()
        filled = tensor.new_zeros((max(n_rows), *tensor.shape[1:]))
        filled[:len(tensor)] = tensor
        parts = plain(filled).split(max(n_rows))
        return torch.cat([part[:n] for part, n in zip(parts, n_rows)])

    return gather


def in_order(base, plan):
    """A TRL trainer that takes its batches from the plan."""
    from torch.utils.data import DataLoader

    class InOrder(base):
        def __init__(self, *args, **settings):
            super().__init__(*args, **settings)
            self.accelerator.gather = gather_rows(self.accelerator)
            n_rows, plan.notes = plan.n_rows, []
            plan.take(Rows.of(self.train_dataset))
            if plan.n_rows < n_rows:
                plan.notes.insert(0, f"TRL left out {n_rows - plan.n_rows} rows whose prompt fills --max-length; their groups "
                                     "go on without them.")
            else:
                plan.notes = []  # they were said before

        def collate(self, rows):
            return self.data_collator(rows)

        def get_train_dataloader(self):
            loader = DataLoader(self.train_dataset, batch_sampler=DeviceBatches(plan.pieces), collate_fn=self.collate,
                                num_workers=self.args.dataloader_num_workers, pin_memory=self.args.dataloader_pin_memory)
            return self.accelerator.prepare(loader)

    return InOrder


def with_mlc(base, tau, weight, every, dim):
    """The same with MLC, from the states of the forward pass that is made anyway.

    Attention looks back only, so the state of a prompt's last token is the same with a response after it.
    """
    import torch

    class WithMlc(base):
        def __init__(self, *args, **settings):
            super().__init__(*args, **settings)
            if self.is_fsdp_enabled or getattr(self.args.deepspeed_plugin, "zero_stage", 0) == 3:
                raise Stop("MLC's extractor is used outside the model's own forward pass, where FSDP and ZeRO-3 have not "
                           "gathered its weights. Use ZeRO-2, plain data parallel training, or --lora 16.")
            model = self.accelerator.unwrap_model(self.model)
            config = model.config.get_text_config()
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.args.seed)
                extractor = torch.nn.Linear(config.hidden_size, dim)
            model.add_module("concord_mlc", extractor.to(next(model.parameters()).device))
            causal = model.get_base_model() if hasattr(model, "get_base_model") else model
            self.last_states = None
            self.hook = causal.base_model.register_forward_hook(self.keep)

        def keep(self, module, inputs, output):
            # The policy's pass is the one with gradients; the reference's has none.
            if torch.is_grad_enabled() and self.last_states is None:
                self.last_states = output.last_hidden_state

        def collate(self, rows):
            return {**super().collate(rows), "concord_group": torch.tensor([row["concord_group"] for row in rows])}

        def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
            inputs = dict(inputs)
            groups, self.last_states = inputs.pop("concord_group"), None
            result = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
            if self.last_states is None:
                return result
            n = len(groups)  # the first half of the batch is the chosen responses
            last_prompt_token = inputs["completion_mask"][:n].argmax(dim=1) - 1
            states = self.last_states[:n][torch.arange(n, device=groups.device), last_prompt_token]
            extractor = self.accelerator.unwrap_model(self.model).concord_mlc
            with torch.autocast(states.device.type, enabled=False):
                mlc = mlc_loss(extractor(states.to(extractor.weight.dtype)), groups, tau)
            self._metrics["train" if self.model.training else "eval"]["mlc"].append(mlc.item())
            # 0 x mlc keeps the extractor in the graph on the other steps, as data parallel training wants it.
            mlc = mlc * (weight if self.state.global_step % every == 0 else 0.0)
            return (result[0] + mlc, result[1]) if return_outputs else result + mlc

        def remove_extractor(self):
            self.hook.remove()
            del self.accelerator.unwrap_model(self.model).concord_mlc

    return WithMlc


def load(path):
    from datasets import load_dataset

    if not os.path.isfile(path):
        raise Stop(f"There is no file {path}. Export the pairs in training order and name that file.")
    return load_dataset("parquet" if path.endswith(".parquet") else "json", data_files=path, split="train")


def settings_of(args, plan):
    """What goes into DPOConfig or ORPOConfig."""
    import torch

    settings = {
        "output_dir": args.output, "num_train_epochs": 1, "seed": args.seed, "beta": args.beta,
        "learning_rate": args.learning_rate, "lr_scheduler_type": "cosine", "warmup_steps": 0.1,
        "per_device_train_batch_size": max(map(len, plan.pieces)), "gradient_accumulation_steps": plan.accumulation,
        "accelerator_config": {"even_batches": False}, "report_to": "none", "logging_steps": 10,
        "bf16": torch.cuda.is_available() and torch.cuda.is_bf16_supported(), "max_length": args.max_length,
    }
    if args.loss == "dpo" and args.gamma:
        settings.update(loss_type=["sigmoid", "sft"], loss_weights=[1.0, args.gamma])
    if args.loss == "orpo" and args.max_length is None:
        settings["max_length"] = 1 << 20  # None is 512 there
    if args.mlc:
        # The extractor is used after the model's own forward pass. Every weight is used in every step, so nothing is lost.
        settings["ddp_find_unused_parameters"] = False
    more = json.loads(args.args)
    for name in sorted(set(more) & set(REFUSED)):
        raise Stop(f"--args {name}: it {REFUSED[name]}, and groups would not stay whole. Leave it out.")
    return {**settings, **more}


def make_trainer(args, plan, dataset):
    """The trainer of these options, ready to train."""
    if args.loss == "orpo":
        from trl.experimental.orpo import ORPOConfig as Config, ORPOTrainer as Trainer
    else:
        from trl import DPOConfig as Config, DPOTrainer as Trainer
    from transformers import AutoTokenizer

    trainer_class = in_order(Trainer, plan)
    if args.mlc:
        trainer_class = with_mlc(trainer_class, args.tau, args.weight, args.every, args.dim)
    lora = None
    if args.lora:
        from peft import LoraConfig
        lora = LoraConfig(r=args.lora, lora_alpha=2 * args.lora, target_modules="all-linear", task_type="CAUSAL_LM")
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    if tokenizer.chat_template is None:
        raise Stop(f"{args.model} has no chat template, so its prompts cannot be written as they were when it answered. Take "
                   "the model that gave the responses.")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return trainer_class(args.model, args=Config(**settings_of(args, plan)), train_dataset=dataset,
                         processing_class=tokenizer, peft_config=lora)


def train(args, plan, dataset):
    import torch

    if "WORLD_SIZE" not in os.environ and torch.cuda.device_count() > 1:
        raise Stop(f"This machine has {torch.cuda.device_count()} GPUs. Start with: accelerate launch --num_processes "
                   f"{torch.cuda.device_count()} train/trl_dpo.py {args.pairs}; or set CUDA_VISIBLE_DEVICES=0 for one.")
    trainer = make_trainer(args, plan, dataset)
    if trainer.is_world_process_zero():
        for line in plan.notes:
            print(line, flush=True)
    trainer.train(resume_from_checkpoint=args.resume or None)
    if args.mlc:
        trainer.remove_extractor()
    trainer.save_model(args.output)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("pairs", help="the export in training order, .jsonl or .parquet, in TRL's shape")
    add("--model", default="@MODEL@", help="weights to train: a name or a folder (default: @MODEL@)")
    add("--output", default="trained", help="folder of the trained model (default: trained)")
    add("--loss", choices=["dpo", "orpo"], default="dpo")
    add("--beta", type=float, default="@BETA@", help="of DPO; for ORPO the weight of the odds ratio (default: @BETA@)")
    add("--gamma", type=float, default="@GAMMA@", help="weight of NLL beside DPO (default: @GAMMA@)")
    add("--mlc", action="store_true", help="add the multilingual consistency loss")
    add("--tau", type=float, default=0.2, help="MLC's temperature (default 0.2)")
    add("--lambda", dest="weight", type=float, default=0.8, help="MLC's weight (default 0.8)")
    add("--every", type=int, default=2, help="MLC is added every so many steps (default 2)")
    add("--dim", type=int, default=512, help="width of MLC's extractor (default 512)")
    add("--device-rows", type=int, help="pairs that fit on a GPU at once (default: a batch of the file)")
    add("--learning-rate", type=float, default=1e-6, help="default 1e-6; LoRA wants about ten times as much")
    add("--max-length", type=int, help="tokens of prompt and response; default no limit")
    add("--lora", type=int, metavar="RANK", help="train a LoRA of this rank instead of all weights (needs peft)")
    add("--seed", type=int, default="@SEED@")
    add("--args", default="{}", metavar="JSON", help="more of TRL's settings, as '{\"save_steps\": 100}'")
    add("--resume", action="store_true", help="go on from the last checkpoint in --output")
    add("--plan", action="store_true", help="say what would be done, and stop")
    add("--processes", type=int, help="for --plan: number of GPUs")
    return parser.parse_args(argv)


def run(args):
    dataset = load(args.pairs)
    rows = Rows.of(dataset, args.pairs)
    processes = args.processes if args.plan and args.processes else int(os.environ.get("WORLD_SIZE", 1))
    plan = Plan(rows, processes, args.device_rows)
    if args.mlc and args.loss != "dpo":
        raise Stop("MLC is added to DPO here; leave out --loss orpo or --mlc.")
    if args.mlc and rows.split_groups():
        raise Stop("MLC needs the languages of a prompt side by side, and this file was composed at random. Export batches of "
                   "whole groups.")
    if os.environ.get("RANK", "0") == "0":
        print("\n".join(plan.words()), flush=True)
    if not args.plan:
        train(args, plan, dataset)


def main(argv=None):
    args = parse(argv)
    try:
        run(args)
    except Stop as error:
        print(str(error), file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"{error}. Install what trains: pip install trl{' peft' if args.lora else ''}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
