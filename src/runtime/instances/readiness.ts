import { inspectContainer, listProcesses } from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import { waitForDns } from "../../dns/client/query.ts";
import { commandText } from "../../model/docker-syntax.ts";
import { ReynsError } from "../../errors.ts";
import type { DnsAccess } from "../dns/client.ts";
import { createProbe } from "./probe.ts";
import type { ReadyCheck } from "../../model/project.ts";
import type { Ready } from "../../model/steps.ts";
import { runInInstance } from "../sessions/terminal.ts";

/** What a wait can look at. */
export interface ReadinessContext {
  readonly engine: Engine;
  readonly containerId: string;
  readonly host: string;
  readonly dns: DnsAccess;
  /** Resolves when a line of the output matches; stays pending otherwise. */
  readonly lineMatching: (pattern: RegExp) => Promise<void>;
  /** Seconds left until it has to be ready. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Our entrypoint's word that everything before the seed command is done. */
const readyLine = /^reyns: ready\b/;

/** Waits until an instance is ready. Its end and the deadline are watched by the caller. */
export async function waitForReadiness(ready: Ready, watched: ReadinessContext): Promise<void> {
  switch (ready.kind) {
    case "entrypoint":
      return watched.lineMatching(readyLine);
    case "prestartup":
      return poll(watched, async () => !(await isRunningScripts(watched)));
    case "dns":
      return waitForZone(ready, watched);
    case "ports":
      return (await hasHealthcheck(watched))
        ? poll(watched, () => isHealthy(watched))
        : waitForPorts(watched, ready.address, ready.ports);
    case "check":
      return waitForCheck(ready.check, ready.address, watched);
  }
}

async function waitForZone(
  { address, zone }: Extract<Ready, { kind: "dns" }>,
  { dns, timeout, signal }: ReadinessContext,
): Promise<void> {
  const { server, dial } = await dns.to(address);
  return waitForDns(zone, { server, dial, signal, timeout: timeout * 1000 });
}

/** What an instance is at while it is waited for. */
export function phaseOf(ready: Ready): string {
  if (ready.kind === "entrypoint" || ready.kind === "prestartup")
    return "running its prestartup scripts";
  return `waiting for ${describeReady(ready)}`;
}

function describeReady(
  ready: Exclude<Ready, { readonly kind: "entrypoint" | "prestartup" }>,
): string {
  switch (ready.kind) {
    case "dns":
      return "its DNS to answer";
    case "ports":
      return ready.ports.length === 0 ? "it to stay up" : `port ${ready.ports.join(", ")}`;
    case "check":
      return describeCheck(ready.check);
  }
}

/** "GET /up on port 80" */
function describeRequest({ port, path }: Extract<ReadyCheck, { kind: "http" }>): string {
  return `GET ${path} on port ${port}`;
}

function describeCheck(check: ReadyCheck): string {
  switch (check.kind) {
    case "tcp":
      return `port ${check.port}`;
    case "http":
      return describeRequest(check);
    case "log":
      return `a line matching /${check.pattern}/${check.flags}`;
    case "command":
      return commandText(check.command);
    case "file":
      return check.path;
    case "healthy":
      return "it to be healthy";
  }
}

/** What a wait has found when it was in vain, in words. */
export function describeUnready(ready: Ready): string {
  switch (ready.kind) {
    case "entrypoint":
    case "prestartup":
      return "its prestartup scripts have not ended";
    case "dns":
      return "its DNS does not answer";
    case "ports":
      return ready.ports.length === 0 ? "it is not healthy" : describeClosedPorts(ready.ports);
    case "check":
      return describeFailing(ready.check);
  }
}

function describeClosedPorts(ports: readonly number[]): string {
  return ports.length === 1
    ? `port ${ports[0]} does not accept`
    : `not all of the ports ${ports.join(", ")} accept`;
}

function describeFailing(check: ReadyCheck): string {
  switch (check.kind) {
    case "tcp":
      return describeClosedPorts([check.port]);
    case "http":
      return `${describeRequest(check)} does not answer with a status below 400`;
    case "log":
      return `no line matches /${check.pattern}/${check.flags}`;
    case "command":
      return `this command fails: ${commandText(check.command)}`;
    case "file":
      return `there is no ${check.path}`;
    case "healthy":
      return "it is not healthy";
  }
}

function waitForCheck(
  check: ReadyCheck,
  address: string,
  watched: ReadinessContext,
): Promise<void> {
  switch (check.kind) {
    case "tcp":
      return waitForPorts(watched, address, [check.port]);
    case "http":
      return waitForResponse(watched, address, check);
    case "log":
      return watched.lineMatching(new RegExp(check.pattern, check.flags.replace(/[gy]/g, "")));
    case "command":
      return poll(watched, () => succeeds(watched, check.command));
    case "file":
      return poll(watched, () => succeeds(watched, ["test", "-e", check.path]));
    case "healthy":
      return poll(watched, () => isHealthy(watched));
  }
}

async function waitForPorts(
  watched: ReadinessContext,
  address: string,
  ports: readonly number[],
): Promise<void> {
  const probe = await createProbe({ ...watched, address });
  await Promise.all(ports.map((port) => poll(watched, () => probe.accepts(port))));
}

async function waitForResponse(
  watched: ReadinessContext,
  address: string,
  { port, path }: Extract<ReadyCheck, { kind: "http" }>,
): Promise<void> {
  const probe = await createProbe({ ...watched, address });
  await poll(watched, () => probe.answers(port, path));
}

/** Asks again and again, at first often, then ten times a second. */
async function poll({ signal }: ReadinessContext, holds: () => Promise<boolean>): Promise<void> {
  for (let pause = 10; !signal.aborted; pause = Math.min(pause * 1.5, 100)) {
    if (await holds()) return;
    await Bun.sleep(pause);
  }
}

async function succeeds(
  { engine, containerId }: ReadinessContext,
  command: readonly string[],
): Promise<boolean> {
  try {
    return (await runInInstance(engine, containerId, { command })).exitStatus === 0;
  } catch (error) {
    // It does not run: whoever watches its end says why.
    if (errorStatus(error) === 409) return false;
    throw error;
  }
}

/** The entrypoint becomes the seed command when they have ended. */
async function isRunningScripts({ engine, containerId }: ReadinessContext): Promise<boolean> {
  const processes = await listProcesses(engine, containerId);
  return processes.some((command) => command.includes("/usr/lib/reyns/entrypoint"));
}

async function hasHealthcheck({ engine, containerId }: ReadinessContext): Promise<boolean> {
  return (await inspectContainer(engine, containerId))?.health !== undefined;
}

async function isHealthy({ engine, containerId, host }: ReadinessContext): Promise<boolean> {
  const health = (await inspectContainer(engine, containerId))?.health;
  if (health === undefined) {
    throw new ReynsError(
      "NOT_READY",
      `${host} shall become healthy, but its image has no HEALTHCHECK`,
      { hint: "choose another ready check" },
    );
  }
  return health === "healthy";
}
