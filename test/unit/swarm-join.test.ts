// Races between a machine's own administrator and a join cannot be brought about at the right moment. These are an Engine's answers.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initSwarm } from "../../src/docker/swarm.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { changeSwarm } from "../../src/runtime/swarm/change.ts";
import { readJoins, recordJoin } from "../../src/runtime/swarm/recorded-joins.ts";

const folder = mkdtempSync(join(tmpdir(), "reyns-join-"));
const stateFolder = join(folder, ".reyns");
const owner = { name: "shop", origin: "/shop" };
const calls: string[] = [];

/** What the machine that is to join answers. */
let membership: object = {};
let refusal = "";
let afterRefusal: object = {};

function answer(document: object, status = 200): Response {
  return Response.json(document, { status, headers: { "Api-Version": "1.41" } });
}

/** Of a manager, and of a node that both answer at sockets of their own. */
function serve(name: string, swarm: () => object): ReturnType<typeof Bun.serve> {
  return Bun.serve({
    unix: join(folder, name),
    fetch: (request) => {
      const path = new URL(request.url).pathname.replace(/^\/v1\.\d+/, "");
      if (request.method === "POST") calls.push(`${name} ${path}`);
      if (path === "/info") return answer({ Swarm: swarm() });
      if (path === "/swarm") return answer({ JoinTokens: { Worker: "W", Manager: "M" } });
      if (path === "/nodes")
        return answer([
          {
            ...{ ID: "one", Version: { Index: 1 }, Spec: { Role: "manager" } },
            Status: { State: "ready", Addr: "10.0.0.1" },
          },
        ]);
      if (path !== "/swarm/join") return answer({});
      membership = afterRefusal;
      return answer({ message: refusal }, 503);
    },
  });
}

const manager = { LocalNodeState: "active", ControlAvailable: true, Cluster: { ID: "S" } };
const servers = [serve("one", () => manager), serve("two", () => membership)];

beforeEach(() => {
  calls.length = 0;
  rmSync(stateFolder, { recursive: true, force: true });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop(true)));
  rmSync(folder, { recursive: true, force: true });
});

async function joinTwo(): Promise<void> {
  const open = (name: string): ReturnType<typeof openEngine> =>
    openEngine({ DOCKER_HOST: `unix://${join(folder, name)}` });
  const engines = new Map([
    ["one", await open("one")],
    ["two", await open("two")],
  ]);
  await changeSwarm(
    { kind: "join", node: "two", address: "10.0.0.2", role: "manager" },
    { engines, managers: new Set(["one"]), owner, stateFolder, pool: "" },
  );
}

test("a swarm misses a dead machine after three periods of 3 s, not of Docker's 5 s", async () => {
  let body: unknown;
  const socket = join(folder, "first");
  await using server = Bun.serve({
    unix: socket,
    fetch: async (request) => {
      if (request.method === "POST") body = await request.json();
      return answer({});
    },
  });
  const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
  await initSwarm(engine, { address: "10.0.0.1", pool: "10.1.0.0/16", owner });
  expect(body).toMatchObject({ Spec: { Dispatcher: { HeartbeatPeriod: 3_000_000_000 } } });
  await server.stop(true);
});

test("a machine that somebody has put into a swarm meanwhile is left in it", async () => {
  membership = { LocalNodeState: "inactive" };
  afterRefusal = { LocalNodeState: "pending", NodeID: "" };
  refusal = "This node is already part of a swarm.";
  await expect(joinTwo()).rejects.toThrow("two: the Docker Engine refused: This node is already");
  expect(calls).toEqual(["two /swarm/join"]);
  expect(readJoins(stateFolder)).toEqual([]);
});

const goesOn = "Timeout was reached before node joined. The attempt will continue";

test("a request that nobody has answered is taken back, and stays recorded", async () => {
  membership = { LocalNodeState: "inactive" };
  afterRefusal = { LocalNodeState: "pending", NodeID: "" };
  refusal = goesOn;
  await expect(joinTwo()).rejects.toThrow(goesOn);
  expect(calls).toEqual(["two /swarm/join", "two /swarm/leave"]);
  expect(readJoins(stateFolder)).toEqual([{ node: "two", address: "10.0.0.2", swarm: "S" }]);
});

test("a request that was answered after all is not taken back", async () => {
  membership = { LocalNodeState: "inactive" };
  afterRefusal = { LocalNodeState: "active", NodeID: "two" };
  refusal = goesOn;
  await expect(joinTwo()).rejects.toThrow(goesOn);
  expect(calls).toEqual(["two /swarm/join"]);
  expect(readJoins(stateFolder)).toHaveLength(1);
});

test("nothing is taken out of a swarm that is another one than was planned", async () => {
  membership = { LocalNodeState: "active", NodeID: "theirs" };
  const member = {
    ...({ id: "two", version: 1, machine: "two", role: "worker", state: "ready" } as const),
    ...({ address: "10.0.0.2", availability: "active", isLost: false } as const),
    joinedBy: owner,
  };
  const engines = new Map([
    ["two", await openEngine({ DOCKER_HOST: `unix://${join(folder, "two")}` })],
  ]);
  const leaving = changeSwarm(
    { kind: "leave", node: "two", address: "10.0.0.2", member, ends: true, isLast: true },
    { engines, managers: new Set(), owner, stateFolder, pool: "" },
  );
  await expect(leaving).rejects.toThrow("two: it is in another swarm by now");
  expect(calls).toEqual([]);
});

test("a record that is damaged, or cannot be written, keeps no join back", async () => {
  await Bun.write(join(stateFolder, "joins.json"), '[{"node":1},{"node":"a","address":"b"}]');
  expect(readJoins(stateFolder)).toEqual([{ node: "a", address: "b", swarm: undefined }]);
  await Bun.write(join(folder, "file"), "");
  recordJoin(join(folder, "file"), { node: "two", address: "10.0.0.2", swarm: "S" });
  expect(readJoins(join(folder, "file"))).toEqual([]);
  expect(existsSync(join(folder, "file", "joins.json"))).toBe(false);
});
