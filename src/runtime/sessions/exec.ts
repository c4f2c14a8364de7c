import type { Engine } from "../../docker/client/engine.ts";
import {
  runExec,
  type ExecIO,
  type ExecRequest,
  type ExecOutput,
} from "../../docker/streams/exec.ts";
import { commandArgs } from "../../model/docker-syntax.ts";
import { secretEnvironment } from "../secrets.ts";

export type { ExecOutput };

/** Runs a command in an instance until it ends, with the instance's secrets, and collects its output. */
export async function runInInstance(
  engine: Engine,
  id: string,
  request: ExecRequest,
  io: ExecIO = {},
): Promise<ExecOutput> {
  const env = [...(await secretEnvironment(engine, id)), ...(request.env ?? [])];
  return runExec(engine, id, { ...request, env }, io);
}

/** The same for a command line. */
export function captureCommand(
  engine: Engine,
  id: string,
  command: string,
  settings: Omit<ExecRequest, "command"> = {},
): Promise<ExecOutput> {
  return runInInstance(engine, id, { ...settings, command: commandArgs(command) });
}
