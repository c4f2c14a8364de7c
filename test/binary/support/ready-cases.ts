// The ready checks of ready.test.ts: each has an instance that becomes ready, and one that never does.
import { type Listener, listenerCommand } from "./listener.ts";

export const image = "debian:bookworm-slim";
/** Has a health check that passes once the listener listens. */
export const healthy = "reyns-test/healthcheck";

interface Case {
  readonly name: string;
  /** As it is written in a reyns.ts; none: what the image and the ports say. */
  readonly check?: string;
  readonly image?: string;
  readonly ports?: string;
  /** How the check fails, and what the failure says of it. */
  readonly never: Partial<Listener>;
  readonly unready: string;
}

export const cases: readonly Case[] = [
  {
    name: "tcp",
    check: "ready.tcp(8000)",
    never: { port: 8001 },
    unready: "port 8000 does not accept connections",
  },
  {
    name: "http",
    check: 'ready.http(8000, "/status")',
    never: { status: 503 },
    unready: "GET /status on port 8000 does not return a status below 400",
  },
  {
    name: "log",
    check: "ready.log(/^listening on 8000$/)",
    never: { port: 8001 },
    unready: "no line of its output matches /^listening on 8000$/",
  },
  {
    name: "command",
    check: 'ready.command("test", "-s", "/etc/hostname", "-a", "-e", "/listening")',
    never: { after: 600 },
    unready: "this command fails: test -s /etc/hostname -a -e /listening",
  },
  {
    name: "file",
    check: 'ready.file("/listening")',
    never: { after: 600 },
    unready: "/listening does not exist",
  },
  {
    name: "healthy",
    check: "ready.healthy()",
    image: healthy,
    never: { after: 600 },
    unready: "its health check does not pass: nobody listens",
  },
  {
    name: "healthcheck",
    image: healthy,
    never: { after: 600 },
    unready: "its health check does not pass: nobody listens",
  },
  {
    name: "published",
    ports: "[8000]",
    never: { port: 8001 },
    unready: "port 8000 does not accept connections",
  },
];

function definition({ name, check, image: own = image, ports }: Case, listener: Listener): string {
  const options = [
    `image: ${JSON.stringify(own)}`,
    `command: ${JSON.stringify(listenerCommand(listener))}`,
    ...(check === undefined ? [] : [`ready: ${check}`]),
    ...(ports === undefined ? [] : [`ports: ${ports}`, 'env: { PUBLISH_ON_IP: "127.77.0.2" }']),
  ];
  const instance = listener.after === 0.3 ? "good" : "bad";
  return `service("${name}", { instance: "${instance}", ${options.join(", ")} });`;
}

/** The instances "good" and "bad" of all cases. */
export function caseDefinitions(): string[] {
  const says = ["first line", "second line"];
  return cases.flatMap((one) => [
    definition(one, { port: 8000, after: 0.3 }),
    definition(one, { port: 8000, after: 0, says, ...one.never }),
  ]);
}
