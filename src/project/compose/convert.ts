import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { throwAll } from "../../errors.ts";
import { parseDotenv } from "../../lib/dotenv.ts";
import type { Environment } from "../../lib/environment.ts";
import type { ProjectPlace } from "../locate.ts";
import type { ComposeProject } from "./compose-project.ts";
import { readMappedProject } from "./definition.ts";
import { convertCompose, type ConvertedCompose } from "./print/convert.ts";

/**
 * Writes a `reyns.ts` with the same instances as a project's Compose files.
 *
 * @throws ReynsErrors with all fields that cannot be honoured
 */
export async function convertComposeProject(
  place: Pick<ProjectPlace, "folder" | "origin" | "compose">,
  env: Environment,
): Promise<ConvertedCompose & Pick<ComposeProject, "files">> {
  const { project, mapped, errors } = await readMappedProject(place, env);
  throwAll(errors);
  const converted = convertCompose(project, mapped, readDotenv(project.folder));
  return { ...converted, files: project.files };
}

function readDotenv(folder: string): Record<string, string> | undefined {
  const file = join(folder, ".env");
  if (!existsSync(file)) return undefined;
  const { variables } = parseDotenv(readFileSync(file, "utf8"), () => undefined);
  return Object.fromEntries(variables);
}
