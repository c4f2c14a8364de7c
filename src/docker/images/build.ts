import { Readable } from "node:stream";
import type Docker from "dockerode";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { BuilderSettings } from "../../model/build.ts";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import { credentialsFor, hasCredentials } from "../config/credentials.ts";
import type { BuildSession, SessionContent } from "../session/session.ts";
import { readBuildStatus, type BuildStatus } from "./buildkit-status.ts";
import { usesBuildKit } from "./choose-builder.ts";
import { readMessages, type ProgressMessage } from "./messages.ts";

export interface ImageBuildOptions {
  readonly tag: string;
  /** Path of the Dockerfile inside the context. */
  readonly dockerfile: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly cache: boolean;
  readonly settings?: BuilderSettings | undefined;
  /** What BuildKit may ask for during the build. */
  readonly session?: SessionContent | undefined;
  /** Fields of the definition that only BuildKit can serve. */
  readonly needsBuildKit?: readonly string[] | undefined;
  /** Base images, whose registries may require credentials. */
  readonly bases: readonly string[];
  readonly signal: AbortSignal;
}

/** Output of a builder: lines of text from the classic one, status updates from BuildKit. */
export type BuildMessage =
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "status"; readonly status: BuildStatus };

type OnBuildMessage = (message: BuildMessage) => void;

/**
 * Builds an image from a tar of its context, or from the URL of a git repository, which the Engine fetches.
 *
 * @returns the image's id
 * @throws ReynsError ENGINE_REFUSED with the failing instruction's message, INVALID_VALUE
 */
export async function buildImage(
  engine: Engine,
  context: Readable | string,
  options: ImageBuildOptions,
  onMessage: OnBuildMessage,
): Promise<string | undefined> {
  const isBuildKit = await usesBuildKit(engine, context, options);
  const session = isBuildKit ? await openIfNeeded(engine, options) : undefined;
  try {
    const builder = isBuildKit
      ? // For the string "2" dockerode opens a session of its own.
        { version: 2 as unknown as "2", ...(session && { session: session.id }) }
      : { registryconfig: await registryConfig(options.bases, engine) };
    return await runBuild(engine, context, { ...queryOf(options), ...builder }, onMessage);
  } finally {
    session?.close();
  }
}

async function runBuild(
  engine: Engine,
  context: Readable | string,
  query: Docker.ImageBuildOptions,
  onMessage: OnBuildMessage,
): Promise<string | undefined> {
  const stream = await withClient(engine, (client) =>
    typeof context === "string"
      ? // Without a body, docker-modem would send the query as one, to which Docker 20.10 answers nothing.
        client.buildImage(Readable.from([]), { ...query, remote: context })
      : client.buildImage(context, query),
  );
  let id: string | undefined;
  const take = (message: ProgressMessage): void => {
    if (typeof message.aux === "object") id = message.aux.ID ?? id;
    parseMessage(message).forEach(onMessage);
  };
  await withClient(engine, () => readMessages(stream, take));
  return id;
}

function queryOf(options: ImageBuildOptions): Docker.ImageBuildOptions {
  return {
    t: options.tag,
    dockerfile: options.dockerfile,
    buildargs: {
      ...(options.settings?.inlineCache && { BUILDKIT_INLINE_CACHE: "1" }),
      ...options.arguments,
    },
    labels: { ...options.labels },
    nocache: !options.cache,
    rm: true,
    forcerm: true,
    ...(options.target === undefined ? {} : { target: options.target }),
    ...settingsQuery(options.settings ?? {}),
    abortSignal: options.signal,
  };
}

/** Keys of the API, in the forms that it takes: lists as JSON, hosts one by one. */
function settingsQuery(settings: BuilderSettings): Record<string, unknown> {
  const { network, shmSize, extraHosts, ulimits, cacheFrom, platform } = settings;
  const limits = ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }));
  return withoutUndefined({
    networkmode: network,
    shmsize: shmSize,
    extrahosts: extraHosts,
    ulimits: limits && JSON.stringify(limits),
    cachefrom: cacheFrom && JSON.stringify(cacheFrom),
    platform,
  });
}

function parseMessage({ id, aux, stream = "" }: ProgressMessage): BuildMessage[] {
  if (id === "moby.buildkit.trace" && typeof aux === "string")
    return [{ kind: "status", status: readBuildStatus(aux) }];
  // The classic builder colors standard error red, even when no terminal reads it.
  const lines = Bun.stripANSI(stream).split("\n");
  return lines.flatMap((line) =>
    line.trim() === "" ? [] : [{ kind: "line", line: line.trimEnd() }],
  );
}

/** A session costs a connection: only a build that may be asked for something gets one. */
async function openIfNeeded(
  engine: Engine,
  { session }: ImageBuildOptions,
): Promise<BuildSession | undefined> {
  const { secrets, agents } = session ?? {};
  const isNeeded = secrets?.size || agents?.size || (await hasCredentials(engine.env));
  if (!isNeeded) return undefined;
  // Loads node:http2.
  const { openSession } = await import("../session/session.ts");
  return openSession(engine, session ?? {});
}

/** Registry -> credentials, for the registries with any. */
async function registryConfig(
  images: readonly string[],
  { env }: Engine,
): Promise<Docker.RegistryConfig> {
  const lookups = await Promise.all(images.map((image) => credentialsFor(image, env)));
  const found = lookups.flatMap(({ credentials }) => credentials ?? []);
  const entries = found.map((credentials) => [credentials.serveraddress, credentials]);
  return Object.fromEntries(entries) as Docker.RegistryConfig;
}
