"""Starts llama-server (xllamacpp) on a free port: llama_server.py MODEL.gguf SLOTS.

Prints "listening ADDRESS" and serves until its standard input is closed.
"""

import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_parallel = int(sys.argv[2])
params.n_ctx = 512 * params.n_parallel
params.port = 0
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print("listening " + server.listening_address, flush=True)
sys.stdin.read()
