import { listImages, tagImage, untagImage } from "../../docker/images/images.ts";
import { pullWithCredentials } from "../../docker/images/transfer-image.ts";
import { formatSize } from "../../lib/format-size.ts";
import type { Engine } from "../connect.ts";
import type { OciImage } from "./oci-image.ts";
import type { ImageRegistry, Served } from "./registry.ts";

interface PullRequest {
  readonly engine: Engine;
  readonly node: string;
  /** With its tag. */
  readonly name: string;
  readonly oci: OciImage;
  readonly registry: ImageRegistry;
  readonly onNote: (note: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Lets the Engine of a node pull an image from here, through the ssh connection to it. It keeps its own name only.
 *
 * @throws Error when its machine forwards no ports; ReynsError NO_ENGINE, ENGINE_REFUSED
 */
export async function pullFromHere(request: PullRequest): Promise<Served> {
  const { engine, node, name, oci, registry, onNote, signal } = request;
  if (!engine.offer) throw new Error("it is not reached by ssh");
  const address = `127.0.0.1:${await engine.offer(registry.port)}`;
  const repository = registry.add(name, oci);
  const source = `${address}/${repository}:latest`;
  const before = registry.servedTo(node);
  const [bytes, layers] = [before.bytes, new Set(before.layers)];
  const since = (): Served => {
    const now = registry.servedTo(node);
    const added = [...now.layers].filter((digest) => !layers.has(digest));
    return { bytes: now.bytes - bytes, layers: new Set(added) };
  };
  const onProgress = (note: string): void => {
    onNote(note.includes(" layers") ? `${formatSize(since().bytes)}, ${note}` : note);
  };
  await removeLeftovers(engine, repository);
  try {
    const credentials = registry.credentialsOf(node, address);
    await pullWithCredentials(engine, source, credentials, signal, onProgress);
    await tagImage(engine, source, name);
  } finally {
    await untagImage(engine, source).catch(() => {});
  }
  return since();
}

/** Names that a command has given which was killed. */
async function removeLeftovers(engine: Engine, repository: string): Promise<void> {
  const isLeft = new RegExp(String.raw`^127\.0\.0\.1:\d+/${repository}:`);
  const names = (await listImages(engine)).flatMap((image) => image.names);
  for (const name of names.filter((one) => isLeft.test(one))) await untagImage(engine, name);
}
