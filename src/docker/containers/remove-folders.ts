import { basename } from "node:path";
import type { Engine } from "../client/engine.ts";
import { request } from "../client/request.ts";
import { removeContainer, startContainer } from "./containers.ts";
import { createContainerFrom } from "./create.ts";

interface FolderRemoval {
  /** A folder on the Engine's host, and the entries to remove from it. */
  readonly parent: string;
  readonly names: readonly string[];
  /** An image that has `rm`. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Removes folders on the Engine's host as root of a container, because services may have written them as other users.
 *
 * @returns whether `rm` succeeded
 * @throws ReynsError ENGINE_REFUSED when the image has no `rm`
 */
export async function removeHostFolders(
  engine: Engine,
  { parent, names, image, labels }: FolderRemoval,
): Promise<boolean> {
  const id = await createContainerFrom(engine, {
    Image: image,
    Entrypoint: ["rm", "-rf", "--", ...names.map((name) => `/kept/${basename(name)}`)],
    Cmd: [],
    User: "0",
    NetworkDisabled: true,
    Labels: { ...labels },
    HostConfig: { Mounts: [{ Type: "bind", Source: parent, Target: "/kept" }] },
  });
  try {
    await startContainer(engine, id);
    const wait = { method: "POST", path: `/containers/${id}/wait` } as const;
    return (await request<{ StatusCode: number }>(engine, wait)).StatusCode === 0;
  } finally {
    await removeContainer(engine, id);
  }
}
