import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { errorStatus } from "../../docker/client/errors.ts";
import { inspectContainer, removeContainer } from "../../docker/containers/containers.ts";
import { removeVolume } from "../../docker/volumes.ts";
import { errorWith, ReynsError, withLater } from "../../errors.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { labels } from "../../model/labels.ts";
import { nextNameOf } from "../../model/resource-names.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import { ensureKeys } from "../keys/store.ts";
import { createWithSecrets } from "../secrets.ts";
import { copyFiles, withFileVolumes } from "./copy-files.ts";
import { versionLabels } from "../versions/record.ts";
import { withImageVolumes } from "./image-volumes.ts";
import { createWithKeys, installHostKey } from "./inject-keys.ts";
import { copyImageContent } from "./persistence.ts";
import { removeReplaced } from "./remove-replaced.ts";
import { removeStaleContainer } from "./stale-container.ts";
import { withKeyedLabels } from "./keyed-labels.ts";
import { toCreateError, toStartError } from "./start-errors.ts";

type CreateContext = Pick<RuntimeContext, "engine" | "keysFolder" | "stateFolder" | "emit">;

/**
 * Creates an instance's container, with everything that it needs on the host, and starts it with `start`. On any error
 * the container is removed again. The log of one that has run is kept.
 *
 * @throws ReynsError START_FAILED, FILE_REFUSED, KEYS_UNUSABLE
 */
export async function createInstance<Result>(
  step: StartInstance,
  context: CreateContext,
  start: (id: string) => Promise<Result>,
): Promise<Result> {
  const { engine, keysFolder } = context;
  const keys = await ensureKeys(keysFolder);
  await createFolders(step);
  const spec = withFileVolumes(await withImageVolumes(engine, step), step.host);
  if (step.removes !== undefined) await removeReplaced(step, spec, context);
  if (step.temporaryVolume !== undefined) await removeVolume(engine, step.temporaryVolume);
  const id = await createContainerFor({ ...step, spec }, keys, context);
  try {
    const names = step.sshNames;
    if (names.length > 0) await installHostKey(engine, id, { keysFolder, names });
    await copyImageContent(engine, id, step);
    await copyFiles(engine, id, spec);
    return await start(id);
  } catch (cause) {
    const error = toStartError(step.host, cause);
    const removing = removeCreated(id, step.host, error, context);
    throw await removing.catch((later: unknown) => withLater(error, later));
  }
}

/** Removes a container whose start has failed, and keeps its log if it has run; returns the error to throw. */
async function removeCreated(
  id: string,
  host: string,
  error: unknown,
  context: CreateContext,
): Promise<unknown> {
  const { engine } = context;
  const isReported = error instanceof ReynsError && error.code !== "INTERRUPTED";
  if (!isReported || !(await inspectContainer(engine, id))?.running) {
    await removeContainer(engine, id);
    return error;
  }
  const { removeFailed } = await import("./remove-failed.ts");
  const removed = await removeFailed(id, host, context);
  const [hint, remedy] = [error.hint, error.remedy].map((line) => withLine(line, removed));
  return errorWith(error, { hint, remedy });
}

function withLine(text: string | undefined, line: string): string {
  return text === undefined ? line : `${text}\n${line}`;
}

async function createFolders({ folders, host }: StartInstance): Promise<void> {
  try {
    await Promise.all(folders.map(createIfMissing));
  } catch (cause) {
    const message = `${host}: cannot create its data folders: ${(cause as Error).message}`;
    const hint = "it was not started; free disk space, or make the folder writable for this user";
    throw new ReynsError("FILE_REFUSED", message, { hint, cause });
  }
}

/** What is there may be a file, or a link to one: it is mounted as it is. */
async function createIfMissing(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !existsSync(path)) throw error;
  });
}

async function createContainerFor(
  step: StartInstance,
  keys: string,
  { engine, keysFolder, stateFolder, emit }: CreateContext,
): Promise<string> {
  const labelled = withKeysLabel(await withKeyedLabels(step, keysFolder), keys);
  const version = await versionLabels(step, { keysFolder, stateFolder });
  const spec = named(withLabels(labelled, version), step);
  const warn = (message: string): void =>
    emit({ kind: "warning", message: `${step.host}: ${message}` });
  const create = (): Promise<string> =>
    createWithKeys(engine, spec, keysFolder, (withKeys) =>
      createWithSecrets(engine, withKeys, warn),
    );
  try {
    return await create().catch(async (error: unknown) => {
      if (errorStatus(error) === 409 && (await removeStaleContainer(engine, spec))) return create();
      throw error;
    });
  } catch (cause) {
    const status = errorStatus(cause);
    if (!(cause instanceof ReynsError) || status === undefined) throw cause;
    throw toCreateError(step.host, cause, status === 409);
  }
}

/** One that starts beside the container that serves gets its name when it is ready. */
function named(spec: ContainerSpec, { replacing }: StartInstance): ContainerSpec {
  return replacing?.order === "start-first" ? { ...spec, name: nextNameOf(spec.name) } : spec;
}

function withLabels(spec: ContainerSpec, more: ContainerSpec["labels"]): ContainerSpec {
  return { ...spec, labels: { ...spec.labels, ...more } };
}

/** @param keys digest of the project's keys, which the first run creates */
export function withKeysLabel(spec: ContainerSpec, keys: string): ContainerSpec {
  return withLabels(spec, { [labels.keys]: keys });
}
