import type { Environment } from "../lib/environment.ts";
import { selectingVariables } from "./nodes.ts";

/** The variables that decide which Engine and which data folder a call works with; null for what is unset. */
export type Selection = Readonly<Record<string, string | null>>;

export function selectionOf(env: Environment): Selection {
  return Object.fromEntries(
    [...selectingVariables, "DATA_DIR"].map((name) => [name, env[name] || null]),
  );
}

/** Whether an environment selects what another one did. */
export function isSelectedBy(env: Environment, selection: Selection): boolean {
  return Object.entries(selectionOf(env)).every(([name, value]) => selection[name] === value);
}
