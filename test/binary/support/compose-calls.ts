// Starts the projects in test/fixtures/compose with docker-compose and with Reyns before an Engine that only records.
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { composeFixtures } from "../../support/compose-fixtures.ts";
import { describeCreated, type Created, type ProjectFacts } from "./created.ts";
import type { Given } from "./fake-answers.ts";
import { openFakeEngine } from "./fake-engine.ts";

/** What docker-compose asks for is recorded in this file of a fixture: scripts/record-compose.ts. */
export const recordName = "created.json";

/** Why a fixture cannot be started: it is about reading alone, or has what Reyns refuses. */
export const notStarted: Readonly<Record<string, string>> = {
  "build-contexts": "contexts on other hosts",
  "extends-and-reset": "two services publish one port",
  "extends-files": "two services publish one port",
  "external-resources": "external secrets, which docker-compose refuses as well",
  "implied-dependencies": "a circle of namespaces",
  "long-forms": "volumes of images",
  "media-server": "the processes of another container",
  "merge-fields": "a Dockerfile in another place",
  microservices: "external links",
  "models-and-hooks": "models, which docker-compose refuses as well",
  networks: "options of endpoints",
  ports: "two services publish one port",
  quantities: "a negative interval",
  scalars: "names of variables that no shell has",
  "secrets-and-configs": "a variable that is not set, which docker-compose refuses as well",
  "swarm-stack": "external secrets, which docker-compose refuses as well",
  "windows-paths": "paths of another system",
};

interface Expected {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly build?: { readonly context: string; readonly dockerfile?: string };
        readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
      }
    >
  >;
  readonly [section: string]: Readonly<Record<string, Resource>> | object | string;
}

interface Resource {
  readonly name: string;
  readonly external?: boolean;
  readonly file?: string;
}

interface Prepared extends ProjectFacts, Given, AsyncDisposable {}

/** A copy of a fixture with all files and folders that it names. */
async function prepare(name: string): Promise<Prepared> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), "reyns-calls-")));
  const folder = join(parent, name);
  await cp(join(composeFixtures, name), folder, { recursive: true });
  const text = await readFile(join(folder, "expected.json"), "utf8");
  const expected = JSON.parse(text.replaceAll(`<fixtures>/${name}`, folder)) as Expected;
  const services = Object.entries(expected.services);
  const resources = ["networks", "volumes", "secrets", "configs"].flatMap((section) =>
    Object.values((expected[section] ?? {}) as Readonly<Record<string, Resource>>),
  );
  const dockerfiles = services.flatMap(([, { build }]) =>
    build ? [resolve(build.context, build.dockerfile ?? "Dockerfile")] : [],
  );
  const files = [...dockerfiles, ...resources.flatMap(({ file }) => file ?? [])];
  for (const file of files) if (file.startsWith(folder)) await writeMissing(file);
  const awaited = services.flatMap(([, service]) => Object.entries(service.depends_on ?? {}));
  return {
    folder,
    built: new Set(services.flatMap(([key, { build }]) => (build ? [hostName(key)] : []))),
    jobs: awaited.flatMap(([key, { condition }]) =>
      condition === "service_completed_successfully" ? [key] : [],
    ),
    existing: resources.flatMap((one) => (one.external === true ? [one.name] : [])),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  };
}

function hostName(service: string): string {
  return service.toLowerCase().replaceAll(/[._]/g, "-");
}

async function writeMissing(file: string): Promise<void> {
  if (existsSync(file)) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, "FROM debian:bookworm-slim\n");
}

/** What a command creates for a fixture, or how it ends without success. */
export async function createdBy(
  command: readonly string[],
  name: string,
): Promise<Created | { readonly problem: string }> {
  await using project = await prepare(name);
  await using engine = await openFakeEngine(project);
  const child = Bun.spawn([...command], {
    cwd: project.folder,
    env: { HOME: "/home/user", DOCKER_HOST: engine.host, NO_COLOR: "1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) return { problem: output + errors };
  return describeCreated(engine.state, project);
}
