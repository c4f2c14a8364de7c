import type { OfferedPort } from "../../docker/client/transport.ts";
import { listImages, tagImage, untagImage } from "../../docker/images/images.ts";
import { pullWithCredentials } from "../../docker/images/transfer-image.ts";
import { hasCode, messageOf, ReynsError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import type { Engine } from "../connect.ts";
import { diskFullHint } from "../disk-full.ts";
import type { OciImage } from "./oci-image.ts";
import { sentName, type ImageRegistry, type OfferedImage } from "./registry.ts";

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

/** An Engine that cannot reach this machine's registry: it takes images only whole. */
export class UnreachedRegistry extends Error {}

/**
 * Lets the Engine of a node pull an image from here, through the ssh connection to it. It keeps its own name only.
 *
 * @throws UnreachedRegistry when its machine forwards no ports, or its Engine asks for nothing; ReynsError NO_ENGINE,
 *   ENGINE_REFUSED; the file system's errors
 */
export async function pullFromHere(request: PullRequest): Promise<OfferedImage["served"]> {
  const { engine, node, name, oci, registry, signal } = request;
  await using port = await openPort(engine, registry.port, signal);
  const address = `127.0.0.1:${port.port}`;
  const { repository, served } = registry.add(node, oci);
  const source = `${address}/${repository}:latest`;
  await removeLeftovers(engine);
  try {
    await pull(request, { source, address, served });
    await tagImage(engine, source, name);
  } finally {
    await untagImage(engine, source).catch(() => {});
  }
  return served;
}

async function openPort(
  { offer }: Engine,
  port: number,
  signal: AbortSignal,
): Promise<OfferedPort> {
  if (!offer) throw new UnreachedRegistry("it is not reached by ssh");
  try {
    return await offer(port, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new UnreachedRegistry(messageOf(cause), { cause });
  }
}

interface PullSource extends Pick<OfferedImage, "served"> {
  /** With its tag. */
  readonly source: string;
  /** Of the registry. */
  readonly address: string;
}

/** What broke off is tried once more: layers that have arrived are not sent again. */
async function pull(request: PullRequest, source: PullSource): Promise<void> {
  try {
    await pullOnce(request, source);
  } catch (error) {
    const cause = causeOf(error, request, source);
    if (!isWorthRetrying(cause, request)) throw cause;
    await pullOnce(request, source).catch((again: unknown) => {
      throw causeOf(again, request, source);
    });
  }
}

async function pullOnce(
  { engine, node, registry, onNote, signal }: PullRequest,
  { source, address, served }: PullSource,
): Promise<void> {
  const credentials = registry.credentialsOf(node, address);
  const onProgress = (note: string): void =>
    onNote(note.includes(" layers") ? `${formatSize(served.bytes)}, ${note}` : note);
  await pullWithCredentials(engine, source, credentials, signal, onProgress);
}

/** The Engine knows only that it got no answer. */
function causeOf(error: unknown, { signal }: PullRequest, { served }: PullSource): unknown {
  if (signal.aborted || isLost(error)) return error;
  if (served.failure !== undefined) return served.failure;
  return served.isAsked ? error : new UnreachedRegistry(messageOf(error), { cause: error });
}

function isWorthRetrying(error: unknown, { signal }: PullRequest): boolean {
  if (signal.aborted || isLost(error)) return false;
  return error instanceof ReynsError && diskFullHint(error.message) === undefined;
}

function isLost(error: unknown): boolean {
  return hasCode(error, "NO_ENGINE");
}

/** Names that a command has given which was killed: nothing answers at their ports any more. */
async function removeLeftovers(engine: Engine): Promise<void> {
  const names = (await listImages(engine)).flatMap((image) => image.names);
  for (const name of names) {
    const port = sentName.exec(name)?.[1];
    if (port !== undefined && !(await isAnswering(engine, Number(port))))
      await untagImage(engine, name);
  }
}

const answerTimeoutMs = 5000;

/** Whether a port of the loopback address of the Engine's machine answers; also where that cannot be found out. */
async function isAnswering({ forward }: Engine, port: number): Promise<boolean> {
  const path = await forward?.("127.0.0.1", port).catch(() => undefined);
  if (path === undefined) return true;
  const signal = AbortSignal.timeout(answerTimeoutMs);
  try {
    await fetch("http://registry/v2/", { unix: path, signal });
    return true;
  } catch {
    return signal.aborted;
  }
}
