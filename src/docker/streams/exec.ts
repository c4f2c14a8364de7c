import type { ExecCreateOptions } from "dockerode";
import type { Duplex, Readable } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { readAnswer, requireString } from "../client/answers.ts";
import { request } from "../client/request.ts";
import { withClient } from "../client/errors.ts";
import { demultiplex } from "./demultiplex.ts";

export interface ExecRequest {
  readonly command: readonly string[];
  readonly user?: string | undefined;
  readonly tty?: boolean;
  readonly stdin?: boolean;
  readonly env?: readonly string[];
  readonly workingDir?: string | undefined;
  readonly privileged?: boolean | undefined;
}

/** A command running in a container. */
export interface ExecSession {
  /** With a terminal: its bytes. Without: the Engine's multiplexed stream, for `split`. */
  readonly stream: Duplex;
  /** The outputs of a session without a terminal. */
  split(): { stdout: Readable; stderr: Readable };
  resize(columns: number, rows: number): Promise<void>;
  exitStatus(): Promise<number>;
}

export async function startExec(
  engine: Engine,
  id: string,
  exec: ExecRequest,
): Promise<ExecSession> {
  const { tty = false, stdin = false } = exec;
  const created = await withClient(engine, (client) =>
    client.getContainer(id).exec({
      ...settingsOf(exec),
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
    }),
  );
  const stream = await withClient(engine, () => created.start({ hijack: true, stdin, Tty: tty }));
  return {
    stream,
    split: () => demultiplex(stream),
    resize: async (columns, rows) => {
      await withClient(engine, () => created.resize({ w: columns, h: rows }) as Promise<unknown>);
    },
    exitStatus: async () => (await withClient(engine, () => created.inspect())).ExitCode ?? 1,
  };
}

/** Starts a command in a container and leaves it running. Its output goes nowhere. */
export async function startDetachedExec(
  engine: Engine,
  id: string,
  exec: ExecRequest,
): Promise<void> {
  const body = settingsOf(exec);
  const created = await request<{ readonly Id: string }>(engine, {
    method: "POST",
    path: `/containers/${id}/exec`,
    body,
  });
  const path = readAnswer(engine, created, ({ Id }) => `/exec/${requireString(Id)}/start`);
  await request(engine, { method: "POST", path, body: { Detach: true } });
}

function settingsOf({ command, user, env, workingDir, privileged }: ExecRequest): ExecFields {
  return {
    Cmd: [...command],
    ...(user === undefined ? {} : { User: user }),
    ...(env === undefined ? {} : { Env: [...env] }),
    ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
    ...(privileged === undefined ? {} : { Privileged: privileged }),
  };
}

type ExecFields = Pick<ExecCreateOptions, "Cmd" | "User" | "Env" | "WorkingDir" | "Privileged">;

export interface ExecOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitStatus: number;
}

export interface ExecIO {
  /** Standard input. */
  readonly input?: string | undefined;
  /** Called with output as it arrives. */
  readonly onOutput?: (output: "stdout" | "stderr", chunk: Uint8Array) => void;
}

/** Runs a command in a container until it ends and collects its output. */
export async function runExec(
  engine: Engine,
  id: string,
  exec: ExecRequest,
  { input, onOutput }: ExecIO = {},
): Promise<ExecOutput> {
  const session = await startExec(engine, id, { ...exec, stdin: input !== undefined });
  if (input !== undefined) session.stream.end(input);
  const outputs = session.split();
  const [stdout, stderr] = await Promise.all([
    collect(outputs.stdout, (chunk) => onOutput?.("stdout", chunk)),
    collect(outputs.stderr, (chunk) => onOutput?.("stderr", chunk)),
  ]);
  return { stdout, stderr, exitStatus: await session.exitStatus() };
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
