import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { ReynsError } from "../../errors.ts";
import type Docker from "dockerode";
import { readBuildStatus, type BuildStatus } from "./buildkit-status.ts";
import type { Engine } from "../client/connect.ts";
import { credentialsFor } from "../config/credentials.ts";
import { findImage, pullImage } from "./images.ts";
import { readMessages, type ProgressMessage } from "./messages.ts";
import { withClient } from "../client/errors.ts";
import { engineInfo } from "../system.ts";

export interface ImageBuildOptions {
  readonly tag: string;
  /** Path of the Dockerfile inside the context. */
  readonly dockerfile: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly cache: boolean;
  /** Images that it builds on, whose registries may ask who is there. */
  readonly bases: readonly string[];
  readonly signal: AbortSignal;
}

/** What a builder says: the classic one lines of text, BuildKit what has changed. */
export type BuildMessage =
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "status"; readonly status: BuildStatus };

/**
 * Builds an image from a tar of its context; with BuildKit where the Engine has it, unless `DOCKER_BUILDKIT` says
 * otherwise, as `docker build` does since version 23.
 *
 * @returns the image's id
 * @throws ReynsError ENGINE_REFUSED with the failing instruction's message, INVALID_VALUE
 */
export async function buildImage(
  engine: Engine,
  context: Readable,
  options: ImageBuildOptions,
  onMessage: (message: BuildMessage) => void,
): Promise<string | undefined> {
  const settings = {
    t: options.tag,
    dockerfile: options.dockerfile,
    buildargs: { ...options.arguments },
    labels: { ...options.labels },
    nocache: !options.cache,
    rm: true,
    forcerm: true,
    ...(options.target === undefined ? {} : { target: options.target }),
    abortSignal: options.signal,
    ...((await usesBuildKit(engine))
      ? await forBuildKit(engine, options, onMessage)
      : { registryconfig: await registryConfig(options.bases, engine) }),
  };
  const stream = await withClient(engine, (client) => client.buildImage(context, settings));
  let id: string | undefined;
  const take = (message: ProgressMessage): void => {
    if (typeof message.aux === "object") id = message.aux.ID ?? id;
    for (const each of read(message)) onMessage(each);
  };
  await withClient(engine, () => readMessages(stream, take));
  return id;
}

function read({ id, aux, stream = "" }: ProgressMessage): BuildMessage[] {
  if (id === "moby.buildkit.trace" && typeof aux === "string")
    return [{ kind: "status", status: readBuildStatus(aux) }];
  // The classic builder paints what comes from standard error red, whoever reads it.
  const lines = stripVTControlCharacters(stream).split("\n");
  return lines.flatMap((line) =>
    line.trim() === "" ? [] : [{ kind: "line", line: line.trimEnd() }],
  );
}

const spellings: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  0: false,
  false: false,
};

/** Found out once: what an Engine says of itself takes it some milliseconds. */
const usualBuilders = new WeakMap<Engine, Promise<boolean>>();

/** Whether BuildKit builds where nobody says anything. That of 20.10 gives copied files to nobody where users are mapped. */
async function isBuildKitUsual(engine: Engine): Promise<boolean> {
  const { prefersBuildKit, hasEarlyBuildKit } = await engine.features();
  if (prefersBuildKit || !hasEarlyBuildKit) return prefersBuildKit;
  const { mapsUsers, isRootless } = await engineInfo(engine);
  return !mapsUsers && !isRootless;
}

/** @throws ReynsError INVALID_VALUE */
async function usesBuildKit(engine: Engine): Promise<boolean> {
  const given = engine.env["DOCKER_BUILDKIT"];
  if (!given) {
    const usual = usualBuilders.get(engine) ?? isBuildKitUsual(engine);
    usualBuilders.set(engine, usual);
    return usual;
  }
  const asked = spellings[given.toLowerCase()];
  if (asked !== undefined) return asked;
  const message = `DOCKER_BUILDKIT is "${given}", which says neither yes nor no`;
  throw new ReynsError("INVALID_VALUE", message, {
    hint: "1 builds with BuildKit, 0 with the classic builder",
  });
}

/** A build with BuildKit has no credentials of its own: what needs some is pulled before. */
async function forBuildKit(
  engine: Engine,
  { bases, signal }: ImageBuildOptions,
  onMessage: (message: BuildMessage) => void,
): Promise<Docker.ImageBuildOptions> {
  for (const base of bases) {
    if (await findImage(engine, base)) continue;
    const { credentials } = await credentialsFor(base, engine.env);
    if (!credentials) continue;
    const onLine = (line: string): void => onMessage({ kind: "line", line });
    await pullImage(engine, base, signal, onLine);
  }
  // For the text "2" the client would open a session, which a context that comes with the call does not need.
  return { version: 2 as unknown as "2" };
}

/** Registry -> credentials, for those that there are some for. */
async function registryConfig(
  images: readonly string[],
  { env }: Engine,
): Promise<Docker.RegistryConfig> {
  const found = await Promise.all(images.map((image) => credentialsFor(image, env)));
  const known = found.flatMap(({ credentials }) => credentials ?? []);
  const entries = known.map((each) => [each.serveraddress, each]);
  return Object.fromEntries(entries) as Docker.RegistryConfig;
}
