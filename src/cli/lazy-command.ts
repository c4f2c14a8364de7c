import type { ArgsDef, BooleanArgDef, CommandDef, StringArgDef } from "citty";
import { copy, quiet } from "./args/common.ts";
import type { DocumentedCommand } from "./command-entry.ts";
import type { Examples } from "./help/help.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- each command has its own arguments
type AnyCommand = CommandDef<any>;

/** Part of every command about instances, which may be on several machines. */
const node = {
  type: "string",
  valueHint: "NODE,...",
  description: "Only what is on these machines, as node() names them",
} as const satisfies StringArgDef;

/** Part of every command that changes something on several machines. */
const partial = {
  type: "boolean",
  description: "Go on without machines that do not answer; the exit status is 1",
} as const satisfies BooleanArgDef;

/** A command about a project, whose module is loaded when it is called. */
export function lazy(load: LoadCommand): LoadDocumented {
  return withArgs(lazyGeneral(load), { copy });
}

/** The same for one about instances, which may be on several machines. */
export function lazyOnNodes(load: LoadCommand): LoadDocumented {
  return withArgs(lazy(load), { node });
}

/** The same for one about no project in particular, which works on the machines of the one that it is called in. */
export function lazyOnMachines(load: LoadCommand): LoadDocumented {
  return withArgs(lazyGeneral(load), { node, partial });
}

/** The same for one that changes something there. */
export function lazyChangingNodes(load: LoadCommand): LoadDocumented {
  return withArgs(lazyOnNodes(load), { partial });
}

function withArgs(load: LoadDocumented, more: ArgsDef): LoadDocumented {
  return async () => {
    const command = await load();
    return { ...command, args: { ...(command.args as ArgsDef), ...more } };
  };
}

type LoadDocumented = () => Promise<DocumentedCommand>;

type LoadCommand = () => Promise<{ readonly command: AnyCommand; readonly examples: Examples }>;

/** The same for one that is about no project. */
export function lazyGeneral(load: LoadCommand): LoadDocumented {
  return async () => {
    const { command, examples } = await load();
    // citty also allows a promise or a function here; our commands define a plain object.
    const args = command.args as ArgsDef | undefined;
    return { ...command, args: { ...args, quiet: args?.["quiet"] ?? quiet }, examples };
  };
}

/** The same for one that is not documented. */
export function lazyHidden(
  load: () => Promise<{ readonly command: AnyCommand }>,
): () => Promise<CommandDef> {
  return async () => (await load()).command;
}
