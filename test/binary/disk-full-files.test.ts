import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { mountDisk } from "./support/disk.ts";
import { whyNoNodes } from "./support/nodes.ts";
import { createProject, projectIn, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

/** The same privileges, to mount a disk. */
const reason = await whyNoNodes();

const script = `import { project, service } from "reyns";
project("shop");
service("web", { image: "debian:bookworm-slim", command: "sleep 999" });
`;

/** Path -> content of each file, without the lock and what is rewritten anyway. */
async function contents(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile() && !["lock", "fill"].includes(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = files.map(async (file) => [file, await readFile(file, "utf8")] as const);
  return Object.fromEntries(await Promise.all(texts));
}

async function keysOfAnother(): Promise<string> {
  await using other = await createProject({ "reyns.ts": script }, { offline: true });
  return await other.must("keys export -");
}

describe.skipIf(reason !== undefined)(`a full disk${reason ? `: ${reason}` : ""}`, () => {
  const calls: [string, string][] = [
    ["keys import - force=true", "new"],
    ["keys import - force=true", "used"],
    ["keys rotate force=true", "used"],
    ["keys export keys.json", "used"],
    ["graph out=graph.svg", "new"],
    ["graph out=graph.svg", "used"],
    ["plan out=plan.json", "new"],
    ["plan out=plan.json", "used"],
    ["create sub template=minimal", "new"],
  ];
  test.each(calls)(
    "%s leaves nothing half-made in a %s folder, and completes when there is room",
    async (line, state) => {
      await using disk = await mountDisk("192k");
      const folder = join(disk.path, "shop");
      const project: Project = projectIn(folder, { offline: true });
      await project.write({ "reyns.ts": script });
      if (state === "used")
        for (const earlier of ["keys export -", "graph out=graph.svg", "plan out=plan.json"])
          await project.must(earlier);
      const stdin = await keysOfAnother();
      const before = await contents(folder);
      await disk.fill();
      const { status, stderr } = await project.reyns(line, { stdin });
      expect({ line, status, stderr }).toEqual({
        ...{ line, status: 1 },
        stderr: expect.stringMatching(/error cannot use \S+: the disk is full\n/),
      });
      expect(await contents(folder)).toEqual(before);
      await disk.free();
      await project.must(line, { stdin });
      expect(Object.keys(await contents(folder)).length).toBeGreaterThanOrEqual(
        Object.keys(before).length,
      );
      await project.must("check");
    },
  );
});
