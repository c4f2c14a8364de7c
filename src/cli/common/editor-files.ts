import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { log } from "../../ui/output/log.ts";
import { readAssetFiles } from "../../assets.ts";
import { readUnlinkedFile } from "../../lib/read-regular-file.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";
import type { ProjectPlace } from "../../project/locate.ts";

/**
 * Keeps the files in `.reyns/` with which an editor understands `reyns.ts`: type declarations and TypeScript settings.
 * Writes only files that differ; warns when the folder is not writable.
 */
export async function updateEditorFiles({
  folder,
  script,
}: Pick<ProjectPlace, "folder" | "script">): Promise<void> {
  if (script === undefined) return;
  try {
    for (const { name, content } of await readAssetFiles("editor"))
      await writeIfChanged(join(folder, ".reyns", name), content);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    log.warn(`cannot update the types for editors in .reyns/: ${code}`);
  }
}

async function writeIfChanged(path: string, content: Buffer): Promise<void> {
  if (readIfPossible(path)?.equals(content)) return;
  await mkdir(dirname(path), { recursive: true });
  writeFileAtomic(path, content.toString());
}

function readIfPossible(path: string): Buffer | undefined {
  try {
    return readUnlinkedFile(path);
  } catch {
    return undefined;
  }
}

const projectSettings = `{
  "extends": "./.reyns/tsconfig.json"
}
`;

/** Writes the editor's files of a new project, and a `tsconfig.json` for its author to change. */
export async function writeEditorFiles(folder: string): Promise<void> {
  await updateEditorFiles({ folder, script: join(folder, "reyns.ts") });
  const path = join(folder, "tsconfig.json");
  if (!existsSync(path)) await writeFile(path, projectSettings);
}
