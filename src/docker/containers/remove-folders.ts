import { basename } from "node:path";
import type { Engine } from "../client/connect.ts";
import { createContainerFrom, removeContainer, startContainer } from "./containers.ts";
import { request } from "../client/request.ts";

interface Removal {
  /** Folder on the Engine's host, and what goes out of it. */
  readonly parent: string;
  readonly names: readonly string[];
  /** One that has `rm`. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Removes folders of the Engine's host from inside a container, whose root may remove what services have written as
 * users of their own.
 *
 * @returns whether they are gone
 * @throws ReynsError ENGINE_REFUSED when the image has no `rm`
 */
export async function removeHostFolders(
  engine: Engine,
  { parent, names, image, labels }: Removal,
): Promise<boolean> {
  const body = {
    Image: image,
    Entrypoint: ["rm", "-rf", "--", ...names.map((name) => `/kept/${basename(name)}`)],
    Cmd: [],
    User: "0",
    NetworkDisabled: true,
    Labels: { ...labels },
    HostConfig: { Mounts: [{ Type: "bind" as const, Source: parent, Target: "/kept" }] },
  };
  const id = await createContainerFrom(engine, body);
  try {
    await startContainer(engine, id);
    const waiting = { method: "POST", path: `/containers/${id}/wait` } as const;
    return (await request<{ StatusCode: number }>(engine, waiting)).StatusCode === 0;
  } finally {
    await removeContainer(engine, id);
  }
}
