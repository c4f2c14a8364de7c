import type { Engine } from "../../docker/client/engine.ts";
import {
  runExec,
  startDetachedExec,
  type ExecIO,
  type ExecRequest,
  type ExecOutput,
} from "../../docker/streams/exec.ts";
import { commandArgs } from "../../model/docker-syntax.ts";
import { prepareExec } from "./exec-environment.ts";

export type { ExecOutput };

/** Runs a command in an instance until it ends, with the instance's environment, and collects its output. */
export async function runInInstance(
  engine: Engine,
  id: string,
  request: ExecRequest,
  io: ExecIO = {},
): Promise<ExecOutput> {
  return runExec(engine, id, await withEnvironment(engine, id, request), io);
}

/** Starts a command in an instance, with its environment, and leaves it running. */
export async function startInInstance(
  engine: Engine,
  id: string,
  request: ExecRequest,
): Promise<void> {
  await startDetachedExec(engine, id, await withEnvironment(engine, id, request));
}

async function withEnvironment(
  engine: Engine,
  id: string,
  request: ExecRequest,
): Promise<ExecRequest> {
  const { command, env } = await prepareExec(engine, id, request.command);
  return { ...request, command, env: [...env, ...(request.env ?? [])] };
}

/** The same as `runInInstance` for a command line. */
export function captureCommand(
  engine: Engine,
  id: string,
  command: string,
  settings: Omit<ExecRequest, "command"> = {},
): Promise<ExecOutput> {
  return runInInstance(engine, id, { ...settings, command: commandArgs(command) });
}
