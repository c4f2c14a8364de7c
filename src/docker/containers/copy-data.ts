import type Docker from "dockerode";
import type { Engine } from "../client/engine.ts";
import { request } from "../client/request.ts";
import { readLog } from "../streams/read-log.ts";
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
  /** Once it is aborted, nothing copies any more. */
  readonly signal: AbortSignal;
}

export interface CopyOutcome {
  /** The script's; 126 or 127 where the image lacks a program. */
  readonly status: number;
  /** The last lines that it has printed, where the Engine keeps them. */
  readonly output: readonly string[];
}

/**
 * Copies files on the Engine's host, as root of a container: services write them as other users.
 *
 * @throws ReynsError ENGINE_REFUSED when the image has no `sh`
 */
export async function copyData(
  engine: Engine,
  { mounts, script, words, image, labels, signal }: DataCopy,
): Promise<CopyOutcome> {
  const id = await createContainerFrom(engine, {
    Image: image,
    Entrypoint: ["sh", "-c", script, "sh", ...words],
    Cmd: [],
    User: "0",
    NetworkDisabled: true,
    Labels: { ...labels },
    HostConfig: { Mounts: [...mounts] },
  });
  const remove = (): Promise<void> => removeContainer(engine, id);
  const onAbort = (): void => void remove().catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) return { status: 1, output: [] };
    await startContainer(engine, id);
    // Large data may take long: the Engine answers when it is done.
    const wait = { method: "POST", path: `/containers/${id}/wait` } as const;
    const { StatusCode: status } = await request<{ StatusCode: number }>(engine, wait);
    return { status, output: status === 0 ? [] : await lastLines(engine, id) };
  } finally {
    signal.removeEventListener("abort", onAbort);
    await remove();
  }
}

/** Not every log driver gives them back. */
async function lastLines(engine: Engine, id: string): Promise<string[]> {
  const lines: string[] = [];
  const reading = readLog(engine, id, { follow: false, tail: 3 }, ({ text }) => lines.push(text));
  await reading.catch(() => {});
  return lines;
}
