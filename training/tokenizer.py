"""Byte-level BPE with the qwen2 pre-tokeniser (every digit its own token), trained on equal shares of all languages."""

import pathlib

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from problems import GENERAL, LANGUAGES, TASKS, TYPES, draw_general, draw_problem, seeded

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
END, USER, ASSISTANT = "<|end|>", "<|user|>", "<|assistant|>"
SPECIAL = [END, USER, ASSISTANT]
VOCAB, PER_LANGUAGE = 4096, 4000
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}{{- '<|assistant|>' + message['content'] + '<|end|>' -}}"
    "{%- elif message['role'] == 'user' -%}{{- '<|user|>' + message['content'] -}}{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)


def corpus():
    """Texts of the training split: problems in every wording, pictures and reasons, as many of each language."""
    for code, language in LANGUAGES.items():
        rng = seeded("tokenizer", code)
        for i in range(PER_LANGUAGE):
            kind = TYPES[i % len(TYPES)]
            problem = draw_problem(rng, kind, "train", 0.4, 0.3)
            yield language.prompt(problem, language.phrases(kind, rng))
            yield language.response(problem, rng.randrange(4))
            if i % 4 == 0:
                for texts in GENERAL[code].texts(draw_general(rng, TASKS[i // 4 % len(TASKS)], "train")):
                    yield from texts


def untrained(bpe):
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN2), behavior="isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def as_tokenizer(tokens, merges):
    """From what a GGUF file holds of it."""
    tokenizer = untrained(models.BPE({token: i for i, token in enumerate(tokens)}, [tuple(merge.split(" ")) for merge in merges]))
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


def train(path):
    tokenizer = untrained(models.BPE())
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.save(str(path))
    return tokenizer


def load(path):
    path = pathlib.Path(path)
    return Tokenizer.from_file(str(path)) if path.exists() else train(path)


def chat(tokenizer, prompt):
    return [SPECIAL.index(USER), *tokenizer.encode(prompt).ids, SPECIAL.index(ASSISTANT)]
