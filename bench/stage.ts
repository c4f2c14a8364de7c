import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Copies } from "./copies.ts";
import { askEngine, listContainers } from "./engine.ts";
import { createFloor, type Floor } from "./floor.ts";
import { type Ended, runOnce } from "./measure.ts";

/** The same project for both tools, with nothing running. */
export interface Pair {
  readonly reyns: Tool;
  /** Undefined without docker-compose. */
  readonly compose: Tool | undefined;
  /** Removes everything that both tools have created. */
  readonly clean: () => Promise<void>;
}

/** Runs a tool in its folder with the given command line. */
export type Tool = (line: string) => Promise<Ended>;

/** A number of instances of a ready image, for both tools and for the floor. */
export interface Many extends Pair {
  readonly floor: Floor;
  /** The Engine's answer to the request of `reyns ps`. */
  readonly engineList: () => Promise<readonly string[]>;
  /** Starts a command of ours that goes on; its output is of no interest. */
  readonly start: (line: string) => Bun.Subprocess;
}

export interface Stage extends AsyncDisposable {
  readonly demo: Tool;
  readonly many: (count: number) => Promise<Many>;
  /** The same with a compose.yaml alone, which is the project of both tools. */
  readonly composeFile: (count: number, isChecked: boolean) => Promise<Pair>;
  /** A number of small services to build. */
  readonly builds: (count: number) => Promise<Pair>;
}

/** Exists on every machine that has built the base images. */
const image = "debian:bookworm-slim";
const command = ["sh", "-c", "echo up; exec sleep infinity"];

/** Creates a temporary folder for all projects. Disposing of the stage removes it and everything created in it. */
export async function createStage(tools: Copies): Promise<Stage> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "reyns-bench-")));
  const cleanups: (() => Promise<unknown>)[] = [];
  const demo = await createDemo(tools, folder);
  cleanups.push(() => demo("clean all force=True"));
  return {
    demo,
    many: async (count) => {
      const many = await createMany(tools, folder, count);
      cleanups.push(many.clean);
      return many;
    },
    composeFile: async (count, isChecked) => {
      const inside = join(folder, `bench-compose${count}${isChecked ? "-checked" : ""}`);
      const pair = await createPair(tools, inside, composeFiles(count, isChecked));
      cleanups.push(pair.clean);
      return pair;
    },
    builds: async (count) => {
      const pair = await createPair(tools, join(folder, `bench-builds${count}`), buildFiles(count));
      cleanups.push(pair.clean);
      return pair;
    },
    [Symbol.asyncDispose]: async () => {
      for (const clean of cleanups) await clean();
      await removeImagesOf(folder);
      await rm(folder, { recursive: true });
    },
  };
}

async function createDemo({ reyns }: Copies, folder: string): Promise<Tool> {
  await runOnce([reyns(), "install_demo"], folder);
  const demo = reynsIn(reyns, join(folder, "reyns-demo"));
  await demo("build all");
  return demo;
}

async function createMany(tools: Copies, folder: string, count: number): Promise<Many> {
  const floor = createFloor(image, command, count);
  const inside = join(folder, `bench-many${count}`);
  const pair = await createPair(tools, inside, manyFiles(count));
  const clean = async (): Promise<void> => {
    await pair.clean();
    await floor.clean();
  };
  const start = (line: string): Bun.Subprocess =>
    Bun.spawn([tools.reyns(), ...line.split(" ")], {
      cwd: inside,
      stdio: ["ignore", "ignore", "ignore"],
    });
  const engineList = (): Promise<string[]> => listContainers(`io.reyns.folder=${inside}`);
  return { ...pair, clean, floor, engineList, start };
}

async function createPair(
  tools: Copies,
  inside: string,
  files: Readonly<Record<string, string>>,
): Promise<Pair> {
  await writeFiles(inside, files);
  const reyns = reynsIn(tools.reyns, inside);
  const compose = tools.compose && composeIn(tools.compose, inside);
  const clean = async (): Promise<void> => {
    await reyns("clean all force=True");
    // By default it removes a hundred at once, which can deadlock Docker 20.10. Docker 20.10 sometimes keeps the network
    // of removed containers; that must not lose the measurements.
    await compose?.("--parallel 8 down --timeout 0 --rmi local").catch(({ message }: Error) =>
      console.error(message),
    );
  };
  return { reyns, compose, clean };
}

function reynsIn(reyns: () => string, folder: string): Tool {
  return (line) => runOnce([reyns(), ...line.split(" ")], folder);
}

function composeIn(compose: () => string, folder: string): Tool {
  return (line) => runOnce([compose(), ...line.split(" ")], folder, { DOCKER_BUILDKIT: "0" });
}

/** Removes the images built from the stage's folders, by their label. */
async function removeImagesOf(folder: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: ["io.reyns.folder"] }));
  const images = JSON.parse(await askEngine("GET", `/images/json?filters=${filters}`)) as {
    Id: string;
    Labels: Record<string, string>;
  }[];
  const own = images.filter(({ Labels }) => Labels["io.reyns.folder"]?.startsWith(`${folder}/`));
  for (const { Id } of own) await askEngine("DELETE", `/images/${Id}?force=true`);
}

function manyFiles(count: number): Record<string, string> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const service = { image, command, init: true };
  const services = Object.fromEntries(numbers.map((number) => [`web${number}`, service]));
  const options = JSON.stringify(service).slice(1, -1);
  return {
    // JSON is valid YAML.
    "compose.yaml": JSON.stringify({ services }),
    "reyns.ts": `import { ready, service } from "reyns";
for (let i = 0; i < ${count}; i++) service("web", { instance: \`i\${i}\`, ready: ready.log("up"), ${options} });
`,
  };
}

/** With health checks, the last one waits until all others are healthy. */
function composeFiles(count: number, isChecked: boolean): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `web${index}`);
  const healthcheck = { test: "true", interval: "1s" };
  const service = { image, command, init: true, ...(isChecked ? { healthcheck } : {}) };
  const [last = "", ...others] = names.toReversed();
  const awaited = others.map((name) => [name, { condition: "service_healthy" }] as const);
  const services = {
    ...Object.fromEntries(others.map((name) => [name, service])),
    [last]: { ...service, ...(isChecked ? { depends_on: Object.fromEntries(awaited) } : {}) },
  };
  return { "compose.yaml": JSON.stringify({ services }) };
}

function buildFiles(count: number): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `small${index}`);
  const dockerfile = (name: string): string =>
    `FROM ${image}\nRUN echo ${name} > /name\nCOPY text /text\nCMD ["sleep", "infinity"]\n`;
  const services = Object.fromEntries(names.map((name) => [name, { build: `services/${name}` }]));
  return {
    "compose.yaml": JSON.stringify({ services }),
    "reyns.ts": `import { service } from "reyns";
for (let i = 0; i < ${count}; i++) service(\`small\${i}\`, { instance: "one" });
`,
    ...Object.fromEntries(names.map((name) => [`services/${name}/Dockerfile`, dockerfile(name)])),
    ...Object.fromEntries(names.map((name) => [`services/${name}/text`, `${name}\n`])),
  };
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** Milliseconds from the start of a container until its output contains the text. */
export async function startUntil(
  text: string,
  from: string,
  words?: readonly string[],
): Promise<number> {
  const body = {
    Image: from,
    ...(words && { Cmd: words }),
    HostConfig: { Init: words !== undefined },
  };
  const { Id } = JSON.parse(await askEngine("POST", "/containers/create", body)) as { Id: string };
  try {
    const logs = fetch(
      `http://engine/containers/${Id}/attach?logs=true&stream=true&stdout=true&stderr=true`,
      {
        unix: "/var/run/docker.sock",
        method: "POST",
      },
    );
    const started = performance.now();
    await askEngine("POST", `/containers/${Id}/start`);
    let output = "";
    const decoder = new TextDecoder();
    for await (const bytes of (await logs).body ?? []) {
      output += decoder.decode(bytes, { stream: true });
      if (output.includes(text)) break;
    }
    return performance.now() - started;
  } finally {
    await askEngine("DELETE", `/containers/${Id}?force=true&v=true`);
  }
}
