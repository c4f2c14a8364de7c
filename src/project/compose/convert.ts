import { existsSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { throwAll } from "../../errors.ts";
import { parseDotenv } from "../../lib/dotenv.ts";
import type { Environment } from "../../lib/environment.ts";
import type { ProjectPlace } from "../locate.ts";
import type { ComposeProject } from "./compose-project.ts";
import { readMappedProject } from "./definition.ts";
import { lostSecrets } from "./lost-secrets.ts";
import { convertCompose, type ConvertedCompose } from "./print/convert.ts";

interface ConvertedComposeProject extends ConvertedCompose, Pick<ComposeProject, "files"> {
  /** Absolute paths of files that only the Compose file shows to be secrets. */
  readonly lostSecrets: readonly string[];
}

/**
 * Writes a `reyns.ts` with the same instances as a project's Compose files.
 *
 * @throws ReynsErrors with all fields that cannot be honoured
 */
export async function convertComposeProject(
  place: Pick<ProjectPlace, "folder" | "origin" | "compose">,
  env: Environment,
): Promise<ConvertedComposeProject> {
  const { project, mapped, errors } = await readMappedProject(place, env);
  throwAll(errors);
  const converted = convertCompose(project, mapped, readDotenv(project.folder));
  const lost = lostSecrets(project, mapped).filter((file) => file.startsWith(project.folder + sep));
  const notes = [
    ...converted.notes,
    ...lost.map((file) => lostNote(relative(project.folder, file))),
  ];
  return { ...converted, notes, files: project.files, lostSecrets: lost };
}

function lostNote(file: string): string {
  return `${file} is a secret of the Compose file, but none that reyns.ts shows: convert adds it to .gitignore, so that save leaves it out`;
}

function readDotenv(folder: string): Record<string, string> | undefined {
  const file = join(folder, ".env");
  if (!existsSync(file)) return undefined;
  const { variables } = parseDotenv(readFileSync(file, "utf8"), () => undefined);
  return Object.fromEntries(variables);
}
