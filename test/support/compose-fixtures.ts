// The canonical form of the projects in test/fixtures/compose: docker-compose's, recorded or live, and that of Reyns.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ComposeFile, ComposeService } from "../../src/project/compose/compose-file.ts";
import type { ComposeProject } from "../../src/project/compose/compose-project.ts";

export const composeFixtures = join(import.meta.dir, "../fixtures/compose");

/** The caller's environment for all of them; more is in their `.env`. */
export const composeCaller = { HOME: "/home/user" };

export const composeFixtureNames = readdirSync(composeFixtures).toSorted();

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What `docker-compose config --format json` prints for a fixture. */
export function askCompose(executable: string, name: string): { json: Json } | { problem: string } {
  const command = [executable, "config", "--format", "json"];
  // No Engine is needed, and none is asked.
  const env = { ...composeCaller, DOCKER_HOST: "unix:///nowhere.sock" };
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    cwd: join(composeFixtures, name),
    env,
    stdin: "ignore",
  });
  if (exitCode !== 0) return { problem: stderr.toString() };
  return { json: plainOf(JSON.parse(stdout.toString()) as Json) };
}

/** Paths without the place of the repository, dollar signs that are not doubled, and no artefacts of the printing. */
function plainOf(value: Json): Json {
  if (typeof value === "string") return shortenPath(value.replaceAll("$$", "$"));
  if (isList(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, entry]): [string, Json][] => {
    if (key === "exec" && Bun.deepEquals(entry, { command: null })) return [];
    const name = ["Path", "Rate", "Weight"].includes(key) ? key.toLowerCase() : key;
    return [[name.replaceAll("$$", "$"), plainOf(entry)]];
  });
  return Object.fromEntries(entries);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function shortenPath(text: string): string {
  return text.replaceAll(composeFixtures, "<fixtures>");
}

/** A project as docker-compose prints it: without services that no profile selects, and resources that nobody uses. */
export function asPrinted({ file, enabled }: ComposeProject): Json {
  const services = Object.fromEntries(
    Object.entries(file.services).filter(([name]) => enabled.has(name)),
  );
  const { models: _models, ...rest } = file;
  const used = usedBy(Object.values(services));
  const sections = Object.entries(used).flatMap(([section, keys]) => {
    const defined = Object.entries(file[section as keyof typeof used] ?? {});
    const kept = defined.filter(([key]) => keys.has(key)).map(withoutContent);
    return kept.length === 0 ? [] : [[section, Object.fromEntries(kept)] as const];
  });
  const others = Object.entries(rest).filter(([key]) => !(key in used));
  const printed = Object.fromEntries([
    ...others,
    ...sections,
    ["services", mapServices(services)] as const,
  ]);
  return plainPaths(JSON.parse(JSON.stringify(printed)) as Json);
}

function usedBy(
  services: readonly ComposeService[],
): Record<"networks" | "volumes" | "secrets" | "configs", Set<string>> {
  const mounts = services.flatMap(({ volumes = [] }) => volumes);
  return {
    networks: new Set(services.flatMap(({ networks = {} }) => Object.keys(networks))),
    volumes: new Set(
      mounts.flatMap(({ type, source = "" }) => (type === "volume" ? [source] : [])),
    ),
    secrets: new Set(
      services.flatMap(({ secrets = [], build }) =>
        [...secrets, ...(build?.secrets ?? [])].map(({ source }) => source),
      ),
    ),
    configs: new Set(services.flatMap(({ configs = [] }) => configs.map(({ source }) => source))),
  };
}

/** What a variable holds is not printed. */
function withoutContent([key, value]: readonly [string, unknown]): readonly [string, unknown] {
  const object = value as NonNullable<ComposeFile["secrets"]>[string];
  if (object.environment === undefined) return [key, object];
  const { content: _content, ...rest } = object;
  return [key, rest];
}

/** The values of these files are in the environment and the labels. */
function mapServices(services: Readonly<Record<string, ComposeService>>): Json {
  const entries = Object.entries(services).map(([name, service]) => {
    const { env_file: _env, label_file: _label, build, ...rest } = service;
    return [name, { ...rest, ...(build && { build }) }];
  });
  return Object.fromEntries(entries) as Json;
}

function plainPaths(value: Json): Json {
  if (typeof value === "string") return shortenPath(value);
  if (isList(value)) return value.map(plainPaths);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainPaths(entry)]));
}
