import { findRecordedStores } from "./find-stores.ts";
import { nameRoot, type TrustRecord } from "./record.ts";
import type { Argv, NamedRoot, StoreChoice, TrustStore } from "./store.ts";

/** One store that gets a root certificate, or from which one is taken. */
export interface TrustChange {
  readonly action: "add" | "remove";
  readonly store: TrustStore;
  readonly root: NamedRoot;
  readonly commands: readonly Argv[];
}

/** What is missing in stores that are to have a root certificate. */
export async function planTrust(
  root: NamedRoot,
  stores: readonly TrustStore[],
): Promise<TrustChange[]> {
  const found = await Promise.all(stores.map((store) => store.presence(root)));
  return stores
    .filter((_, index) => found[index] !== "trusted")
    .map((store) => ({ action: "add", store, root, commands: store.commandsToAdd(root) }));
}

/** What chosen stores still have of root certificates that were put there; others of their name stay. */
export async function planRemoval(
  records: readonly TrustRecord[],
  choice: StoreChoice,
  env: NodeJS.ProcessEnv,
): Promise<TrustChange[]> {
  const planned = await Promise.all(
    records.map(async (record) => {
      const root = nameRoot(record.project, record, env);
      const stores = findRecordedStores(record, choice, env);
      const found = await Promise.all(stores.map((store) => store.presence(root)));
      return stores
        .filter((_, index) => found[index] !== "absent")
        .map((store): TrustChange => ({
          action: "remove",
          store,
          root,
          commands: store.commandsToRemove(root),
        }));
    }),
  );
  return planned.flat();
}
