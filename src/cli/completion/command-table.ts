import type { ArgsDef } from "citty";

/**
 * What completion knows of the commands: made of their definitions when the executable is built (scripts/command-table.ts),
 * because loading them takes longer than a person wants to wait for a TAB.
 */
export type CommandTable = readonly ListedCommand[];

export interface ListedCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /**
   * `valueHint` says what a word or a key takes: what stands in capitals is looked up (`SERVICE`, `FILE`), the rest is
   * what to type: `SERVICE|all`.
   */
  readonly args: ArgsDef;
}
