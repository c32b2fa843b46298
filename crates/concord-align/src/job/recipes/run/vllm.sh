#!/usr/bin/env bash
# Runs the job with vLLM on this machine:
#
#   bash run/vllm.sh                                    all shards
#   bash run/vllm.sh requests-gen-00000.jsonl           some
#   MODEL=/models/qwen bash run/vllm.sh                 weights from a folder
#   bash run/vllm.sh -- --tensor-parallel-size 2        options for vLLM after --
#
# If it is ended, the same command goes on where it was. Needs vLLM and Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

shards=()
while [ $# -gt 0 ] && [ "$1" != "--" ]; do
  shards+=("$1")
  shift
done
if [ $# -gt 0 ]; then shift; fi
if [ ${#shards[@]} -eq 0 ]; then shards=(requests-gen-*.jsonl); fi

if ! command -v vllm >/dev/null; then
  echo "vLLM is not installed here: pip install vllm (in the environment this runs in)." >&2
  exit 1
fi

for shard in "${shards[@]}"; do
  if [ ! -f "$shard" ]; then
    echo "$PWD/$shard does not exist." >&2
    exit 1
  fi
  name=${shard#requests-}
  name=${name%.jsonl}
  rest=results/.rest-$name.jsonl
  # What the requests call the model is what vLLM has to serve it as.
  asked=$(python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["body"]["model"])' <"$shard")

  # Status 3: some requests have no answer yet; they are in the rest.
  status=0
  python3 run/server.py --missing "$shard" >"$rest" || status=$?
  if [ "$status" -eq 3 ]; then
    echo "$shard: $(wc -l <"$rest") requests to run"
    vllm run-batch -i "$rest" -o "results/.part-$name.next.jsonl" \
      --model "${MODEL:-$asked}" --served-model-name "$asked" --generation-config vllm "$@"
    status=0
    python3 run/server.py --missing "$shard" >"$rest" || status=$?
  fi
  if [ "$status" -eq 3 ]; then
    echo "$shard: $(wc -l <"$rest") requests got no answer; run this again." >&2
    exit 3
  elif [ "$status" -ne 0 ]; then
    exit "$status"
  fi
  rm -f "$rest"
  echo "$shard: done, results/results-$name.jsonl"
done
