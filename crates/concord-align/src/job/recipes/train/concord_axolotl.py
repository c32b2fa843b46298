"""A plugin that makes axolotl's DPO trainer read pairs in the order of the file, and checks that groups stay whole.

axolotl.yml names it; it has to be on PYTHONPATH. axolotl takes TRL's sampler, which is random unless its arguments say
otherwise, and has no setting for those, so the plugin gives them. Written for axolotl 0.21; its training was not tried.
"""

from itertools import groupby

try:
    from axolotl.integrations.base import BasePlugin
except ImportError:  # so that the check can be read and tested without axolotl
    BasePlugin = object


class OrderLost(Exception):
    """Training would not be on whole groups; says why, and what to do."""


def check(column, device_batch, processes, accumulation):
    """Raises OrderLost unless every step of every GPU is whole groups. `column(name)` gives a column of the rows, or None."""
    batch, group, step = (column("concord_" + name) for name in ("batch", "group", "step"))
    if batch is None or group is None or step is None:
        raise OrderLost("The rows have no columns concord_batch, concord_group and concord_step, so they are not in training "
                        "order. Export them from Concord in training batches, as pairs.trl.jsonl.")
    for line in range(1, len(batch)):
        if batch[line] < batch[line - 1]:
            raise OrderLost(f"The rows were shuffled: row {line + 1} is of batch {batch[line]}, after batch {batch[line - 1]}. "
                            "Set shuffle_merged_datasets: false, val_set_size: 0, delete dataset_prepared_path, and start again.")
    ends, place = {0}, 0
    for _, rows in groupby(zip(batch, group)):
        place += len(list(rows))
        ends.add(place)
    for start in range(0, len(batch) - device_batch + 1, device_batch):
        if start + device_batch not in ends:
            raise OrderLost(f"A micro batch of {device_batch} rows ends within a group, after row {start + device_batch}. Set "
                            "micro_batch_size to a multiple of the rows of a group, and export complete groups only; or "
                            "train with trl_dpo.py, which reads concord_batch.")
    steps = [len(list(rows)) for _, rows in groupby(step)]
    rows_at_once = device_batch * processes * accumulation
    if rows_at_once % max(steps):
        raise OrderLost(f"micro_batch_size {device_batch} x {processes} GPUs x gradient_accumulation_steps {accumulation} is "
                        f"{rows_at_once} rows, and a step of the file is {max(steps)}. Make it that, or a multiple.")


class InOrder(BasePlugin):
    """See above."""

    def get_training_args(self, cfg):
        # A short last micro batch would be filled up with the first rows.
        return {"train_sampling_strategy": "sequential", "dataloader_drop_last": True}

    def post_trainer_create(self, cfg, trainer):
        trainer.args.train_sampling_strategy = "sequential"
        trainer.args.dataloader_drop_last = True
        rows = trainer.train_dataset
        check(lambda name: rows[name] if name in rows.column_names else None, trainer.args.per_device_train_batch_size,
              trainer.args.world_size, trainer.args.gradient_accumulation_steps)
