// What the tests of a project that runs on several machines share.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../../engine/support/images-container.ts";
import { type Node, type Nodes, startNodes } from "./nodes.ts";
import { createProject, type Files } from "./project.ts";

/** An Engine's port for everybody in a network in which nobody else is. */
export const enginePort = 2375;

interface Settings {
  /** Of the project, beside its definition. */
  readonly files?: Files;
  /** Lets the Engines listen at `enginePort` of their addresses. */
  readonly isOnTcp?: boolean;
  /** More words for each dockerd. */
  readonly flags?: readonly string[];
}

/** Starts Engines that have the base images and a project, which has no definition yet. */
export async function startMachines<Name extends string>(
  names: readonly Name[],
  { files = {}, isOnTcp = false, flags = [] }: Settings = {},
): Promise<Nodes<Name>> {
  await using parts = new AsyncDisposableStack();
  const project = parts.use(await createProject({ "reyns.ts": "", ...files }));
  await project.must("init");
  const images = ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"];
  const engineFlags = (address: string): string[] => [
    ...(isOnTcp ? ["--host", `tcp://${address}:${enginePort}`] : []),
    ...flags,
  ];
  const { node } = parts.use(
    await startNodes(names, { images, project: project.folder, engineFlags }),
  );
  const own = parts.move();
  return { node, [Symbol.asyncDispose]: () => own.disposeAsync() };
}

/** Writes the definition; SOCKET stands for that of the machine's own Engine. */
export async function define(node: Node, definition: string): Promise<void> {
  const socket = node.env["DOCKER_HOST"]?.replace("unix://", "") ?? "";
  await writeFile(join(node.folder, "reyns.ts"), definition.replace("SOCKET", socket));
}

/** The Engine's own client on a node. */
export function on({ env }: Node, ...words: readonly string[]): Promise<string> {
  return must("docker", "--host", env["DOCKER_HOST"] ?? "", ...words);
}

/** Ids of the containers of a service that run on a node. */
export function containerOn(node: Node, service: string): Promise<string> {
  return on(node, "ps", "-qf", `label=io.reyns.service=${service}`);
}

/** IPv4 addresses in a text, each once. */
export function addressesIn(text: string): string[] {
  return [...new Set(text.match(/\b\d+\.\d+\.\d+\.\d+\b/g))];
}
