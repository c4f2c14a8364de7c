import { reportValue, reportWrong, type Codec, type ReadContext } from "./codec.ts";
import { list, mapOf, nullable, textKey } from "./collection-codecs.ts";
import { driverOptions } from "./dict-codec.ts";
import { object } from "./object-codec.ts";
import { path } from "./paths.ts";
import { fileMode, flag, integer, oneOf, optionalFlag, text, textLike } from "./scalar-codecs.ts";
import {
  itemsOf,
  listLike,
  mapLike,
  nullLike,
  scalarLike,
  textOf,
  withDefaults,
  type SourceList,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";

export const texts = list(text);
export const uniqueTexts = list(text, { unique: true });
export const keyedTexts = list(text, { keyOf: textKey });
export const textsOrText = list(text, { orText: true });
export const keyedTextsOrText = list(text, { orText: true, keyOf: textKey });

/** Without empty ones, which a variable may leave. */
export const addresses: Codec = {
  ...keyedTextsOrText,
  finish(node, context) {
    const filled = itemsOf(node).filter((item) => item.kind !== "scalar" || item.text !== "");
    return keyedTextsOrText.finish(listLike(node, filled), context);
  },
};

/** A list of names is a mapping of them. */
function namesOr(codec: Codec, value: (name: SourceNode) => SourceNode): Codec {
  const expects = "a list of names or a mapping";
  return {
    ...codec,
    expects,
    read(node, context) {
      if (node.kind === "map") return codec.read(node, context);
      if (node.kind !== "list") return reportWrong(node, context, expects);
      const names = texts.read(node, context) as SourceList | undefined;
      const entries = (names?.items ?? []).flatMap((name) =>
        name.kind === "scalar" ? [[name.text, value(name)] as const] : [],
      );
      return mapLike(node, entries);
    },
  };
}

const dependency = object(
  {
    condition: oneOf("service_started", "service_healthy", "service_completed_successfully"),
    restart: flag,
    required: optionalFlag,
  },
  { required: ["condition"], finish: (map) => withDefaults(map, { required: true }) },
);

export const dependencies = namesOr(mapOf(dependency), (name) =>
  withDefaults(mapLike(name, []), { condition: "service_started", required: true }),
);

const attachment = object({
  aliases: keyedTexts,
  driver_opts: driverOptions,
  gw_priority: integer,
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: keyedTexts,
  mac_address: text,
  priority: integer,
});

export const attachments = namesOr(mapOf(nullable(attachment)), nullLike);

export const modelUses = namesOr(
  mapOf(nullable(object({ endpoint_var: text, model_var: text }))),
  nullLike,
);

const envFile = object(
  { path, required: optionalFlag, format: text },
  {
    required: ["path"],
    short: (node, context) => {
      const read = path.read(node, context);
      return read && mapLike(node, [["path", read]]);
    },
    finish: (map) => withDefaults(map, { required: true }),
  },
);

export const envFiles = list(envFile, {
  orText: true,
  keyOf: (item) => textOf(item, "path") ?? "",
});

const sourceName = textLike("a name", (name) => name || undefined);

/** Secrets and configs in a service, at `folder` unless they say where. */
export function fileMounts(folder: string, finish?: (map: SourceMap) => SourceMap): Codec {
  const mount = object(
    { source: sourceName, target: text, uid: text, gid: text, mode: fileMode },
    {
      required: ["source"],
      short: (node, context) => {
        const source = sourceName.read(node, context);
        return source && mapLike(node, [["source", source]]);
      },
      ...(finish && { finish }),
    },
  );
  const keyOf = (item: SourceNode): string =>
    textOf(item, "target") ?? `${folder}/${textOf(item, "source") ?? ""}`;
  return list(mount, { keyOf });
}

export const secretMounts = fileMounts("/run/secrets", (map) =>
  withDefaults(map, { target: `/run/secrets/${textOf(map, "source") ?? ""}` }),
);

const limits = object({ soft: integer, hard: integer }, { required: ["soft", "hard"] });

const ulimit: Codec = {
  expects: "a whole number, or a mapping with soft and hard",
  read: (node, context) => (node.kind === "map" ? limits : integer).read(node, context),
  merge: (_, over) => over,
  finish(node, context) {
    if (node.kind === "map") return limits.finish(node, context);
    // As Compose has it: limits that are nothing are left out.
    return node.kind === "scalar" && node.text === "0" ? mapLike(node, []) : node;
  },
};

export const ulimits = mapOf(ulimit);

const hosts = list(text, { keyOf: (item) => (item.kind === "scalar" ? item.text : "") });

/** Names of hosts with their addresses, as "HOST=ADDRESS". */
export const extraHosts: Codec = {
  expects: 'a mapping, or a list of "HOST=ADDRESS"',
  read(node, context) {
    if (node.kind === "map")
      return listLike(
        node,
        [...node.entries].flatMap(([host, address]) => hostEntries(host, address, context)),
      );
    const read = hosts.read(node, context);
    if (read?.kind !== "list") return read;
    return listLike(
      read,
      read.items.flatMap((item) => splitHost(item, context)),
    );
  },
  merge: hosts.merge,
  finish(node, context) {
    const finished = hosts.finish(node, context);
    return finished?.kind === "list"
      ? listLike(finished, finished.items.toSorted(byText))
      : finished;
  },
};

function byText(a: SourceNode, b: SourceNode): number {
  const [first, second] = [a, b].map((node) => (node.kind === "scalar" ? node.text : ""));
  return Number((first ?? "") > (second ?? "")) - Number((first ?? "") < (second ?? ""));
}

function hostEntries(host: string, address: SourceNode, context: ReadContext): SourceNode[] {
  const given = address.kind === "list" ? address.items : [address];
  return given.flatMap((one) => {
    if (one.kind !== "scalar") return (reportWrong(one, context, "an address"), []);
    return [scalarLike(one, `${host}=${bare(one.text)}`, "string")];
  });
}

function splitHost(item: SourceNode, { report, name }: ReadContext): SourceNode[] {
  if (item.kind !== "scalar") return [];
  const [, host, rest] =
    /^([^=:]+)[=:](.*)$/s.exec(item.text) ?? /^([^=]+)=(.*)$/s.exec(item.text) ?? [];
  if (host === undefined || rest === undefined) {
    reportValue(item, report, `${name} lacks an address`, 'write "HOST=ADDRESS"');
    return [];
  }
  return rest.split(",").map((address) => scalarLike(item, `${host}=${bare(address)}`, "string"));
}

function bare(address: string): string {
  return /^\[(.+)\]$/.exec(address)?.[1] ?? address;
}
