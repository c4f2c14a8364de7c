// What was tested on the caller's Engine runs on other machines by its receipt, or nothing does.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { on } from "./support/machines.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

/** Calls come from the machine of the node "near"; the conf "far" has the other machine alone. */
const definition = `import { conf, expect, group, node, project, ready, required, service, test } from "reyns";
project("cpnodes");
node("near", "unix://NEAR", { address: "192.168.77.1" });
node("far", "unix://FAR", { address: "192.168.77.2" });
const plain = { init: true, command: ["sleep", "900"], ready: ready.started(), env: { MODE: "a" } };
const web = () => service("web", { instance: "one", build: "./web", ...plain });
const tool = () => service("tool", { instance: "one", image: "IMAGE", ...plain });
group("near", tool);
group("far", web);
conf("far", { receipt: "required" }, () => {
  group("far", () => {
    web();
    service("tool", { instance: "two", image: "IMAGE", ...plain, volumes: ["./site:/site:ro"] });
  });
});
conf("ask", () => {
  group("far", () => service("web", { instance: "asks", build: "./web", ...plain, env: { WHO: required() } }));
});
test("it has a page", async ({ exec }) => {
  expect((await exec("web", "cat /page")).stdout).toContain("page");
});
`;

describe.skipIf(reason !== undefined)(`receipts on nodes${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let nodes: Nodes<"near" | "far">;
  let near: Node;
  let far: Node;

  const write = (path: string, text: string): Promise<number> =>
    Bun.write(join(near.folder, path), text);
  const tested = async (conf: string, env: Record<string, string> = {}): Promise<string> => {
    const { receipt } = JSON.parse(await near.must(`test conf=${conf} json`, { env })) as {
      receipt: string;
    };
    return receipt;
  };
  const rebuild = (): Promise<string> =>
    on(near, "build", "--quiet", "--tag", "cpnodes/web", join(near.folder, "web"));
  const page = async (): Promise<string> =>
    on(far, "exec", await on(far, "ps", "-q", "--filter", "name=web-one"), "cat", "/page");

  beforeAll(async () => {
    await importSmallImage();
    project = await createProject({
      "reyns.ts": "",
      "site/index.html": "a site\n",
      "web/Dockerfile": `FROM ${smallImage}\nCOPY page /page\n`,
      "web/page": "page 1\n",
    });
    nodes = await startNodes(["near", "far"], { images: [smallImage], project: project.folder });
    ({ near, far } = nodes.node);
    await on(far, "image", "rm", smallImage);
    const socketOf = (node: Node): string => node.env["DOCKER_HOST"]?.replace("unix://", "") ?? "";
    const text = definition
      .replace("NEAR", socketOf(near))
      .replace("FAR", socketOf(far))
      .replaceAll("IMAGE", smallImage);
    await write("reyns.ts", text);
  }, 300_000);

  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  }, 300_000);

  test("a test runs on the caller's Engine alone, and leaves nothing", async () => {
    const { status, stderr } = await near.reyns("test");
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    for (const node of [near, far]) expect(await on(node, "ps", "-aq")).toBe("");
    expect(await on(far, "images", "-q")).toBe("");
  });

  test("plan names what a node gets from the caller's Engine, and changes nothing", async () => {
    const plan = await near.must("plan receipt=latest conf=default");
    expect(plan).toMatch(/^\+ send +far: cpnodes\/web:latest /m);
    expect(plan).toMatch(/^\+ create +near: tool-one /m);
    expect(plan).not.toContain("send     near");
    expect(await on(far, "images", "-q")).toBe("");
  });

  test("a run sends the tested images, starts those that are there by their ids, and changes nothing the next time", async () => {
    const { status, stderr } = await near.reyns("run all receipt=latest conf=default");
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(stderr).toMatch(/far: cpnodes\/web:latest sent .* from your own Engine/);
    expect(await page()).toBe("page 1");
    const inspected = async (node: Node, format: string): Promise<string> =>
      on(node, "inspect", "--format", format, ...(await on(node, "ps", "-q")).split("\n"));
    const idOf = (node: Node, image: string): Promise<string> =>
      on(node, "image", "inspect", "--format", "{{.Id}}", image);
    expect(await inspected(near, "{{.Config.Image}}")).toBe(await idOf(near, smallImage));
    expect(await inspected(far, "{{.Image}}")).toBe(await idOf(far, "cpnodes/web"));
    const again = await near.reyns("run all receipt=latest conf=default");
    expect(again.stderr).toContain("up to date: tool-one, web-one\n");
    expect(await near.must("plan receipt=latest")).toBe("Nothing to do: 2 unchanged");
  });

  test("an instance that is defined no more is a difference, where it was the only one of its node", async () => {
    const text = await Bun.file(join(near.folder, "reyns.ts")).text();
    await write("reyns.ts", text.replace('group("near", tool);\n', ""));
    const { status, stderr } = await near.reyns("plan receipt=latest conf=default");
    await write("reyns.ts", text);
    expect(stderr).toContain("tool-one was tested, and is not defined here");
    expect(status).toBe(1);
    expect((await near.reyns("plan receipt=latest conf=default node=far")).status).toBe(0);
  });

  test("every difference is named with its node, and nothing is sent or started", async () => {
    await write("web/page", "page 2\n");
    await rebuild();
    const text = await Bun.file(join(near.folder, "reyns.ts")).text();
    await write("reyns.ts", text.replace('MODE: "a"', 'MODE: "b"'));
    const before = await on(far, "ps", "-q");
    await on(far, "rm", "-f", before);
    await on(far, "image", "rm", "cpnodes/web");
    const { status, stderr } = await near.reyns("run all receipt=latest conf=default");
    expect(status).toBe(1);
    expect(stderr).toContain("3 differences from ");
    expect(stderr).toContain("near: tool-one: env MODE is not what was tested");
    expect(stderr).toContain("far: web-one: env MODE is not what was tested");
    expect(stderr).toContain("far: web-one: the image cpnodes/web:latest, sha256:");
    expect(await on(far, "images", "-q")).toBe("");
    await write("reyns.ts", text);
  });

  test("a conf that requires a receipt runs by one alone, also where the caller has another image by now", async () => {
    const refused = await near.reyns("run all conf=far yes");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('the conf "far" runs only what was tested');
    const receipt = await tested("far");
    await near.must(["run", "all", "conf=far", `receipt=${receipt}`, "yes"]);
    expect(await page()).toBe("page 2");
    await write("web/page", "page 3\n");
    await rebuild();
    expect(await near.must(["plan", "conf=far", `receipt=${receipt}`])).toContain("2 unchanged");
    await write("site/index.html", "another site\n");
    const { stderr } = await near.reyns(["run", "all", "conf=far", `receipt=${receipt}`, "yes"]);
    expect(stderr).toContain("./site/index.html is not what was tested");
  });

  test("without an Engine of the caller, nodes run what they have, and what they lack is named", async () => {
    const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    await write("site/index.html", "a site\n");
    await near.must("rerun tool two conf=far receipt=latest yes", { env });
    expect(await near.must("plan conf=far receipt=latest", { env })).toContain("2 unchanged");
    const web = await on(far, "ps", "-q", "--filter", "name=web-one");
    await on(far, "rm", "-f", web);
    await on(far, "image", "rm", "cpnodes/web");
    const { stderr, status } = await near.reyns("run all conf=far receipt=latest yes", { env });
    expect(status).toBe(1);
    expect(stderr).toContain("far: web-one: the image cpnodes/web:latest, sha256:");
    expect(stderr).toContain("reyns load FILE");
    expect(stderr).toContain("your own Engine, which would send it, does not answer: no Docker");
  });

  test("load sends the machines what they lack, and an unknown machine is an error", async () => {
    await near.must("clean all force");
    await near.must("save out=../release.reyns conf=far");
    await on(far, "image", "prune", "--all", "--force");
    const load = ["load", "../release.reyns", "folder=../elsewhere"];
    const { status, stderr } = await near.reyns([...load, "node=all"]);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(stderr).toMatch(/far: cpnodes\/web\S* sent .* from your own Engine/);
    expect(await on(far, "images", "-q", "cpnodes/web")).not.toBe("");
    const again = await near.reyns([...load, "node=far"]);
    expect(again.stderr).not.toContain("sent");
    const unknown = await near.reyns([...load, "node=else"]);
    expect(unknown.stderr).toContain('no node "else"');
    expect(unknown.status).toBe(2);
  });

  test("what was tested is compared again after a prompt, during which an image was rebuilt", async () => {
    await tested("ask", { WHO: "me" });
    await on(far, "image", "prune", "--all", "--force");
    await using terminal = await near.terminal();
    await terminal.type("reyns run all conf=ask receipt=latest");
    await terminal.see("WHO");
    await terminal.type("me");
    await terminal.see("Keep these answers");
    await write("web/page", "page 4\n");
    await rebuild();
    await terminal.press("Enter");
    await terminal.see("what is here is not what was tested");
    expect(await on(far, "ps", "-aq")).toBe("");
    expect(await on(far, "images", "-q")).toBe("");
  });
});
