import { existsSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { findMacStore } from "./mac-store.ts";
import { createNssStore, findNssDatabases, type NssDatabase } from "./nss-stores.ts";
import { findProgram } from "./programs.ts";
import type { TrustRecord } from "./record.ts";
import { isChosen, type StoreChoice, type TrustStore } from "./store.ts";
import { findSystemStore } from "./system-store.ts";

/**
 * The stores of this machine and of its user.
 *
 * @throws ReynsError MISSING_TOOL when a browser's store needs a program that is not there
 */
export async function findStores(
  env: NodeJS.ProcessEnv,
  { system, browsers }: StoreChoice,
): Promise<TrustStore[]> {
  const systemStore = system ? openSystemStore(env) : undefined;
  const databases = browsers ? await findNssDatabases(env) : [];
  return [...(systemStore ? [systemStore] : []), ...openDatabases(databases, env)];
}

/**
 * The chosen ones of the stores that a record names, as far as they are still there.
 *
 * @throws ReynsError MISSING_TOOL
 */
export function findRecordedStores(
  { stores }: TrustRecord,
  choice: StoreChoice,
  env: NodeJS.ProcessEnv,
): TrustStore[] {
  const system = openSystemStore(env);
  const chosen = stores.filter(({ kind }) => isChosen(kind, choice));
  const places = chosen.filter(({ kind }) => kind === "system").map(({ place }) => place);
  const databases = chosen
    .filter(({ kind, place }) => kind === "nss" && existsSync(join(place, "cert9.db")))
    .map(({ place, owner }) => ({ folder: place, owner }));
  return [
    ...(system && places.includes(system.place) ? [system] : []),
    ...openDatabases(databases, env),
  ];
}

function openSystemStore(env: NodeJS.ProcessEnv): TrustStore | undefined {
  return findMacStore(env) ?? findSystemStore(env);
}

function openDatabases(databases: readonly NssDatabase[], env: NodeJS.ProcessEnv): TrustStore[] {
  if (databases.length === 0) return [];
  const certutil = findProgram("certutil", env);
  if (certutil !== undefined)
    return databases.map((database) => createNssStore(database, certutil));
  const owners = [...new Set(databases.map(({ owner }) => owner))].join(" and ");
  throw new ReynsError("MISSING_TOOL", `the store of ${owners} needs certutil, which is missing`, {
    hint: `install it: ${installCommand(env)}; or leave the browsers out: browsers=false`,
  });
}

/** How the package with certutil is installed: package manager -> command. */
const installCommands: readonly (readonly [program: string, command: string])[] = [
  ["apt-get", "sudo apt-get install libnss3-tools"],
  ["dnf", "sudo dnf install nss-tools"],
  ["pacman", "sudo pacman -S nss"],
  ["zypper", "sudo zypper install mozilla-nss-tools"],
  ["apk", "sudo apk add nss-tools"],
  ["brew", "brew install nss"],
];

function installCommand(env: NodeJS.ProcessEnv): string {
  const found = installCommands.find(([program]) => findProgram(program, env) !== undefined);
  return found?.[1] ?? "it belongs to the tools of NSS";
}
