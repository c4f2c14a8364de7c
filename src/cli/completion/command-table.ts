import type { ArgsDef } from "citty";

/**
 * All commands with their arguments, for completion. Generated when the executable is built (scripts/command-table.ts),
 * because loading every command would delay each TAB.
 */
export type CommandTable = readonly ListedCommand[];

export interface ListedCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /**
   * A `valueHint` lists the values: kinds of names to look up, in capitals (`SERVICE`, `FILE`), and values to type, as
   * in `SERVICE|all`.
   */
  readonly args: ArgsDef;
}
