import { ReynsErrors, type ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import { toValidName } from "../../model/host-names.ts";
import type { Conf } from "../../model/project.ts";
import type { ProjectPlace } from "../locate.ts";
import type { ComposeProject } from "./compose-project.ts";
import { mapProject, type MappedProject } from "./mapping/map-project.ts";
import { toConf } from "./mapping/to-conf.ts";
import { defaultComposeName, guessComposeName } from "./guess-name.ts";
import { inspectCompose } from "./read.ts";
import { firstErrors } from "./report.ts";

type ComposePlace = Pick<ProjectPlace, "folder" | "origin" | "compose">;

/** What Compose's files define, in the terms of a `reyns.ts`. */
interface ComposeDefinition {
  readonly name: string;
  readonly conf: Conf;
  readonly errors: readonly ReynsError[];
}

/**
 * Reads the Compose files of a project as its definition.
 *
 * @throws ReynsErrors with the mistakes that keep them from being read
 */
export async function readComposeDefinition(
  place: ComposePlace,
  env: Environment,
): Promise<ComposeDefinition> {
  const { project, conf, errors } = await readMappedProject(place, env);
  return { name: toValidName(project.file.name), conf, errors };
}

/** A Compose project in both forms, and all that is wrong with it. */
export interface ReadComposeProject {
  readonly project: ComposeProject;
  readonly mapped: MappedProject;
  readonly conf: Conf;
  readonly errors: readonly ReynsError[];
}

export async function readMappedProject(
  place: ComposePlace,
  env: Environment,
): Promise<ReadComposeProject> {
  const { project, errors: wrong } = inspectCompose(place.folder, withFormerName(place, env));
  if (wrong.length > 0)
    throw new ReynsErrors(firstErrors([...wrong, ...(await furtherErrors(project, env, wrong))]));
  return mapRead(project, env);
}

async function mapRead(project: ComposeProject, env: Environment): Promise<ReadComposeProject> {
  const mapped = mapProject(project, allowedFields(env));
  const { conf, errors } = await toConf(project, mapped);
  return { project, mapped, conf, errors: [...mapped.errors, ...errors] };
}

/** What is wrong with the sound parts of a file that has mistakes, so that all are reported at once. */
async function furtherErrors(
  project: ComposeProject,
  env: Environment,
  wrong: readonly ReynsError[],
): Promise<readonly ReynsError[]> {
  const placeOf = ({ at }: ReynsError): string => `${at?.file}:${at?.line}`;
  const known = new Set(wrong.map(placeOf));
  try {
    const { errors } = await mapRead(project, env);
    return errors.filter((error) => !known.has(placeOf(error)));
  } catch (error) {
    // An entry that lacks a required key is still there, and may be of no use.
    if (error instanceof TypeError) return [];
    throw error;
  }
}

/** Compose names a project after its folder; here it keeps its name, and its volumes, when the folder moves. */
function withFormerName(place: ComposePlace, env: Environment): Environment {
  const began = defaultComposeName(place);
  const isMoved = began !== defaultComposeName({ origin: place.folder });
  if (!isMoved || guessComposeName(place, env) !== toValidName(began)) return env;
  return { ...env, COMPOSE_PROJECT_NAME: began };
}

/** Fields that the caller leaves out knowingly: `allow=`, or the variable REYNS_ALLOW. */
export function allowedFields(env: Environment): ReadonlySet<string> {
  const names = env["REYNS_ALLOW"]?.split(/[\s,]+/) ?? [];
  return new Set(names.filter((name) => name !== ""));
}
