import type { Duplex, Readable } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import { demultiplex } from "./demultiplex.ts";

/** The streams of a container's process, as a terminal or as pipes. */
export interface Terminal {
  /** With a terminal: its bytes. Without: the Engine's multiplexed stream, for `split`. */
  readonly stream: Duplex;
  /** The outputs of a process without a terminal. */
  split(): { stdout: Readable; stderr: Readable };
  resize(columns: number, rows: number): Promise<void>;
  /** Resolves when the process has ended and a container that removes itself is gone. */
  exitStatus(): Promise<number>;
}

/** Attaches to the streams of a container that removes itself at its end. Attach before the start. */
export async function attachTerminal(engine: Engine, id: string): Promise<Terminal> {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
  const stream = await withClient(engine, (client) => client.getContainer(id).attach(options));
  // Requested before the start, like `docker run --rm` does: there is no waiting for a removed container. Waiting only
  // for the end would resolve while the container still exists.
  const ended = withClient(engine, (client) =>
    client.getContainer(id).wait({ condition: "removed" }),
  ) as Promise<{ StatusCode: number }>;
  ended.catch(() => {});
  return {
    stream: stream as Duplex,
    split: () => demultiplex(stream as Duplex),
    resize: async (columns, rows) => {
      await withClient(engine, (client) => client.getContainer(id).resize({ w: columns, h: rows }));
    },
    exitStatus: async () => (await ended).StatusCode,
  };
}
