import { createProject, listOwned } from "../../test/binary/support/project.ts";
import { installation } from "../../test/binary/support/reyns.ts";
import { must, type Output } from "../../test/engine/support/images-container.ts";
import { composeProject } from "./compose-project.ts";
import type { Fault, Outcome } from "./fault.ts";

/** A service of one instance, for both tools. */
export interface Service {
  readonly name: string;
  /** A prebuilt image; otherwise it is built from a Dockerfile. */
  readonly image?: string;
  readonly dockerfile?: string;
  readonly command?: string;
  readonly restart?: string;
  readonly ports?: string;
}

/** One of the two tools with its project. Disposing of it removes everything it has created. */
export interface Side extends AsyncDisposable {
  /** Starts or removes everything. */
  call(what: "up" | "down", env?: Readonly<Record<string, string>>): Promise<Output>;
  /** Like `call`, but returns the process, to interrupt it. */
  begin(what: "up" | "down"): Promise<Bun.Subprocess<"ignore", "ignore", "ignore">>;
  /** Ids of its containers, including stopped ones, and of its networks. */
  listOwned(): Promise<string[]>;
  /** Names of its running containers, without the lease keeper. */
  listRunning(): Promise<string[]>;
  readonly networkName: () => Promise<string>;
}

/** Injects the same fault into both tools. */
export function bothSides(
  name: string,
  services: readonly Service[],
  act: (side: Side) => Promise<Outcome>,
): Fault {
  return {
    name,
    ours: async () => {
      await using side = await reynsSide(services);
      return await act(side);
    },
    theirs: async (executable) => {
      await using side = await composeSide(executable, services);
      return await act(side);
    },
  };
}

const dockerfiles = (services: readonly Service[]): Record<string, string> =>
  Object.fromEntries(
    services.flatMap(({ name, dockerfile }) =>
      dockerfile === undefined ? [] : [[`services/${name}/Dockerfile`, dockerfile]],
    ),
  );

async function listNames(label: string): Promise<string[]> {
  const format = "{{.Names}}";
  const names = await must("docker", "ps", "--format", format, "--filter", `label=${label}`);
  return names.split("\n").filter((name) => name !== "" && !name.endsWith("-keeper"));
}

async function networkWith(label: string): Promise<string> {
  const filter = `label=${label}`;
  return must("docker", "network", "ls", "--format", "{{.Name}}", "--filter", filter);
}

function spawn(
  command: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Bun.Subprocess<"ignore", "ignore", "ignore"> {
  return Bun.spawn([...command], { cwd, env, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
}

async function reynsSide(services: readonly Service[]): Promise<Side> {
  const calls = services.map(({ name, image, command, restart, ports }) => {
    const options = { image, command, restart, instance: "one", stopSignal: "KILL" };
    return `service("${name}", ${JSON.stringify(ports === undefined ? options : { ...options, ports: [ports] })});`;
  });
  const project = await createProject({
    ...dockerfiles(services),
    "reyns.ts": `import { service } from "reyns";\n${calls.join("\n")}\n`,
  });
  const lines = { up: "run all yes=true", down: "clean all force=true" };
  const label = `io.reyns.folder=${project.folder}`;
  const { executable, env: usual } = await installation();
  return {
    call: (what, env = {}) => project.reyns(lines[what], { env }),
    begin: async (what) => spawn([executable, ...lines[what].split(" ")], project.folder, usual),
    listOwned: () => listOwned(project.folder),
    listRunning: () => listNames(label),
    networkName: () => networkWith(label),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

async function composeSide(executable: string, services: readonly Service[]): Promise<Side> {
  const entries = services.map(({ name, dockerfile, ports, ...settings }) => [
    name,
    {
      ...settings,
      stop_signal: "KILL",
      ...(dockerfile === undefined ? {} : { build: `services/${name}` }),
      ...(ports === undefined ? {} : { ports: [ports] }),
    },
  ]);
  // JSON is valid YAML.
  const yaml = JSON.stringify({ services: Object.fromEntries(entries) as object });
  const project = await composeProject(executable, yaml, dockerfiles(services));
  const lines = { up: "up -d", down: "down" };
  return {
    call: (what, env) => project.compose(lines[what], env),
    begin: async (what) =>
      spawn([...project.command, ...lines[what].split(" ")], project.folder, process.env),
    listOwned: project.listOwned,
    listRunning: () => listNames(project.label),
    networkName: () => networkWith(project.label),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}
