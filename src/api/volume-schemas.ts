import { homedir } from "node:os";
import * as v from "valibot";
import { withoutUndefined } from "../lib/without-undefined.ts";
import { propagations, type ParsedVolume, type VolumesFrom } from "../model/volume-syntax.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";
import { count, record, recordOf, size } from "./field-schemas.ts";
import { splitOnce } from "../lib/split-once.ts";
import { isHandle, type ServiceHandle } from "./link.ts";
import { isVolumeHandle, type VolumeHandle } from "./volume.ts";

const text =
  '"SOURCE:PATH" or "SOURCE:PATH:ro", such as "./site:/srv:ro" or "data:/var/lib/data"; or { type, source, target }';

/** `~` is the caller's home; a path alone is a volume without a name. */
const shortForm = v.pipe(
  nonEmptyString,
  v.transform((given): string | ParsedVolume =>
    /^\/[^:]*$/.test(given)
      ? { type: "volume", source: "", target: given, readOnly: false }
      : given.replace(/^~(?=[/:])/, () => homedir()),
  ),
);

const source = v.union([
  nonEmptyString,
  v.pipe(
    v.custom<VolumeHandle>(isVolumeHandle, "a volume's name, or what volume() returned"),
    v.transform(({ volume }) => volume),
  ),
]);
const absolute = v.pipe(v.string(), v.regex(/^\/[^:\0]*$/, "an absolute path in the container"));
const common = { target: absolute, readOnly: v.optional(v.boolean(), false) };

const bind = v.pipe(
  strictObject({
    type: v.literal("bind"),
    source: nonEmptyString,
    ...common,
    bind: v.optional(
      strictObject({
        propagation: v.optional(v.picklist(propagations)),
        createHostPath: v.optional(v.boolean()),
        selinux: v.optional(v.picklist(["z", "Z"])),
        recursive: v.optional(v.picklist(["enabled", "disabled", "writable", "readonly"])),
      }),
      {},
    ),
  }),
  v.check(
    ({ readOnly, bind: { recursive } }) =>
      readOnly || (recursive !== "writable" && recursive !== "readonly"),
    'readOnly: true beside recursive: "writable" or "readonly"',
  ),
  v.check(
    ({ bind: { recursive, selinux } }) => !selinux || [undefined, "enabled"].includes(recursive),
    "either selinux or recursive",
  ),
);
const volume = strictObject({
  type: v.literal("volume"),
  source: v.optional(source),
  ...common,
  volume: v.optional(
    strictObject({ nocopy: v.optional(v.boolean()), subpath: v.optional(nonEmptyString) }),
    {},
  ),
});
const tmpfs = strictObject({
  type: v.literal("tmpfs"),
  ...common,
  tmpfs: v.optional(strictObject({ size: v.optional(size), mode: v.optional(count) }), {}),
});

const longForm = v.pipe(
  v.variant("type", [bind, volume, tmpfs], '{ type: "bind", "volume" or "tmpfs", source, target }'),
  v.transform((given): ParsedVolume => {
    const { type, target, readOnly } = given;
    if (type === "bind") return { ...bindParts(given), target, readOnly };
    const defined = type === "volume" ? volumeParts(given) : { source: "", ...given.tmpfs };
    return { type, target, readOnly, ...withoutUndefined(defined) };
  }),
);

function bindParts(given: v.InferOutput<typeof bind>) {
  const path = given.source.replace(/^~(?=\/|$)/, () => homedir());
  const { recursive, ...options } = given.bind;
  return {
    type: "bind" as const,
    source: path,
    ...withoutUndefined({ ...options, recursive: recursive === "enabled" ? undefined : recursive }),
  };
}

function volumeParts(given: v.InferOutput<typeof volume>) {
  const { nocopy, subpath } = given.volume;
  return {
    source: given.source ?? "",
    noCopy: nocopy === true ? (true as const) : undefined,
    subpath,
  };
}

const item = v.pipe(
  v.custom<string | object>(
    (given) =>
      (typeof given === "string" && given !== "") || (typeof given === "object" && given !== null),
    `a string: ${text}`,
  ),
  v.union([shortForm, longForm]),
);

/** A list, or `{ data: "/var/lib/x" }`. */
export const volumes = v.union([
  v.array(item),
  v.pipe(
    recordOf(nonEmptyString, '{ SOURCE: "PATH" }'),
    v.transform((given) =>
      Object.entries(given).map(([from, path]) =>
        `${from}:${path}`.replace(/^~(?=[/:])/, () => homedir()),
      ),
    ),
  ),
]);

const fromForm = '"SERVICE", "SERVICE:ro", the return value of service(), or { from, readOnly }';

const isInstance = (given: unknown): given is string | ServiceHandle =>
  isHandle(given) || (typeof given === "string" && /^[^:*]+(?::(?:ro|rw))?$/.test(given));

const takenFrom = v.pipe(
  v.unknown(),
  v.transform((given) => (isInstance(given) ? { from: given } : given)),
  strictObject(
    {
      from: v.custom<string | ServiceHandle>(isInstance, fromForm),
      readOnly: v.optional(v.boolean()),
    },
    fromForm,
  ),
  v.transform(({ from, readOnly }): VolumesFrom => {
    if (typeof from !== "string") return { target: from, readOnly: readOnly ?? false };
    const [service, mode] = splitOnce(from, ":");
    return { target: { service, instance: null }, readOnly: readOnly ?? mode === "ro" };
  }),
);

export const volumesFrom = v.array(takenFrom, `a list: [${fromForm}]`);

/** The options of `volume()`. */
export const volumeOptions = strictObject({
  external: v.optional(v.boolean(), false),
  name: v.optional(nonEmptyString),
  driver: v.optional(nonEmptyString),
  driverOpts: v.optional(record),
  labels: v.optional(record),
});
