import type { Environment } from "../lib/environment.ts";
import { selectingVariables } from "./nodes.ts";

/** The variables that decide which Engine and which data folder a call works with; null for what is unset. */
export type EngineSelection = Readonly<Record<string, string | null>>;

export function selectionOf(env: Environment): EngineSelection {
  return Object.fromEntries(
    [...selectingVariables, "DATA_DIR"].map((name) => [name, env[name] || null]),
  );
}

/** Whether an environment selects what another one did. */
export function isSelectedBy(env: Environment, selection: EngineSelection): boolean {
  return Object.entries(selectionOf(env)).every(([name, value]) => selection[name] === value);
}
