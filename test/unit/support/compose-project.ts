// A Compose project in canonical form, as its reader gives it, and what it becomes.
import type { ComposeFile, ComposeService } from "../../../src/project/compose/compose-file.ts";
import type { ComposeProject, ValueSource } from "../../../src/project/compose/compose-project.ts";
import {
  mapProject,
  type MappedProject,
} from "../../../src/project/compose/mapping/map-project.ts";
import { toConf } from "../../../src/project/compose/mapping/to-conf.ts";
import type { Conf } from "../../../src/model/project.ts";
import { convertCompose } from "../../../src/project/compose/print/convert.ts";

type GivenServices = Readonly<Record<string, Partial<ComposeService>>>;
type GivenFile = Partial<Omit<ComposeFile, "services">> & { readonly services: GivenServices };

/** "services.web.image" -> where the value comes from. */
type Sources = Readonly<Record<string, ValueSource>>;

/** @param given without what every canonical form has */
export function composeProject(given: GivenFile, sources: Sources = {}): ComposeProject {
  const services = Object.fromEntries(
    Object.entries(given.services).map(([name, service]) => [
      name,
      { command: null, entrypoint: null, ...service },
    ]),
  );
  const enabled = Object.keys(services).filter((name) => services[name]?.profiles === undefined);
  return {
    file: { name: "shop", ...given, services },
    folder: "/srv/shop",
    files: ["/srv/shop/compose.yaml"],
    enabled: new Set(enabled),
    warnings: [],
    // The path stands for the line.
    placeOf: (path) => ({ file: path.join(".") }),
    placeOfValue: (path) => ({ file: path.join(".") }),
    sourceOf: (path) => sources[path.join(".")],
  };
}

interface Mapped {
  readonly mapped: MappedProject;
  readonly conf: Conf;
  /** "PATH: MESSAGE | HINT" */
  readonly errors: readonly string[];
}

export async function mapCompose(
  given: GivenFile,
  allowed: readonly string[] = [],
): Promise<Mapped> {
  const project = composeProject(given);
  const mapped = mapProject(project, new Set(allowed));
  const { conf, errors } = await toConf(project, mapped);
  const all = [...mapped.errors, ...errors];
  return {
    mapped,
    conf,
    errors: all.map(({ at, message, hint }) => `${at?.file}: ${message} | ${hint}`),
  };
}

type Given = Parameters<typeof composeProject>;

/** The reyns.ts that it is converted to; with the values of a .env, if there is one. */
export function convertedCompose(
  [file, sources]: Given,
  dotenv?: Readonly<Record<string, string>>,
) {
  const project = composeProject(file, sources);
  return convertCompose(project, mapProject(project), dotenv);
}
