import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SavedIndex } from "../../../src/model/saved-project.ts";
import { openSaved } from "../../../src/runtime/saved/open.ts";
import { readSaved } from "../../../src/runtime/saved/read.ts";
import { must, run } from "../../engine/support/images-container.ts";
import { projectIn, type Project } from "./project.ts";
import { reyns } from "./reyns.ts";
import { smallImage } from "./small-image.ts";

/** A project that has been built and can be saved, in a folder of its own name. */
export interface SavableProject extends AsyncDisposable {
  readonly project: Project;
  /** The folder that it is in. */
  readonly outer: string;
  /** What it has built. */
  readonly image: string;
  /** Calls Reyns beside the project; it must succeed. */
  outside(line: string): Promise<string>;
  definition(): Promise<string>;
  /** Removes the project's folder. */
  forget(): Promise<void>;
  /** What a saved file has. */
  read(name: string): Promise<{ readonly index: SavedIndex; readonly blobs: readonly Buffer[] }>;
}

export async function savedProject(name: string): Promise<SavableProject> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const folder = join(outer, name);
  await mkdir(folder);
  const project = projectIn(folder, { outer });
  await project.write({
    "reyns.ts": `import { file, project, ready, service } from "reyns";
project("${name}");
const runs = { init: true, command: ["sleep", "600"], ready: ready.started() };
service("web", { build: "./web", ...runs });
service("idle", { image: "${smallImage}", ...runs });
`,
    "web/Dockerfile": `FROM ${smallImage}\nCOPY page start /\n`,
    "web/page": "a page\n",
    "web/start": "#!/bin/sh\n",
    ".gitignore": "ignored/\n",
    "ignored/secret": "secret",
    "host.conf": "{}",
  });
  await symlink("web/page", join(folder, "current"));
  await project.must("build all");
  return {
    project,
    outer,
    image: `${name}/web`,
    outside: async (line) => {
      const { status, stdout, stderr } = await reyns(outer, line);
      if (status !== 0) throw new Error(`reyns ${line}: status ${status}\n${stderr}${stdout}`);
      return stdout;
    },
    definition: () => Bun.file(join(folder, "reyns.ts")).text(),
    forget: () => rm(folder, { recursive: true }),
    read: (file) => readAll(join(outer, file)),
    [Symbol.asyncDispose]: async () => {
      // What is removed with the project is found by its folder.
      await mkdir(folder, { recursive: true });
      await project.write({
        "reyns.ts": `import { project } from "reyns";\nproject("${name}");\n`,
      });
      await project[Symbol.asyncDispose]();
    },
  };
}

export const idOf = (image: string): Promise<string> =>
  must("docker", "image", "inspect", "--format", "{{.Id}}", image);

export const isOnEngine = async (image: string): Promise<boolean> =>
  (await run(["docker", "image", "inspect", image])).status === 0;

export const removeImage = (image: string): Promise<string> => must("docker", "image", "rm", image);

async function readAll(
  file: string,
): Promise<{ readonly index: SavedIndex; readonly blobs: readonly Buffer[] }> {
  const { signal } = new AbortController();
  await using saved = await openSaved(file, { signal });
  const blobs = new Map<string, Buffer>();
  for await (const { digest = "", content } of readSaved(saved, signal))
    blobs.set(digest, Buffer.concat(await Array.fromAsync(content)));
  const { index } = saved;
  return { index, blobs: index.blobs.map(({ digest }) => blobs.get(digest) ?? Buffer.alloc(0)) };
}
