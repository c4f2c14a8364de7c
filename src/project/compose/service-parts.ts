import { reportValue, reportWrong, type Codec } from "./codec.ts";
import { list, mapOf, nullable } from "./collection-codecs.ts";
import { command } from "./command-codec.ts";
import { variables } from "./dict-codec.ts";
import { object } from "./object-codec.ts";
import { path } from "./paths.ts";
import { bytes, flag, integer, oneOf, text } from "./scalar-codecs.ts";
import { textsOrText } from "./service-codecs.ts";
import {
  listLike,
  mapLike,
  scalarLike,
  type SourceNode,
  type SourceScalar,
} from "./source-node.ts";

const hookFields = {
  command,
  user: text,
  privileged: flag,
  working_dir: text,
  environment: variables,
};

export const hook = object(hookFields, { required: ["command"] });

export const preStartHook = object({ ...hookFields, image: text, per_replica: flag });

export const development = nullable(
  object({
    watch: list(
      object(
        {
          path,
          action: oneOf("rebuild", "sync", "restart", "sync+restart", "sync+exec"),
          target: text,
          ignore: textsOrText,
          include: textsOrText,
          exec: hook,
          initial_sync: flag,
        },
        { required: ["path", "action"] },
      ),
    ),
  }),
);

/** "SOURCE:TARGET:PERMISSIONS" */
export const device = object(
  { source: text, target: text, permissions: text },
  {
    required: ["source"],
    short(node, { report, name }) {
      const [source = "", target = source, permissions = "rwm", ...rest] = node.text.split(":");
      if (rest.length > 0 || source === "")
        reportValue(node, report, `${name} is no device`, 'write "SOURCE:TARGET:PERMISSIONS"');
      const parts = Object.entries({ source, target, permissions });
      return mapLike(
        node,
        parts.map(([key, part]) => [key, scalarOf(node, part)] as const),
      );
    },
  },
);

/** A part keeps the variable if it is the whole text. */
function scalarOf(node: SourceScalar, part: string): SourceScalar {
  const whole = scalarLike(node, part, "string");
  return part === node.text ? whole : { ...whole, source: undefined };
}

const limits = list(object({ path: text, rate: bytes }));

export const throttling = object({
  device_read_bps: limits,
  device_read_iops: limits,
  device_write_bps: limits,
  device_write_iops: limits,
  weight: integer,
  weight_device: list(object({ path: text, weight: integer })),
});

const scalarOrList = "a text, a number, a boolean or a list of them";

/** The options of a provider are lists of texts; one value is a list of one. */
const providerOption: Codec = {
  expects: scalarOrList,
  read(node, context) {
    const items: readonly SourceNode[] = node.kind === "list" ? node.items : [node];
    const scalars = items.filter((item) => item.kind === "scalar" && item.type !== "null");
    if (scalars.length < items.length) return reportWrong(node, context, scalarOrList);
    return listLike(
      node,
      scalars.map((item) => scalarLike(item, item.kind === "scalar" ? item.text : "", "string")),
    );
  },
  merge: (_, over) => over,
  finish: (node) => node,
};

export const provider = object(
  { type: text, options: mapOf(providerOption) },
  { required: ["type"] },
);
