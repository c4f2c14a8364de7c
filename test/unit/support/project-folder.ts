// A project written as literals into a temporary folder, and gone with the block that uses it.
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ReynsErrors, throwAll, type ReynsError } from "../../../src/errors.ts";
import { findProject } from "../../../src/project/locate.ts";
import { inspectProject } from "../../../src/project/read.ts";
import type { Project } from "../../../src/model/project.ts";
import type { Environment } from "../../../src/lib/environment.ts";

interface ProjectFolder extends AsyncDisposable {
  /** Real path. */
  readonly folder: string;
  readonly write: (files: Files) => Promise<void>;
  readonly read: (conf?: string, env?: Environment) => Promise<Project>;
  /** The mistakes that reading it reports, as "file:line:column message | hint". */
  readonly mistakes: (conf?: string) => Promise<string[]>;
}

/** Path below the folder -> content. */
type Files = Readonly<Record<string, string>>;

/** @param name of the folder itself, inside a temporary one */
export async function projectFolder(files: Files, name = "shop"): Promise<ProjectFolder> {
  const top = await realpath(await mkdtemp(join(tmpdir(), "reyns-unit-")));
  const folder = join(top, name);
  await mkdir(folder);
  const read = async (conf?: string, env: Environment = {}): Promise<Project> => {
    const { project, errors } = await inspectProject(await findProject(folder, env), env, conf);
    throwAll(errors);
    return project;
  };
  const write = (more: Files): Promise<void> => writeFiles(folder, more);
  await write(files);
  return {
    folder,
    write,
    read,
    mistakes: async (conf) => {
      const errors = errorsIn(
        await read(conf).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      return errors.map((error) => described(error, folder));
    },
    [Symbol.asyncDispose]: () => rm(top, { recursive: true, force: true }),
  };
}

/** A copy of a folder of this repository as a project. */
export async function copiedProject(source: string, name: string): Promise<ProjectFolder> {
  const project = await projectFolder({}, name);
  await cp(join(import.meta.dir, "../../..", source), project.folder, { recursive: true });
  return project;
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Every error for people in what was thrown; none when nothing was. */
export function errorsIn(thrown: unknown): readonly ReynsError[] {
  if (thrown === undefined) return [];
  return thrown instanceof ReynsErrors ? thrown.errors : [thrown as ReynsError];
}

/** What a piece of work throws. */
export function thrownBy(work: () => unknown): readonly ReynsError[] {
  try {
    work();
  } catch (error) {
    return errorsIn(error);
  }
  return [];
}

export function described({ message, hint, at }: ReynsError, folder: string): string {
  const file = at?.file.replace(`${folder}/`, "");
  const place = [file, at?.line, at?.column].filter((part) => part !== undefined).join(":");
  return `${place} ${message}${hint === undefined ? "" : ` | ${hint}`}`.trim();
}

/** What work that takes its time throws. */
export async function rejectedBy(work: Promise<unknown>): Promise<readonly ReynsError[]> {
  return errorsIn(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}
