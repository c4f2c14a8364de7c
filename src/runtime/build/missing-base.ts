import { shortImageName } from "../../docker/images/images.ts";
import type { BuildImage } from "../../model/build-image.ts";
import { nameHint, registryHint } from "../registry-hints.ts";

/** An image that a build starts or copies from, and does not get. */
interface MissingBase {
  readonly image: string;
  /** What is missing where, and what to do. */
  readonly hint: string;
}

/**
 * Finds the image that keeps a build from going on.
 *
 * @param instruction the one that failed; empty where the builder names none
 * @param known names of the images on the Engine
 * @returns undefined where the build has failed for another reason
 */
export function findMissingBase(
  { bases }: Pick<BuildImage, "bases">,
  instruction: string,
  reason: string,
  known: readonly string[],
): MissingBase | undefined {
  if (/invalid reference|parse error|\bno space left\b/.test(reason)) return undefined;
  const [given] = /^FROM\s/i.test(instruction) ? imagesIn(instruction) : [];
  const isNamed = given !== undefined && !given.includes("$");
  const isOpen = given !== undefined || (instruction === "" && isOfRegistry(reason));
  const image =
    (isNamed ? given : imageIn(reason)) ??
    (isOpen ? bases.find((base) => !isKnown(base, known)) : undefined);
  // What an image does on its own account, such as its ONBUILD, fails at FROM, too.
  const isThere = image !== undefined && isKnown(image, known) && !isOfRegistry(reason);
  if (image === undefined || isThere) return undefined;
  return { image, hint: hintFor(image, reason, known) };
}

function hintFor(image: string, reason: string, known: readonly string[]): string {
  const [what, remedy] = isKnown(image, known)
    ? ["cannot be pulled", "the one on the Engine is used without pull, and for its own platform"]
    : ["is not on the Engine, and cannot be pulled", nameHint(image, known)];
  return `the image ${image} ${what}\n${registryHint(image, reason) ?? remedy}`;
}

function isKnown(image: string, known: readonly string[]): boolean {
  return known.some((name) => normalize(name) === normalize(image));
}

function isOfRegistry(reason: string): boolean {
  const isRefused = /\bfailed to (?:authorize|resolve source)|\bpull access denied\b/.test(reason);
  return isRefused || /https?:\/\/[^\s"]+\/v2\//.test(reason);
}

/**
 * As the builders name it: the classic one for COPY, BuildKit in the address of a registry or by its whole name. That can be
 * an image that no FROM has, as the Dockerfile's `# syntax=` names it.
 */
function imageIn(reason: string): string | undefined {
  const named = /(?:^invalid from flag value|\bresolve source metadata for) (\S+): /.exec(
    reason,
  )?.[1];
  const [, host = "", path, tag = ""] =
    /https?:\/\/([^/\s"]+)\/v2\/([^"\s]+)\/manifests\/([^"\s]+)"/.exec(reason) ?? [];
  const registry = host === "registry-1.docker.io" ? "docker.io" : host;
  const separator = tag.includes(":") ? "@" : ":";
  const asked = path === undefined ? undefined : `${registry}/${path}${separator}${tag}`;
  const lost = /(?:^|\s)(?<!\bsecret )([\w.-]+\/[\w.:/@-]+): not found$/.exec(reason)?.[1];
  const found = named ?? asked ?? lost;
  return found && shortImageName(found);
}

/**
 * The images that a line of a Dockerfile names.
 *
 * @example
 * imagesIn("FROM --platform=linux/arm64 docker.io/library/debian:latest AS one"); // ["debian"]
 */
export function imagesIn(line: string): string[] {
  const base = /^FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line)?.[1];
  if (base !== undefined) return [normalize(base)];
  if (!/^(?:COPY|ADD|RUN)\s/i.test(line)) return [];
  return [...line.matchAll(/\bfrom=([^\s,]+)/g)].map(([, image = ""]) => normalize(image));
}

/** The same for all spellings of a name. */
function normalize(image: string): string {
  return shortImageName(image).replace(/:latest$/, "");
}
