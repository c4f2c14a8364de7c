import * as fc from "fast-check";
import { labels } from "../../../src/model/labels.ts";
import { eventsOf, processesOf, progressOf, usageOf, type Draw } from "./hostile-streams.ts";

/** What a terminal would obey, and what would pass for a line of its own. */
const attacks = [
  ...[
    "\u001B[2J\u001B[1;1H",
    "\u001B]0;title\u0007",
    "\u001B]52;c;AAAA\u001B\\",
    "\u001BP+q\u001B\\",
  ],
  ...[
    "\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\",
    "\u001B[8m",
    "\u001B[38;5;201m",
    "\u001B[30;40m",
    "\u001B",
  ],
  ...[
    "\u009B2J",
    "\u009D0;x\u009C",
    "\u0085",
    "\u007F",
    "\u0008\u0008\u0008",
    "\r",
    "\0",
    "\u0007",
  ],
  ...["\u202Egnp", "\u2066x\u2069", "\u200F", "\u061C", "\nFORGED: all is well"],
];

/** A text with attacks in it. */
export const attackText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(fc.constantFrom(...attacks), fc.constantFrom("web", "one", "a b", "x".repeat(90))),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(""));

interface Scope {
  readonly project: string;
  readonly folder: string;
}

/** Answers a request as an Engine would whose containers, images, volumes and errors somebody else has made. */
export function hostileAnswer(request: Request, draw: Draw, scope: Scope): Response {
  const { pathname } = new URL(request.url);
  const path = pathname.replace(/^\/v[\d.]+/, "");
  const headers = { "Api-Version": "1.41" };
  if (path === "/_ping") return new Response("OK", { headers });
  if (path.endsWith("/logs")) return new Response(logOf(draw), { headers });
  if (path === "/events")
    return new Response(
      eventsOf(draw, () => ownLabels(draw, scope)),
      { headers },
    );
  if (path === "/build" || path === "/images/create")
    return new Response(progressOf(draw), { headers });
  if (path.endsWith("/wait")) {
    const status = [0, 3, draw(), null][draw().length % 4];
    return Response.json({ StatusCode: status, Error: { Message: draw() } }, { headers });
  }
  const answer = request.method === "GET" ? documentAt(path, draw, scope) : undefined;
  if (answer !== undefined) return Response.json(answer, { headers });
  // Some stops and removals succeed.
  if (answer === undefined && request.method !== "GET" && draw().length % 2 === 0)
    return new Response(undefined, { status: 204, headers });
  return Response.json({ message: draw() }, { status: 500, headers });
}

function documentAt(path: string, draw: Draw, scope: Scope): unknown {
  if (path === "/containers/json") return [0, 1, 2, 3].map((index) => summary(index, draw, scope));
  if (/^\/containers\/[^/]+\/json$/.test(path)) return details(draw, scope);
  if (path.endsWith("/top")) return processesOf(draw);
  if (path.endsWith("/stats")) return usageOf(draw);
  if (path === "/networks") return [network(draw, scope)];
  if (path.startsWith("/volumes"))
    return { Volumes: [{ Name: draw(), Driver: draw(), Labels: ownLabels(draw, scope) }] };
  if (path === "/images/json")
    return [
      { Id: draw(), RepoTags: [draw(), "debian:bookworm-slim"], Labels: {}, Created: 1, Size: 1 },
    ];
  if (/^\/images\/.*\/json$/.test(path))
    return {
      Id: draw(),
      RepoTags: [draw()],
      Config: { Labels: {}, Cmd: [draw()], Env: [draw()] },
      Size: 1,
    };
  if (path === "/version") return { Version: draw(), ApiVersion: "1.41", Os: draw(), Arch: draw() };
  if (path === "/info")
    return { ID: draw(), Name: draw(), OperatingSystem: draw(), DockerRootDir: draw() };
  return undefined;
}

/** Some are instances that the project defines, others have the names of none. */
function ownLabels(draw: Draw, { project, folder }: Scope, index = 9): Record<string, string> {
  const registration = { server: draw(), zone: draw(), policy: draw(), address: draw() };
  return {
    [labels.project]: project,
    [labels.folder]: folder,
    [labels.service]: index < 2 ? "web" : draw(),
    [labels.instance]: ["one", "two"][index] ?? draw(),
    [labels.group]: draw(),
    [labels.conf]: index < 3 ? "default" : draw(),
    [labels.image]: draw(),
    [labels.definition]: JSON.stringify({ [draw()]: draw() }),
    [labels.registration]: JSON.stringify(registration),
    [labels.secrets]: draw(),
    [labels.after]: draw(),
    [labels.address]: draw(),
    [labels.ready]: JSON.stringify({ kind: draw() }),
  };
}

const states = ["running", "exited", "paused", "created"];

function summary(index: number, draw: Draw, scope: Scope): object {
  const state = states[index] ?? "running";
  return {
    Id: `${index}`.repeat(64),
    Names: [`/${draw()}`],
    Image: draw(),
    ImageID: draw(),
    Labels: index === 3 ? { [draw()]: draw() } : ownLabels(draw, scope, index),
    State: state,
    Status: state === "exited" ? `Exited (1) ${draw()}` : `Up ${draw()}`,
    Created: 1_700_000_000,
    NetworkSettings: { Networks: { [draw()]: { NetworkID: draw(), IPAddress: draw() } } },
    Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: draw(), IP: draw() }],
    Mounts: [{ Type: "volume", Name: draw(), Source: draw(), Destination: draw(), RW: true }],
  };
}

function details(draw: Draw, scope: Scope): object {
  return {
    Id: "0".repeat(64),
    Name: `/${draw()}`,
    RestartCount: 3,
    State: {
      ...{ Running: true, Paused: false, Restarting: false, ExitCode: 1, OOMKilled: false },
      ...{ StartedAt: draw(), FinishedAt: draw(), Error: draw() },
      Health: { Status: draw(), Log: [{ Output: draw() }] },
    },
    Config: {
      ...{ Image: draw(), Hostname: draw(), User: draw(), WorkingDir: draw() },
      ...{ Cmd: [draw()], Entrypoint: [draw()], Env: [`${draw()}=${draw()}`, `A=${draw()}`] },
      Labels: ownLabels(draw, scope),
    },
    HostConfig: {
      ...{
        ExtraHosts: [draw()],
        Dns: [draw()],
        PortBindings: { [draw()]: [{ HostPort: draw() }] },
      },
      ...{ RestartPolicy: { Name: draw() }, CapAdd: [draw()], SecurityOpt: [draw()] },
    },
    Mounts: [{ Type: "bind", Source: draw(), Destination: draw(), RW: false }],
    NetworkSettings: { Networks: {} },
  };
}

function network(draw: Draw, scope: Scope): object {
  return {
    ...{ Id: draw(), Name: draw(), Driver: "bridge", Labels: ownLabels(draw, scope) },
    IPAM: { Config: [{ Subnet: "10.9.0.0/24" }] },
    Containers: {},
  };
}

/** Frames of a multiplexed stream. */
function logOf(draw: Draw): Buffer {
  const frames = [1, 2].map((output) => {
    const line = Buffer.from(`2026-01-02T03:04:05.123456789Z ${draw()}\n`);
    const header = Buffer.from([output, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(line.length, 4);
    return Buffer.concat([header, line]);
  });
  return Buffer.concat(frames);
}
