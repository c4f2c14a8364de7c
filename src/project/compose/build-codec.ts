import type { Codec } from "./codec.ts";
import { mapOf, nullable } from "./collection-codecs.ts";
import { labels, variables } from "./dict-codec.ts";
import { object } from "./object-codec.ts";
import { contextPath, path } from "./paths.ts";
import { bytes, flag, text } from "./scalar-codecs.ts";
import {
  extraHosts,
  keyedTexts,
  fileMounts,
  texts,
  textsOrText,
  ulimits,
} from "./service-codecs.ts";
import { mapLike, nullLike, pieceOf, scalarLike, type SourceNode } from "./source-node.ts";

/** "NAME=VALUE" entries as a mapping, read by the codec of the mapping. */
function pairsOr(codec: Codec, allowed: (name: string) => boolean): Codec {
  return {
    ...codec,
    expects: 'a mapping, or a list of "NAME=VALUE"',
    read(node, context) {
      if (node.kind !== "list") return codec.read(node, context);
      const entries = node.items.flatMap((item): (readonly [string, SourceNode])[] => {
        const equals = item.kind === "scalar" ? item.text.indexOf("=") : -1;
        if (item.kind === "scalar" && equals >= 0) {
          const value = pieceOf(item, { start: equals + 1, end: item.text.length });
          return [[item.text.slice(0, equals), value]];
        }
        if (item.kind === "scalar" && allowed(item.text)) return [[item.text, nullLike(item)]];
        context.report.error(item.at, `${context.name} takes entries "NAME=VALUE"`);
        return [];
      });
      return codec.read(mapLike(node, entries), context);
    },
  };
}

/** Text, or a boolean as a text. */
const textOrFlag: Codec = {
  ...text,
  expects: "a text or a boolean",
  read: (node, context) =>
    node.kind === "scalar" && node.type === "boolean"
      ? scalarLike(node, node.text, "string")
      : text.read(node, context),
};

export const build = object(
  {
    context: contextPath,
    dockerfile: text,
    dockerfile_inline: text,
    additional_contexts: pairsOr(mapOf(contextPath), () => false),
    args: variables,
    cache_from: texts,
    cache_to: texts,
    entitlements: texts,
    extra_hosts: extraHosts,
    isolation: text,
    labels,
    network: text,
    no_cache: flag,
    no_cache_filter: textsOrText,
    platforms: texts,
    privileged: flag,
    provenance: textOrFlag,
    pull: flag,
    sbom: textOrFlag,
    secrets: fileMounts("/run/secrets"),
    shm_size: bytes,
    ssh: pairsOr(mapOf(nullable(path)), (name) => name === "default"),
    tags: keyedTexts,
    target: text,
    ulimits,
  },
  {
    short(node, context) {
      const read = contextPath.read(node, context);
      return read && mapLike(node, [["context", read]]);
    },
    shortName: "a path",
  },
);
