import { ReynsError, type Place } from "../../errors.ts";

/**
 * Runs in a worker: an endless loop in the user's code blocks the main thread. It prints where the loop may be and ends
 * the process, through the C library where possible, as only that sets the exit status.
 */
const workerSource = `
import { readFileSync, writeSync } from "node:fs";
self.onmessage = ({ data }) => watch(data, 0);
const watch = ({ file, name, seconds, shared, status }, seen) => setTimeout(() => {
  const pauses = Atomics.load(shared, 1);
  if (pauses % 2 === 1 || pauses !== seen) return watch({ file, name, seconds, shared, status }, pauses);
  const from = Atomics.load(shared, 0);
  const lines = readFileSync(file, "utf8").split("\\n");
  const loop = lines.findIndex((line, index) => index + 1 >= from && /\\b(?:while|for|do)\\b/.test(line)) + 1;
  const plain = (text) => text.replace(/[\\p{Cc}\\p{Bidi_Control}]/gu, " ");
  const at = plain(loop > 0 ? name + ":" + loop : name);
  const shown = loop > 0 ? "\\n      " + plain(lines[loop - 1].trim()) : "";
  writeSync(2, "error " + at + ": loading timed out after " + seconds + " s: the file is still running" + shown
    + "\\n      look for an endless loop, or raise the limit with LOAD_TIMEOUT=SECONDS\\n");
  import("bun:ffi").then(({ dlopen }) => {
    for (const library of ["libc.so.6", "libc.so", "libSystem.B.dylib"])
      try { dlopen(library, { _exit: { args: ["i32"] } }).symbols._exit(status); } catch {}
  }).finally(() => process.kill(process.pid, "SIGKILL"));
}, seconds * 1000 + 250);
`;

/** Enforces the time limit of a file that is being run. */
export interface Watchdog extends Disposable {
  /** Rejects once the time is over. */
  readonly expired: Promise<never>;
  /** Reports the line that the file has reached. */
  readonly reportLine: (line: number) => void;
  /** Stops the clock, for a prompt; the returned function restarts it. */
  readonly pause: () => () => void;
}

interface WatchdogOptions {
  readonly file: string;
  /** Name of the file in messages. */
  readonly name: string;
  readonly seconds: number;
  /** Creates the error for a file that never settles. */
  readonly onTimeout: () => Promise<ReynsError>;
}

/** Starts the time limit for a file that never settles, or never ends a loop. */
export function startWatchdog({ file, name, seconds, onTimeout }: WatchdogOptions): Watchdog {
  // The last line reached, and the number of times the clock was stopped or restarted.
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const url = URL.createObjectURL(new Blob([workerSource], { type: "application/javascript" }));
  const worker = new Worker(url);
  worker.unref();
  // oxlint-disable-next-line require-post-message-target-origin -- a worker has none
  worker.postMessage({ file, name, seconds, shared, status: 2 });
  const { promise, reject } = Promise.withResolvers<never>();
  const start = () => setTimeout(() => void onTimeout().then(reject, reject), seconds * 1000);
  let timer = start();
  return {
    expired: promise,
    reportLine: (line) => void Atomics.store(shared, 0, line),
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

/** Turns calls of `process.exit` and unhandled errors of the user's code into errors in `thrown`. */
export function trapProcessExit(place: () => Place, thrown: unknown[]): Disposable {
  // oxlint-disable-next-line no-restricted-properties, typescript/unbound-method -- replaced, not called
  const { exit } = process;
  const collect = (error: unknown): void => void thrown.push(error);
  // oxlint-disable-next-line no-restricted-properties -- see above
  process.exit = (code) => {
    const message = `process.exit(${code ?? ""}) would end Reyns`;
    const hint = "remove it; to report a problem, throw an Error";
    const error = new ReynsError("INVALID_PROJECT", message, { at: place(), hint });
    collect(error);
    throw error;
  };
  process.on("unhandledRejection", collect);
  process.on("uncaughtException", collect);
  return {
    [Symbol.dispose]: () => {
      // oxlint-disable-next-line no-restricted-properties -- see above
      process.exit = exit;
      process.off("unhandledRejection", collect);
      process.off("uncaughtException", collect);
    },
  };
}
