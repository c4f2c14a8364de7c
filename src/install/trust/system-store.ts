import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "./programs.ts";
import type { NamedRoot, Presence, TrustStore } from "./store.ts";

interface Layout {
  /** The folder of the certificates that an administrator adds. */
  readonly folder: string;
  readonly extension: string;
  /** Makes the bundle of all certificates. */
  readonly update: readonly [program: string, ...args: string[]];
  /** What it takes besides to drop links to certificates that are gone. */
  readonly fresh?: string;
  /** The bundle that programs read. */
  readonly bundle: string;
}

/** Debian, Fedora, Arch and openSUSE, with those that descend from them. */
const layouts: readonly Layout[] = [
  {
    folder: "/usr/local/share/ca-certificates",
    extension: ".crt",
    update: ["update-ca-certificates"],
    fresh: "--fresh",
    bundle: "/etc/ssl/certs/ca-certificates.crt",
  },
  {
    folder: "/etc/pki/ca-trust/source/anchors",
    extension: ".pem",
    update: ["update-ca-trust", "extract"],
    bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  },
  {
    folder: "/etc/ca-certificates/trust-source/anchors",
    extension: ".crt",
    update: ["update-ca-trust"],
    bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
  },
  {
    folder: "/usr/share/pki/trust/anchors",
    extension: ".pem",
    update: ["update-ca-certificates"],
    bundle: "/var/lib/ca-certificates/ca-bundle.pem",
  },
];

/** The store of a Linux system. Returns undefined if this one has none that is known. */
export function findSystemStore(env: NodeJS.ProcessEnv): TrustStore | undefined {
  for (const layout of layouts) {
    const [program, ...args] = layout.update;
    const update = findProgram(program, env);
    if (update !== undefined && existsSync(layout.folder))
      return createSystemStore(layout, [update, ...args], env);
  }
}

function createSystemStore(
  { folder, extension, bundle, fresh }: Layout,
  update: readonly string[],
  env: NodeJS.ProcessEnv,
): TrustStore {
  const fileOf = ({ name }: NamedRoot): string => join(folder, `${name}${extension}`);
  const program = (name: string): string => findProgram(name, env) ?? name;
  return {
    kind: "system",
    place: folder,
    owner: "the system",
    presence: (root) => presenceOf(root, fileOf(root), bundle),
    commandsToAdd: (root) => [[program("install"), "-m", "644", root.file, fileOf(root)], update],
    commandsToRemove: (root) => [
      [program("rm"), "-f", fileOf(root)],
      fresh === undefined ? update : [...update, fresh],
    ],
  };
}

async function presenceOf({ pem }: NamedRoot, file: string, bundle: string): Promise<Presence> {
  const [own, all] = await Promise.all([file, bundle].map(readCompact));
  const [isThere, isBundled] = [own === compact(pem), all?.includes(compact(pem)) ?? false];
  if (isThere && isBundled) return "trusted";
  return isThere || isBundled ? "partly" : "absent";
}

async function readCompact(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : compact(text);
}

/** Without the ends of lines, which each program places elsewhere. */
function compact(pem: string): string {
  return pem.replaceAll(/\s/g, "");
}
