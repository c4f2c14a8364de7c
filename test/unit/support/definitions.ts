// Values and links of definitions.
import type { EnvValue, LinkDefinition } from "../../../src/model/project.ts";

export const text = (value: string): EnvValue => ({ kind: "text", text: value });

/** A value that a run has to be given. */
export const ask: EnvValue = { kind: "required", secret: false, description: undefined };

/** To the first instance of a service. */
export const linkToService = (name: string, service: string): LinkDefinition => ({
  name,
  target: { service, instance: null },
});

/** To the first instance whose host name matches. */
export const linkToHosts = (name: string, pattern: string): LinkDefinition => ({
  name,
  target: { host: pattern },
});
