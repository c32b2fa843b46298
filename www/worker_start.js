// Starts the worker's program. A promise that is rejected in a worker is not heard on the page, an error is: so a program
// that cannot be fetched or compiled ends in one.
importScripts("./worker.js");
wasm_bindgen("./worker_bg.wasm").catch((error) => {
  setTimeout(() => {
    throw error;
  });
});
