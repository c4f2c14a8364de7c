import * as v from "valibot";
import { addedDockerfile, isImageName, type BuildDefinition } from "../model/build.ts";
import { nonEmptyString } from "../model/value-schemas.ts";
import { extraHosts, ulimit } from "./container-fields.ts";
import { record, recordOf, size } from "./field-schemas.ts";

const platformForm =
  'one platform, such as ["linux/arm64"]: the Engine keeps one for each name; build others under another service name';
const platforms = v.pipe(
  v.array(v.pipe(nonEmptyString, v.regex(/^[a-z]+\/[\w-]+(\/[\w-]+)?$/, '"OS/ARCHITECTURE"'))),
  v.length(1, platformForm),
);

const networkForm = '"default", "host" or "none": BuildKit joins no other network';
const network = v.custom<string>(
  (given) => ["default", "host", "none"].includes(String(given)),
  networkForm,
);

const cacheForm =
  'names of images, or "type=registry,ref=NAME": the Engine reads its cache from images alone';
const cacheSource = v.pipe(
  nonEmptyString,
  v.check((given) => imageOfCache(given) !== undefined, cacheForm),
  v.transform((given) => imageOfCache(given) ?? given),
);

/** `type=registry,ref=NAME` -> `NAME` */
function imageOfCache(given: string): string | undefined {
  if (!given.includes("=")) return given;
  const parts = Object.fromEntries(given.split(",").map((part) => part.split("=", 2))) as Record<
    string,
    string | undefined
  >;
  return parts["type"] === "registry" ? parts["ref"] : undefined;
}

const tagForm = 'names of images with or without a tag, such as "registry.example/shop/web:1.2"';

const entries = {
  context: v.optional(nonEmptyString, "."),
  dockerfile: v.optional(nonEmptyString),
  dockerfileInline: v.optional(nonEmptyString),
  args: v.optional(record, {}),
  target: v.optional(nonEmptyString),
  labels: v.optional(record),
  network: v.optional(network),
  noCache: v.optional(v.boolean()),
  pull: v.optional(v.boolean()),
  shmSize: v.optional(size),
  extraHosts: v.optional(extraHosts),
  ulimits: v.optional(recordOf(ulimit, "{ NAME: number }")),
  cacheFrom: v.optional(v.array(cacheSource)),
  platforms: v.optional(platforms),
  tags: v.optional(v.array(v.pipe(nonEmptyString, v.check(isImageName, tagForm)))),
};

export const buildKeys = Object.keys(entries);
const options = v.strictObject(entries);

/** A folder, or options. */
export const build = v.union([
  v.pipe(
    nonEmptyString,
    v.transform((context) => toBuildDefinition({ context, args: {} })),
  ),
  v.pipe(
    options,
    v.check(
      (given) => given.dockerfile === undefined || given.dockerfileInline === undefined,
      "dockerfile or dockerfileInline, not both",
    ),
    v.transform(toBuildDefinition),
  ),
]);

function toBuildDefinition(given: v.InferOutput<typeof options>): BuildDefinition {
  const { dockerfile, extraHosts: hosts, ulimits, platforms: chosen, ...unchanged } = given;
  const file = given.dockerfileInline === undefined ? "Dockerfile" : addedDockerfile;
  return {
    ...unchanged,
    dockerfile: dockerfile?.replace(/^\.\//, "") ?? file,
    target: given.target,
    ...(hosts && { extraHosts: hosts.map(([name, address]) => `${name}:${address}`) }),
    ...(ulimits && {
      ulimits: Object.entries(ulimits).map(([name, limit]) => ({ name, ...limit })),
    }),
    ...(chosen && { platform: chosen[0] }),
  };
}
