import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { temporaryFolder, type Output } from "../test/engine/support/images-container.ts";
import { makeCertificates } from "../test/binary/support/certificates.ts";
import { startNodeSshd } from "../test/binary/support/node-ssh.ts";
import { type Node, type Nodes, startNodes } from "../test/binary/support/nodes.ts";
import { createProject } from "../test/binary/support/project.ts";

export const names = ["node1", "node2", "node3"] as const;
type Name = (typeof names)[number];

/** Each machine has as much as the command: a fixed share, as if it had processors of its own, whatever the others do. */
export const processors = availableParallelism() / (names.length + 1);

/** Three machines, each with an Engine, and a project that is spread over them. */
export interface NodesStage extends AsyncDisposable {
  readonly nodes: Nodes<Name>["node"];
  /** With a key for the second machine. */
  readonly env: Readonly<Record<string, string>>;
  /** Calls Reyns on the first machine, whatever comes of it. */
  call(line: string, env?: Readonly<Record<string, string>>): Promise<Output>;
  /** The variables of a call that is about one machine, in a project without node(). */
  olderWay(name: Name): Record<string, string>;
}

const port = 2376;

/** The first machine is this one, the second answers ssh, the third TLS. */
function nodesOf(socket: string, certificates: string): string {
  return `import { node } from "reyns";
node("node1", "unix://${socket}", { address: "192.168.77.1" });
node("node2", "ssh://root@192.168.77.2");
node("node3", "tcp://192.168.77.3:${port}", { certificates: "${certificates}" });
`;
}

/** So many instances a machine, and a DNS. */
function groupsOf(count: number): string {
  return `import { dns, group, link, service } from "reyns";
const ns = { service: "reyns-dns", instance: "main" };
group("node1", () => dns({ publishPorts: true }));
for (const name of ["node1", "node2", "node3"])
  group(name, () => {
    for (let index = 0; index < ${count}; index++)
      service("web", { image: "reyns/reyns-base", instance: name + "x" + index, links: [link(ns, "dns")] });
  });
`;
}

/** Needs root, ssh, sshd, openssl, and what `startNodes` needs. */
export async function createNodesStage(count: number): Promise<NodesStage> {
  await using stack = new AsyncDisposableStack();
  const project = stack.use(await createProject({ "reyns.ts": "" }));
  await project.must("init");
  const folder = stack.use(await temporaryFolder());
  const certificates = await makeCertificates(join(folder.path, "tls"), ["192.168.77.3"]);
  const { server, client } = certificates;
  const own = stack.use(
    await startNodes(names, {
      images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
      project: project.folder,
      processors,
      engineFlags: (address) =>
        address.endsWith(".3")
          ? [
              ...["--host", `tcp://${address}:${port}`, "--tlsverify"],
              ...["--tlscacert", `${server}/ca.pem`, "--tlscert", `${server}/cert.pem`],
              ...["--tlskey", `${server}/key.pem`],
            ]
          : [],
    }),
  );
  const nodes = own.node;
  const all: readonly Node[] = names.map((name) => nodes[name]);
  const { env } = stack.use(await startNodeSshd(all, folder.path));
  const socket = nodes.node1.env["DOCKER_HOST"]?.replace("unix://", "") ?? "";
  const older = join(nodes.node1.folder, "older");
  await mkdir(older);
  await writeFile(join(older, "reyns.ts"), groupsOf(count));
  const definition = nodesOf(socket, client) + groupsOf(count);
  await writeFile(join(nodes.node1.folder, "reyns.ts"), definition);
  const engines: Record<Name, Record<string, string>> = {
    node1: { DOCKER_HOST: `unix://${socket}` },
    node2: { DOCKER_HOST: "ssh://root@192.168.77.2" },
    node3: {
      ...{ DOCKER_HOST: `tcp://192.168.77.3:${port}`, DOCKER_TLS_VERIFY: "1" },
      DOCKER_CERT_PATH: client,
    },
  };
  const held = stack.move();
  return {
    nodes,
    env,
    call: (line, more = {}) => nodes.node1.reyns(line, { env: { ...env, ...more } }),
    olderWay: (name) => ({
      ...{ ...engines[name], PROJECT_DIR: older, SERVICE_IP: nodes[name].address },
      ...(name !== "node1" && { DNS_SERVICE_IP: nodes.node1.address }),
    }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
