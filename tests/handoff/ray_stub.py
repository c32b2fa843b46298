"""run/ray_data.py with another engine in vLLM's place: ray_stub.py RAY_DATA.PY [its arguments].

The stub goes through Ray's own build_processor, workers and error rows, and gives what Ray's vLLM
stage gives: tokens, text, and log-probs as dictionaries with token ids for keys. Nothing of vLLM,
PyTorch or a tokenizer is needed. RAY_FAILS names a seed that fails, RAY_DIES one that ends the
process that collects the answers.
"""

import hashlib
import importlib.util
import json
import os
import sys

import ray
from ray.data.llm import ProcessorConfig, build_processor
from ray.llm._internal.batch.processor import ProcessorBuilder
from ray.llm._internal.batch.processor.base import Processor
from ray.llm._internal.batch.stages.base import StatefulStage, StatefulStageUDF


class StubUDF(StatefulStageUDF):
    """Answers with tokens made from the seed."""

    async def udf(self, batch):
        for row in batch:
            params = row["sampling_params"]
            seed = int(params["seed"])
            assert "openai" not in sys.modules or "recipes" not in (sys.modules["openai"].__file__ or "")
            output = {self.IDX_IN_BATCH_COLUMN: row[self.IDX_IN_BATCH_COLUMN], "num_input_tokens": 5}
            if seed == int(os.environ.get("RAY_FAILS", "-1")):
                yield dict(output, generated_tokens=[], generated_text="", num_generated_tokens=0,
                           logprobs=None, __inference_error__="ValueError: the prompt is too long")
                continue
            digest = hashlib.sha256(f"{row['prompt']} {seed}".encode()).digest()
            tokens = list(digest[:int(params["max_tokens"]) if seed % 3 == 0 else 4])
            yield dict(output, generated_tokens=tokens, generated_text=" ".join(map(str, tokens)),
                       num_generated_tokens=len(tokens), __inference_error__="", logprobs=[
                           {token: {"logprob": -token / 8, "rank": 1, "decoded_token": f"{token} "},
                            999: {"logprob": -9.0, "rank": 2, "decoded_token": "?"}} for token in tokens])


class StubStage(StatefulStage):
    """The stage that runs the stub."""

    fn: type = StubUDF

    def get_required_input_keys(self):
        return {"sampling_params": "as vLLM's stage wants them", "tokenized_prompt": "likewise"}


class StubConfig(ProcessorConfig):
    """What build_processor finds the stub by."""

    should_continue_on_error: bool = True


def build_stub(config, preprocess=None, postprocess=None, preprocess_map_kwargs=None,
               postprocess_map_kwargs=None):
    stage = StubStage(map_batches_kwargs={"concurrency": 1})
    return Processor(config, [stage], preprocess=preprocess, postprocess=postprocess)


class WordTokenizer:
    """A chat template and a tokenizer of one id a word."""

    def apply_chat_template(self, conversation, add_generation_prompt, tokenize):
        assert add_generation_prompt and not tokenize
        return "".join(f"<{message['role']}> {message['content']} " for message in conversation)

    def __call__(self, text, add_special_tokens):
        assert not add_special_tokens
        return {"input_ids": list(range(len(text.split())))}


def main():
    spec = importlib.util.spec_from_file_location("ray_data", sys.argv[1])
    ray_data = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ray_data)
    ProcessorBuilder.register(StubConfig, build_stub)
    ray.init(num_cpus=2, include_dashboard=False, logging_level="error", log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    # Workers do not have this file or that one to import: they get the code itself.
    ray.cloudpickle.register_pickle_by_value(sys.modules["__main__"])
    sys.modules["ray_data"] = ray_data
    ray.cloudpickle.register_pickle_by_value(ray_data)

    class Preprocess(ray_data.Preprocess):
        def __call__(self, row):
            self.tokenizer = WordTokenizer()
            return super().__call__(row)

    def make_processor(model):
        return build_processor(StubConfig(batch_size=4), preprocess=Preprocess(model),
                               postprocess=ray_data.postprocess)

    dies = os.environ.get("RAY_DIES")
    if dies:
        load = ray_data.load_server

        def load_and_die():
            server = load()
            append = server.Shard.append
            left = [int(dies)]

            def append_or_die(shard, result):
                if left[0] == 0:
                    os.write(2, json.dumps(result).encode()[:20])
                    os._exit(9)
                left[0] -= 1
                append(shard, result)
            server.Shard.append = append_or_die
            return server
        ray_data.load_server = load_and_die
    sys.exit(ray_data.main(sys.argv[2:], make_processor))


if __name__ == "__main__":
    main()
