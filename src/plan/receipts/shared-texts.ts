import { stableJson } from "../../lib/stable-json.ts";
import type { Project } from "../../model/project.ts";
import { shownNetwork } from "../../model/resource-names.ts";

/** What a definition declares besides instances, as texts: `network backend`, `volume data`. */
export function sharedTexts({ conf, updatePolicy }: Project): Record<string, string> {
  const networks = Object.entries(conf.networks ?? {}).map(
    ([key, { at: _at, ...network }]) => [`network ${shownNetwork(key)}`, network] as const,
  );
  const volumes = Object.entries(conf.volumes ?? {}).map(
    ([key, volume]) => [`volume ${key}`, volume] as const,
  );
  const order = conf.sequential ? { sequential: true } : {};
  const all = [...networks, ...volumes, ["policy", { updatePolicy, ...order }] as const];
  return Object.fromEntries(all.map(([part, value]) => [part, stableJson(value)]));
}
