import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { must, run, type Output, until } from "../../engine/support/images-container.ts";
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
  await succeed(folder, "clean all force=True");
  const left = await listOwned(folder);
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

/** Names of the containers and networks that carry the folder's label. */
export async function listOwned(folder: string): Promise<string[]> {
  const label = `label=io.reyns.folder=${folder}`;
  const containers = await must("docker", "ps", "-aq", "--filter", label);
  const networks = await must("docker", "network", "ls", "-q", "--filter", label);
  return `${containers}\n${networks}`.split("\n").filter(Boolean);
}

/** `clean` keeps what has a name. */
async function removeVolumes(folder: string): Promise<void> {
  const label = `label=io.reyns.folder=${folder}`;
  const volumes = await must("docker", "volume", "ls", "-q", "--filter", label);
  const names = volumes.split("\n").filter(Boolean);
  if (names.length > 0) await must("docker", "volume", "rm", ...names);
}

async function removeImages(folder: string): Promise<void> {
  const label = `label=io.reyns.folder=${folder}`;
  const format = "{{.Repository}}:{{.Tag}}";
  const tags = await must("docker", "images", "--format", format, "--filter", label);
  const named = tags.split("\n").filter((tag) => tag !== "" && !tag.includes("<none>"));
  if (named.length > 0) await must("docker", "rmi", "--force", ...named);
  await pruneImages(`io.reyns.folder=${folder}`);
  await pruneForeignImages();
}

/** Removes what projects of the same name, gone by now, built and others ran until now. */
async function pruneForeignImages(): Promise<void> {
  const filters = ["--filter", "label=io.reyns.folder", "--filter", "dangling=true"];
  const ids = await must("docker", "images", "-q", "--no-trunc", ...filters);
  for (const id of ids.split("\n").filter(Boolean)) {
    const format = '{{index .Config.Labels "io.reyns.folder"}}';
    // Another test may remove it, or run it, in the meantime.
    const { stdout } = await run(["docker", "inspect", "--format", format, id]);
    const owner = stdout.trim();
    if (owner !== "" && !existsSync(owner)) await run(["docker", "rmi", id]);
  }
}

/** Removes the untagged images with a label. */
export async function pruneImages(label: string): Promise<void> {
  // One at a time, says the Engine.
  await until("no other prune", async () => {
    const words = ["docker", "image", "prune", "--force", "--filter", `label=${label}`];
    const { status, stderr } = await run(words);
    if (status !== 0 && !stderr.includes("already running")) throw new Error(stderr);
    return status === 0;
  });
}
