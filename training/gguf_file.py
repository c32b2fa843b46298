"""Writes the model as GGUF, and reads it: matrices in Q8_0, norms in F32, embeddings tied."""

import json
import os

import gguf
import numpy as np

import model
from tokenizer import CHAT_TEMPLATE, SPECIAL, as_tokenizer

LLAMA_NAMES = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}


def write(path, params, tokenizer, trained):
    part = path.with_suffix(".part")
    w = gguf.GGUFWriter(part, "llama")
    w.add_name("Concord teaching model")
    w.add_description(f"Word problems in eight languages, trained from scratch for teaching and tests: {trained}")
    w.add_license("MIT")
    w.add_languages(["en", "de", "es", "ru", "zh", "ar", "bn", "sw"])
    w.add_context_length(model.CONTEXT)
    w.add_embedding_length(model.DIM)
    w.add_block_count(model.LAYERS)
    w.add_feed_forward_length(model.HIDDEN)
    w.add_head_count(model.HEADS)
    w.add_head_count_kv(model.KV_HEADS)
    w.add_layer_norm_rms_eps(model.EPSILON)
    w.add_rope_freq_base(model.ROPE_BASE)
    w.add_rope_dimension_count(model.HEAD_DIM)
    w.add_vocab_size(tokenizer.get_vocab_size())
    w.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    w.add_quantization_version(gguf.GGML_QUANT_VERSION)

    bpe = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(bpe["vocab"], key=bpe["vocab"].get)
    assert tokens[:len(SPECIAL)] == SPECIAL and len(tokens) == tokenizer.get_vocab_size()
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list(tokens)
    w.add_token_types([gguf.TokenType.CONTROL if t in SPECIAL else gguf.TokenType.NORMAL for t in tokens])
    w.add_token_merges([" ".join(m) for m in bpe["merges"]])
    w.add_bos_token_id(0)
    w.add_eos_token_id(0)
    w.add_pad_token_id(0)
    w.add_add_bos_token(False)
    w.add_add_eos_token(False)
    w.add_chat_template(CHAT_TEMPLATE)

    def matrix(name, value):
        w.add_tensor(name, gguf.quants.quantize(np.ascontiguousarray(value, np.float32), gguf.GGMLQuantizationType.Q8_0),
                     raw_dtype=gguf.GGMLQuantizationType.Q8_0)

    p = {k: np.asarray(v, np.float32) for k, v in params.items()}
    matrix("token_embd.weight", p["embed"])
    for i in range(model.LAYERS):
        w.add_tensor(f"blk.{i}.attn_norm.weight", p["attn_norm"][i])
        w.add_tensor(f"blk.{i}.ffn_norm.weight", p["ffn_norm"][i])
        for ours, theirs in LLAMA_NAMES.items():
            matrix(f"blk.{i}.{theirs}.weight", p[ours][i].T)  # rows are outputs
    w.add_tensor("output_norm.weight", p["norm"])
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    os.replace(part, path)
    return path.stat().st_size


def read(path):
    """(parameters in f32, tokenizer) of a file that `write` made."""
    reader = gguf.GGUFReader(path)
    tensors = {t.name: gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
    params = {"embed": tensors["token_embd.weight"], "norm": tensors["output_norm.weight"]}
    for ours in ("attn_norm", "ffn_norm"):
        params[ours] = np.stack([tensors[f"blk.{i}.{ours}.weight"] for i in range(model.LAYERS)])
    for ours, theirs in LLAMA_NAMES.items():
        params[ours] = np.stack([tensors[f"blk.{i}.{theirs}.weight"].T for i in range(model.LAYERS)])
    tokens, merges = (reader.fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "merges"))
    return params, as_tokenizer(tokens, merges)
