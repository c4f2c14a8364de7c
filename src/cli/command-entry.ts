import type { CommandDef } from "citty";
import type { Examples } from "./help/help.ts";

/** The headings of the command list, in this order. */
export const topics = {
  begin: "Get started",
  run: "Build and run",
  look: "Inspect",
  inside: "Work inside instances",
  project: "Project",
  machine: "This machine",
} as const;

/** A command with its examples for help, the manual page and the reference. */
export interface DocumentedCommand extends CommandDef {
  readonly examples: Examples;
}

interface CommonEntry {
  readonly summary: string;
  readonly aliases?: readonly string[];
  /** Keys that the command does not define reach it as its `data` instead of being refused. */
  readonly passesUnknownKeys?: boolean;
}

/** A command in the list of commands. */
export interface CommandEntry extends CommonEntry {
  readonly topic: keyof typeof topics;
  readonly hidden?: never;
  readonly load: () => Promise<DocumentedCommand>;
}

/** A command that the executable calls itself: neither listed nor documented. */
export interface HiddenEntry extends CommonEntry {
  readonly hidden: true;
  readonly load: () => Promise<CommandDef & { readonly examples?: never }>;
}

/** Every command by its name, in the order in which its topic lists it. */
export type Registry = Readonly<Record<string, CommandEntry | HiddenEntry>>;
