import type { Readable } from "node:stream";
import type { Engine } from "../docker/connect.ts";
import { startExec, type Completed } from "../docker/exec.ts";

interface Settings {
  readonly command: readonly string[];
  readonly input: string | undefined;
  readonly user: string | undefined;
  readonly workingDir: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Called with what it writes, as it comes. */
  readonly onOutput: (output: "stdout" | "stderr", chunk: Uint8Array) => void;
}

/** Runs a command in a container to its end; what it writes is shown as it comes, and collected. */
export async function runInInstance(
  engine: Engine,
  id: string,
  { command, input, user, workingDir, env, onOutput }: Settings,
): Promise<Completed> {
  const session = await startExec(engine, id, {
    command,
    stdin: input !== undefined,
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(user === undefined ? {} : { user }),
    ...(workingDir === undefined ? {} : { workingDir }),
  });
  if (input !== undefined) session.stream.end(input);
  const split = session.split();
  const [stdout, stderr] = await Promise.all([
    collect(split.stdout, (chunk) => onOutput("stdout", chunk)),
    collect(split.stderr, (chunk) => onOutput("stderr", chunk)),
  ]);
  return { stdout, stderr, exitStatus: await session.exitStatus() };
}

async function collect(stream: Readable, onChunk: (chunk: Buffer) => void): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    onChunk(chunk);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
