import { ReynsError, type Place } from "../../errors.ts";

/**
 * Runs in a thread of its own: while the user's code is in an endless loop, nothing else of this process does. It says
 * where and ends the process, by the C library where it can, with a status of its own.
 */
const watcher = `
import { readFileSync, writeSync } from "node:fs";
self.onmessage = ({ data }) => watch(data, 0);
const watch = ({ file, name, seconds, shared, status }, seen) => setTimeout(() => {
  const pauses = Atomics.load(shared, 1);
  if (pauses % 2 === 1 || pauses !== seen) return watch({ file, name, seconds, shared, status }, pauses);
  const from = Atomics.load(shared, 0);
  const lines = readFileSync(file, "utf8").split("\\n");
  const loop = lines.findIndex((line, index) => index + 1 >= from && /\\b(?:while|for|do)\\b/.test(line)) + 1;
  const at = loop > 0 ? name + ":" + loop : name;
  const shown = loop > 0 ? "\\n      " + lines[loop - 1].trim() : "";
  writeSync(2, "error " + at + ": the file runs without an end: stopped after " + seconds + " s" + shown
    + "\\n      look for a loop that does not end; LOAD_TIMEOUT=SECONDS gives it longer\\n");
  import("bun:ffi").then(({ dlopen }) => {
    for (const library of ["libc.so.6", "libc.so", "libSystem.B.dylib"])
      try { dlopen(library, { _exit: { args: ["i32"] } }).symbols._exit(status); } catch {}
  }).finally(() => process.kill(process.pid, "SIGKILL"));
}, seconds * 1000 + 250);
`;

/** What watches over a file that is being run. */
export interface Watch extends Disposable {
  /** Rejects when the time is over, or the file called `process.exit`. */
  readonly ended: Promise<never>;
  /** Tells how far the file has come. */
  readonly reached: (line: number) => void;
  /** Stops the clock, while a person is asked; what it gives starts it anew. */
  readonly pause: () => () => void;
}

interface Settings {
  readonly file: string;
  /** As it is shown. */
  readonly name: string;
  readonly seconds: number;
  /** The error for a file that waits for what does not come. */
  readonly stuck: () => Promise<ReynsError>;
}

/** Watches over a file that waits for ever, or loops for ever. */
export function watchOver({ file, name, seconds, stuck }: Settings): Watch {
  // The line that was reached last, and how often the clock was stopped or started.
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const url = URL.createObjectURL(new Blob([watcher], { type: "application/javascript" }));
  const worker = new Worker(url);
  worker.unref();
  // oxlint-disable-next-line require-post-message-target-origin -- a worker has none
  worker.postMessage({ file, name, seconds, shared, status: 2 });
  const { promise, reject } = Promise.withResolvers<never>();
  const start = () => setTimeout(() => void stuck().then(reject, reject), seconds * 1000);
  let timer = start();
  return {
    ended: promise,
    reached: (line) => void Atomics.store(shared, 0, line),
    pause: () => {
      clearTimeout(timer);
      Atomics.add(shared, 1, 1);
      return () => {
        Atomics.add(shared, 1, 1);
        timer = start();
      };
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

/** Takes what the user's code must not do, and what it throws where nobody catches it. */
export function guardProcess(place: () => Place, thrown: unknown[]): Disposable {
  // oxlint-disable-next-line no-restricted-properties, typescript/unbound-method -- taken away from the user's code, not called
  const { exit } = process;
  const keep = (error: unknown): void => void thrown.push(error);
  // oxlint-disable-next-line no-restricted-properties -- see above
  process.exit = (code) => {
    const message = `process.exit(${code ?? ""}) would end Reyns itself`;
    const hint = "leave it out; to say that something is wrong, throw an Error";
    const error = new ReynsError("INVALID_PROJECT", message, { at: place(), hint });
    keep(error);
    throw error;
  };
  process.on("unhandledRejection", keep);
  process.on("uncaughtException", keep);
  return {
    [Symbol.dispose]: () => {
      // oxlint-disable-next-line no-restricted-properties -- see above
      process.exit = exit;
      process.off("unhandledRejection", keep);
      process.off("uncaughtException", keep);
    },
  };
}
