import type { Duplex } from "node:stream";
import type { Engine } from "../client/connect.ts";
import { withClient } from "../client/errors.ts";

/** The terminal of something that runs in a container. */
export interface Terminal {
  readonly stream: Duplex;
  resize(columns: number, rows: number): Promise<void>;
  /** Resolves when it has ended, and what removes itself is gone. */
  exitStatus(): Promise<number>;
}

/** The terminal of a container's own process, which removes itself at its end; to be attached before the start. */
export async function attachTerminal(engine: Engine, id: string): Promise<Terminal> {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
  const stream = await withClient(engine, (client) => client.getContainer(id).attach(options));
  // Asked for before the start, as nobody can ask about what is gone; as `docker run --rm` does. Whoever waited only
  // for the end would still find it there.
  const ended = withClient(engine, (client) =>
    client.getContainer(id).wait({ condition: "removed" }),
  ) as Promise<{ StatusCode: number }>;
  ended.catch(() => {});
  return {
    stream: stream as Duplex,
    resize: async (columns, rows) => {
      await withClient(engine, (client) => client.getContainer(id).resize({ w: columns, h: rows }));
    },
    exitStatus: async () => (await ended).StatusCode,
  };
}
