import { splitOnce } from "../../lib/split-once.ts";
import type Docker from "dockerode";
import { readAnswer, requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { splitTag } from "./image-name.ts";
import { readMessages } from "./messages.ts";
import { errorStatus, withClient } from "../client/errors.ts";
import {
  getJson,
  getJsonIfExists,
  request,
  requestIfExists,
  requestUnless,
} from "../client/request.ts";

export interface ImageSummary {
  readonly id: string;
  /** With their tags, or with the digest that they were pulled by. */
  readonly names: readonly string[];
  /** What registries call it: "sha256:…". */
  readonly digests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * Removes a name of an image, and the image with its last name.
 *
 * @returns false when a container or another image still has it
 */
export async function removeImage(engine: Engine, name: string): Promise<boolean> {
  try {
    await requestIfExists(engine, { method: "DELETE", path: imagePath(name) });
    return true;
  } catch (error) {
    if (errorStatus(error) === 409) return false;
    throw error;
  }
}

export async function listImages(engine: Engine): Promise<ImageSummary[]> {
  const images = await getJson<Docker.ImageInfo[]>(engine, "/images/json");
  return readAnswer(engine, images, (list) =>
    list.map((image) => ({
      id: requireString(image.Id),
      names: [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].map(shortImageName),
      digests: digestsIn(image.RepoDigests),
      labels: image.Labels ?? {},
      createdAt: image.Created,
      size: image.Size,
    })),
  );
}

function digestsIn(names: readonly string[] | null | undefined): string[] {
  return (names ?? []).flatMap((name) => name.split("@")[1] ?? []);
}

/** Docker's short form of a name that Podman and BuildKit write in full: "docker.io/library/debian:12" -> "debian:12". */
export function shortImageName(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/, "");
}

type EngineImage = Pick<ImageSummary, "id" | "labels" | "digests">;

/** Above this number, one list of all images is faster, although it takes the Engine a millisecond per image. */
const maxSingleLookups = 20;

/**
 * Finds images by their names, each with a tag or a digest.
 *
 * @returns name -> image, for the images that exist
 */
export async function findImages(
  engine: Engine,
  names: readonly string[],
): Promise<Map<string, EngineImage>> {
  if (names.length > maxSingleLookups) {
    const all = await listImages(engine);
    return new Map(all.flatMap((image) => image.names.map((name) => [name, image] as const)));
  }
  const found = await Promise.all(names.map((name) => findImage(engine, name)));
  return new Map(found.flatMap((image, index) => (image ? [[names[index] ?? "", image]] : [])));
}

/** What `read` takes from the details of an image; undefined when the Engine does not have it. */
export async function inspectImage<Value, Details = Docker.ImageInspectInfo>(
  engine: Engine,
  name: string,
  read: (details: Details) => Value,
): Promise<Value | undefined> {
  // No image has such a name, and Docker redirects a path with it.
  if (name.includes("//")) return undefined;
  const found = await getJsonIfExists<Details>(engine, `${imagePath(name)}/json`);
  return found && readAnswer(engine, found, read);
}

/** @returns undefined when the Engine does not have the image */
export function findImage(engine: Engine, name: string): Promise<EngineImage | undefined> {
  return inspectImage(engine, name, ({ Id, Config, RepoDigests }) => ({
    id: requireString(Id),
    digests: digestsIn(RepoDigests),
    labels: Config.Labels ?? {},
  }));
}

/** An image, and how every node of a swarm gets the same one. */
export interface ImageReference extends Pick<ImageSummary, "id" | "labels"> {
  /** `NAME@DIGEST` where a registry has it, else its id. */
  readonly reference: string;
}

/** @returns undefined when the Engine does not have the image */
export function findImageReference(
  engine: Engine,
  name: string,
): Promise<ImageReference | undefined> {
  return inspectImage(engine, name, ({ Id, Config, RepoDigests }) => {
    const id = requireString(Id);
    const [repository] = splitTag(name);
    const pulled = (RepoDigests ?? []).find((digest) => digest.startsWith(`${repository}@`));
    return { id, labels: Config.Labels ?? {}, reference: pulled ?? id };
  });
}

/** An image under one of its names. */
export interface ImageDetails {
  readonly name: string;
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

/** @returns undefined when the Engine does not have the image */
export function findImageDetails(engine: Engine, name: string): Promise<ImageDetails | undefined> {
  return inspectImage(engine, name, ({ Id, Size, Created }) => ({
    name,
    id: requireString(Id),
    size: Size,
    createdAt: Date.parse(Created) / 1000,
  }));
}

function imagePath(name: string): string {
  return `/images/${name.split("/").map(encodeURIComponent).join("/")}`;
}

/** The defaults of an image for its containers. */
export interface ImageDefaults {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Name or number, optionally with a group; empty for root. */
  readonly user: string;
  /** `["CMD", …]`, `["CMD-SHELL", script]`, `["NONE"]`; empty without a HEALTHCHECK. */
  readonly healthTest: readonly string[];
  /** Paths that its VOLUME instructions declare. */
  readonly volumes: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** @throws ReynsError ENGINE_REFUSED when there is no such image */
export async function imageDefaults(engine: Engine, name: string): Promise<ImageDefaults> {
  const { Config } = await request<Docker.ImageInspectInfo>(engine, {
    method: "GET",
    path: `${imagePath(name)}/json`,
  });
  const { Entrypoint, Cmd, User } = Config;
  const { Healthcheck } = Config as { Healthcheck?: Docker.HealthConfig };
  return {
    entrypoint: [Entrypoint ?? []].flat(),
    command: Cmd ?? [],
    user: User ?? "",
    healthTest: Healthcheck?.Test ?? [],
    volumes: Object.keys(Config.Volumes ?? {}),
    env: Object.fromEntries((Config.Env ?? []).map((line) => splitOnce(line, "="))),
  };
}

export async function tagImage(engine: Engine, source: string, target: string): Promise<void> {
  const [repo, tag] = splitTag(target);
  const query = new URLSearchParams({ repo, tag }).toString();
  const path = `${imagePath(source)}/tag?${query}`;
  await request(engine, { method: "POST", path });
}

/** @returns false when there is no such image */
export async function tagImageIfExists(
  engine: Engine,
  source: string,
  target: string,
): Promise<boolean> {
  try {
    await tagImage(engine, source, target);
    return true;
  } catch (error) {
    if (errorStatus(error) === 404) return false;
    throw error;
  }
}

/** Takes a name from an image, which goes if it was the last one and no container has it. Does nothing without it. */
export async function untagImage(engine: Engine, name: string): Promise<void> {
  await requestUnless([404, 409], engine, { method: "DELETE", path: imagePath(name) });
}

/** Creates an image from the tar of a root file system. The name includes the tag, as Podman requires. */
export async function importImage(
  engine: Engine,
  tar: NodeJS.ReadableStream,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  const changes = Object.entries(labels).map(
    ([label, value]) => `LABEL ${label}=${JSON.stringify(value)}`,
  );
  const stream = await withClient(engine, (client) =>
    client.importImage(tar, { repo: name, ...(changes.length > 0 && { changes }) }),
  );
  await withClient(engine, () => readMessages(stream, () => {}));
}
