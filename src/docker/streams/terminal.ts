import type { Duplex, Readable } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import type { SessionKind } from "../../model/container-spec.ts";
import { attachStream } from "../client/request.ts";
import { watchExit, type WatchedExit } from "../containers/exit.ts";
import { demultiplex } from "./demultiplex.ts";
import { whenEnded } from "./stream-end.ts";

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
export async function attachTerminal(
  engine: Engine,
  id: string,
  kind: SessionKind,
): Promise<Terminal> {
  // Podman passes a body on as input, and dockerode sends one.
  const query = "stream=1&stdin=1&stdout=1&stderr=1";
  const { stream } = await attachStream(engine, `/containers/${id}/attach?${query}`);
  // Read from now on: what nobody reads is lost when the Engine closes the connection.
  const outputs = kind === "pipes" ? demultiplex(stream) : undefined;
  const exit = await watchRemoval(engine, id);
  void exit.status.then(
    () => endWhenIdle(stream),
    () => stream.destroy(),
  );
  return {
    stream,
    split: () => outputs ?? demultiplex(stream),
    resize: async (columns, rows) => {
      await withClient(engine, (client) => client.getContainer(id).resize({ w: columns, h: rows }));
    },
    exitStatus: () => exit.status,
  };
}

/** Like `docker run --rm` does: waiting only for the end would resolve while the container still exists. */
async function watchRemoval(engine: Engine, id: string): Promise<WatchedExit> {
  const { isPodman } = await engine.features();
  if (!isPodman) return watchExit(engine, id, "removed");
  // Podman's answer for a container that is gone has the status 0, whatever it was.
  const watched = await Promise.all([
    watchExit(engine, id, "next-exit"),
    watchExit(engine, id, "removed"),
  ]);
  const status = Promise.all(watched.map((exit) => exit.status)).then(([exit = 1]) => exit);
  status.catch(() => {});
  return { status };
}

/** Milliseconds without output after which the stream of a container that is gone has no more. */
const idleTime = 2000;

/**
 * Ends the stream of a container that is gone, once it is silent. The Engine reports an attachment before it is complete:
 * when the process ends in between, the Engine never closes the stream.
 */
function endWhenIdle(stream: Duplex): void {
  let timer: Timer;
  const check = (): void => {
    // A slow reader has paused it: there may be more.
    if (stream.isPaused()) restart();
    else stream.destroy();
  };
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(check, idleTime);
  };
  stream.on("data", restart);
  void whenEnded(stream).then(() => clearTimeout(timer));
  restart();
}
