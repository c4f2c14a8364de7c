/**
 * Runs in a worker: an endless loop in a test blocks the main thread, and its deadline with it. Prints which test that is
 * and ends the process, through the C library where possible, as only that sets the exit status. Counts its own ticks, as a
 * machine that sleeps stops both threads.
 */
const workerSource = `
import { readFileSync, writeSync } from "node:fs";
const tick = 250;
self.onmessage = ({ data: { file, name, shared } }) => {
  self.postMessage("ready");
  let [seen, ticks] = [-1, 0];
  setInterval(() => {
    const beat = Atomics.load(shared, 0);
    ticks = beat === seen ? ticks + 1 : 0;
    seen = beat;
    const limit = Atomics.load(shared, 1);
    if (limit > 0 && ticks * tick >= limit) end(file, name, Atomics.load(shared, 2));
  }, tick);
};
const end = (file, name, line) => {
  const plain = (text) => text.replace(/[\\p{Cc}\\p{Bidi_Control}]/gu, " ");
  const shown = readFileSync(file, "utf8").split("\\n")[line - 1] ?? "";
  writeSync(2, "error " + plain(name) + ":" + line + ": this test did not end in time, and blocks all else\\n      "
    + plain(shown.trim()) + "\\n      look for an endless loop; the next command removes the copy\\n");
  import("bun:ffi").then(({ dlopen }) => {
    for (const library of ["libc.so.6", "libc.so", "libSystem.B.dylib"])
      try { dlopen(library, { _exit: { args: ["i32"] } }).symbols._exit(1); } catch {}
  }).finally(() => process.kill(process.pid, "SIGKILL"));
};
`;

/** Ends the process when a test blocks it for longer than the test may take. */
export interface LoopWatch extends Disposable {
  /** A test begins. @param line of its definition */
  readonly begin: (line: number, seconds: number) => void;
}

/** Milliseconds between two signs of life, and beyond a deadline until a test counts as blocked. */
const beatInterval = 250;
const grace = 5000;

/**
 * Resolves when it watches: a worker cannot start beside a loop.
 *
 * @param name of the file in messages
 */
export async function watchLoops(file: string, name: string): Promise<LoopWatch> {
  // Signs of life, the limit in milliseconds, the line of the last test.
  const shared = new Int32Array(new SharedArrayBuffer(12));
  const url = URL.createObjectURL(new Blob([workerSource], { type: "application/javascript" }));
  const worker = new Worker(url);
  worker.unref();
  const started = new Promise((resolve) => {
    worker.addEventListener("message", resolve, { once: true });
    worker.addEventListener("error", resolve, { once: true });
  });
  // oxlint-disable-next-line require-post-message-target-origin -- a worker has none
  worker.postMessage({ file, name, shared });
  const beat = setInterval(() => void Atomics.add(shared, 0, 1), beatInterval);
  await started;
  return {
    begin: (line, seconds) => {
      const limit = Math.max(Atomics.load(shared, 1), seconds * 1000 + grace);
      Atomics.store(shared, 1, Math.min(limit, 2 ** 31 - 1));
      Atomics.store(shared, 2, line);
    },
    [Symbol.dispose]: () => {
      clearInterval(beat);
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
