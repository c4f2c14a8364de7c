import type { Codec } from "./codec.ts";
import { list, nullable } from "./collection-codecs.ts";
import { dict, driverOptions, labels } from "./dict-codec.ts";
import { object } from "./object-codec.ts";
import { absoluteSource, path } from "./paths.ts";
import { flag, optionalFlag, text } from "./scalar-codecs.ts";
import {
  entriesOf,
  impliedFlag,
  itemsOf,
  listLike,
  textOf,
  withEntry,
  type SourceMap,
} from "./source-node.ts";

/** A resource of the top level; `external: { name }` is an older form of `external: true` with a name. */
function resource(codec: Codec): Codec {
  return {
    ...codec,
    read(node, context) {
      const external = entriesOf(node).get("external");
      if (node.kind !== "map" || external?.kind !== "map") return codec.read(node, context);
      const name = external.entries.get("name");
      const own = textOf(node, "name");
      if (name !== undefined && own !== undefined && own !== textOf(external, "name"))
        context.report.error(external.at, `${context.name} has two names`, "remove external.name");
      for (const [key, { at }] of external.entries)
        if (key !== "name")
          context.report.error(at, `unknown key "${key}" in ${context.name}.external`);
      const flat = withEntry(node, "external", impliedFlag(external, true));
      return codec.read(name === undefined ? flat : withEntry(flat, "name", name), context);
    },
  };
}

const poolFields = object({
  subnet: text,
  ip_range: text,
  gateway: text,
  aux_addresses: dict({ bare: "empty", types: ["string"], noList: true }),
});

const poolList = list(poolFields);

/** A later file's pools replace those before; one of the same subnet keeps what it does not say. */
const pools: Codec = {
  ...poolList,
  merge(base, over) {
    const before = new Map(itemsOf(base).map((pool) => [textOf(pool, "subnet"), pool]));
    return listLike(
      over,
      itemsOf(over).map((pool) => {
        const same = before.get(textOf(pool, "subnet"));
        return same ? poolFields.merge(same, pool) : pool;
      }),
    );
  },
};

const ipam = object({
  driver: text,
  config: pools,
  options: dict({ bare: "empty", types: ["string"], noList: true }),
});

export const network = resource(
  nullable(
    object({
      name: text,
      driver: text,
      driver_opts: driverOptions,
      ipam,
      external: flag,
      internal: flag,
      attachable: flag,
      enable_ipv4: optionalFlag,
      enable_ipv6: optionalFlag,
      labels,
    }),
  ),
);

const volumeFields = object({
  name: text,
  driver: text,
  driver_opts: driverOptions,
  external: flag,
  labels,
});

export const volume = resource(
  nullable({
    ...volumeFields,
    read(node, context) {
      const read = volumeFields.read(node, context);
      return read?.kind === "map"
        ? withDevice(read, (device) => absoluteSource(device, context))
        : read;
    },
    finish(node, context) {
      const finished = volumeFields.finish(node, context);
      const keys = [...entriesOf(finished).keys()].filter(
        (key) => !["name", "external"].includes(key),
      );
      if (textOf(finished, "external") === "true" && keys.length > 0)
        context.report.error(
          node.at,
          `${context.name} is external: it cannot have ${keys.join(", ")}`,
          "keep only its name",
        );
      return finished;
    },
  }),
);

/** The local driver mounts a folder with `o: bind`. */
function withDevice(map: SourceMap, resolve: (path: string) => string): SourceMap {
  const options = map.entries.get("driver_opts");
  const device = entriesOf(options).get("device");
  const isBind = textOf(map, "driver") === "local" && textOf(options, "o") === "bind";
  if (!isBind || options?.kind !== "map" || device?.kind !== "scalar") return map;
  const absolute = { ...device, text: resolve(device.text) };
  return withEntry(map, "driver_opts", withEntry(options, "device", absolute));
}

const fileFields = {
  name: text,
  environment: text,
  file: path,
  external: flag,
  labels,
  template_driver: text,
};

export const secret = resource(
  fileObject({ ...fileFields, driver: text, driver_opts: driverOptions }, ["file", "environment"]),
);

export const config = resource(
  fileObject({ ...fileFields, content: text }, ["file", "environment", "content"]),
);

/** Its content comes from one of several keys. */
function fileObject(fields: Readonly<Record<string, Codec>>, sources: readonly string[]): Codec {
  const codec = object(fields);
  return {
    ...codec,
    finish(node, context) {
      const finished = codec.finish(node, context);
      const given = sources.filter((key) => entriesOf(finished).has(key));
      const isElsewhere = ["driver", "external"].some((key) => entriesOf(finished).has(key));
      const choice = `give it one of ${sources.join(", ")}`;
      if (given.length > 1)
        context.report.error(node.at, `${context.name} has ${given.join(" and ")}`, choice);
      if (given.length === 0 && !isElsewhere)
        context.report.error(node.at, `${context.name} has no content`, choice);
      return finished;
    },
  };
}
