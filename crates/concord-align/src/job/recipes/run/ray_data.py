#!/usr/bin/env python3
"""Runs this job with Ray Data and vLLM, on one machine or a Ray cluster.

    pip install 'ray[data,llm]'          (Ray 2.60, brings vLLM)
    python3 run/ray_data.py --workers 8

--workers is the number of engines; options for vLLM are given as JSON, for example
--engine '{"tensor_parallel_size": 2}'. The answers are written as they come, one line a sample,
by the process that you start: keep the folder there. After a crash the same command runs only
what is missing.

Exit status: 0 all requests have their responses; 3 some are missing; 1 it stopped.
"""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def load_server():
    """run/server.py, which knows the files of a job, without putting this folder on the path."""
    import importlib.util
    spec = importlib.util.spec_from_file_location("concord_server", os.path.join(HERE, "server.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sample_rows(line, is_done):
    """One row a sample of a request line: Ray reads only the first output of an engine."""
    request = json.loads(line)
    body = request["body"]
    stem, first, count = request["custom_id"].rsplit("_", 2)
    for j in range(int(count)):
        custom_id = f"{stem}_{int(first) + j}_1"
        if not is_done(custom_id):
            sample = dict(body, n=1)
            if isinstance(body.get("seed"), int):
                sample["seed"] = body["seed"] + j
            yield {"custom_id": custom_id, "body": json.dumps(sample)}


def sampling_params(body):
    """vLLM's own names for what a chat request asks for; every setting is given, none defaulted."""
    names = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty",
             "frequency_penalty", "seed", "stop")
    params = {name: body[name] for name in names if body.get(name) is not None}
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    if limit is not None:
        params["max_tokens"] = limit
    if body.get("logprobs"):
        params["logprobs"] = body.get("top_logprobs") or 0
    return params


class Preprocess:
    """Renders a row's messages with the model's chat template.

    Ray's own stages render to text and then tokenize it again, which puts a second
    beginning-of-text token before the prompts of models whose template writes one.
    """

    def __init__(self, model):
        self.model, self.tokenizer = model, None

    def __getstate__(self):
        return {"model": self.model, "tokenizer": None}

    def __call__(self, row):
        if self.tokenizer is None:
            from transformers import AutoTokenizer
            self.tokenizer = AutoTokenizer.from_pretrained(self.model)
        body = json.loads(row["body"])
        template = {"conversation": body["messages"], "add_generation_prompt": True,
                    **(body.get("chat_template_kwargs") or {})}
        text = self.tokenizer.apply_chat_template(tokenize=False, **template)
        tokens = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return {"custom_id": row["custom_id"], "body": row["body"], "prompt": text,
                "tokenized_prompt": list(tokens), "sampling_params": sampling_params(body)}


def postprocess(row):
    """The result line of one sample, as the batch API writes it."""
    body = json.loads(row["body"])
    tokens = [int(token) for token in row["generated_tokens"]]
    # Ray does not pass on why the engine stopped. An end exactly at the limit counts as cut.
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    choice = {"index": 0, "message": {"role": "assistant", "content": row["generated_text"]},
              "finish_reason": "length" if limit is not None and len(tokens) >= limit else "stop",
              "token_ids": tokens}
    if row.get("logprobs") is not None:
        choice["logprobs"] = {"content": [token_logprob(token, found)
                                          for token, found in zip(tokens, row["logprobs"])]}
    prompt_tokens = int(row["num_input_tokens"])
    result = {"id": "ray-" + row["custom_id"], "custom_id": row["custom_id"], "error": None,
              "response": {"status_code": 200, "request_id": "", "body": {
                  "object": "chat.completion", "model": body["model"], "choices": [choice],
                  "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": len(tokens),
                            "total_tokens": prompt_tokens + len(tokens)}}}}
    return {"custom_id": row["custom_id"], "line": json.dumps(result)}


def token_logprob(token, found):
    """One token's entry. Columns of a table have text for keys, and null where a row has none."""
    entry = found.get(token) or found.get(str(token)) or {}
    value, text = entry.get("logprob"), entry.get("decoded_token") or ""
    return {"id": token, "token": text, "logprob": None if value is None else float(value),
            "bytes": list(text.encode("utf-8", "replace")), "top_logprobs": []}


def vllm_processor(args, model):
    """The engine: vLLM through ray.data.llm."""
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig
    config = vLLMEngineProcessorConfig(
        model_source=args.model or model, concurrency=args.workers, batch_size=args.batch,
        engine_kwargs={"generation_config": "vllm", **json.loads(args.engine)},
        # The prompts come with their tokens, and vLLM gives the text.
        chat_template_stage=False, tokenize_stage=False, detokenize_stage=False,
        should_continue_on_error=True)
    return build_processor(config, preprocess=Preprocess(args.model or model),
                           postprocess=postprocess)


def run_shard(server, path, make_processor):
    """Runs what a shard lacks. Returns (requests, requests without an answer)."""
    import ray
    shard = server.Shard(path)
    rows = [row for line in shard.requests(shard.missing()) for row in sample_rows(line, shard.has)]
    failures = {}
    try:
        if rows:
            server.say(f"{shard.name}: {len(rows)} samples to run")
            model = json.loads(rows[0]["body"])["model"]
            for row in make_processor(model)(ray.data.from_items(rows)).iter_rows():
                if row.get("line"):
                    shard.append(json.loads(row["line"]))
                else:
                    message = str(row.get("__inference_error__"))
                    failures[message] = failures.get(message, 0) + 1
    finally:
        for message, count in sorted(failures.items(), key=lambda item: -item[1])[:3]:
            server.say(f"{count} x failed: {message}")
        missing = len(shard.missing())
        shard.close()
    return len(shard.index), missing


def parse(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="request files (default: all requests-gen-*.jsonl)")
    parser.add_argument("--model", help="weights, if they are not at the name in the requests")
    parser.add_argument("--workers", type=int, default=1, help="engines (default 1)")
    parser.add_argument("--batch", type=int, default=64, help="rows a batch (default 64)")
    parser.add_argument("--engine", default="{}", metavar="JSON", help="options for vLLM")
    return parser.parse_args(argv)


def main(argv=None, make_processor=None):
    """make_processor(model) may put another engine in vLLM's place."""
    args = parse(argv)
    server = load_server()
    total = missing = 0
    try:
        for path in server.request_files(args.files):
            counts = run_shard(server, path,
                               make_processor or (lambda model: vllm_processor(args, model)))
            total, missing = total + counts[0], missing + counts[1]
    except server.Stop as error:
        print(str(error), file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"{error}. Install Ray with vLLM: pip install 'ray[data,llm]'", file=sys.stderr)
        return 1
    server.say(f"{total - missing} done, {missing} missing of {total} requests")
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
