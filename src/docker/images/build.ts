import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { ReynsError } from "../../errors.ts";
import type { BuilderSettings } from "../../model/build.ts";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import { credentialsFor } from "../config/credentials.ts";
import { engineInfo } from "../system.ts";
import { readBuildStatus, type BuildStatus } from "./buildkit-status.ts";
import { findImage } from "./images.ts";
import { pullImage } from "./transfer-image.ts";
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
 * Builds an image from a tar of its context. Uses BuildKit where the Engine has it, unless `DOCKER_BUILDKIT` says
 * otherwise, like `docker build` since version 23.
 *
 * @returns the image's id
 * @throws ReynsError ENGINE_REFUSED with the failing instruction's message, INVALID_VALUE
 */
export async function buildImage(
  engine: Engine,
  context: Readable,
  options: ImageBuildOptions,
  onMessage: OnBuildMessage,
): Promise<string | undefined> {
  const builderOptions = (await usesBuildKit(engine, options.settings))
    ? await prepareBuildKit(engine, options, onMessage)
    : { registryconfig: await registryConfig(options.bases, engine) };
  const stream = await withClient(engine, (client) =>
    client.buildImage(context, { ...queryOf(options), ...builderOptions }),
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
    buildargs: { ...options.arguments },
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
  const query = {
    networkmode: network,
    shmsize: shmSize,
    extrahosts: extraHosts,
    ulimits: limits && JSON.stringify(limits),
    cachefrom: cacheFrom && JSON.stringify(cacheFrom),
    platform,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
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

const booleans: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  0: false,
  false: false,
};

/** Cached, because the Engine takes some milliseconds to report its features. */
const defaultBuilders = new WeakMap<Engine, Promise<boolean>>();

/** @throws ReynsError INVALID_VALUE */
async function usesBuildKit(engine: Engine, settings: BuilderSettings = {}): Promise<boolean> {
  const ignored = (["shmSize", "ulimits"] as const).find((name) => settings[name] !== undefined);
  const isIgnored = ignored !== undefined && (await engine.features()).hasEarlyBuildKit;
  const text = engine.env["DOCKER_BUILDKIT"];
  if (!text) {
    if (isIgnored) return false;
    const isDefault = defaultBuilders.get(engine) ?? isBuildKitDefault(engine);
    defaultBuilders.set(engine, isDefault);
    return isDefault;
  }
  const value = booleans[text.toLowerCase()];
  if (value === true && isIgnored) throw ignoredError(ignored);
  if (value !== undefined) return value;
  throw new ReynsError("INVALID_VALUE", `DOCKER_BUILDKIT must be 0 or 1, not "${text}"`, {
    hint: "1 builds with BuildKit, 0 with the classic builder",
  });
}

function ignoredError(field: string): ReynsError {
  const message = `the BuildKit of Docker 20.10 ignores ${field}`;
  return new ReynsError("INVALID_VALUE", message, {
    hint: "leave DOCKER_BUILDKIT unset, which builds with the classic builder, or upgrade the Engine",
  });
}

/** The BuildKit of Docker 20.10 assigns copied files to nobody when the Engine maps users. */
async function isBuildKitDefault(engine: Engine): Promise<boolean> {
  const { prefersBuildKit, hasEarlyBuildKit } = await engine.features();
  if (prefersBuildKit || !hasEarlyBuildKit) return prefersBuildKit;
  const { mapsUsers, isRootless } = await engineInfo(engine);
  return !mapsUsers && !isRootless;
}

/** Pulls the base images that require credentials, because a BuildKit build cannot receive any. */
async function prepareBuildKit(
  engine: Engine,
  { bases, signal }: ImageBuildOptions,
  onMessage: OnBuildMessage,
): Promise<Docker.ImageBuildOptions> {
  for (const base of bases) {
    if (await findImage(engine, base)) continue;
    const { credentials } = await credentialsFor(base, engine.env);
    if (!credentials) continue;
    const onLine = (line: string): void => onMessage({ kind: "line", line });
    await pullImage(engine, base, signal, onLine);
  }
  // For the string "2" dockerode opens a session, which a context sent with the request does not need.
  return { version: 2 as unknown as "2" };
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
