import { ReynsError } from "../../errors.ts";
import { nodeVariable } from "../../project/locate.ts";
import type { Engine } from "../../runtime/connect.ts";

/** What works on one Engine, and was called for a conf that is spread over several machines. */
export function oneEngineError(what: string, hint: string): ReynsError {
  return new ReynsError("INVALID_VALUE", `${what} works on one Engine`, {
    hint: `this conf is spread over several machines; ${hint}`,
  });
}

/** The nodes that a call is about, where these are not all that the conf has. */
export function partialNodes({ fleet }: Pick<Engine, "fleet">): readonly string[] | undefined {
  if (!fleet) return undefined;
  const isAll = process.env[nodeVariable] === undefined && fleet.unreachable.length === 0;
  return isAll ? undefined : fleet.members.map(({ name }) => name);
}
