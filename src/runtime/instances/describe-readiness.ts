import { commandText } from "../../model/docker-syntax.ts";
import type { ReadyCheck } from "../../model/project.ts";
import type { Ready } from "../../model/readiness.ts";

/** What an instance is doing while Reyns waits for it: "waiting for port 80". */
export function phaseOf(ready: Ready): string {
  switch (ready.kind) {
    case "entrypoint":
    case "prestartup":
      return "running its prestartup scripts";
    case "dns":
      return "waiting for its DNS to answer";
    case "ports":
      return ready.ports.length === 0
        ? "waiting for it to stay up"
        : `waiting for port ${ready.ports.join(", ")}`;
    case "completed":
      return "running";
    case "tasks":
      return "waiting for its tasks";
    case "check":
      return `waiting for ${describeCheck(ready.check)}`;
  }
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
      return "its health check";
    case "started":
      return "its start";
  }
}

/** Why an instance is not ready yet: "port 80 does not accept connections". */
export function describeUnready(ready: Ready): string {
  switch (ready.kind) {
    case "entrypoint":
    case "prestartup":
      return "its prestartup scripts are still running";
    case "dns":
      return "its DNS does not answer";
    case "ports":
      return ready.ports.length === 0 ? describeFailedHealth("") : describeClosedPorts(ready.ports);
    case "completed":
      return "it is still running";
    case "tasks":
      return "not all of its tasks run";
    case "check":
      return describeFailingCheck(ready.check);
  }
}

/** The longest part of a line that a message quotes. */
const longestQuote = 200;

/** With the last line that the health check has printed. */
export function describeFailedHealth(output: string): string {
  const reason = "its health check does not pass";
  const line = output.trim().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? reason : `${reason}: ${line.slice(0, longestQuote)}`;
}

/** How to wait for less than all published ports. */
export function hintForPorts(ready: Ready): string | undefined {
  if (ready.kind !== "ports" || ready.ports.length < 2) return undefined;
  return `if only one of the ports has to accept, say so in reyns.ts: ready: ready.tcp(${ready.ports[0]})`;
}

function describeFailingCheck(check: ReadyCheck): string {
  switch (check.kind) {
    case "tcp":
      return describeClosedPorts([check.port]);
    case "http":
      return `${describeRequest(check)} does not return a status below 400`;
    case "log":
      return `no line of its output matches /${check.pattern}/${check.flags}`;
    case "command":
      return `this command fails: ${commandText(check.command)}`;
    case "file":
      return `${check.path} does not exist`;
    case "healthy":
      return describeFailedHealth("");
    case "started":
      return "it has not started";
  }
}

function describeClosedPorts(ports: readonly number[]): string {
  return ports.length === 1
    ? `port ${ports[0]} does not accept connections`
    : `not all of the ports ${ports.join(", ")} accept connections`;
}

/** "GET /up on port 80" */
function describeRequest({ port, path }: Extract<ReadyCheck, { kind: "http" }>): string {
  return `GET ${path} on port ${port}`;
}
