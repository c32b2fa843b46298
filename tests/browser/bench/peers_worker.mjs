// Our model on the CPU in a worker: each message brings the port that takes its answer.

import start, { Loading } from "./browser_generate.js";

const PIECE = 4 << 20;
const started = start();
let model;

async function load({ blob, nSlots, maxRows }) {
  await started;
  const bytes = async (from, to) => new Uint8Array(await blob.slice(from, to).arrayBuffer());
  let length = PIECE, loading;
  while (!(loading = Loading.begin(await bytes(0, length), blob.size))) length *= 2;
  for (let at = 0; at < blob.size; at += PIECE) loading.push(await bytes(at, at + PIECE));
  model = loading.finish(nSlots, maxRows);
  return { numerics: model.numerics() };
}

async function answer({ load: toLoad, nTokens, generate }) {
  if (toLoad) return load(toLoad);
  if (nTokens) return model.n_tokens(nTokens);
  if (generate) return model.generate(generate.prompt, generate.n, generate.nTokens, generate.temperature);
  return (await started).memory.buffer.byteLength;
}

onmessage = async ({ data, ports: [port] }) => {
  try {
    port.postMessage(await answer(data));
  } catch (error) {
    port.postMessage({ error: String(error?.message ?? error) });
  }
};
