import { reportValue, reportWrong, type Codec, type ReadContext } from "./codec.ts";
import { list } from "./collection-codecs.ts";
import { labels } from "./dict-codec.ts";
import { object } from "./object-codec.ts";
import { absolutePath, cleanTarget } from "./paths.ts";
import { bytes, flag, integer, oneOf, text, textLike } from "./scalar-codecs.ts";
import { splitMount } from "./short-mount.ts";
import {
  impliedFlag,
  impliedText,
  mapLike,
  pieceOf,
  textOf,
  withEntry,
  type SourceNode,
  type SourceScalar,
} from "./source-node.ts";

const longMount = object(
  {
    type: oneOf("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
    source: text,
    target: textLike("a path in the container", (path) => cleanTarget(path) || undefined),
    read_only: flag,
    consistency: text,
    bind: object({
      propagation: text,
      create_host_path: flag,
      recursive: oneOf("enabled", "disabled", "writable", "readonly"),
      selinux: oneOf("z", "Z"),
    }),
    volume: object({ labels, nocopy: flag, subpath: text }),
    tmpfs: object({ size: bytes, mode: integer }),
    image: object({ subpath: text }),
  },
  { required: ["type", "target"] },
);

const mount: Codec = {
  ...longMount,
  expects: "a text or a mapping",
  read(node, context) {
    if (node.kind === "scalar" && node.type === "string") return readShort(node, context);
    if (node.kind !== "map") return reportWrong(node, context, mount.expects);
    const read = longMount.read(node, context);
    return read && withSource(read, context);
  },
};

/** A mount takes the place of an earlier one at the same path. */
export const mounts = list(mount, { keyOf: (item) => textOf(item, "target") ?? "" });

/** The source of a bind mount is a path. */
function withSource(mounted: SourceNode, context: ReadContext): SourceNode {
  if (mounted.kind !== "map" || textOf(mounted, "type") !== "bind") return mounted;
  const source = mounted.entries.get("source");
  if (source?.kind !== "scalar") {
    context.report.error(mounted.at, `${context.name} is a bind mount without a source`);
    return mounted;
  }
  return withEntry(mounted, "source", { ...source, text: absolutePath(source.text, context) });
}

function readShort(node: SourceScalar, context: ReadContext): SourceNode | undefined {
  const { report, name } = context;
  const split = splitMount(node.text);
  if ("problem" in split) {
    const hint = 'write "SOURCE:TARGET", with ":ro" behind it for one that is only read';
    reportValue(node, report, `${name}: ${split.problem}`, hint);
    return undefined;
  }
  for (const option of split.unknown)
    report.warn(node.at, `${name}: the option "${option}" has no effect`, "remove it");
  const source = split.sourceAt && pieceOf(node, split.sourceAt);
  const target = pieceOf(node, split.targetAt);
  const isBind = source !== undefined && isPath(source.text);
  const yes = impliedFlag(node, true);
  const bind = [
    ...(split.selinux === undefined
      ? []
      : [["selinux", impliedText(node, split.selinux)] as const]),
    ...(split.propagation === undefined
      ? []
      : [["propagation", impliedText(node, split.propagation)] as const]),
    ...(isBind ? [["create_host_path", yes] as const] : []),
  ];
  const mounted = mapLike(node, [
    ["type", impliedText(node, isBind ? "bind" : "volume")] as const,
    ...(source === undefined ? [] : [["source", source] as const]),
    ["target", { ...target, text: cleanTarget(target.text) }] as const,
    ...(split.isReadOnly ? [["read_only", yes] as const] : []),
    ...(bind.length === 0 ? [] : [["bind", mapLike(node, bind)] as const]),
    ...(isBind && !split.noCopy
      ? []
      : [["volume", mapLike(node, split.noCopy ? [["nocopy", yes]] : [])] as const]),
  ]);
  return withSource(mounted, context);
}

function isPath(source: string): boolean {
  return /^([./~]|\\\\|\p{L}:)/u.test(source);
}
