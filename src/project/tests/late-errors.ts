import type { PendingWork } from "../script/pending-work.ts";

/** Which test an error is of. One that nothing awaits may come while another test runs. */
const owners = new WeakMap<object, PendingWork>();

export function claimError(error: unknown, owner: PendingWork): void {
  if (typeof error === "object" && error !== null) owners.set(error, owner);
}

/** Whether an error is known to be of another test. */
export function isOfAnother(error: unknown, test: PendingWork): boolean {
  const owner = typeof error === "object" && error !== null ? owners.get(error) : undefined;
  return owner !== undefined && owner !== test;
}
