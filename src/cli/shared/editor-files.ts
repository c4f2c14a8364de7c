import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { log } from "../../ui/output/log.ts";
import { readAssetFiles } from "../../assets.ts";
import type { ProjectPlace } from "../../project/locate.ts";

/**
 * Keeps in `.reyns/` what an editor needs to know of `reyns.ts`: types of the modules it imports, and settings of
 * TypeScript. Files that are right are left alone; a folder that cannot be written to is no more than a warning.
 */
export async function updateEditorFiles({
  folder,
  script,
}: Pick<ProjectPlace, "folder" | "script">): Promise<void> {
  if (script === undefined) return;
  try {
    const kept = join(folder, ".reyns");
    for (const { name, content } of await readAssetFiles("editor"))
      await writeWhenOther(join(kept, name), content);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    log.warn(`the types for editors in .reyns/ could not be brought up to date: ${code}`);
  }
}

async function writeWhenOther(path: string, content: Buffer): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(content)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

const ownSettings = `{
  "extends": "./.reyns/tsconfig.json"
}
`;

/** The editor's files of a new project, with a `tsconfig.json` of its own that is there to be changed. */
export async function writeEditorFiles(folder: string): Promise<void> {
  await updateEditorFiles({ folder, script: join(folder, "reyns.ts") });
  const path = join(folder, "tsconfig.json");
  if (!existsSync(path)) await writeFile(path, ownSettings);
}
