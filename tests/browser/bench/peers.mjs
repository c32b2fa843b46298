// Models on the CPU in this page: ours and wllama's, each in a worker with one thread, loaded from the same blob.

import { Wllama } from "./wllama/index.js";

// Put before the script of wllama's worker: says how large its WebAssembly memory is to whoever sends a port.
const PROBE = `addEventListener("message", (event) => {
  if (!event.ports[0]) return;
  event.stopImmediatePropagation();
  event.ports[0].postMessage(Module.wasmMemory.buffer.byteLength);
});\n`;

const opened = {};

function ask(worker, message) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => (data?.error ? reject(new Error(data.error)) : resolve(data));
    worker.postMessage(message, [port2]);
  });
}

async function concord(blob, { nSlots, maxRows }) {
  const worker = new Worker("peers_worker.mjs", { type: "module" });
  const { numerics } = await ask(worker, { load: { blob, nSlots, maxRows } });
  return {
    what: numerics,
    wasmBytes: () => ask(worker, { wasmBytes: true }),
    nTokens: (prompt) => ask(worker, { nTokens: prompt }),
    generate: async (spec) => ({ texts: await ask(worker, { generate: spec }) }),
  };
}

async function wllama(blob, { nSlots, maxRows }) {
  const config = { suppressNativeLog: true };
  const engine = new Wllama({ default: new URL("wllama/wasm/wllama.wasm", location).href }, config);
  const objectUrl = URL.createObjectURL;
  URL.createObjectURL = (script) => objectUrl.call(URL, new Blob([PROBE, script], { type: script.type }));
  await engine.loadModel([blob], { n_threads: 1, n_gpu_layers: 0, n_ctx: nSlots, n_parallel: maxRows });
  URL.createObjectURL = objectUrl;
  const complete = async ({ prompt, nTokens, temperature }, seed) => {
    const done = await engine.createCompletion({
      prompt, seed, temperature, max_tokens: nTokens, ignore_eos: true, top_k: 0, top_p: 1, min_p: 0,
    });
    if (done.usage.completion_tokens !== nTokens) throw new Error(`wrote ${done.usage.completion_tokens} tokens`);
    return [done.choices[0].text, done.usage.prompt_tokens];
  };
  return {
    what: `${engine.getNumThreads()} thread, ${Wllama.getLibllamaVersion()}`,
    wasmBytes: () => ask(engine.proxy.worker, {}),
    generate: async (spec) => {
      const seeds = Array.from({ length: spec.n }, (_, seed) => seed + 1);
      const all = [];
      if (spec.together) all.push(...(await Promise.all(seeds.map((seed) => complete(spec, seed)))));
      else for (const seed of seeds) all.push(await complete(spec, seed));
      return { texts: all.map(([text]) => text), nPrompt: all[0][1] };
    },
  };
}

const calls = {
  // Loads `file` as `name`: seconds, and bytes of the engine's WebAssembly memory.
  async open({ name, engine, file, ...room }) {
    const blob = await (await fetch(file)).blob();
    await blob.slice(0, blob.size).arrayBuffer();
    const began = performance.now();
    const model = await (engine === "concord" ? concord : wllama)(blob, room);
    const seconds = (performance.now() - began) / 1000;
    opened[name] = model;
    return { seconds, what: model.what, fileBytes: blob.size, wasmBytes: await model.wasmBytes() };
  },
  // Writes `n` continuations of `nTokens` tokens each: milliseconds from the prompt's text to the last text.
  async generate({ name, ...spec }) {
    const began = performance.now();
    const result = await opened[name].generate(spec);
    return { ms: performance.now() - began, ...result };
  },
  nTokens: ({ name, prompt }) => opened[name].nTokens(prompt),
  wasmBytes: ({ name }) => opened[name].wasmBytes(),
};

// Sets `answered` to what a call gives, or to the reason why it gives nothing.
window.call = async (what, spec) => {
  try {
    window.answered = { ok: await calls[what](spec) };
  } catch (error) {
    window.answered = { error: String(error?.message ?? error) };
  }
};
