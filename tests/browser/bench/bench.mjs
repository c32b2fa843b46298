// Times products in this browser: ours, and those of onnxruntime-web. A time is the difference of a run with many matrices
// and one with a single matrix, so that the way to the device and back does not count.

import start, { Device } from "./browser_products.js";
import { products } from "./onnx.mjs";

const FEW = 1, MANY = 5, ROUNDS = 5;
let device;

async function fastest(run) {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await run();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

async function ours({ bits, nOut, nIn, rows }) {
  const type = bits === 4 ? "Q4_0" : "Q8_0";
  const matrices = await device.products(type, nOut, nIn, rows, MANY);
  const times = [];
  for (const n of [FEW, MANY]) {
    if (!Number.isFinite(await matrices.run(n))) throw new Error("our product is not finite");
    times.push(await fastest(() => matrices.run(n)));
  }
  matrices.free();
  return (times[1] - times[0]) / (MANY - FEW);
}

async function onnx(spec) {
  const ort = await import("./ort/ort.webgpu.bundle.min.mjs");
  ort.env.wasm.wasmPaths = new URL("./ort/", import.meta.url).href;
  ort.env.wasm.numThreads = 1;
  const { rows, nIn } = spec;
  const x = new ort.Tensor("float32", Float32Array.from({ length: rows * nIn }, (_, i) => (i % 17) / 17 - 0.5), [rows, nIn]);
  const times = [];
  for (const nMatrices of [FEW, MANY]) {
    const model = products({ ...spec, nMatrices });
    const options = { executionProviders: ["webgpu"], preferredOutputLocation: "gpu-buffer" };
    const session = await ort.InferenceSession.create(model, options);
    const queue = (await ort.env.webgpu.device).queue;
    const first = await session.run({ x });
    const values = await first.y0.getData();
    if (!values.some((value) => value !== 0) || !values.every(Number.isFinite)) throw new Error("ONNX gives no product");
    Object.values(first).forEach((tensor) => tensor.dispose());
    const run = async () => {
      const outputs = await session.run({ x });
      await queue.onSubmittedWorkDone();
      Object.values(outputs).forEach((tensor) => tensor.dispose());
    };
    await run();
    times.push(await fastest(run));
    await session.release();
  }
  return (times[1] - times[0]) / (MANY - FEW);
}

// Sets `measured` to the milliseconds of one product by `engine`, or to the reason why there are none.
window.measure = async (engine, spec) => {
  try {
    window.measured = { ms: await (engine === "concord" ? ours(spec) : onnx(spec)) };
  } catch (error) {
    window.measured = { error: String(error?.message ?? error) };
  }
};

window.opened = (async () => {
  await start();
  const info = (await navigator.gpu.requestAdapter()).info;
  const name = [info.vendor, info.architecture, info.description].join(" ");
  device = await Device.open(name);
  return `${name.trim()} (${device.tier()})`;
})();
