import { errorWith, ReynsError } from "../../errors.ts";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import { credentialsFor, type Credentials } from "../config/credentials.ts";
import { splitTag } from "./image-name.ts";
import { createLayerProgress } from "./layer-progress.ts";
import { readMessages, type ProgressMessage } from "./messages.ts";

/** What a pull or a push has done. */
export interface ImageTransfer {
  /** Bytes that came or went. */
  readonly bytes: number;
  /** The other end had it already. */
  readonly isUnchanged: boolean;
}

/**
 * Pulls an image from its registry, with the caller's credentials.
 *
 * @param onNote called with what is going on: a line on all layers
 * @param platform undefined: the Engine's own
 * @throws ReynsError ENGINE_REFUSED when the registry does not provide the image
 */
export function pullImage(
  engine: Engine,
  name: string,
  signal: AbortSignal,
  onNote: (note: string) => void,
  platform?: string,
): Promise<ImageTransfer> {
  return transfer(engine, name, onNote, (credentials) =>
    withClient(engine, (client) =>
      client.pull(name, {
        abortSignal: signal,
        ...(platform === undefined ? {} : { platform }),
        ...(credentials ? { authconfig: credentials } : {}),
      }),
    ),
  );
}

/**
 * Pushes an image to the registry of its name, with the caller's credentials.
 *
 * @throws ReynsError ENGINE_REFUSED when the Engine has no such image, or the registry does not take it
 */
export function pushImage(
  engine: Engine,
  name: string,
  signal: AbortSignal,
  onNote: (note: string) => void,
): Promise<ImageTransfer> {
  const [repository, tag] = splitTag(name);
  return transfer(engine, name, onNote, (credentials) =>
    withClient(engine, (client) =>
      client.getImage(repository).push({
        tag,
        abortSignal: signal,
        // The Engine asks for the header, also where there is nothing in it.
        authconfig: credentials ?? {},
      }),
    ),
  );
}

/**
 * Pulls an image with credentials of its own, not the caller's.
 *
 * @throws ReynsError ENGINE_REFUSED
 */
export function pullWithCredentials(
  engine: Engine,
  name: string,
  credentials: Credentials,
  signal: AbortSignal,
  onNote: (note: string) => void,
): Promise<ImageTransfer> {
  return readTransfer(engine, onNote, () =>
    withClient(engine, (client) =>
      client.pull(name, { abortSignal: signal, authconfig: credentials }),
    ),
  );
}

async function transfer(
  engine: Engine,
  name: string,
  onNote: (note: string) => void,
  open: (credentials: Credentials | undefined) => Promise<NodeJS.ReadableStream>,
): Promise<ImageTransfer> {
  const { credentials, problem } = await credentialsFor(name, engine.env);
  try {
    return await readTransfer(engine, onNote, () => open(credentials));
  } catch (error) {
    if (problem === undefined || !(error instanceof ReynsError)) throw error;
    throw errorWith(error, { message: `${error.message}; ${problem}` });
  }
}

async function readTransfer(
  engine: Engine,
  onNote: (note: string) => void,
  open: () => Promise<NodeJS.ReadableStream>,
): Promise<ImageTransfer> {
  const layers = createLayerProgress();
  let isUpToDate = false;
  const onMessage = (message: ProgressMessage): void => {
    isUpToDate ||= (message.status ?? "").startsWith("Status: Image is up to date");
    const note = layers.read(message) ?? message.status;
    if (note !== undefined) onNote(note);
  };
  const stream = await open();
  await withClient(engine, () => readMessages(stream, onMessage));
  const bytes = layers.bytes();
  return { bytes, isUnchanged: isUpToDate };
}
