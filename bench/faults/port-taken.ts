import { createServer } from "node:net";
import { once } from "node:events";
import { createProject, listOwned } from "../../test/binary/support/project.ts";
import { composeProject } from "./compose-project.ts";
import type { Fault, Outcome } from "./fault.ts";

async function listen(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const image = "debian:bookworm-slim";

async function ours(): Promise<Outcome> {
  await using taken = await listen();
  await using project = await createProject({
    "reyns.ts": `import { service } from "reyns";
service("db", { image: "${image}", instance: "one", command: "sleep 999" });
service("web", { image: "${image}", instance: "one", command: "sleep 999", ports: ["127.0.0.1:${taken.port}:80"] });
`,
  });
  const { status, stderr } = await project.reyns("run all");
  const isNamed = stderr.includes(`(pid ${process.pid})`);
  return verdict(status, isNamed, (await listOwned(project.folder)).length);
}

async function theirs(executable: string): Promise<Outcome> {
  await using taken = await listen();
  const yaml = `services:
  db: { image: "${image}", command: sleep 999 }
  web: { image: "${image}", command: sleep 999, ports: ["127.0.0.1:${taken.port}:80"] }
`;
  await using project = await composeProject(executable, yaml);
  const { status, stderr } = await project.compose("up -d");
  const isNamed = stderr.includes(`${process.pid}`);
  return verdict(status, isNamed, (await project.listOwned()).length);
}

function verdict(status: number, isNamed: boolean, left: number): Outcome {
  const owner = isNamed ? "names the process" : "names nobody";
  const description = `status ${status}, ${owner}, leaves ${left} containers and networks behind`;
  return { ok: status !== 0 && isNamed && left === 0, description };
}

export const portTaken: Fault = { name: "a port is taken by a process", ours, theirs };
