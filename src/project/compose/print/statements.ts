import type { TargetInput } from "../../../api/link.ts";
import { isLink, isRestarting, isTarget, targetsIn } from "../../../api/link.ts";
import { isRecord } from "../../../lib/is-record.ts";
import type { ServiceOptions } from "../../../api/options.ts";
import { Code, formatEntry, formatValue } from "./code.ts";

/** Options that come first, in this order; the others follow as they are. */
const order = [
  "instance",
  "group",
  "autorun",
  "image",
  "build",
  "command",
  "entrypoint",
  "env",
  "envFile",
  "volumes",
  "ports",
  "networks",
  "links",
  "after",
  "ready",
  "healthcheck",
  "restart",
];

/** Service -> the constant that its only instance is. */
export type Constants = ReadonlyMap<string, string>;

/** A call of service() or job(). */
export interface Statement {
  readonly service: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly constant: string | undefined;
}

/** @param handles of the services before it */
export function formatStatement(
  { service, options, constant }: Statement,
  handles: Constants,
): string {
  const { job, ...rest } = options as Partial<ServiceOptions>;
  const fields = ordered(
    Object.entries(rest).map(([key, value]) => [key, asCode(key, value, handles)]),
  );
  const call = `${job ? "job" : "service"}(${JSON.stringify(service)}`;
  const start = `${constant === undefined ? "" : `const ${constant} = `}${call}`;
  const short = `${start}, ${formatValue(Object.fromEntries(fields), "", -Infinity)});`;
  const body = fields.map(([key, value]) => formatEntry(key, value, "  ")).join("");
  return short.length <= 80 && !short.includes("\n") ? short : `${start}, {\n${body}});`;
}

function ordered(fields: [string, unknown][]): [string, unknown][] {
  const rank = ([key]: [string, unknown]): number => (order.indexOf(key) + 1 || order.length) + 1;
  return fields.toSorted((a, b) => rank(a) - rank(b));
}

/** Values that are written as calls or constants. */
function asCode(key: string, value: unknown, handles: Constants): unknown {
  if (value instanceof Code) return value;
  if (key === "ready" && isRecord(value)) return new Code(`ready.${String(value["kind"])}()`);
  if (key === "image" && isRecord(value))
    return targetCode(value as unknown as TargetInput, handles);
  if (key === "links" && Array.isArray(value))
    return value.map((item: unknown) => linkCode(item, handles));
  if (key !== "after" || !Array.isArray(value)) return value;
  const targets = value.map((item: unknown) => afterCode(item, handles));
  return targets.length === 1 ? targets[0] : targets;
}

function afterCode(item: unknown, handles: Constants): Code {
  if (!isRestarting(item)) return targetCode(item as TargetInput, handles);
  const [target] = targetsIn(item);
  const code = target ? targetCode(target, handles).text : "";
  const named = /^\w+$/.test(code) ? code : `target: ${code}`;
  return new Code(`{ ${named}, restart: true }`);
}

function linkCode(item: unknown, handles: Constants): Code {
  if (!isLink(item)) return new Code(JSON.stringify(item));
  return new Code(`link(${targetCode(item.target, handles).text}, ${JSON.stringify(item.name)})`);
}

function targetCode(target: TargetInput, handles: Constants): Code {
  if (!isTarget(target) || typeof target === "string" || "host" in target)
    return new Code(JSON.stringify(target));
  return new Code(handles.get(target.service) ?? JSON.stringify(target.service));
}
