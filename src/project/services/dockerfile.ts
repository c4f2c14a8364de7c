import { DockerfileParser, type Dockerfile } from "dockerfile-ast";
import { ReynsError, type Place } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import type { PortDefinition } from "../../model/project.ts";

/** What Reyns needs to know of a Dockerfile. */
export interface DockerfileFacts {
  /** Images that the stages build on, the last stage's own base last; stages themselves are left out. */
  readonly parents: readonly string[];
  readonly ports: readonly PortDefinition[];
  readonly privileged: boolean;
  /** Names of the declared build arguments. */
  readonly buildArguments: readonly string[];
  /** False where something may come from elsewhere than the context and the parents: only the builder knows what. */
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
 * @param dockerOps it belongs to a project of the oldest tool, whose services may build on each other
 * @example
 * readDockerfile("# reyns: expose 80 as 8080\nFROM reyns/reyns-base", "Dockerfile").ports
 * // [{ container: 80, host: 8080, protocol: "tcp" }]
 */
export function readDockerfile(text: string, file: string, dockerOps = false): DockerfileFacts {
  const dockerfile = DockerfileParser.parse(text);
  const annotations: Annotations = { ports: [], privileged: false, errors: [] };
  for (const comment of dockerfile.getComments()) {
    const words = /^reyns:\s*(.*)$/.exec(comment.getContent() ?? "")?.[1];
    if (words !== undefined)
      readAnnotation(words.trim(), { file, line: comment.getRange().start.line + 1 }, annotations);
  }
  const parents = parentsOf(dockerfile);
  const exposes = dockerOps || parents.some((parent) => dockerOpsImage.test(parent));
  const exposed = exposes ? exposedPorts(dockerfile) : [];
  const impossible = exposed.filter(({ container }) => !isPort(container));
  annotations.errors.push(
    ...impossible.map(({ container, line }) => noPort(container, { file, line })),
  );
  return {
    parents,
    buildArguments: dockerfile.getARGs().flatMap((arg) => arg.getProperty()?.getName() ?? []),
    repeatable: isRepeatable(text, dockerfile),
    ...annotations,
    ports: [...annotations.ports, ...exposed.map(({ line: _line, ...port }) => port)],
  };
}

const dockerOpsImage = /^dockerops\//;

/** Services of the oldest projects publish what `EXPOSE` names, and the UDP ports of `#UDPEXPOSE` comments. */
function exposedPorts(dockerfile: Dockerfile): (PortDefinition & { readonly line: number })[] {
  const instructions = dockerfile
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === "EXPOSE")
    .flatMap((instruction) => instruction.getArguments())
    .map((argument) => ({ text: argument.getValue(), line: argument.getRange().start.line + 1 }));
  const comments = dockerfile.getComments().flatMap((comment) => {
    const words = /^UDPEXPOSE\s+(.+)$/.exec(comment.getContent() ?? "")?.[1];
    const line = comment.getRange().start.line + 1;
    return (words ?? "").split(/\s+/).map((port) => ({ text: `${port}/udp`, line }));
  });
  return [...instructions, ...comments].flatMap(({ text, line }) => {
    const match = /^(\d+)(?:\/(tcp|udp))?/.exec(text);
    if (!match) return [];
    const port = Number(match[1]);
    const protocol = match[2] === "udp" ? "udp" : "tcp";
    return [{ container: port, host: port, protocol, line }];
  });
}

function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535;
}

function noPort(number: number, at: Place): ReynsError {
  const hint = "ports are 1 to 65535";
  return new ReynsError("INVALID_PROJECT", `EXPOSE names a port that cannot be: ${number}`, {
    hint,
    at,
  });
}

function readAnnotation(
  words: string,
  at: { file: string; line: number },
  found: Annotations,
): void {
  if (words === "privileged") {
    found.privileged = true;
    return;
  }
  const expose = /^expose\s+(\d+)(?:\/(tcp|udp))?(?:\s+as\s+(\d+))?$/.exec(words);
  if (!expose) {
    const hint = acceptedHint(words.split(/\s/)[0] ?? "", [
      "expose PORT",
      "expose PORT/udp",
      "expose PORT as PORT",
      "privileged",
    ]);
    found.errors.push(
      new ReynsError("INVALID_PROJECT", `unknown annotation "reyns: ${words}"`, { hint, at }),
    );
    return;
  }
  const container = Number(expose[1]);
  const host = Number(expose[3] ?? container);
  if (![container, host].every(isPort)) {
    found.errors.push(
      new ReynsError("INVALID_PROJECT", `"reyns: ${words}" names a port that cannot be`, {
        hint: "ports are 1 to 65535",
        at,
      }),
    );
    return;
  }
  found.ports.push({ container, host, protocol: expose[2] === "udp" ? "udp" : "tcp" });
}

function parentsOf(dockerfile: Dockerfile): string[] {
  const stages = new Set<string>();
  const parents: string[] = [];
  const defaults = initialArguments(dockerfile);
  let own: string[] = [];
  const ownOf = new Map<string, string[]>();
  for (const from of dockerfile.getFROMs()) {
    const image = expand(from.getImage() ?? "", defaults);
    // The builder does not tell stage names by their case.
    own = ownOf.get(image.toLowerCase()) ?? [image];
    if (!stages.has(image.toLowerCase()) && image !== "scratch" && image !== "")
      parents.push(image);
    const stage = from.getBuildStage()?.toLowerCase();
    if (stage === undefined) continue;
    stages.add(stage);
    ownOf.set(stage, own);
  }
  const [last] = own;
  if (last === undefined || !parents.includes(last)) return [...new Set(parents)];
  return [...new Set(parents.filter((parent) => parent !== last)), last];
}

/** `ARG`s before the first `FROM` may be used in it. */
function initialArguments(dockerfile: Dockerfile): Map<string, string> {
  const properties = dockerfile.getInitialARGs().flatMap((arg) => arg.getProperty() ?? []);
  return new Map(properties.map((property) => [property.getName(), property.getValue() ?? ""]));
}

/** `$NAME`, `${NAME}`, and `${NAME:-STANDARD}` where it is empty. */
function expand(image: string, values: ReadonlyMap<string, string>): string {
  return image.replace(
    /\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g,
    (_, braced: string | undefined, standard: string | undefined, bare: string | undefined) =>
      values.get(braced ?? bare ?? "") || (standard ?? ""),
  );
}

/** A frontend, a URL, another image, or a variable in the place of one of them may be another one each time. */
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
