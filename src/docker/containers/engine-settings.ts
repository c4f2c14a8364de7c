import type Docker from "dockerode";
import { engineFieldEntries, type EngineSettings } from "../../model/engine-fields.ts";

/** The settings as parts of a container's HostConfig. Without a value, the Engine's default applies. */
export function toHostConfig(settings: EngineSettings): Docker.HostConfig {
  const given = engineFieldEntries.flatMap(([name, { kind, key }]) => {
    const value = settings[name];
    if (value === undefined) return [];
    return [[key, kind === "cpus" ? Math.round(Number(value) * 1e9) : value] as const];
  });
  return Object.fromEntries(given);
}
