"""The recipe for TRL with the real PyTorch and TRL, on a tiny random Llama on the CPU: `cargo xtask test-trainers`.

Not named test_*.py, because it needs 6 GB of libraries. Two processes talk over gloo.
"""

import json
import os
import signal
import subprocess
import sys
import types
import unittest

import numpy as np
import torch
import yaml
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer

from training import ROOT, columns, folder, module, pair, recipe, write, write_pairs

sys.path.append(os.path.join(ROOT, "tests", "recompute"))
from representations import mlc  # noqa: E402  the numbers that concord-align's own are compared with in every test run

TEMPLATE = ("{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}")
# Plain gradients on the CPU: what two runs make of the same batches can be compared.
CPU = {"use_cpu": True, "optim": "sgd", "save_strategy": "no", "logging_steps": 1, "gradient_checkpointing": False,
       "lr_scheduler_type": "constant", "warmup_steps": 0, "max_grad_norm": 1e9, "disable_tqdm": True}


def setUpModule():
    """Makes the tiny model, once."""
    global MODEL
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")
    torch.set_num_threads(1)
    MODEL = folder(types.SimpleNamespace(addCleanup=unittest.addModuleCleanup))
    special = ["<pad>", "<|user|>", "<|assistant|>", "<|end|>"]
    vocab = {token: at for at, token in enumerate(special + sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<|end|>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(MODEL)
    torch.manual_seed(1)
    config = LlamaConfig(vocab_size=len(vocab), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, max_position_embeddings=512, pad_token_id=0, eos_token_id=3, bos_token_id=None,
                         tie_word_embeddings=False, initializer_range=0.2)
    LlamaForCausalLM(config).save_pretrained(MODEL)


def weights(path):
    return {name: value.detach() for name, value in AutoModelForCausalLM.from_pretrained(path).state_dict().items()}


class TrainTest(unittest.TestCase):
    def setUp(self):
        self.recipe = module(self, "trl_dpo.py", MODEL=MODEL)
        self.mlc_loss = self.recipe.mlc_loss
        self.place = folder(self)

    def args(self, *options, **settings):
        pairs = os.path.join(self.place, "pairs.trl.jsonl")
        settings = {**CPU, **settings}
        return self.recipe.parse([pairs, "--output", os.path.join(self.place, "trained"), "--learning-rate", "0.01", "--dim", "16",
                                  "--args", json.dumps(settings), *options])

    def trainer(self, pairs, *options, **settings):
        """A trainer of the recipe that keeps which rows came in each device batch."""
        args = self.args(*options, **settings)
        dataset = Dataset.from_list(pairs)
        plan = self.recipe.Plan(self.recipe.Rows.of(dataset), 1, args.device_rows)
        trainer = self.recipe.make_trainer(args, plan, dataset)
        trainer.plan, trainer.seen, collate = plan, [], trainer.collate

        def record(rows):
            trainer.seen.append([(row["concord_batch"], row["concord_group"], row["language"]) for row in rows])
            return collate(rows)

        trainer.collate = record
        return trainer

    def launch(self, processes, pairs, *options, text=None, timeout=240, **settings):
        """The recipe as a program, in one process or two."""
        write_pairs(os.path.join(self.place, "pairs.trl.jsonl"), pairs)
        script = write(os.path.join(self.place, "trl_dpo.py"), text or recipe("trl_dpo.py", MODEL=MODEL))
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)] if processes > 1 else []
        output = os.path.join(self.place, f"trained-{processes}")
        command = [sys.executable, *launcher, script, os.path.join(self.place, "pairs.trl.jsonl"), "--output", output,
                   "--dim", "16", "--learning-rate", "0.01", "--args", json.dumps({**CPU, **settings}), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   env=dict(os.environ, HF_DATASETS_CACHE=self.place))
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the launcher's workers, too
            process.communicate()
            raise
        return types.SimpleNamespace(returncode=process.returncode, stdout=stdout, stderr=stderr, output=output)

    def expected(self, pairs):
        return [(row["concord_batch"], row["concord_group"], row["language"]) for row in pairs]


class Order(TrainTest):
    def test_the_rows_come_in_the_order_of_the_file(self):
        pairs = [pair(row) for row in columns(6, order=[3, 0, 5, 1, 4, 2], epochs=2)]
        trainer = self.trainer(pairs, "--gamma", "0.5")
        trainer.train()
        self.assertEqual(sum(trainer.seen, []), self.expected(pairs))
        self.assertEqual([{row[0] for row in rows} for rows in trainer.seen], [{k} for k in range(6)])
        self.assertEqual(trainer.state.global_step, 6)

    def test_device_batches_are_added_up_to_steps(self):
        pairs = [pair(row) for row in columns(8, groups_per_batch=4)]
        trainer = self.trainer(pairs, "--device-rows", "8")
        trainer.train()
        self.assertEqual((trainer.args.gradient_accumulation_steps, trainer.state.global_step), (2, 2))
        self.assertEqual(sum(trainer.seen, []), self.expected(pairs))

    def test_a_row_that_trl_drops_leaves_all_others_in_their_groups(self):
        rows = columns(6)
        pairs = [pair(row, padding=2000 if at in (9, 14) else 0) for at, row in enumerate(rows)]
        trainer = self.trainer(pairs, "--max-length", "256")
        trainer.train()
        kept = [row for at, row in enumerate(pairs) if at not in (9, 14)]
        self.assertEqual(sum(trainer.seen, []), self.expected(kept))
        self.assertEqual(list(map(len, trainer.seen)), [8, 6, 8])
        self.assertIn("TRL left out 2 rows whose prompt fills --max-length", trainer.plan.notes[0])
        trainer = self.trainer(pairs)  # without a limit nothing is dropped
        self.assertEqual(len(trainer.train_dataset), len(pairs))

    def test_trls_own_order_is_kept_and_shifts_after_a_dropped_row(self):
        for padding, whole in ((0, True), (2000, False)):
            pairs = [pair(row, padding if at == 9 else 0) for at, row in enumerate(columns(6))]
            args = DPOConfig(output_dir=self.place, per_device_train_batch_size=8, num_train_epochs=1, bf16=False, report_to="none",
                             max_length=1024, train_sampling_strategy="sequential", remove_unused_columns=False, **CPU)
            trainer = DPOTrainer(MODEL, args=args, train_dataset=Dataset.from_list(pairs))
            seen, collate = [], trainer.data_collator

            def record(rows):
                seen.append({row["concord_batch"] for row in rows})
                return collate(rows)

            trainer.data_collator = record
            trainer.train()
            self.assertEqual(all(len(batches) == 1 for batches in seen), whole)

    def test_going_on_from_a_checkpoint(self):
        pairs = [pair(row) for row in columns(12)]
        saving = {"save_strategy": "steps", "save_steps": 2, "optim": "adamw_torch"}
        trainer = self.trainer(pairs, "--mlc", **saving)
        trainer.train()
        again = self.trainer(pairs, "--mlc", **saving)
        again.train(resume_from_checkpoint=os.path.join(self.place, "trained", "checkpoint-4"))
        self.assertEqual(again.seen[-2:], trainer.seen[-2:])
        for name, value in trainer.model.state_dict().items():
            torch.testing.assert_close(again.model.state_dict()[name], value, rtol=0, atol=1e-6, msg=name)


class Losses(TrainTest):
    def first_batch(self, trainer):
        trainer.model.train()
        return trainer._prepare_inputs(next(iter(trainer.get_train_dataloader())))

    def log_probs(self, model, inputs):
        """Of every token after the first, and which are of a response."""
        with torch.no_grad():
            logits = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits[:, :-1]
        tokens = inputs["input_ids"][:, 1:, None]
        return logits.log_softmax(-1).gather(2, tokens)[..., 0], inputs["completion_mask"][:, 1:].bool()

    def test_dpo_and_nll(self):
        pairs = [pair(row) for row in columns(4)]
        for gamma in (0.0, 1.5):
            trainer = self.trainer(pairs, "--gamma", str(gamma), "--beta", "0.3")
            self.assertEqual(trainer.loss_types, ["sigmoid", "sft"] if gamma else ["sigmoid"])
            inputs = self.first_batch(trainer)
            with torch.no_grad():
                trainer.model.lm_head.weight.mul_(1.3)  # so that it is not its own reference
            loss = trainer.compute_loss(trainer.model, inputs).item()
            reference = AutoModelForCausalLM.from_pretrained(MODEL)
            policy_logs, of_response = self.log_probs(trainer.model, inputs)
            reference_logs, _ = self.log_probs(reference, inputs)
            advantage = ((policy_logs - reference_logs) * of_response).sum(1).double().numpy()
            n = len(advantage) // 2
            dpo = np.log1p(np.exp(-0.3 * (advantage[:n] - advantage[n:]))).mean()
            nll = -policy_logs[:n][of_response[:n]].mean().item()  # over all chosen tokens, as the recipe says
            self.assertAlmostEqual(loss, dpo + gamma * nll, 4)

    def test_orpo(self):
        pairs = [pair(row) for row in columns(6, lacks={(2, "de")})]
        trainer = self.trainer(pairs, "--loss", "orpo")
        self.assertEqual(trainer.max_length, 1 << 20)
        trainer.train()
        self.assertEqual(sum(trainer.seen, []), self.expected(pairs))
        self.assertEqual([len(rows) for rows in trainer.seen], [8, 7, 8])


class Mlc(TrainTest):
    def test_the_loss_is_concord_aligns_own(self):
        for n_rows, dim, seed in ((2, 3, 1), (4, 16, 2), (6, 5, 3), (10, 512, 4)):
            states = np.random.default_rng(seed).normal(size=(n_rows, dim)) * 3
            found = self.recipe.mlc_loss(torch.tensor(states), torch.zeros(n_rows), 0.2).item()
            units = states / np.linalg.norm(states, axis=1, keepdims=True)
            self.assertAlmostEqual(found, mlc(units, "code", 0.2)["loss"], 5)
        of = lambda *states: self.recipe.mlc_loss(torch.tensor(states), torch.zeros(len(states)), 0.2).item()
        # The numbers of concord-align's own tests.
        self.assertAlmostEqual(of([1.0, 0.0], [0.8, 0.6], [0.0, 1.0]), 0.20799, 5)
        for cosine, value in ((0.0, 0.6931), (0.2, 0.3361), (0.5, 0.1141), (0.8, 0.0351), (0.95, 0.0149), (1.0, 0.0067)):
            self.assertAlmostEqual(of([2.0, 0.0], [cosine, (1 - cosine ** 2) ** 0.5]), value, 4)
        self.assertAlmostEqual(of([1.0, 2.0], [-1.0, -2.0]), of([1.0, 2.0], [1.0, 2.0]), 5)

    def test_its_gradient_is_concord_aligns_own(self):
        """dL/ds_j = (p_j - [j = 1]) / (c tau), and dL/dZ = U diag(dL/ds) V^T: c is held fixed."""
        states = np.random.default_rng(6).normal(size=(4, 6))
        r = torch.tensor(states, dtype=torch.float64, requires_grad=True)
        self.recipe.mlc_loss(r, torch.zeros(4), 0.2).backward()
        lengths = np.linalg.norm(states, axis=1, keepdims=True)
        z = states / lengths
        u, s, vt = np.linalg.svd(z, full_matrices=False)
        p = np.exp((s - s[0]) / s[0] / 0.2)
        p /= p.sum()
        by_unit = u @ np.diag((p - (np.arange(4) == 0)) / (s[0] * 0.2)) @ vt
        expected = (by_unit - z * (by_unit * z).sum(1, keepdims=True)) / lengths
        np.testing.assert_allclose(r.grad.numpy(), expected, atol=1e-5)

    def test_groups_of_several_sizes_and_of_one(self):
        states = torch.tensor(np.random.default_rng(3).normal(size=(6, 8)))
        groups = torch.tensor([5, 5, 5, 2, 7, 7])
        both = [self.recipe.mlc_loss(states[k:n], groups[k:n], 0.2).item() for k, n in ((0, 3), (4, 6))]
        self.assertAlmostEqual(self.recipe.mlc_loss(states, groups, 0.2).item(), sum(both) / 2, 6)
        alone = self.recipe.mlc_loss(states[3:4].requires_grad_(), groups[3:4], 0.2)
        alone.backward()
        self.assertEqual(alone.item(), 0.0)

    def trained(self, pairs, *options, **settings):
        """A trained trainer, and what its MLC was computed of."""
        calls, plain = [], self.mlc_loss

        def record(states, groups, tau):
            value = plain(states, groups, tau)
            calls.append((states.detach().double().numpy(), groups.tolist(), value.item()))
            return value

        self.recipe.mlc_loss = record
        trainer = self.trainer(pairs, "--mlc", *options, **settings)
        trainer.train()
        return trainer, calls

    def test_in_training(self):
        lacks = {(3, "de"), (4, "ar"), (4, "de"), (4, "sw")}
        pairs = [pair(row) for row in columns(6, lacks=lacks)]
        trainer, calls = self.trained(pairs, "--gamma", "1.0", learning_rate=0.0)
        self.assertEqual(len(calls), 3)
        extractor, model = trainer.model.concord_mlc, AutoModelForCausalLM.from_pretrained(MODEL)
        for rows, (states, groups, value) in zip(trainer.seen, calls):
            self.assertEqual(groups, [row[1] for row in rows])
            expected = []
            for group in dict.fromkeys(groups):
                members = states[np.array(groups) == group]
                if len(members) > 1:
                    expected.append(mlc(members / np.linalg.norm(members, axis=1, keepdims=True), "code", 0.2)["loss"])
            self.assertAlmostEqual(value, np.mean(expected), 5)
            # The state is that of the prompt alone, as concord-align measures it.
            for (_, group, language), state in zip(rows, states):
                prompt = next(p["prompt"] for p in pairs if (p["concord_group"], p["language"]) == (group, language))
                ids = trainer.processing_class.apply_chat_template(prompt, add_generation_prompt=True, return_tensors="pt",
                                                                   return_dict=True)["input_ids"]
                with torch.no_grad():
                    alone = extractor(model.model(ids).last_hidden_state[0, -1])
                np.testing.assert_allclose(state, alone.numpy(), atol=1e-4)

    def test_it_is_added_every_second_step_and_trained(self):
        pairs = [pair(row) for row in columns(8)]
        with_mlc, calls = self.trained(pairs)
        values = [entry["mlc"] for entry in with_mlc.state.log_history if "mlc" in entry]
        np.testing.assert_allclose(values, [value for _, _, value in calls], atol=1e-6)
        losses = [entry["loss"] for entry in with_mlc.state.log_history if "loss" in entry]
        plain = self.trainer(pairs)
        plain.train()
        plain_losses = [entry["loss"] for entry in plain.state.log_history if "loss" in entry]
        self.assertAlmostEqual(losses[0] - plain_losses[0], 0.8 * values[0], 4)
        self.assertLess(abs(losses[1] - plain_losses[1]), 0.3 * values[1])
        fresh = self.trainer(pairs, "--mlc").model.concord_mlc.weight
        self.assertGreater((with_mlc.model.concord_mlc.weight.cpu() - fresh.cpu()).abs().max().item(), 1e-4)

    def test_training_lowers_it(self):
        rows = columns(4, groups_per_batch=4, epochs=10)
        _, calls = self.trained([pair({**row, "concord_epoch": 0}) for row in columns(4, groups_per_batch=4)] +
                                [pair(row) for row in rows if row["concord_epoch"] > 0], "--every", "1", "--lambda", "5")
        self.assertLess(calls[-1][2], 0.8 * calls[0][2])

    def test_with_gradient_checkpointing(self):
        pairs = [pair(row) for row in columns(4)]
        plain, calls = self.trained(pairs)
        other, again = self.trained(pairs, gradient_checkpointing=True)
        np.testing.assert_allclose([call[2] for call in again], [call[2] for call in calls], atol=1e-5)
        for name, value in plain.model.state_dict().items():
            torch.testing.assert_close(other.model.state_dict()[name], value, rtol=0, atol=1e-5, msg=name)

    def test_the_extractor_is_not_saved(self):
        pairs = [pair(row) for row in columns(4)]
        done = self.launch(1, pairs, "--mlc", save_strategy="steps", save_steps=1)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        from safetensors import safe_open
        names = lambda place: set(safe_open(os.path.join(place, "model.safetensors"), "pt").keys())
        self.assertEqual(names(done.output), names(MODEL))
        kept = names(os.path.join(done.output, "checkpoint-1")) - names(MODEL)
        self.assertEqual(kept, {"concord_mlc.weight", "concord_mlc.bias"})
        self.assertGreater(max((new - old).abs().max().item() for new, old in
                               zip(weights(done.output).values(), weights(MODEL).values())), 1e-4)
        self.assertTrue(os.path.isfile(os.path.join(done.output, "tokenizer.json")))


    def test_with_lora(self):
        done = self.launch(1, [pair(row) for row in columns(4)], "--mlc", "--lora", "4")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        from safetensors import safe_open
        saved = set(safe_open(os.path.join(done.output, "adapter_model.safetensors"), "pt").keys())
        self.assertTrue(saved and all("lora_" in name for name in saved), saved)


class TwoProcesses(TrainTest):
    """Device batches of other sizes at the same time, where TRL alone ends or hangs."""

    def uneven(self):
        return [pair(row) for row in columns(16, groups_per_batch=4, lacks={(1, "de"), (6, "sw"), (6, "ar"), (11, "en")})]

    def same(self, pairs, *options, **settings):
        """Two processes make of the file what one makes that adds up two device batches."""
        two = self.launch(2, pairs, *options, **settings)
        self.assertEqual(two.returncode, 0, two.stdout + two.stderr)
        self.assertIn("2 process(es) x accumulation 1", two.stdout)
        one = self.launch(1, pairs, "--device-rows", "8", *options)
        self.assertEqual(one.returncode, 0, one.stdout + one.stderr)
        self.assertIn("1 process(es) x accumulation 2", one.stdout)
        start, after = weights(MODEL), weights(one.output)
        self.assertGreater(max((after[name] - start[name]).abs().max().item() for name in start), 1e-4)
        for name, value in weights(two.output).items():
            torch.testing.assert_close(value, after[name], rtol=0, atol=1e-5, msg=name)

    def test_dpo_and_nll(self):
        self.same(self.uneven(), "--gamma", "1.0")

    def test_mlc(self):
        # Two processes with gradient checkpointing, as TRL has it unless told otherwise; one without.
        self.same(self.uneven(), "--mlc", "--lambda", "2", gradient_checkpointing=True)

    def test_orpo(self):
        self.same(self.uneven(), "--loss", "orpo")

    def test_trl_alone_does_not_do_that(self):
        line = "self.accelerator.gather = gather_rows(self.accelerator)"
        text = recipe("trl_dpo.py", MODEL=MODEL)
        self.assertIn(line, text)
        done = self.launch(2, self.uneven(), text=text.replace(line, "pass"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("gloo", done.stderr)

    def test_what_is_refused(self):
        pairs = [pair(row) for row in columns(2)]
        done = self.launch(1, pairs, "--mlc", "--loss", "orpo")
        self.assertEqual((done.returncode, done.stderr.splitlines()[-1]),
                         (1, "MLC is added to DPO here; leave out --loss orpo or --mlc."))
        done = self.launch(1, pairs, group_by_length=True)
        self.assertIn("--args group_by_length: it sorts rows by length, and groups would not stay whole", done.stderr)
        done = self.launch(1, pairs[4:] + pairs[:4], "--plan", "--processes", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.launch(1, [pair(row) for row in columns(4)][::-1], "--plan")
        self.assertIn("was shuffled: line 9 is of batch 0, after batch 1", done.stderr)


class Files(unittest.TestCase):
    def test_settings_are_yaml(self):
        llama_factory = yaml.safe_load(recipe("llamafactory.yaml"))
        self.assertEqual((llama_factory["disable_shuffling"], llama_factory["pref_ftx"]), (True, 1.0))
        axolotl = yaml.safe_load(recipe("axolotl.yml"))
        self.assertEqual((axolotl["shuffle_merged_datasets"], axolotl["dpo_loss_weights"]), (False, [1.0, 1.0]))
        self.assertEqual(axolotl["micro_batch_size"], 8)
        with self.assertRaises(yaml.YAMLError):
            yaml.safe_load(recipe("axolotl.yml", BETA="@BETA@"))


if __name__ == "__main__":
    unittest.main()
