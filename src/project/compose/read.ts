import { homedir } from "node:os";
import { ReynsError, ReynsErrors } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import type { Lookup } from "../../lib/interpolate.ts";
import type { ComposeProject } from "./compose-project.ts";
import { completeFile } from "./complete.ts";
import { checkConsistency } from "./consistency.ts";
import { composeFields } from "./file-fields.ts";
import { findFiles } from "./find-files.ts";
import { loadFiles } from "./load-project.ts";
import { nameInFiles, projectNameOf } from "./project-name.ts";
import { asWarnings, createReport, firstErrors } from "./report.ts";
import { withFileValues } from "./service-env-files.ts";
import { entriesOf, itemsOf, withServices, type SourceMap } from "./source-node.ts";
import { toProject } from "./to-project.ts";

/**
 * Reads the Compose project of a folder: the standard files, or those that COMPOSE_FILE or `given` names.
 *
 * @param given relative to `start`
 * @throws ReynsErrors INVALID_PROJECT with all mistakes, each with its place
 * @throws ReynsError NO_PROJECT if there is no file
 */
export function readCompose(
  start: string,
  env: Environment,
  given: readonly string[] = [],
): ComposeProject {
  const { project, errors } = inspectCompose(start, env, given);
  if (errors.length > 0) throw new ReynsErrors(firstErrors(errors));
  return project;
}

/**
 * The same for a project with mistakes: without the entries that are wrong.
 *
 * @throws ReynsError NO_PROJECT if there is no file
 */
export function inspectCompose(
  start: string,
  env: Environment,
  given: readonly string[] = [],
): { readonly project: ComposeProject; readonly errors: readonly ReynsError[] } {
  const report = createReport();
  const found = findFiles(start, env, report, given);
  const { files, folder } = found;
  if (files[0] === undefined) throw new ReynsError("NO_PROJECT", `no compose file in ${start}`);
  const lookup: Lookup = (name) =>
    found.lookup(name) ?? (name === "COMPOSE_PROJECT_NAME" ? nameInFiles(found) : undefined);
  const loading = { report, home: env["HOME"] ?? homedir(), files: new Set<string>() };
  const { lineOf } = found;
  const loaded = loadFiles(files, { folder, lookup, lineOf }, loading, undefined, []);
  const finished = composeFields.finish(loaded, { report, name: "" });
  const merged = finished?.kind === "map" ? finished : loaded;
  const name = projectNameOf(merged, found, report);
  const completed = completeFile(merged, name, lookup);
  const enabled = enabledServices(completed, lookup);
  const whole = withServices(completed, (service, key) =>
    withFileValues(service, lookup, enabled.has(key) ? report : asWarnings(report)),
  );
  if (loaded.entries.size === 0 && !report.hasErrors())
    report.error({ file: files[0] }, "the file is empty", "add a key services, with a service");
  checkConsistency({ file: whole, enabled, report });
  const { warnings } = report;
  const project = toProject(whole, { folder, files: [...loading.files], enabled, warnings });
  return { project, errors: report.errors() };
}

function enabledServices(file: SourceMap, lookup: Lookup): ReadonlySet<string> {
  const selected = new Set(
    (lookup("COMPOSE_PROFILES") ?? "").split(",").map((name) => name.trim()),
  );
  const services = [...entriesOf(file.entries.get("services"))];
  const isEnabled = ([, service]: (typeof services)[number]): boolean => {
    const profiles = itemsOf(entriesOf(service).get("profiles"));
    return (
      profiles.length === 0 ||
      selected.has("*") ||
      profiles.some((profile) => profile.kind === "scalar" && selected.has(profile.text))
    );
  };
  return new Set(services.filter(isEnabled).map(([name]) => name));
}
