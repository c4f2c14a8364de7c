import { dirname, join } from "node:path";
import type { NetworkDefinition } from "./networks.ts";
import type { Project } from "./project.ts";
import { copyNameOf } from "./copy-origin.ts";
import { sha256Hex } from "../lib/sha256.ts";

/** What tells projects apart. */
export type ProjectIdentity = Pick<Project, "name" | "origin">;

/** `shop-4f2c91`, of a copy `shop-demo-a81b20`: the project on this Engine; two projects with the same name differ. */
export function scopeOf({ name, origin }: ProjectIdentity): string {
  const copy = copyNameOf(origin);
  const digest = sha256Hex(`${name}\0${origin}`).slice(0, 6);
  return copy === undefined ? `${name}-${digest}` : `${name}-${copy}-${digest}`;
}

/** The path of an origin: `FOLDER//2` is the second project that began in FOLDER, after the first one had moved away. */
export function folderOfOrigin(origin: string): string {
  return origin.split("//")[0] || "/";
}

export function networkNameOf(project: ProjectIdentity): string {
  return scopeOf(project);
}

/** The name in `networks` of the network that every project has. */
export const ownNetwork = "default";

/** The name of the network that takes its place, where a definition says what the project's own cannot be. */
export const movedDefault = "default-network";

/** A network as the definition calls it. */
export function shownNetwork(key: string): string {
  return key === movedDefault ? ownNetwork : key;
}

/** The name on the Engine of a network that a definition declares. */
export function declaredNetworkName(
  project: ProjectIdentity,
  network: string,
  { name, external }: NetworkDefinition,
): string {
  return name ?? (external ? network : `${scopeOf(project)}-${network}`);
}

/** Container names are unique on an Engine, so this is also what makes one of two simultaneous runs win. */
export function containerNameOf(project: ProjectIdentity, host: string): string {
  return `${scopeOf(project)}-${host}`;
}

/** The name of a container that is being replaced, until the new one is ready. */
export function previousNameOf(containerName: string): string {
  return `${containerName}.previous`;
}

/** The name of a container that starts beside the one that serves, until it is ready. */
export function nextNameOf(containerName: string): string {
  return `${containerName}.next`;
}

/**
 * The volume for a path that an instance's image declares as VOLUME: no definition can name it, because of the dot.
 *
 * @example
 * imageVolumeNameOf("shop-4f2c91-db-one", "/var/lib/data") // "shop-4f2c91-db-one.var-lib-data"
 */
export function imageVolumeNameOf(containerName: string, path: string): string {
  return `${containerName}.${path.replaceAll(/[^A-Za-z0-9_]+/g, "-").replaceAll(/^-|-$/g, "")}`;
}

/** Whether the Engine itself named a volume, as it does where a container asks for none by name. */
export function isUnnamedVolume(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

export function volumeNameOf(project: ProjectIdentity, volume: string): string {
  return `${scopeOf(project)}-${volume}`;
}

/** The volume that is there while a call from anywhere changes the projects of an origin. */
export function lockNameOf(origin: string): string {
  return `reyns-lock-${sha256Hex(origin).slice(0, 12)}`;
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A random instance name: eight characters, the first a letter. */
export function randomInstanceName(random: () => number = Math.random): string {
  const pick = (from: number): string => letters[Math.floor(random() * from)] ?? "a";
  return pick(26) + Array.from({ length: 7 }, () => pick(letters.length)).join("");
}

const throwAwayPrefix = "test-";

/** Name of a copy that goes with the call that makes it. */
export function randomThrowAwayName(): string {
  return `${throwAwayPrefix}${randomInstanceName()}`;
}

/** Whether `randomThrowAwayName` may have made a name. */
export function isThrowAwayName(name: string): boolean {
  return (
    name.startsWith(throwAwayPrefix) && isRandomInstanceName(name.slice(throwAwayPrefix.length))
  );
}

/** Folder in the project's own one with its keys, its lock and what it has built. */
export const privateFolder = ".reyns";

/** A file that is there once a project has handed something to Docker Swarm: without it, no swarm is asked for services. */
export function swarmMarker(place: Pick<Project, "folder" | "origin">): string {
  return join(stateFolder(place), "swarm");
}

/** File in the project's folder with values of this host. */
export const hostConfFile = "host.conf";

/** What a folder without a definition lacks. */
export function missingDefinition(folder: string): string {
  return `${folder} has no reyns.ts, compose.yaml or default.conf`;
}

/** File in a data folder that names the project it belongs to. */
export const dataFolderMarker = ".reyns-project";

/** Whether `randomInstanceName` may have made a name. */
export function isRandomInstanceName(name: string): boolean {
  return /^[a-z][a-z0-9]{7}$/.test(name);
}

/** Where the copies of a project keep what they have instead of the project's. */
export function copiesFolder(folder: string): string {
  return join(folder, privateFolder, "copies");
}

/** Where the copies are claimed that go with the call that made them. */
export function throwAwayFolder(folder: string): string {
  return join(folder, privateFolder, "tests");
}

/** Folder with the lock, the versions and the records of a project, or of a copy of it; keys and builds are shared. */
export function stateFolder({ folder, origin }: Pick<Project, "folder" | "origin">): string {
  const copy = copyNameOf(origin);
  return copy === undefined ? join(folder, privateFolder) : join(copiesFolder(folder), copy);
}

/** The folder in a data folder with the data of copies. */
const copiesData = ".copies";

/** The data folder of a copy is in that of its project, and so on the same file system. */
export function copyDataFolder(dataFolder: string, origin: string): string {
  const copy = copyNameOf(origin);
  return copy === undefined ? dataFolder : join(dataFolder, copiesData, copy);
}

/** The data folder of the project itself, from that of a copy. */
export function mainDataFolder({
  dataFolder,
  origin,
}: Pick<Project, "dataFolder" | "origin">): string {
  return copyNameOf(origin) === undefined ? dataFolder : dirname(dirname(dataFolder));
}

/** Entries of a data folder that are no data of the project itself. */
export const dataFolderEntries: ReadonlySet<string> = new Set([dataFolderMarker, copiesData]);

/** Where the project's keys are on the host; made when they are first needed. */
export function keysFolder(project: { readonly folder: string }): string {
  return join(project.folder, privateFolder, "keys");
}

/** What belongs to the project on this host alone, and in no image. */
export function privatePathsOf({
  folder,
  ...data
}: Pick<Project, "folder" | "dataFolder" | "origin">): string[] {
  return [join(folder, privateFolder), join(folder, hostConfFile), mainDataFolder(data)];
}
