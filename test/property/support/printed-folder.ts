import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { formatKeyFile } from "../../../src/runtime/keys/export-file.ts";
import { createKeySet } from "../../../src/runtime/keys/key-set.ts";
import { temporaryFolder } from "../../engine/support/images-container.ts";

const hostile = "\u001B[2J\u001B]0;x\u0007\u009B8m\u202E\u001B[8m";
const value = JSON.stringify(hostile);

/** What a project may define, what it may not, and what it may ask for. */
const definitions = {
  plain: `import { project, service, task, test } from "reyns";
project("shop");
service("web", { image: "debian:bookworm-slim", env: { A: ${value} }, command: [${value}] });
service("web", { image: "debian:bookworm-slim", instance: "two", links: ["web"] });
task("t", ${value}, async () => { throw new Error(${value}); });
test(${value}, () => {});
`,
  hostile: `import { service } from "reyns";
service(${value}, { [${value}]: ${value}, links: [${value}] });
throw new Error(${value});
`,
  asking: `import { project, required, service } from "reyns";
project("shop");
const description = ${JSON.stringify(`${hostile}\nFORGED: x`)};
const env = { B: required({ description }), C_PASSWORD: required({ description }), D_IP: required({ description }) };
service("web", { image: "debian:bookworm-slim", env });
service("web", { build: ".", instance: "two", links: ["web"] });
`,
};

/** A folder whose name and files are as hostile as the Engine, with projects in it. */
export async function hostileProjects(): Promise<{ readonly top: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const top = join(folder.path, `a/${hostile}\nFORGED`);
  for (const [name, definition] of Object.entries(definitions)) {
    const project = join(top, name);
    await mkdir(project, { recursive: true });
    await Bun.write(join(project, "reyns.ts"), definition);
    await Bun.write(join(project, "host.conf"), JSON.stringify({ A: hostile, [hostile]: hostile }));
  }
  await Bun.write(join(top, `hostile/services/${hostile}/Dockerfile`), `FROM ${hostile}\n`);
  await Bun.write(join(top, "asking/Dockerfile"), "FROM debian:bookworm-slim\n");
  const keys = formatKeyFile({ keys: createKeySet(), project: `${hostile}\nFORGED` });
  await Bun.write(join(top, "keys.json"), keys);
  return { top, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
