import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { runProgram } from "./programs.ts";
import type { Argv, NamedRoot, Presence, TrustStore } from "./store.ts";

/** A database of NSS, and the browser that reads it. */
export interface NssDatabase {
  readonly folder: string;
  readonly owner: string;
}

/** Folders in a home that hold Firefox's profiles: as a package, as a snap, as a flatpak, on macOS. */
const firefoxFolders = [
  ".mozilla/firefox",
  ".config/mozilla/firefox",
  "snap/firefox/common/.mozilla/firefox",
  ".var/app/org.mozilla.firefox/.mozilla/firefox",
  "Library/Application Support/Firefox/Profiles",
];

/** Chromium and its kin read the first of the first two that is there; as a snap, the third. */
const chromiumFolders = [
  ".pki/nssdb",
  ".local/share/pki/nssdb",
  "snap/chromium/current/.pki/nssdb",
];

/** Finds the databases of the user's browsers. A browser makes its own when it starts for the first time. */
export async function findNssDatabases(env: NodeJS.ProcessEnv): Promise<NssDatabase[]> {
  const home = env["HOME"] || homedir();
  const profiles = await Promise.all(
    firefoxFolders.map((folder) => profilesIn(join(home, folder))),
  );
  return [
    ...chromiumFolders.map((folder) => ({ folder: join(home, folder), owner: "Chromium" })),
    ...profiles.flat().map((folder) => ({ folder, owner: "Firefox" })),
  ].filter(({ folder }) => existsSync(join(folder, "cert9.db")));
}

async function profilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.toSorted().map((name) => join(folder, name));
}

/** @param certutil path of the program, from NSS's tools */
export function createNssStore({ folder, owner }: NssDatabase, certutil: string): TrustStore {
  const database = ["-d", `sql:${folder}`];
  return {
    kind: "nss",
    place: folder,
    owner,
    presence: (root) => presenceIn([certutil, ...database], root),
    commandsToAdd: ({ name, file }) => [
      [certutil, ...database, "-A", "-t", "C,,", "-n", name, "-i", file],
    ],
    commandsToRemove: ({ name }) => [[certutil, ...database, "-D", "-n", name]],
  };
}

async function presenceIn(
  command: readonly string[],
  { name, fingerprint }: NamedRoot,
): Promise<Presence> {
  const all = [...command, "-L"];
  const byName = [...all, "-n", name, "-a"];
  const { status, stdout, stderr } = await runProgram(byName);
  if (status === 0 && fingerprintOf(stdout) !== fingerprint) return "absent";
  const list = await runProgram(all);
  if (status === 0) return isTrusted(list.stdout, name) ? "trusted" : "partly";
  // It fails for a name that is not there, and for a database that it cannot read.
  if (list.status !== 0) throw unreadable(all, list.stderr);
  if (linesOf(list.stdout, name).length > 0) throw unreadable(byName, stderr);
  return "absent";
}

function unreadable(argv: Argv, output: string): ReynsError {
  const message = `a browser's store cannot be read: ${argv.map(shellQuote).join(" ")} failed`;
  return new ReynsError("TRUST_FAILED", message, {
    output: output.trim().split("\n"),
    hint: "close the browser and try again; or leave the browsers out: browsers=false",
  });
}

/** Whether a line `NAME  C,,` says that servers are trusted: without a database's password a certificate gets no flags. */
function isTrusted(list: string, name: string): boolean {
  return linesOf(list, name).some((line) => /\sC[^,]*,/.test(line));
}

function linesOf(list: string, name: string): string[] {
  return list.split("\n").filter((line) => line.startsWith(`${name} `));
}

function fingerprintOf(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
  } catch {
    return undefined;
  }
}
