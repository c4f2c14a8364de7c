import type { Engine } from "../../docker/client/engine.ts";
import type { Terminal } from "../../docker/streams/terminal.ts";
import {
  runExec,
  startExec,
  type ExecResult,
  type ExecIO,
  type ExecRequest,
} from "../../docker/streams/exec.ts";
import { whenEnded } from "../../docker/streams/stream-end.ts";
import { commandArgs } from "../../model/docker-syntax.ts";
import { secretEnvironment } from "../secrets.ts";

export { type ExecResult as Completed };

/** A shell in a container when no command is given: the user's own, else plain sh. */
const shell = "if command -v bash >/dev/null 2>&1; then exec bash -l; else exec sh -l; fi";

/** The Engine gives a terminal its size only after the start: what asks for it at once would find none. */
function withTerminalSize(line: string, { columns, rows }: NodeJS.WriteStream): string {
  return `stty rows ${rows} columns ${columns} 2>/dev/null; ${line}`;
}

/** Runs a command in an instance to its end, with its secrets, and collects what it wrote. */
export async function runInInstance(
  engine: Engine,
  id: string,
  options: ExecRequest,
  exchange: ExecIO = {},
): Promise<ExecResult> {
  const env = [...(await secretEnvironment(engine, id)), ...(options.env ?? [])];
  return runExec(engine, id, { ...options, env }, exchange);
}

/** The same for a command as a person writes it. */
export function captureCommand(engine: Engine, id: string, command: string): Promise<ExecResult> {
  return runInInstance(engine, id, { command: commandArgs(command) });
}

export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Runs a command, or a shell, in a container with this process's own streams: as a terminal where they are one.
 *
 * @returns the command's exit status
 */
export async function runAttached(
  engine: Engine,
  id: string,
  command: string | undefined,
  streams: Streams,
): Promise<number> {
  const tty = streams.stdin.isTTY && streams.stdout.isTTY;
  const line = command ?? shell;
  const words = commandArgs(tty ? withTerminalSize(line, streams.stdout) : line);
  const terminal = tty ? [`TERM=${process.env["TERM"] ?? "xterm"}`] : [];
  const env = [...(await secretEnvironment(engine, id)), ...terminal];
  const session = await startExec(engine, id, { command: words, tty, stdin: true, env });
  if (tty) await forwardTerminal(session, streams);
  else await forwardStreams(session, streams);
  return session.exitStatus();
}

type Session = Awaited<ReturnType<typeof startExec>>;
type ResizableSession = Pick<Terminal, "stream" | "resize">;

/**
 * Connects this terminal with another: every key goes to the other side, Ctrl-C among them; its size follows this one's.
 *
 * @returns what undoes it
 */
export function connectTerminal(session: ResizableSession, { stdin, stdout }: Streams): () => void {
  const resize = (): void => void session.resize(stdout.columns, stdout.rows).catch(() => {});
  stdin.setRawMode(true);
  stdin.pipe(session.stream);
  session.stream.pipe(stdout);
  stdout.on("resize", resize);
  resize();
  return () => {
    stdout.off("resize", resize);
    release(stdin, session);
    try {
      stdin.setRawMode(false);
    } catch {
      // The terminal is gone: there is none to give back.
    }
  };
}

/** Resolves when the terminal is gone. What is written to it then may wait for ever, and so does who waits for that. */
export async function waitForTerminalLoss({ stdin, stdout }: Streams): Promise<void> {
  await Promise.race([whenEnded(stdin), whenEnded(stdout)]);
}

async function forwardTerminal(session: Session, streams: Streams): Promise<void> {
  void waitForTerminalLoss(streams).then(() => session.stream.destroy());
  const restore = connectTerminal(session, streams);
  await whenEnded(session.stream);
  restore();
  await flush(streams.stdout);
}

/** Resolves when all that the other side has written is written here: who reads it may be slow. */
async function forwardStreams(session: Session, { stdin, stdout, stderr }: Streams): Promise<void> {
  const split = session.split();
  split.stdout.pipe(stdout, { end: false });
  split.stderr.pipe(stderr, { end: false });
  stdin.pipe(session.stream);
  // Nobody reads any more, as behind "| head": the rest is not wanted either.
  const giveUp = (): void => {
    session.stream.destroy();
    split.stdout.resume();
    split.stderr.resume();
  };
  for (const output of [stdout, stderr]) output.once("error", giveUp);
  await Promise.all([whenEnded(split.stdout), whenEnded(split.stderr)]);
  release(stdin, session);
  await Promise.all([flush(stdout), flush(stderr)]);
}

function release(stdin: NodeJS.ReadStream, session: ResizableSession): void {
  stdin.unpipe(session.stream);
  stdin.pause();
}

/**
 * Connects this process's standard streams with an SSH server that is started inside a container for this one
 * connection: what ssh runs as its ProxyCommand. It needs neither a route to the container nor a published port.
 */
export async function proxySsh(engine: Engine, id: string, streams: Streams): Promise<void> {
  const session = await startExec(engine, id, {
    command: ["/usr/sbin/sshd", "-i"],
    user: "root",
    stdin: true,
  });
  await forwardStreams(session, streams);
}

/** Resolves when all that was written has left: the end of the process does not wait for it. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
