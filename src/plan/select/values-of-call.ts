import type { Conf, EnvValue } from "../../model/project.ts";
import { secretName } from "../../model/secret-names.ts";
import type { Selection } from "./selection.ts";

/** Values of the call: one that takes the place of a secret of any instance, or has the name of one, is a secret. */
export function valuesOfCall(env: Selection["env"], { instances }: Conf): Record<string, EnvValue> {
  const isSecret = (name: string): boolean =>
    secretName.test(name) || instances.some((instance) => hasSecret(instance.env, name));
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      { kind: "text", text, ...(isSecret(name) ? { secret: true } : {}) },
    ]),
  );
}

function hasSecret(env: Readonly<Record<string, EnvValue>>, name: string): boolean {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value?.kind === "required" && value.secret;
}
