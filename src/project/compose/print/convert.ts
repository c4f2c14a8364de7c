import type { MountInput } from "../../../api/mount-options.ts";
import type { ServiceOptions } from "../../../api/options.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import { camelCase } from "../../../lib/letter-case.ts";
import { formatImport } from "../../format-import.ts";
import type { ComposeProject } from "../compose-project.ts";
import type { MappedProject } from "../mapping/map-project.ts";
import type { MappedService } from "../mapping/map-service.ts";
import { toValidName } from "../../../model/host-names.ts";
import { ownNetwork } from "../../../model/resource-names.ts";
import { formatValue } from "./code.ts";
import { fieldOf, serviceComments, serviceOptions } from "./service-options.ts";
import { templateSource } from "./sources.ts";
import { formatStatement, type Constants } from "./statements.ts";
import { withTemplates } from "./templates.ts";
import { fixedNote, type ValuePrinter } from "./values.ts";

/** A `reyns.ts` made of Compose's files. */
export interface ConvertedCompose {
  readonly text: string;
  /** What differs from the files, or is left out. */
  readonly notes: readonly string[];
  /** Values that `.env` gives to the variables that `reyns.ts` looks up, for `host.conf`. */
  readonly hostValues: Readonly<Record<string, string>>;
}

/** @param dotenv the variables of `.env`; undefined without one */
export function convertCompose(
  project: ComposeProject,
  mapped: MappedProject,
  dotenv: Readonly<Record<string, string>> | undefined,
): ConvertedCompose {
  const notes = [...mapped.omitted];
  const printer: ValuePrinter = { project, hostValues: {}, given: dotenv ?? {}, notes, lost: [] };
  const handles = handlesOf(mapped.services);
  const statements = mapped.services.map((service) =>
    formatService(service, handles, project, printer),
  );
  const declared = [...formatVolumes(mapped), ...formatNetworks(mapped)].join("\n");
  const name = `project(${JSON.stringify(toValidName(project.file.name))});`;
  const parts = [name, declared, ...statements].filter((part) => part !== "");
  const body = parts.join("\n\n");
  const prologue = usesEnv(body)
    ? formatPrologue(dotenv !== undefined, body, printer.hostValues)
    : undefined;
  const imports = [formatImport(body), ...(prologue?.imports ?? [])].join("\n");
  const text = [imports, ...(prologue ? [prologue.text] : []), body].join("\n\n");
  const all = [...new Set([...notes, ...lostNotes(printer.lost)])];
  return { text: `${text}\n`, notes: all, hostValues: printer.hostValues };
}

/** One note for each field and variable, whichever services have them. */
function lostNotes(lost: ValuePrinter["lost"]): string[] {
  const fieldText = ({ template }: ValuePrinter["lost"][number]): string =>
    JSON.stringify([fieldOf(template), templateSource(template.parts)]);
  return [...Map.groupBy(lost, fieldText).values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const names = [first, ...others].map(({ name }) => name);
    return fixedNote(
      `${fieldOf(first.template)} of ${summarizeList(names, 3)}`,
      first.template.parts,
    );
  });
}

function usesEnv(body: string): boolean {
  return /\$\{env\./.test(body);
}

/** As in Compose, the caller's variables win over those of `.env`, which may be missing. */
function formatPrologue(
  hasDotenv: boolean,
  body: string,
  hostValues: Readonly<Record<string, string>>,
): { readonly imports: string[]; readonly text: string } {
  const helpers = /\$\{env\.\w+ (?:\?\?|\|\|) missing\(/.test(body)
    ? [missingFunction(hasDotenv)]
    : [];
  if (!hasDotenv)
    return { imports: [], text: ["const { env } = process;", ...helpers].join("\n\n") };
  const imports = [
    'import { existsSync, readFileSync } from "node:fs";',
    'import { parseEnv } from "node:util";',
  ];
  const comment = Object.keys(hostValues).length === 0 ? "" : hostValuesComment;
  return { imports, text: [comment + dotenvLines, ...helpers].join("\n\n") };
}

const hostValuesComment = `// For texts with env.NAME. variable() and required() read host.conf, which has got the values of .env:
// change a value that both use in both files.
`;

const dotenvLines = `const dotenv = \`\${import.meta.dir}/.env\`;
const env = {
  ...(existsSync(dotenv) ? parseEnv(readFileSync(dotenv, "utf8")) : {}),
  ...process.env,
};`;

function missingFunction(hasDotenv: boolean): string {
  const reason = `set it in the environment${hasDotenv ? " or in .env" : ""}`;
  return `function missing(name: string, reason = "${reason}"): never {
  throw new Error(\`the variable \${name} has no value: \${reason}\`);
}`;
}

/** The constants of the services that others refer to, and of which there is one instance. */
function handlesOf(services: readonly MappedService[]): Constants {
  const options = JSON.stringify(
    services.flatMap(({ instances }) =>
      instances.map(({ after, links, image }) => [
        after,
        links,
        typeof image === "object" && image,
      ]),
    ),
  );
  return new Map(
    services.flatMap(({ service, instances }) =>
      instances.length === 1 && options.includes(`"service":${JSON.stringify(service)}`)
        ? [[service, constantName(service)] as const]
        : [],
    ),
  );
}

const taken = new Set(
  "conf dns dotenv env existsSync fromInterface job link missing network parseEnv process project readFileSync ready required service variable volume after group task question default new class function import export delete in do if for var let const void with switch case this null true false try catch throw return".split(
    " ",
  ),
);

function constantName(service: string): string {
  const name = camelCase(service);
  return /^[a-z]/i.test(name) && !taken.has(name) ? name : camelCase(`service-${service}`);
}

function formatService(
  mapped: MappedService,
  handles: Constants,
  project: ComposeProject,
  printer: ValuePrinter,
): string {
  const { service, name, instances } = mapped;
  const [first, ...others] = instances;
  if (!first) return `// ${name} has no instances.`;
  const constant = handles.get(service);
  const written = (given: ServiceOptions) =>
    withTemplates(name, serviceOptions(name, given, project, printer), project);
  const statement = (given: ServiceOptions): string =>
    formatStatement({ service, options: written(given).options, constant }, handles);
  const { lost } = written(first);
  printer.lost.push(...lost.map((template) => ({ name, template })));
  const head = serviceComments(name, lost, project)
    .map((comment) => `// ${comment}\n`)
    .join("");
  if (others.length === 0) return head + statement(first);
  if (others.every((other) => isSameBut(other, first))) {
    const names = formatValue(instances.map(({ instance }) => instance));
    const body = statement(first).replace('instance: "1"', "instance").replace(/^/gm, "  ");
    return `${head}for (const instance of ${names}) {\n${body}\n}`;
  }
  return head + instances.map(statement).join("\n");
}

/** Whether two instances differ in their names alone. */
function isSameBut(a: ServiceOptions, b: ServiceOptions): boolean {
  return Bun.deepEquals({ ...a, instance: "" }, { ...b, instance: "" });
}

function formatVolumes({ volumes, services }: MappedProject): string[] {
  const used = usedNames(services, ({ volumes: mounts }) =>
    (mounts as readonly MountInput[] | undefined)?.map((mount) =>
      typeof mount === "string" ? mount.split(":")[0] : mount.type === "volume" && mount.source,
    ),
  );
  return Object.entries(volumes).flatMap(([key, { external, name, ...others }]) => {
    const options = {
      ...(external ? { external } : {}),
      ...(external && name === key ? {} : { name }),
      ...others,
    };
    return used.has(key) ? [declaration("volume", key, options)] : [];
  });
}

function formatNetworks({ networks, services }: MappedProject): string[] {
  const used = usedNames(services, ({ networks: uses, networkMode }) =>
    (uses ?? (networkMode ? [] : [ownNetwork])).map((use) =>
      typeof use === "string" ? use : use.network,
    ),
  );
  return Object.entries(networks).flatMap(([key, options]) =>
    used.has(key) ? [declaration("network", key, options)] : [],
  );
}

function usedNames(
  services: readonly MappedService[],
  namesOf: (options: ServiceOptions) => readonly unknown[] | undefined,
): Set<unknown> {
  return new Set(
    services.flatMap(({ instances }) => instances.flatMap((options) => namesOf(options) ?? [])),
  );
}

function declaration(kind: "volume" | "network", key: string, options: object): string {
  const start = `${kind}(${JSON.stringify(key)}`;
  if (Object.keys(options).length === 0) return `${start});`;
  return `${start}, ${formatValue(options, "", start.length + 4)});`;
}
