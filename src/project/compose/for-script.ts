import { basename, dirname } from "node:path";
import type { ComposeServices } from "../../api/compose.ts";
import { allowedFields } from "./definition.ts";
import { mapProject } from "./mapping/map-project.ts";
import { readCompose } from "./read.ts";

/**
 * Reads a Compose file for `compose()` in a `reyns.ts`. A standard file has its override beside it.
 *
 * @param folder the one that paths are relative to
 * @throws ReynsErrors with the mistakes that keep it from being read
 */
export function readComposeServices(file: string, folder: string): ComposeServices {
  const isStandard = /^(?:docker-)?compose\.ya?ml$/.test(basename(file));
  const project = readCompose(dirname(file), process.env, isStandard ? [] : [basename(file)]);
  return mapProject(project, allowedFields(process.env), folder);
}
