import type { Engine } from "../../docker/client/engine.ts";
import { startExec, type ExecRequest, type ExecSession } from "../../docker/streams/exec.ts";
import { whenEnded } from "../../docker/streams/stream-end.ts";
import { commandArgs } from "../../model/docker-syntax.ts";
import { prepareExec } from "./exec-environment.ts";
import { connectTerminal, flush, waitForTerminalLoss, type Streams } from "./terminal.ts";

/** Runs without a command: bash as a login shell, else sh. */
const shell = "if command -v bash >/dev/null 2>&1; then exec bash -l; else exec sh -l; fi";

/** How a command runs in a container, as `docker exec` takes it. */
export type ExecSettings = Pick<ExecRequest, "user" | "workingDir" | "env" | "privileged">;

/**
 * Runs a command, or a shell, in a container with this process's own streams, as a terminal if they are one.
 *
 * @returns the command's exit status
 */
export async function runAttached(
  engine: Engine,
  id: string,
  command: string | undefined,
  streams: Streams,
  settings: ExecSettings = {},
): Promise<number> {
  const tty = streams.stdin.isTTY && streams.stdout.isTTY;
  const size = tty ? terminalSize(streams.stdout) : "";
  const prepared = await prepareExec(engine, id, commandArgs(command ?? shell), size);
  const terminalEnv = tty ? [`TERM=${process.env["TERM"] ?? "xterm"}`] : [];
  const env = [...prepared.env, ...terminalEnv, ...(settings.env ?? [])];
  const session = await startExec(engine, id, { ...settings, ...prepared, tty, stdin: true, env });
  if (tty) await forwardTerminal(session, streams);
  else await forwardStreams(session, streams);
  return session.exitStatus();
}

/**
 * Connects this process's standard streams with an SSH server that is started in a container for this connection: the
 * ProxyCommand of ssh. It needs neither a route to the container nor a published port.
 */
export async function proxySsh(engine: Engine, id: string, streams: Streams): Promise<void> {
  const session = await startExec(engine, id, {
    command: ["/usr/sbin/sshd", "-i"],
    user: "root",
    stdin: true,
  });
  await forwardStreams(session, streams);
}

/** The Engine sets the size only after the start, too late for a program that asks for it at once. */
function terminalSize({ columns, rows }: NodeJS.WriteStream): string {
  return `stty rows ${rows} columns ${columns} 2>/dev/null; `;
}

async function forwardTerminal(session: ExecSession, streams: Streams): Promise<void> {
  void waitForTerminalLoss(streams).then(() => session.stream.destroy());
  const restore = connectTerminal(session, streams);
  await whenEnded(session.stream);
  restore();
  await flush(streams.stdout);
}

/** Connects pipes. Resolves when the whole output is written, however slow its reader is. */
export async function forwardStreams(
  session: Pick<ExecSession, "stream" | "split">,
  { stdin, stdout, stderr }: Streams,
): Promise<void> {
  const remote = session.split();
  remote.stdout.pipe(stdout, { end: false });
  remote.stderr.pipe(stderr, { end: false });
  stdin.pipe(session.stream);
  // The reader is gone, as with "| head": discard the rest.
  const discard = (): void => {
    session.stream.destroy();
    remote.stdout.resume();
    remote.stderr.resume();
  };
  for (const output of [stdout, stderr]) output.once("error", discard);
  await Promise.all([whenEnded(remote.stdout), whenEnded(remote.stderr)]);
  stdin.unpipe(session.stream);
  stdin.pause();
  await Promise.all([flush(stdout), flush(stderr)]);
}
