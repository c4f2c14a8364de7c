import type { FieldChange } from "../../model/fields.ts";
import type { PlannedAction } from "../../plan/plan-report.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { paint, terminalWidth, type TextStyle } from "../output/style.ts";
import { pad, widthOf, truncate } from "../output/width.ts";

const marks: Readonly<Record<PlannedAction["action"], [mark: string, style: TextStyle]>> = {
  build: ["+", "green"],
  pull: ["+", "green"],
  send: ["+", "green"],
  create: ["+", "green"],
  replace: ["~", "yellow"],
  restart: ["^", "cyan"],
  stop: ["-", "yellow"],
  update: ["~", "yellow"],
  remove: ["-", "red"],
};

/**
 * A plan for people: a line for each action, and below it the changed fields with their old and new values.
 *
 * @example
 * // ~ replace (start first)  web-one  changed
 * //     env VERSION  "1.2" -> "1.3"
 */
export function formatActions(planned: readonly PlannedAction[]): string {
  const actions = planned.map(({ name, node, reason, changes, ...rest }) => ({
    ...rest,
    verb: verbOf(rest),
    name: sanitizeLine(node === undefined ? name : `${node}: ${name}`),
    reason: sanitizeLine(reasonText(reason, { ...rest, changes })),
    changes: changes.map((change) => ({ ...change, field: sanitizeLine(change.field) })),
  }));
  const verbWidth = Math.max(0, ...actions.map(({ verb }) => verb.length));
  const nameWidth = Math.min(32, Math.max(0, ...actions.map(({ name }) => widthOf(name))));
  return actions
    .flatMap(({ action, verb, name, reason, changes }) => {
      const [mark, style] = marks[action];
      const head = paint(style, `${mark} ${pad(verb, verbWidth)}`, "stdout");
      const line = `${head}  ${pad(truncate(name, nameWidth), nameWidth)}  ${paint("dim", reason, "stdout")}`;
      return [line.trimEnd(), ...formatChanges(changes)];
    })
    .join("\n");
}

/** `replace (start first)` */
function verbOf({ action, order }: Pick<PlannedAction, "action" | "order">): string {
  return order === undefined ? action : `${action} (${order.replace("-", " ")})`;
}

/** The fields stand below: naming them twice would only take space. */
function reasonText(
  reason: string,
  { changes, order, orderReasons = [] }: Pick<PlannedAction, "changes" | "order" | "orderReasons">,
): string {
  const short = changes.length > 0 ? reason.replace(/^changed: .*$/, "changed") : reason;
  return order === "stop-first" ? `${short}; stops first: ${orderReasons.join(", ")}` : short;
}

function formatChanges(changes: readonly FieldChange[]): string[] {
  const width = Math.max(0, ...changes.map(({ field }) => widthOf(field)));
  const room = Math.max(24, terminalWidth("stdout") - width - 8);
  return changes.map(({ field, before, after }) => {
    const [old, now] = [valueText(before), valueText(after)];
    // A mounted file: what is in it is shown by its version control.
    if (before === null && after === null) return `    ${field}`;
    const name = `    ${pad(field, width)}  `;
    if (old === now) return `${name}changed`;
    if (widthOf(old) + widthOf(now) + 4 <= room) return `${name}${old} -> ${now}`;
    return `${name}${old}\n${" ".repeat(width + 3)}-> ${now}`;
  });
}

/** Two values that are the same here are hidden ones. */
function valueText(value: string | null): string {
  return value === null ? "(none)" : JSON.stringify(value);
}
