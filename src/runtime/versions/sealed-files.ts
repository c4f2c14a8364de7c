import type { ContainerFile } from "../../model/container-files.ts";
import { openSealed, sealText } from "../keys/seal.ts";

/** Files as a version records them: the contents of secrets are encrypted with the project's keys. */
export function sealFiles(
  files: readonly ContainerFile[],
  keysFolder: string,
): Promise<ContainerFile[]> {
  return Promise.all(
    files.map(async (file) =>
      file.secret === undefined
        ? file
        : { ...file, content: await sealText(file.content, keysFolder) },
    ),
  );
}

/** @returns undefined for secrets that were encrypted with other keys */
export async function openFiles(
  files: readonly ContainerFile[],
  keysFolder: string,
): Promise<ContainerFile[] | undefined> {
  const opened = await Promise.all(
    files.map(async (file) => {
      if (file.secret === undefined) return file;
      const content = await openSealed(file.content, keysFolder);
      return content === undefined ? [] : { ...file, content };
    }),
  );
  const known = opened.flat();
  return known.length === files.length ? known : undefined;
}
