// What all-nodes.test.ts runs on: Engines of two machines, one of them behind ssh, and a project for both.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder, until } from "../../engine/support/images-container.ts";
import { define, on, startMachines } from "./machines.ts";
import { startNodeSshd, withEnvironment } from "./node-ssh.ts";
import type { Node } from "./nodes.ts";
import { type Call, call } from "./reyns.ts";

const definition = `import { dns, group, link, node, service } from "reyns";
node("first", "unix://SOCKET", { address: "192.168.77.1" });
node("second", "ssh://root@192.168.77.2");
const [ns, web] = [{ service: "reyns-dns", instance: "main" }, { service: "web", instance: "one" }];
group("second", () => {
  service("shell", { links: [link(ns, "dns"), link(web, "page")] });
  const command = ["sh", "-c", "echo hello; exec sleep 1000"];
  service("talk", { image: "reyns/reyns-base", command, stopSignal: "SIGKILL", after: web, volumes: { kept: "/kept" } });
});
group("first", () => {
  dns({ secondary: false });
  service("web", { image: "reyns/reyns-base", links: [link(ns, "dns")] });
});
`;

export interface TwoMachines extends AsyncDisposable {
  /** Where calls come from. */
  readonly first: Node;
  readonly second: Node;
  /** Begins a call on the first machine. */
  begin(line: string): Promise<Call>;
  /** What a call asks of the Engines, without what differs each time: a lock is renewed as long as a call takes. */
  requestsOf(line: string): Promise<string[]>;
  /** What was called in vain may fail once more: the kernel is still asking for the address. */
  reconnect(): Promise<void>;
  /** Writes the Dockerfile of the service shell, whose image then has this in /version. */
  setVersion(version: string, steps?: string): Promise<void>;
}

const dockerfile = (version: string, steps = ""): string =>
  `FROM reyns/reyns-base\n${steps}RUN echo ${version} > /version\n`;

export async function startTwoMachines(): Promise<TwoMachines> {
  await using parts = new AsyncDisposableStack();
  const files = { "services/shell/Dockerfile": dockerfile("1") };
  const { node } = parts.use(await startMachines(["first", "second"], { files }));
  const folder = parts.use(await temporaryFolder());
  const sshd = parts.use(await startNodeSshd([node.second], folder.path));
  const [first, second] = [withEnvironment(node.first, sshd.env), node.second];
  await define(first, definition);
  const own = parts.move();
  return {
    ...{ first, second },
    begin: (line) =>
      call(first.folder, line, { inside: first.inside, env: { ...first.env, ...sshd.env } }),
    requestsOf: (line) => requestsOf(first, line, join(folder.path, "trace.json")),
    reconnect: async () => {
      await second.setLink("up");
      await until("the second machine", async () => (await first.reyns("nodes")).status === 0);
    },
    setVersion: (version, steps) =>
      writeFile(join(first.folder, "services/shell/Dockerfile"), dockerfile(version, steps)),
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  };
}

async function requestsOf(node: Node, line: string, trace: string): Promise<string[]> {
  await node.must(line, { env: { REYNS_TRACE: trace } });
  const { traceEvents } = JSON.parse(await readFile(trace, "utf8")) as {
    readonly traceEvents: readonly {
      readonly name: string;
      readonly args: { readonly path?: string };
    }[];
  };
  const isOfLock = ({ name, args: { path = "" } }: (typeof traceEvents)[number]): boolean =>
    name === "POST /volumes/create" || /reyns-lock-|role=lock/.test(decodeURIComponent(path));
  return traceEvents
    .filter((event) => /^(?:GET|HEAD|POST|PUT|DELETE) /.test(event.name) && !isOfLock(event))
    .map(({ name }) => name.replaceAll(/[\da-f]{12,}/g, "*"));
}

export function idsOfImage(node: Node): Promise<string> {
  return on(node, "images", "-q", "--no-trunc", "*/shell:latest");
}
