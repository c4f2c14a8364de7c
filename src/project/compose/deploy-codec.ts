import { list, nullable } from "./collection-codecs.ts";
import { dict, labels } from "./dict-codec.ts";
import { object } from "./object-codec.ts";
import {
  bytes,
  duration,
  float,
  integer,
  oneOf,
  optionalCount,
  optionalDuration,
  optionalInteger,
  text,
  textLike,
} from "./scalar-codecs.ts";
import { texts, uniqueTexts } from "./service-codecs.ts";
import { mapLike, withEntry, type SourceMap } from "./source-node.ts";
import type { Codec } from "./codec.ts";

/** A number of devices; -1 stands for all. */
const count: Codec = {
  ...integer,
  expects: 'a whole number or "all"',
  read(node, context) {
    const isAll = node.kind === "scalar" && node.text === "all";
    return integer.read(isAll ? { ...node, text: "-1" } : node, context);
  },
};

const deviceRequest = object(
  {
    capabilities: uniqueTexts,
    count,
    device_ids: uniqueTexts,
    driver: text,
    options: dict({ bare: "empty" }),
  },
  {
    finish(map, report) {
      const [hasCount, hasIds] = [map.entries.has("count"), map.entries.has("device_ids")];
      if (hasCount && hasIds)
        report.error(map.at, "count and device_ids exclude each other", "remove one of them");
      if (hasCount || hasIds) return map;
      return withEntry(map, "count", { kind: "scalar", type: "integer", text: "-1", at: map.at });
    },
  },
);

const deviceRequests = list(deviceRequest);

/** "all", or a list of requests for devices. */
export const gpus: Codec = {
  ...deviceRequests,
  expects: 'the text "all" or a list',
  read(node, context) {
    const isAll = node.kind === "scalar" && node.text === "all";
    const request = mapLike(node, []);
    return deviceRequests.read(
      isAll ? { kind: "list", items: [request], at: node.at } : node,
      context,
    );
  },
};

const update = object({
  parallelism: optionalCount,
  delay: duration,
  failure_action: text,
  monitor: duration,
  max_failure_ratio: float,
  order: oneOf("start-first", "stop-first"),
});

const sizeText = textLike(bytes.expects);

const size: Codec = {
  ...sizeText,
  read(node, context) {
    const given = sizeText.read(node, context);
    return given && bytes.read(given, context);
  },
};

const restartPolicy = object({
  condition: text,
  delay: optionalDuration,
  max_attempts: optionalCount,
  window: optionalDuration,
});

const placement = object({
  constraints: texts,
  preferences: list(object({ spread: text })),
  max_replicas_per_node: integer,
});

const resources = object({
  limits: object({ cpus: float, memory: size, pids: integer }),
  reservations: object({
    cpus: float,
    memory: size,
    devices: deviceRequests,
    generic_resources: list(
      object({ discrete_resource_spec: object({ kind: text, value: integer }) }),
    ),
  }),
});

export const deploy = nullable(
  object(
    {
      mode: text,
      endpoint_mode: text,
      replicas: optionalInteger,
      labels,
      update_config: update,
      rollback_config: update,
      resources,
      restart_policy: restartPolicy,
      placement,
    },
    { finish: (map) => withSections(map) },
  ),
);

/** Compose prints these two always. */
function withSections(map: SourceMap): SourceMap {
  const missing = ["resources", "placement"].filter((key) => !map.entries.has(key));
  return missing.reduce((all, key) => withEntry(all, key, mapLike(map, [])), map);
}
