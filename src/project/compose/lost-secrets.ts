import { existsSync, realpathSync } from "node:fs";
import { secretsFolder } from "../../model/container-files.ts";
import type { ComposeFileMount } from "./compose-file.ts";
import type { ComposeProject } from "./compose-project.ts";
import { fileTarget } from "./mapping/files.ts";
import type { MappedProject } from "./mapping/map-project.ts";

/**
 * The files of secrets that a converted `reyns.ts` does not show to be secrets: nothing uses them, or a service has them
 * outside `/run/secrets`, where they are mounts like any other.
 *
 * @returns absolute paths, also of what links lead to
 */
export function lostSecrets(
  { file }: Pick<ComposeProject, "file">,
  { services }: Pick<MappedProject, "services">,
): string[] {
  const shown = new Set(
    services.flatMap(({ name, instances }) => {
      const { secrets = [], build } = file.services[name] ?? {};
      const mounted = secrets.filter(isRecognized);
      return instances.length === 0 ? [] : [...mounted, ...(build?.secrets ?? [])].map(sourceOf);
    }),
  );
  const lost = Object.entries(file.secrets ?? {}).flatMap(([name, { file: path }]) =>
    path === undefined || shown.has(name) ? [] : path,
  );
  const withReal = lost.flatMap((path) => (existsSync(path) ? [path, realpathSync(path)] : path));
  return [...new Set(withReal)];
}

function isRecognized(use: ComposeFileMount): boolean {
  return fileTarget("secrets", use).startsWith(`${secretsFolder}/`);
}

function sourceOf({ source }: ComposeFileMount): string {
  return source;
}
