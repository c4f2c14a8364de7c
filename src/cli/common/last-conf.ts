import { hasCode } from "../../errors.ts";
import type { Project } from "../../model/project.ts";
import { lastConfKey, readHostValues } from "../../project/host-conf.ts";
import { mayHaveNodes } from "../../project/locate.ts";
import { loadProject, locateProject } from "./context.ts";

/** Reads the conf that ran last where it decides on which machines a command works, elsewhere the default one. */
export async function loadLastConf(): Promise<Project> {
  const place = await locateProject();
  const last = mayHaveNodes(place) ? readHostValues(place)[lastConfKey] : undefined;
  try {
    return await loadProject(last);
  } catch (error) {
    // It is not defined any more.
    const isGone = hasCode(error, "UNKNOWN_CONF");
    if (last !== undefined && isGone) return loadProject();
    throw error;
  }
}
