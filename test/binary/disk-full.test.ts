import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { mountDisk, filling } from "./support/disk.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, listOwned, projectIn } from "./support/project.ts";
import { reyns } from "./support/reyns.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

const reynsTs = (settings: string): string => `import { project, ready, service } from "reyns";
project("shop");
service("web", { image: "${smallImage}", instance: "one", stopSignal: "KILL", ready: ready.started(), ${settings} });
`;

describe.skipIf(reason !== undefined)(`a full disk${reason ? `: ${reason}` : ""}`, () => {
  beforeAll(importSmallImage);

  test("run names a full DATA_DIR, leaves no container and the data intact, and completes when there is room", async () => {
    await using disk = await mountDisk("128k");
    await using shop = await createProject({ "reyns.ts": reynsTs("persistentOpt: true") });
    const env = { DATA_DIR: disk.path };
    const kept = join(disk.path, "mine");
    await writeFile(kept, "data");
    // The image has more in its folder than there is room for.
    const { status, stderr } = await shop.reyns("run all yes=true", { env });
    expect(stderr).toContain("error web-one: cannot start:");
    expect(stderr).toContain("no space left on device");
    expect(stderr).toContain("a disk is full");
    expect(status).toBe(1);
    expect(await containerIds(shop.folder)).toEqual([]);
    expect(await readFile(kept, "utf8")).toBe("data");

    await disk.fill();
    const again = await shop.reyns("run all yes=true", { env });
    expect(again).toMatchObject({ status: 1 });
    expect(again.stderr).not.toContain("defect");
    expect(await containerIds(shop.folder)).toEqual([]);

    await disk.free();
    await must("mount", "-o", "remount,size=4m", disk.path);
    await shop.must("run all", { env });
    expect((await stat(join(disk.path, "web-one/opt/content"))).size).toBe(300_000);
    expect(await readFile(kept, "utf8")).toBe("data");
    expect((await readdir(join(disk.path, "web-one"))).toSorted()).toEqual(["opt"]);
    await shop.must("clean all", { env });
  });

  test("run writes and creates nothing when the project's disk is full", async () => {
    await using disk = await mountDisk("64k");
    await using shop = projectIn(disk.path, { outer: join(disk.path, "nothing") });
    await shop.write({
      "reyns.ts": reynsTs("env: { A: required() }").replace("{ p", "{ required, p"),
    });
    await writeFile(join(disk.path, "host.conf"), '{ "A": "1" }');
    await disk.fill();
    const { status, stderr } = await shop.reyns("run all");
    expect(stderr).toContain("the disk is full");
    expect(stderr).not.toContain("defect");
    expect(status).toBe(1);
    expect(await listOwned(disk.path)).toHaveLength(0);
    expect(existsSync(join(disk.path, ".reyns/keys"))).toBe(false);
    expect(await readFile(join(disk.path, "host.conf"), "utf8")).toBe('{ "A": "1" }');
    await disk.free();
    await shop.must("run all");
  });

  test("keys export leaves no part of its file", async () => {
    await using disk = await mountDisk("64k");
    await using shop = await createProject({ "reyns.ts": reynsTs("") });
    await disk.fill();
    const before = await readdir(disk.path);
    const file = join(disk.path, "keys.json");
    for (const force of ["", " force"]) {
      const { status, stderr } = await shop.reyns(`keys export ${file}${force}`);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: `error cannot use ${file}: the disk is full\n`,
      });
    }
    expect(await readdir(disk.path)).toEqual(before);
  });

  test("install_demo writes the rest of the demo when there is room", async () => {
    await using disk = await mountDisk("16k");
    const { status, stderr } = await reyns(disk.path, "install_demo");
    expect(stderr).toContain("the disk is full");
    expect(status).toBe(1);
    await must("mount", "-o", "remount,size=4m", disk.path);
    expect(await reyns(disk.path, "install_demo")).toMatchObject({ status: 0 });
  });

  test("convert leaves the reyns.ts that it would overwrite as it was", async () => {
    await using disk = await mountDisk("64k");
    const shop = projectIn(disk.path);
    const one = (_: unknown, index: number): object => ({ service: "web", instance: `i${index}` });
    const conf = JSON.stringify(Array.from({ length: 200 }, one));
    const services = { "services/web/Dockerfile": "FROM reyns/reyns-base\n" };
    await shop.write({ ...services, "reyns.ts": "export {};\n", "default.conf": conf });
    await disk.fill();
    const { status, stderr } = await shop.reyns("convert force");
    expect(stderr).toContain("the disk is full");
    expect(status).toBe(1);
    expect((await readdir(disk.path)).filter((name) => name.startsWith(".reyns-convert"))).toEqual(
      [],
    );
    expect(await readFile(join(disk.path, "reyns.ts"), "utf8")).toBe("export {};\n");
  });

  describe("of the Engine", () => {
    let nodes: Nodes<"small">;
    let node: Node;
    let engineDisk: ReturnType<typeof filling>;

    beforeAll(async () => {
      await using shop = await createProject({
        "services/big/Dockerfile": `FROM ${smallImage}\nRUN dd if=/dev/zero of=/tmp/big bs=1M count=99\n`,
        "reyns.ts": `${reynsTs("")}service("web", { image: "${smallImage}", instance: "two", stopSignal: "KILL", ready: ready.started() });\n`,
      });
      nodes = await startNodes(["small"], {
        images: [smallImage],
        project: shop.folder,
        disk: "48m",
      });
      node = nodes.node.small;
      engineDisk = filling(join(dirname(node.folder), "data"));
    }, 300_000);

    afterAll(() => nodes?.[Symbol.asyncDispose]());

    test("build names the line that failed, and instances run on", async () => {
      await node.must("run web one");
      const { status, stderr } = await node.reyns("build big");
      expect(stderr).toContain("services/big/Dockerfile:2");
      expect(stderr).toContain("a disk is full, the Engine's");
      expect(status).toBe(1);
      expect(JSON.parse(await node.must("ps json"))).toMatchObject([{ state: "running" }]);
    });

    test("run leaves no container, and the same call succeeds when there is room", async () => {
      await engineDisk.fill();
      const { status, stderr } = await node.reyns("run web two");
      expect(stderr).toContain("error web-two: cannot ");
      expect(stderr).toContain("a disk is full, the Engine's");
      expect(status).toBe(1);
      const shown = JSON.parse(await node.must("ps all json")) as { state: string }[];
      expect(shown.map(({ state }) => state)).toEqual(["running", "missing"]);
      await engineDisk.free();
      await node.must("run all");
      expect(JSON.parse(await node.must("ps json"))).toHaveLength(2);
      await node.must("clean all force=true");
    });
  });
});
