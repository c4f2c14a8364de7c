import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Output, until } from "../../engine/support/images-container.ts";
import {
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

/** The demo's name in tests, no longer than its own: those of other files build images at the same time. */
export const demoName = `demo-${process.pid.toString(36)}`;

/** The demo project that the executable carries, by the name above. */
export async function createDemo(): Promise<Project> {
  const { outer, folder } = await installDemo();
  const renamed = join(outer, demoName);
  await rename(folder, renamed);
  const file = Bun.file(join(renamed, "reyns.ts"));
  await file.write((await file.text()).replace('project("reyns-demo")', `project("${demoName}")`));
  return projectIn(renamed, { outer });
}

/** The same by its own name, which must not be built on the Engine of all tests. */
export async function createOwnDemo(options: ProjectOptions = {}): Promise<Project> {
  const { outer, folder } = await installDemo();
  return projectIn(folder, { ...options, outer });
}

async function installDemo(): Promise<{ readonly outer: string; readonly folder: string }> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  await succeed(outer, "install_demo");
  return { outer, folder: join(outer, "reyns-demo") };
}

/** A project of one of the templates that the executable carries. */
export async function createFromTemplate(template: string): Promise<Project> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const name = `my-${template}-${process.pid}`;
  const project = projectIn(join(outer, name), { outer });
  await succeed(outer, `create ${name} template=${template}`);
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

/** `clean` keeps what has a name. The Engine may not have let go yet of what a container had. */
export async function removeVolumes(folder: string): Promise<void> {
  await until(`the removal of the volumes of ${folder}`, async () => {
    const names = await listVolumes(`io.reyns.folder=${folder}`);
    for (const name of names) await removeIfPossible(`/volumes/${name}`);
    return names.length === 0;
  });
}

/** Removes its images, and those that projects of the same name, gone by now, built and others ran until now. */
async function removeImages(folder: string): Promise<void> {
  const label = "io.reyns.folder";
  const ownerOf = (image: ListedImage): string => image.Labels?.[label] ?? "";
  const images = await listImages({ label: [label] });
  const own = images.filter((image) => ownerOf(image) === folder);
  // By their ids, with all of their names: another test may have given a name to an image of its own by now. Twice, as
  // one that others are based on goes after them.
  for (const { Id } of [...own, ...own]) await removeIfPossible(`/images/${Id}?force=true`);
  for (const image of images) {
    const owner = ownerOf(image);
    // Another test may run it, or remove it meanwhile.
    if (owner !== folder && owner !== "" && namesOf(image).length === 0 && !existsSync(owner))
      await removeIfPossible(`/images/${image.Id}`);
  }
}

function namesOf({ RepoTags }: ListedImage): string[] {
  return (RepoTags ?? []).filter((tag) => !tag.includes("<none>"));
}

/** Removes the untagged images with a label. */
export async function pruneImages(label: string): Promise<void> {
  for (const { Id } of await listImages({ label: [label], dangling: ["true"] }))
    await removeIfPossible(`/images/${Id}`);
}
