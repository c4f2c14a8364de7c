import { setTimeout as sleep } from "node:timers/promises";
import type { Terminal } from "../../docker/streams/terminal.ts";
import { whenEnded } from "../../docker/streams/stream-end.ts";

/** The standard streams of a process. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Connects this terminal with one in a container: all keys go there, including Ctrl-C, and its size follows this one's.
 *
 * @returns disconnects them and restores this terminal
 */
export function connectTerminal(
  session: Pick<Terminal, "stream" | "resize">,
  { stdin, stdout }: Streams,
): () => void {
  const resize = (): void => void session.resize(stdout.columns, stdout.rows).catch(() => {});
  stdin.setRawMode(true);
  stdin.pipe(session.stream);
  session.stream.pipe(stdout);
  stdout.on("resize", resize);
  resize();
  return () => {
    stdout.off("resize", resize);
    stdin.unpipe(session.stream);
    stdin.pause();
    try {
      stdin.setRawMode(false);
    } catch {
      // This terminal is gone: there is nothing to restore.
    }
  };
}

/** Resolves when the terminal is gone. Later writes to it may never complete. */
export async function waitForTerminalLoss({
  stdin,
  stdout,
}: Pick<Streams, "stdin" | "stdout">): Promise<void> {
  await Promise.race([whenEnded(stdin), whenEnded(stdout)]);
}

/**
 * Resolves when everything has been written: the end of the process does not wait for it. An empty write would tell, too,
 * but Bun sometimes never calls back for one on a socket.
 */
export async function flush(stream: NodeJS.WriteStream): Promise<void> {
  while (stream.writableLength > 0 && !stream.destroyed && !stream.errored) await sleep(5);
}
