import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Output } from "../../engine/support/images-container.ts";
import {
  engineAnswer,
  type ListedImage,
  listContainers,
  listImages,
  listNetworks,
  listVolumes,
  removeIfPossible,
} from "../../support/engine-api.ts";
import { type CallOptions, reyns } from "./reyns.ts";

/** A project in a folder of its own. Disposing of it takes away all that it has on the Engine, and checks that. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** Calls the executable in it, whatever comes of it. */
  reyns(line: string | readonly string[], options?: CallOptions): Promise<Output>;
  /** The same for a call that must succeed; resolves to its standard output. */
  must(line: string | readonly string[], options?: CallOptions): Promise<string>;
  /** The same with `--json`; resolves to the parsed document. */
  json(line: string, options?: CallOptions): Promise<unknown>;
  write(files: Files): Promise<void>;
}

/** Paths -> contents; what starts with "#!" becomes executable. */
export type Files = Readonly<Record<string, string>>;

interface ProjectOptions {
  /** The folder to remove, where that is not the project's own. */
  readonly outer?: string;
  /** Nothing of it ever runs: disposing of it needs no Engine. */
  readonly offline?: boolean;
}

export async function createProject(
  files: Files = {},
  options: ProjectOptions = {},
): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  await writeFiles(folder, files);
  return projectIn(folder, options);
}

/** The demo project that the executable carries. */
export async function createDemo(options: ProjectOptions = {}): Promise<Project> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const demo = projectIn(join(outer, "reyns-demo"), { ...options, outer });
  await succeed(outer, "install_demo");
  return demo;
}

/** A project of one of the templates that the executable carries. */
export async function createFromTemplate(template: string): Promise<Project> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const project = projectIn(join(outer, `my-${template}`), { outer });
  await succeed(outer, `create my-${template} template=${template}`);
  return project;
}

/** A project whose folder something else makes. */
export function projectIn(
  folder: string,
  { outer = folder, offline = false }: ProjectOptions = {},
): Project {
  return {
    folder,
    reyns: (line, options) => reyns(folder, line, options),
    must: (line, options) => succeed(folder, line, options),
    json: async (line, options) => JSON.parse(await succeed(folder, `${line} --json`, options)),
    write: (files) => writeFiles(folder, files),
    [Symbol.asyncDispose]: async () => {
      const left = offline ? [] : await cleanAll(folder);
      await rm(outer, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`clean all has left ${left.join(", ")}`);
    },
  };
}

/** Removes all that a project has on the Engine; resolves to what `clean all` has left. */
async function cleanAll(folder: string): Promise<string[]> {
  await removeCopies(folder);
  const isEmpty = (await listOwned(folder)).length === 0;
  if (!isEmpty) await succeed(folder, "clean all force=True");
  const left = isEmpty ? [] : await listOwned(folder);
  await removeVolumes(folder);
  await removeImages(folder);
  return left;
}

async function succeed(
  folder: string,
  line: string | readonly string[],
  options?: CallOptions,
): Promise<string> {
  const { status, stdout, stderr } = await reyns(folder, line, options);
  if (status !== 0)
    throw new Error(`reyns ${[line].flat().join(" ")}: status ${status}\n${stderr}${stdout}`);
  return stdout.trimEnd();
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await Bun.write(path, text);
    if (text.startsWith("#!")) await chmod(path, 0o755);
  }
}

/** Also those whose test has failed half-way. */
async function removeCopies(folder: string): Promise<void> {
  if (!existsSync(join(folder, ".reyns/copies"))) return;
  const copies = JSON.parse(await succeed(folder, "copies --json")) as { name: string }[];
  for (const { name } of copies) await succeed(folder, `clean all copy=${name} force`);
}

/** Ids of the containers and networks that carry the folder's label. */
export async function listOwned(folder: string): Promise<string[]> {
  const label = `io.reyns.folder=${folder}`;
  return [...(await listContainers(label)), ...(await listNetworks(label))];
}

/** `clean` keeps what has a name. */
export async function removeVolumes(folder: string): Promise<void> {
  for (const name of await listVolumes(`io.reyns.folder=${folder}`))
    await engineAnswer("DELETE", `/volumes/${name}`);
}

/** Removes its images, and those that projects of the same name, gone by now, built and others ran until now. */
async function removeImages(folder: string): Promise<void> {
  const label = "io.reyns.folder";
  for (const image of await listImages({ label: [label] })) {
    const owner = image.Labels?.[label] ?? "";
    const tags = namesOf(image);
    if (owner === folder) await removeImage(image);
    // Another test may run it, or remove it meanwhile.
    else if (tags.length === 0 && owner !== "" && !existsSync(owner))
      await removeIfPossible(`/images/${image.Id}`);
  }
}

function namesOf({ RepoTags }: ListedImage): string[] {
  return (RepoTags ?? []).filter((tag) => !tag.includes("<none>"));
}

async function removeImage(image: ListedImage): Promise<void> {
  for (const tag of namesOf(image)) await removeIfPossible(`/images/${tag}?force=true`);
  // Unless its last name took it away.
  await removeIfPossible(`/images/${image.Id}`);
}

/** Removes the untagged images with a label. */
export async function pruneImages(label: string): Promise<void> {
  for (const { Id } of await listImages({ label: [label], dangling: ["true"] }))
    await removeIfPossible(`/images/${Id}`);
}
