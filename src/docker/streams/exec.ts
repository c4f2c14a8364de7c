import type { Duplex, Readable } from "node:stream";
import type { Engine } from "../client/connect.ts";
import { withClient } from "../client/errors.ts";
import { demultiplex } from "./attach-output.ts";

export interface ExecRequest {
  readonly command: readonly string[];
  readonly user?: string | undefined;
  readonly tty?: boolean;
  readonly stdin?: boolean;
  readonly env?: readonly string[];
  readonly workingDir?: string | undefined;
}

/** A command that runs in a container. */
export interface ExecSession {
  /** With a terminal: its bytes. Without: the Engine's multiplexed stream, to be split. */
  readonly stream: Duplex;
  /** The two streams of a session without a terminal. */
  split(): { stdout: Readable; stderr: Readable };
  resize(columns: number, rows: number): Promise<void>;
  exitStatus(): Promise<number>;
}

export async function startExec(
  engine: Engine,
  id: string,
  options: ExecRequest,
): Promise<ExecSession> {
  const tty = options.tty ?? false;
  const stdin = options.stdin ?? false;
  const exec = await withClient(engine, (client) =>
    client.getContainer(id).exec({
      Cmd: [...options.command],
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
      ...(options.user === undefined ? {} : { User: options.user }),
      ...(options.env === undefined ? {} : { Env: [...options.env] }),
      ...(options.workingDir === undefined ? {} : { WorkingDir: options.workingDir }),
    }),
  );
  const stream = await withClient(engine, () => exec.start({ hijack: true, stdin, Tty: tty }));
  return {
    stream,
    split: () => demultiplex(stream),
    resize: async (columns, rows) => {
      await withClient(engine, () => exec.resize({ w: columns, h: rows }) as Promise<unknown>);
    },
    exitStatus: async () => (await withClient(engine, () => exec.inspect())).ExitCode ?? 1,
  };
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitStatus: number;
}

export interface ExecIO {
  /** What it reads on its standard input. */
  readonly input?: string | undefined;
  /** Called with what it writes, as it comes. */
  readonly onOutput?: (output: "stdout" | "stderr", chunk: Uint8Array) => void;
}

/** Runs a command in a container to its end and collects what it wrote. */
export async function runExec(
  engine: Engine,
  id: string,
  options: ExecRequest,
  { input, onOutput }: ExecIO = {},
): Promise<ExecResult> {
  const session = await startExec(engine, id, { ...options, stdin: input !== undefined });
  if (input !== undefined) session.stream.end(input);
  const { stdout, stderr } = session.split();
  const [out, err] = await Promise.all([
    collect(stdout, (chunk) => onOutput?.("stdout", chunk)),
    collect(stderr, (chunk) => onOutput?.("stderr", chunk)),
  ]);
  return { stdout: out, stderr: err, exitStatus: await session.exitStatus() };
}

async function collect(
  stream: AsyncIterable<Buffer>,
  onChunk: (chunk: Buffer) => void,
): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    onChunk(chunk);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
