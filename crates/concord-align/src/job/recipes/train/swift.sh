#!/usr/bin/env bash
# ms-swift 4.6: DPO + NLL (CM-Align) on pairs in training order.
#
#   pip install ms-swift
#   bash train/swift.sh pairs.swift.jsonl                   one GPU
#   GPUS=4 DEVICE_ROWS=2 bash train/swift.sh FILE           four, two pairs on each at a time
#   bash train/swift.sh FILE --tuner_type lora              options for ms-swift after the file
#   MODEL=/models/qwen bash train/swift.sh FILE             weights from a folder
#
# FILE is the export in training batches, in ms-swift's shape, of complete groups only: @N_LANGUAGES@ rows a prompt, @BATCH_ROWS@ a batch,
# @STEP_ROWS@ an optimiser step. DEVICE_ROWS x GPUS x accumulation has to be those @STEP_ROWS@, and this script sees to it.
#
# ms-swift deals rows out one by one: GPU r of N gets rows r, r + N, and so on. A step is still the rows that stand together
# in the file, so training is batch-wise as meant. But a prompt's rows are on several GPUs, so a loss over a group (MLC) would
# be wrong: train that with trl_dpo.py.
#
# What breaks the order: either shuffle left on (both are, by themselves); split_dataset_ratio above 0, which takes rows out at
# random; streaming; packing, which joins rows; group_by_length, which ms-swift refuses without shuffling; rows that are too
# long and dropped (here they are cut at the end, and any other bad row is an error). If the rows are no multiple of the
# GPUs, the last few are left out.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "Which file? bash train/swift.sh pairs.swift.jsonl" >&2
  exit 1
fi
pairs=$1
shift
gpus=${GPUS:-1}
step=@STEP_ROWS@
device_rows=${DEVICE_ROWS:-$((step / gpus))}

if [ ! -f "$pairs" ]; then
  echo "There is no file $pairs. Export the pairs in training batches, in ms-swift's shape." >&2
  exit 1
fi
if [ "$device_rows" -lt 1 ] || [ $((step % (gpus * device_rows))) -ne 0 ]; then
  echo "A step has $step rows, which $gpus GPUs with $device_rows rows each cannot share. Choose GPUS and DEVICE_ROWS so that" >&2
  echo "their product divides $step." >&2
  exit 1
fi
rows=$(grep -c '' "$pairs")
if [ $((rows % step)) -ne 0 ]; then
  echo "$pairs has $rows rows, which is no multiple of $step: it has incomplete groups, or its last step is short. If groups" >&2
  echo "are incomplete, steps cut them apart; export complete groups only. EVEN_SO=1 trains on it as it is." >&2
  if [ "${EVEN_SO:-0}" != 1 ]; then exit 1; fi
fi
if ! command -v swift >/dev/null; then
  echo "ms-swift is not installed here: pip install ms-swift (in the environment this runs in)." >&2
  exit 1
fi

NPROC_PER_NODE=$gpus swift rlhf --rlhf_type dpo --model "${MODEL:-@MODEL@}" --dataset "$pairs" \
  --dataset_shuffle false --train_dataloader_shuffle false --split_dataset_ratio 0 --streaming false --packing false \
  --truncation_strategy right --strict true --num_train_epochs 1 \
  --per_device_train_batch_size "$device_rows" --gradient_accumulation_steps $((step / (gpus * device_rows))) \
  --beta @BETA@ --rpo_alpha @GAMMA@ --tuner_type full --torch_dtype bfloat16 --learning_rate 1e-6 --lr_scheduler_type cosine \
  --seed @SEED@ --output_dir trained --logging_steps 10 --save_strategy epoch "$@"
