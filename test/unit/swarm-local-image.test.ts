// The Engines are servers that answer as members of one swarm.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { labels } from "../../src/model/labels.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { warnOfLocalImage } from "../../src/runtime/swarm/local-image.ts";
import { greetingTo } from "./support/greeting.ts";
import { projectFolder } from "./support/project-folder.ts";

const members = ["one", "two", "three"].map((name) => ({
  ...{ ID: `id-${name}`, Version: { Index: 1 }, Spec: { Role: "manager" } },
  ...{ Description: { Hostname: name }, Status: { State: "ready", Addr: "10.0.0.1" } },
}));

const built = { [labels.folder]: "digest" };

interface Case {
  readonly machines: readonly string[] | undefined;
  readonly having: readonly string[];
  readonly image: Readonly<Record<string, string>>;
  readonly constraints?: readonly string[];
}

/** The machines that a warning names, where "one" is the manager. */
async function lacking({ machines, having, image, constraints = [] }: Case): Promise<string[]> {
  await using folder = await projectFolder({});
  const serve = (name: string) =>
    Bun.serve({
      unix: join(folder.folder, `${name}.sock`),
      fetch: (request) => {
        const path = new URL(request.url).pathname.replace(/^\/v[\d.]+/, "");
        const Swarm = { LocalNodeState: "active", NodeID: `id-${name}`, ControlAvailable: true };
        const own = having.includes(name) ? { Id: "sha256:1", Config: {} } : undefined;
        const answers = { "/nodes": members, "/info": { Swarm } };
        const found = new Map<string, object>(Object.entries(answers)).get(path) ?? own;
        const init = { status: found ? 200 : 404, headers: { "Api-Version": "1.41" } };
        return greetingTo(request) ?? Response.json(found ?? { message: "none" }, init);
      },
    });
  const open = (name: string) =>
    openEngine({ DOCKER_HOST: `unix://${join(folder.folder, `${name}.sock`)}` });
  const servers = (machines ?? ["one"]).map(serve);
  try {
    const engines = await Promise.all((machines ?? ["one"]).map(open));
    const [engine] = engines;
    if (!engine) throw new Error("no Engine");
    const warnings: string[] = [];
    await warnOfLocalImage(
      { host: "api-one", name: "shop/api", id: "sha256:1", labels: image, constraints },
      {
        engine,
        machines: machines && engines,
        emit: (event) => void (event.kind === "warning" && warnings.push(event.message)),
      },
    );
    return warnings.map((text) => /not brought it to ([^:]*):/.exec(text)?.[1] ?? text);
  } finally {
    for (const server of servers) await server.stop(true);
  }
}

test("a warning names the machines of the swarm that have not got an image of no registry", async () => {
  const having = ["one"];
  const named = await Promise.all([
    lacking({ machines: ["one", "two"], having, image: built }),
    lacking({ machines: ["one", "two", "three"], having, image: built }),
    lacking({ machines: ["one", "two", "three"], having: ["one", "three"], image: {} }),
    lacking({ machines: undefined, having, image: built }),
    lacking({ machines: ["one"], having, image: built, constraints: ["node.id==id-one"] }),
  ]);
  expect(named).toEqual([["three"], [], ["two"], ["two, three"], []]);
});
