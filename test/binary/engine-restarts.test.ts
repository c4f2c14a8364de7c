import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";
import { openRelay, type Rules } from "./support/relay.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

/** States of the node's containers, as many as have got so far; what is held gets no further. */
const moments = [
  { moment: "while containers are made", filter: "status=created", held: /^POST \S*\/start/ },
  { moment: "while they are waited for", filter: "status=running", held: /^$/ },
];

describe.skipIf(reason !== undefined)(`the Engine is killed${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let nodes: Nodes<"only">;
  let node: Node;

  beforeAll(async () => {
    project = await createProject({
      "reyns.ts": `import { project, ready, service } from "reyns";
project("shop");
const slow = { image: "debian:bookworm-slim", init: true, ready: ready.file("/up"),
  command: "sleep 4; touch /up; exec sleep 600" };
const db = service("db", { ...slow, instance: "one" });
service("cache", { ...slow, instance: "one", restart: "always" });
service("web", { ...slow, instance: "one", after: [db] });
`,
    });
    nodes = await startNodes(["only"], {
      images: ["debian:bookworm-slim"],
      project: project.folder,
    });
    node = nodes.node.only;
  }, 300_000);

  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  }, 300_000);

  const containers = async (filter: string): Promise<number> => {
    const host = node.env["DOCKER_HOST"] ?? "";
    const listed = await must("docker", "-H", host, "ps", "-aq", "--filter", filter);
    return listed.split("\n").filter(Boolean).length;
  };

  for (const { moment, filter, held } of moments) {
    test(`${moment}: run fails with a plain message, and the next run completes it`, async () => {
      const rules: Rules = { request: (text) => (held.test(text) ? "hang" : "pass") };
      await using relay = await openRelay(rules, node.env["DOCKER_HOST"]?.replace("unix://", ""));
      const going = node.reyns("run all", { env: { DOCKER_HOST: relay.host } });
      await until(moment, async () => (await containers(filter)) > 0);
      await node.kill();
      const { status, stdout, stderr } = await going;
      expect(stderr).toContain("error ");
      expect(stderr).not.toContain("defect");
      expect([1, 3]).toContain(status);
      expect(stdout).toBe("");

      await node.start();
      await node.must("run all");
      const shown = JSON.parse(await node.must("ps all json")) as { host: string; state: string }[];
      expect(shown.map(({ state }) => state)).toEqual(["running", "running", "running"]);
      await node.must("clean all force");
      expect(await containers("label=io.reyns.project=shop")).toBe(0);
    });
  }

  test("instances with a restart policy come back by themselves, and a run starts the rest", async () => {
    await node.must("run all");
    await node.kill();
    await node.start();
    await until("the cache", async () => (await containers("status=running")) === 1);
    const { stderr } = await node.reyns("run all");
    expect(stderr).toContain("up to date: cache-one\n");
    expect(await containers("status=running")).toBe(3);
    await node.must("clean all force");
  });
});
