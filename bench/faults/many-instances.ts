import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { startNodes } from "../../test/binary/support/nodes.ts";
import { createProject } from "../../test/binary/support/project.ts";
import { run } from "../../test/engine/support/images-container.ts";
import type { Fault, Outcome } from "./fault.ts";

const count = 100;
const image = "debian:bookworm-slim";

const reynsTs = `import { service } from "reyns";
for (let n = 0; n < ${count}; n++)
  service("web", { image: "${image}", instance: \`i\${n}\`, command: "sleep 999", stopSignal: "KILL" });
`;

const settings = `{ image: "${image}", command: sleep 999, stop_signal: KILL }`;
const services = Array.from({ length: count }, (_, n) => `  web-i${n}: ${settings}\n`);
const composeYaml = `name: many\nservices:\n${services.join("")}`;

/** Runs a tool in a folder and returns its standard output. */
type Call = (line: string) => Promise<string>;

/** Uses a dedicated Engine, because a hundred starts would slow down others. */
async function measureOnOwnEngine(
  toolOf: (compose: Call, reyns: Call) => { call: Call; lines: readonly [string, string, string] },
  executable = "",
): Promise<Outcome> {
  await using project = await createProject({ "reyns.ts": reynsTs });
  await using nodes = await startNodes(["many"], { images: [image], project: project.folder });
  const node = nodes.node.many;
  await writeFile(join(node.folder, "compose.yaml"), composeYaml);
  const env = Object.entries(node.env).map(([name, value]) => `${name}=${value}`);
  const inFolder = ["sh", "-c", 'cd "$0" && exec env "$@"', node.folder, ...env];
  const docker = async (...words: string[]): Promise<string> => {
    const { status, stdout, stderr } = await run([...node.inside, ...inFolder, ...words]);
    if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1));
    return stdout.trim();
  };
  const { call, lines } = toolOf((line) => docker(executable, ...line.split(" ")), node.must);
  const times: string[] = [];
  let running = 0;
  for (const [index, line] of lines.entries()) {
    const start = performance.now();
    await call(line);
    times.push(`${line.split(" ")[0]} ${((performance.now() - start) / 1000).toFixed(2)} s`);
    if (index === 0) running = (await docker("docker", "ps", "-q")).split("\n").length;
  }
  const left = (await docker("docker", "ps", "-aq")).split("\n").filter(Boolean).length;
  const description = `${running} run: ${times.join(", ")}, ${left} left behind`;
  return { ok: running === count && left === 0, description };
}

export const manyInstances: Fault = {
  name: `${count} instances`,
  ours: () =>
    measureOnOwnEngine((_, reyns) => ({
      call: reyns,
      lines: ["run all", "ps", "clean all force=true"],
    })),
  theirs: (executable) =>
    measureOnOwnEngine(
      (compose) => ({ call: compose, lines: ["up -d", "ps -q", "down"] }),
      executable,
    ),
};
