import { DockerfileParser, type Dockerfile } from "dockerfile-ast";
import { invalidProject, ReynsError, type Place } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import type { PortDefinition } from "../../model/project.ts";
import { findExposedPorts } from "../conf/docker-ops-ports.ts";
import { isDockerOpsImage } from "../conf/docker-ops.ts";

/** The facts about a Dockerfile that Reyns needs. */
export interface DockerfileFacts {
  /** Base images of the stages, that of the last stage last; references to other stages are left out. */
  readonly parents: readonly string[];
  readonly ports: readonly PortDefinition[];
  readonly privileged: boolean;
  /** Names of the declared build arguments. */
  readonly buildArguments: readonly string[];
  /** False if the image may depend on more than the context and the parents. */
  readonly repeatable: boolean;
  readonly errors: readonly ReynsError[];
}

interface Annotations {
  readonly ports: PortDefinition[];
  privileged: boolean;
  readonly errors: ReynsError[];
}

/**
 * Reads a Dockerfile's base images and its `# reyns:` annotations.
 *
 * @param dockerOps true in a project of DockerOps, whose services publish the ports of EXPOSE
 * @example
 * readDockerfile("# reyns: expose 80 as 8080\nFROM reyns/reyns-base", "Dockerfile").ports
 * // [{ container: 80, host: 8080, protocol: "tcp" }]
 */
export function readDockerfile(text: string, file: string, dockerOps = false): DockerfileFacts {
  const dockerfile = DockerfileParser.parse(text);
  const annotations = readAnnotations(dockerfile, file);
  const parents = parentsOf(dockerfile);
  const publishesExposed = dockerOps || parents.some(isDockerOpsImage);
  const exposed = publishesExposed ? findExposedPorts(dockerfile) : [];
  const invalid = exposed.filter(({ container }) => !isPort(container));
  const errors = invalid.map(({ container, line }) =>
    invalidPort(`EXPOSE: ${container}`, { file, line }),
  );
  return {
    parents,
    buildArguments: dockerfile.getARGs().flatMap((arg) => arg.getProperty()?.getName() ?? []),
    repeatable: isRepeatable(text, dockerfile),
    privileged: annotations.privileged,
    ports: [...annotations.ports, ...exposed.map(({ line: _line, ...port }) => port)],
    errors: [...annotations.errors, ...errors],
  };
}

function readAnnotations(dockerfile: Dockerfile, file: string): Annotations {
  const annotations: Annotations = { ports: [], privileged: false, errors: [] };
  for (const comment of dockerfile.getComments()) {
    const annotation = /^reyns:\s*(.*)$/.exec(comment.getContent() ?? "")?.[1];
    const line = comment.getRange().start.line + 1;
    if (annotation !== undefined) readAnnotation(annotation.trim(), { file, line }, annotations);
  }
  return annotations;
}

function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535;
}

function invalidPort(where: string, at: Place): ReynsError {
  const hint = "accepted: a port from 1 to 65535";
  return new ReynsError("INVALID_PROJECT", `invalid port in ${where}`, { hint, at });
}

function readAnnotation(
  annotation: string,
  at: { file: string; line: number },
  found: Annotations,
): void {
  if (annotation === "privileged") {
    found.privileged = true;
    return;
  }
  const expose = /^expose\s+(\d+)(?:\/(tcp|udp))?(?:\s+as\s+(\d+))?$/.exec(annotation);
  if (!expose) return void found.errors.push(unknownAnnotation(annotation, at));
  const container = Number(expose[1]);
  const host = Number(expose[3] ?? container);
  if (isPort(container) && isPort(host))
    found.ports.push({ container, host, protocol: expose[2] === "udp" ? "udp" : "tcp" });
  else found.errors.push(invalidPort(`"reyns: ${annotation}"`, at));
}

function unknownAnnotation(annotation: string, at: Place): ReynsError {
  const accepted = ["expose PORT", "expose PORT/udp", "expose PORT as PORT", "privileged"];
  const hint = acceptedHint(annotation.split(/\s/)[0] ?? "", accepted);
  const message = `unknown annotation "reyns: ${annotation}"`;
  return invalidProject(message, hint, at);
}

function parentsOf(dockerfile: Dockerfile): string[] {
  const stages = new Set<string>();
  const parents: string[] = [];
  const defaults = initialArguments(dockerfile);
  let stageParents: string[] = [];
  const parentsOfStage = new Map<string, string[]>();
  for (const from of dockerfile.getFROMs()) {
    const image = expandArguments(from.getImage() ?? "", defaults);
    // Names of stages are case-insensitive.
    stageParents = parentsOfStage.get(image.toLowerCase()) ?? [image];
    if (!stages.has(image.toLowerCase()) && image !== "scratch" && image !== "")
      parents.push(image);
    const stage = from.getBuildStage()?.toLowerCase();
    if (stage === undefined) continue;
    stages.add(stage);
    parentsOfStage.set(stage, stageParents);
  }
  const [last] = stageParents;
  if (last === undefined || !parents.includes(last)) return [...new Set(parents)];
  return [...new Set(parents.filter((parent) => parent !== last)), last];
}

/** The defaults of `ARG`s before the first `FROM`, which may use them. */
function initialArguments(dockerfile: Dockerfile): Map<string, string> {
  const properties = dockerfile.getInitialARGs().flatMap((arg) => arg.getProperty() ?? []);
  return new Map(properties.map((property) => [property.getName(), property.getValue() ?? ""]));
}

/** Expands `$NAME`, `${NAME}` and `${NAME:-DEFAULT}`. */
function expandArguments(image: string, values: ReadonlyMap<string, string>): string {
  return image.replace(
    /\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g,
    (_, braced: string | undefined, fallback: string | undefined, bare: string | undefined) =>
      values.get(braced ?? bare ?? "") || (fallback ?? ""),
  );
}

/** A frontend, a URL, another image, or a variable in place of one may resolve differently each time. */
function isRepeatable(text: string, dockerfile: Dockerfile): boolean {
  if (/^\s*#\s*syntax\s*=/im.test(text)) return false;
  const froms = dockerfile.getFROMs();
  if (froms.some((from) => from.getImage()?.includes("$"))) return false;
  const stages = new Set(froms.map((from) => from.getBuildStage()?.toLowerCase()));
  const isStage = (name: string): boolean => /^\d+$/.test(name) || stages.has(name.toLowerCase());
  return dockerfile.getInstructions().every((instruction) => {
    const words = instruction.getTextContent();
    if (instruction.getKeyword() === "ADD" && /:\/\/|git@|\$/.test(words)) return false;
    return [...words.matchAll(/\bfrom=([^\s,]+)/g)].every(([, name = ""]) => isStage(name));
  });
}
