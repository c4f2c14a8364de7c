import { homedir } from "node:os";
import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import { splitOnce } from "../lib/split-once.ts";
import { addedDockerfile, isImageName, type BuildDefinition } from "../model/build.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";
import { extraHosts, ulimit } from "./container-fields.ts";
import { record, recordOf, size } from "./field-schemas.ts";
import { isHandle, type ServiceHandle } from "./link.ts";

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

const homePath = v.pipe(
  nonEmptyString,
  v.transform((path) => path.replace(/^~(?=\/)/, () => homedir())),
);
const secretForms = {
  file: strictObject({ file: homePath }),
  env: strictObject({ env: nonEmptyString }),
};
const secrets = recordOf(
  v.lazy((given) => secretForms[isRecord(given) && "env" in given ? "env" : "file"]),
  '{ ID: { file: "PATH" } } or { ID: { env: "NAME" } }',
);

const sshForm =
  '"default" for your ssh agent, or "ID=PATH" for a key file or the socket of an agent';
const ssh = v.pipe(
  v.union([
    v.pipe(
      v.string(),
      v.transform((one) => [one]),
    ),
    v.array(v.string()),
  ]),
  v.array(v.pipe(v.string(), v.regex(/^[\w.-]+(?:=.+)?$/, sshForm))),
  v.transform((items): Record<string, string | null> =>
    Object.fromEntries(
      items.map((item) => {
        const [id, path] = splitOnce(item, "=");
        return [id, path === "" ? null : path.replace(/^~(?=\/)/, () => homedir())];
      }),
    ),
  ),
);

const inlineForm =
  '["type=inline"]: the Engine writes its cache nowhere else; docker buildx build writes it to a registry or a folder';
const cacheTo = v.pipe(
  v.array(v.string()),
  v.check((given) => given.every((one) => one === "type=inline"), inlineForm),
  v.transform((given) => given.length > 0),
);

const contextSource = v.union([
  v.pipe(
    nonEmptyString,
    v.transform((path) => path.replace(/^~(?=\/)/, () => homedir())),
  ),
  v.pipe(
    v.custom<ServiceHandle>(isHandle, "a string, or the return value of service()"),
    v.transform(({ service }) => `service:${service}`),
  ),
]);

const entries = {
  context: v.optional(nonEmptyString, "."),
  dockerfile: v.optional(nonEmptyString),
  dockerfileInline: v.optional(nonEmptyString),
  args: v.optional(record, {}),
  additionalContexts: v.optional(recordOf(contextSource, '{ NAME: "FOLDER" }')),
  target: v.optional(nonEmptyString),
  labels: v.optional(record),
  network: v.optional(network),
  noCache: v.optional(v.boolean()),
  pull: v.optional(v.boolean()),
  shmSize: v.optional(size),
  extraHosts: v.optional(extraHosts),
  ulimits: v.optional(recordOf(ulimit, "{ NAME: number }")),
  cacheFrom: v.optional(v.array(cacheSource)),
  cacheTo: v.optional(cacheTo),
  secrets: v.optional(secrets),
  ssh: v.optional(ssh),
  platforms: v.optional(platforms),
  tags: v.optional(v.array(v.pipe(nonEmptyString, v.check(isImageName, tagForm)))),
};

export const buildKeys = Object.keys(entries);
const options = strictObject(entries);

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
  const { dockerfile, extraHosts: hosts, ulimits, platforms: chosen, ...others } = given;
  const { cacheTo: inlineCache, ...unchanged } = others;
  const file = given.dockerfileInline === undefined ? "Dockerfile" : addedDockerfile;
  return {
    ...unchanged,
    dockerfile: dockerfile?.replace(/^\.\//, "") ?? file,
    target: given.target,
    ...(hosts && { extraHosts: hosts.map(([name, address]) => `${name}:${address}`) }),
    ...(ulimits && {
      ulimits: Object.entries(ulimits).map(([name, limit]) => ({ name, ...limit })),
    }),
    ...(inlineCache && { inlineCache }),
    ...(chosen && { platform: chosen[0] }),
  };
}
