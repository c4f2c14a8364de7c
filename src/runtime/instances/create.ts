import { mkdir } from "node:fs/promises";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import { removeVolume } from "../../docker/volumes.ts";
import { ReynsError } from "../../errors.ts";
import { labels, secretParts } from "../../model/labels.ts";
import type { StartInstance } from "../../model/steps.ts";
import { diskFullHint } from "../disk-full.ts";
import { secretDigest } from "../keys/digests.ts";
import { createWithKeys, installHostKey } from "./inject-keys.ts";
import { removeStaleContainer } from "./stale-container.ts";
import { ensureKeys } from "../keys/store.ts";
import { createWithSecrets } from "../secrets.ts";
import { copyImageContent, removeCopySource } from "./persistence.ts";
import type { RuntimeContext } from "../context.ts";

/**
 * Creates an instance's container, with everything on the host that it needs, and starts it by `begin`. Whatever goes
 * wrong on this way, no half-made container stays.
 *
 * @throws ReynsError START_FAILED, FILE_REFUSED, KEYS_UNUSABLE
 */
export async function createInstance<Result>(
  step: StartInstance,
  context: Pick<RuntimeContext, "engine" | "keysFolder" | "emit">,
  begin: (id: string) => Promise<Result>,
): Promise<Result> {
  const { engine, keysFolder } = context;
  const keys = await ensureKeys(keysFolder);
  await createFolders(step);
  if (step.replaces !== undefined) await removeReplaced(engine, step.replaces);
  if (step.temporaryVolume !== undefined) await removeVolume(engine, step.temporaryVolume);
  const id = await createContainerFor(step, keys, context);
  try {
    const names = step.sshNames;
    if (names.length > 0) await installHostKey(engine, id, { keysFolder, names });
    await copyImageContent(engine, id, step);
    return await begin(id);
  } catch (cause) {
    await removeContainer(engine, id);
    throw toStartError(step, cause);
  }
}

/** Only here it is known: a first run makes the keys. Digests of secrets are made with them. */
async function withSecretsLabel(spec: ContainerSpec, keysFolder: string): Promise<ContainerSpec> {
  const parts = JSON.parse(spec.labels[labels.definition] ?? "{}") as Record<string, string>;
  const all = { ...parts, ...secretParts(spec.secrets, await secretDigest(keysFolder)) };
  return { ...spec, labels: { ...spec.labels, [labels.definition]: JSON.stringify(all) } };
}

/** Likewise. */
export function withKeysLabel(spec: ContainerSpec, keys: string): ContainerSpec {
  return { ...spec, labels: { ...spec.labels, [labels.keys]: keys } };
}

async function removeReplaced(engine: RuntimeContext["engine"], id: string): Promise<void> {
  // The one that is found by its label last.
  await removeCopySource(engine, id);
  await removeContainer(engine, id);
}

async function createFolders({ folders, host }: StartInstance): Promise<void> {
  try {
    await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  } catch (cause) {
    const message = `${host}: its folders cannot be made: ${(cause as Error).message}`;
    const hint = "nothing was started; free the disk, or give the folder to this user";
    throw new ReynsError("FILE_REFUSED", message, { hint, cause });
  }
}

async function createContainerFor(
  step: StartInstance,
  keys: string,
  { engine, keysFolder, emit }: Pick<RuntimeContext, "engine" | "keysFolder" | "emit">,
): Promise<string> {
  const spec = await withSecretsLabel(withKeysLabel(step.spec, keys), keysFolder);
  const warn = (message: string): void =>
    emit({ kind: "warning", message: `${step.host}: ${message}` });
  const attempt = (): Promise<string> =>
    createWithKeys(engine, spec, keysFolder, (whole) => createWithSecrets(engine, whole, warn));
  try {
    return await attempt().catch(async (error: unknown) => {
      if (errorStatus(error) === 409 && (await removeStaleContainer(engine, spec)))
        return attempt();
      throw error;
    });
  } catch (cause) {
    const status = errorStatus(cause);
    if (!(cause instanceof ReynsError) || status === undefined) throw cause;
    const taken = `${step.host}: another run is starting it right now`;
    const reason = engineReason(cause);
    const message = status === 409 ? taken : `${step.host}: it could not be created: ${reason}`;
    const hint = status === 409 ? 'look again with "reyns ps"' : hintFor(reason);
    throw new ReynsError("START_FAILED", message, { hint, cause });
  }
}

/** What the Engine says against a start, in words for people. */
export function toStartError({ host }: Pick<StartInstance, "host">, cause: unknown): unknown {
  if (!(cause instanceof ReynsError) || cause.code !== "ENGINE_REFUSED") return cause;
  const reason = engineReason(cause);
  const message = `${host}: it could not be started: ${reason}`;
  return new ReynsError("START_FAILED", message, { hint: hintFor(reason), cause });
}

/** The Engine's reason, without the layers that it came through. */
function engineReason({ message }: ReynsError): string {
  const port = /listen (tcp|udp)\d? \S*?:(\d+): bind: address already in use/.exec(message);
  if (port) return `port ${port[2]}/${port[1]} is in use on this host`;
  const allocated = /Bind for \S*?:(\d+) failed: port is already allocated/.exec(message);
  if (allocated) return `port ${allocated[1]} is in use by another container`;
  const low = /cannot expose privileged port (\d+)/.exec(message);
  if (low) return `port ${low[1]} is not open to the user that this Engine runs as`;
  const source = /bind source path does not exist: (\S+)/.exec(message);
  if (source) return `there is no ${source[1]} to be mounted`;
  const program = /container process(?: caused)?: (exec: .*?)(?:: unknown)?$/.exec(message);
  return program?.[1] ?? message.replace(/^the Docker Engine refused: /, "");
}

function hintFor(reason: string): string | undefined {
  // Exactly so from the Engine's address pool; in lower case from the host's ports.
  if (reason.includes("Address already in use"))
    return "another run took its address at the same time: run again";
  if (/^port \d+.* is in use/.test(reason)) return "stop what uses it, or publish another";
  const low = /^port (\d+) is not open to the user/.exec(reason);
  if (low)
    return `publish one from 1024 on, or open them: sudo sysctl net.ipv4.ip_unprivileged_port_start=${low[1]}`;
  if (reason.startsWith("exec: ")) return "mend its command, or its image's CMD or ENTRYPOINT";
  if (reason === "No command specified")
    return "its image has no CMD, and its definition no command: give it one";
  if (reason.endsWith("to be mounted")) return "make it, or mend the volume";
  return diskFullHint(reason);
}
