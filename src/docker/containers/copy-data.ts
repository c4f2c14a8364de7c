import type Docker from "dockerode";
import type { Engine } from "../client/engine.ts";
import { request } from "../client/request.ts";
import { removeContainer, startContainer } from "./containers.ts";
import { createContainerFrom } from "./create.ts";

interface DataCopy {
  /** Mounted at these paths, which are the words of the script. */
  readonly mounts: readonly Docker.MountSettings[];
  readonly script: string;
  readonly words: readonly string[];
  /** An image that has `sh` and `cp`. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Copies files on the Engine's host, as root of a container: services write them as other users.
 *
 * @returns whether the script succeeded
 * @throws ReynsError ENGINE_REFUSED when the image has no `sh`
 */
export async function copyData(
  engine: Engine,
  { mounts, script, words, image, labels }: DataCopy,
): Promise<boolean> {
  const id = await createContainerFrom(engine, {
    Image: image,
    Entrypoint: ["sh", "-c", script, "sh", ...words],
    Cmd: [],
    User: "0",
    NetworkDisabled: true,
    Labels: { ...labels },
    HostConfig: { Mounts: [...mounts] },
  });
  try {
    await startContainer(engine, id);
    // Large data may take long: the Engine answers when it is done.
    const wait = { method: "POST", path: `/containers/${id}/wait` } as const;
    return (await request<{ StatusCode: number }>(engine, wait)).StatusCode === 0;
  } finally {
    await removeContainer(engine, id);
  }
}
