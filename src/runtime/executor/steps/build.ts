import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { openAssets } from "../../../assets.ts";
import { buildImage, type ImageBuildOptions } from "../../../docker/images/build.ts";
import { findImage, importImage, tagImage } from "../../../docker/images/images.ts";
import type { Engine } from "../../../docker/client/engine.ts";
import { engineInfo } from "../../../docker/system.ts";
import { ReynsError } from "../../../errors.ts";
import { fieldsOfBuildKit } from "../../../model/build.ts";
import { labels } from "../../../model/labels.ts";
import type { BuildImage } from "../../../model/build-image.ts";
import { toBuildError } from "../../build/build-error.ts";
import { cacheFileIn, findCachedBuild } from "../../build/cache.ts";
import { packFolder } from "../../build/context.ts";
import { pathInContext } from "../../build/dockerfile-path.ts";
import { hasOtherBase, prepareInputHash, type InputHash } from "../../build/input-hash.ts";
import { readBuildSecrets } from "../../build/secrets.ts";
import { recordBuild } from "../../build/record-build.ts";
import { openAgents } from "../../build/ssh-agents.ts";
import { secretDigest } from "../../keys/digests.ts";
import { createBuildOutput } from "../../build/output.ts";
import type { RuntimeContext } from "../../context.ts";
import { imageNames } from "./pull.ts";

/** Builds an image, unless nothing that it is made of has changed, and gives it its other names. */
export async function buildStep(
  step: BuildImage,
  context: RuntimeContext,
): Promise<string | undefined> {
  const outcome = await buildIfChanged(step, context);
  for (const tag of step.tags ?? []) await tagImage(context.engine, step.image, tag);
  return outcome;
}

async function buildIfChanged(
  step: BuildImage,
  context: RuntimeContext,
): Promise<string | undefined> {
  const { engine, keysFolder } = context;
  const secrets = await readBuildSecrets(step, engine.env);
  const digests = await digestSecrets(secrets, keysFolder);
  const cacheFile = cacheFileIn(dirname(keysFolder));
  const [existing, createHash] = await Promise.all([
    findImage(engine, step.image),
    digests && prepareInputHash(step, engine, cacheFile, digests),
  ]);
  const cached = step.cache && createHash ? findCachedBuild(cacheFile, step.image) : undefined;
  const isCurrent =
    cached !== undefined &&
    cached.id === existing?.id &&
    !(await hasOtherBase(step, engine, cached.id));
  if (isCurrent && cached.inputs === (await hashContext(step, createHash))) return "up to date";

  const hash = createHash?.();
  const id = await build(step, context, { secrets, hash });
  if (hash && id !== undefined)
    await recordBuild(step.image, { id, hash, cacheFile, existing }, engine);
  return id !== undefined && id === existing?.id ? "up to date" : undefined;
}

interface BuildInputs {
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** Takes in what is sent to the Engine. */
  readonly hash: InputHash | undefined;
}

/** @returns the id of the image */
async function build(
  step: BuildImage,
  { engine, emit, signal }: RuntimeContext,
  { secrets, hash }: BuildInputs,
): Promise<string | undefined> {
  const output = createBuildOutput({
    onInstruction: (text, position) =>
      emit({ kind: "progress", step, note: position === undefined ? text : `${position} ${text}` }),
    onLine: (line) => emit({ kind: "output", step, line }),
  });
  await using agents = await openAgents(step, engine.env);
  const context = await openContext(step);
  try {
    const sent = hash && typeof context !== "string" ? hash.through(context) : context;
    const options = {
      ...step,
      dockerfile: pathInContext(step.dockerfile),
      labels: await imageLabels(step, engine),
      tag: step.image,
      session: { secrets, agents: agents.sockets },
      needsBuildKit: fieldsOfBuildKit(step),
      signal,
    };
    return step.isFiles && typeof sent !== "string"
      ? await importFiles(sent, options, engine)
      : await buildImage(engine, sent, options, output.take);
  } catch (error) {
    if (signal.aborted)
      throw new ReynsError("INTERRUPTED", `interrupted while building ${step.image}`);
    throw toBuildError(step, error, output.failed(), await imageNames(engine));
  }
}

/** Undefined without the project's keys, which make digests that say nothing: the builder decides then. */
async function digestSecrets(
  secrets: ReadonlyMap<string, Uint8Array>,
  keysFolder: string,
): Promise<Record<string, string> | undefined> {
  if (secrets.size === 0) return {};
  const digest = await secretDigest(keysFolder);
  const entries = [...secrets].map(
    ([id, value]) => [id, digest?.(Buffer.from(value).toString("base64")) ?? ""] as const,
  );
  return digest && Object.fromEntries(entries);
}

/** @returns the id of the image */
async function importFiles(
  files: Readable,
  { tag, labels: values }: Pick<ImageBuildOptions, "tag" | "labels">,
  engine: Engine,
): Promise<string | undefined> {
  await importImage(engine, files, `${tag}:latest`, values);
  return (await findImage(engine, tag))?.id;
}

/** Names the Engine as well, to recognize the image where `docker load` brings it. */
async function imageLabels(step: BuildImage, engine: Engine): Promise<BuildImage["labels"]> {
  if ("bundled" in step.context) return step.labels;
  return { ...step.labels, [labels.engine]: (await engineInfo(engine)).id };
}

/** The files; or the URL of a repository, which the Engine fetches itself. */
async function openContext(step: BuildImage): Promise<Readable | string> {
  const { context, dockerfile, dockerfileText } = step;
  if ("git" in context) return context.git;
  return "folder" in context
    ? packFolder(context.folder, { ...context, dockerfile, dockerfileText })
    : openAssets(`images/${context.bundled}`);
}

/** Reads the whole context without sending it. */
async function hashContext(
  step: BuildImage,
  createHash?: () => InputHash,
): Promise<string | undefined> {
  const hash = createHash?.();
  const context = await openContext(step);
  if (!hash || typeof context === "string") return undefined;
  for await (const _ of hash.through(context));
  return hash.digest();
}
