import { defineCommand } from "citty";
import * as args from "../cli/args.ts";
import { runArgs, selectionOf } from "../cli/run-args.ts";
import { confirmed } from "../cli/questions.ts";
import { ReynsError } from "../errors.ts";
import type { ObservedInstance } from "../plan/observed.ts";
import { runInstances } from "./run-instances.ts";
import { callersProject } from "./session.ts";
import { theInstances } from "./the-instances.ts";

export const command = defineCommand({
  meta: {
    name: "rerun",
    description:
      "Cleans an instance and runs it again with the conf that it was run with. Persistent data stays.",
  },
  args: runArgs,
  run: async ({ args: given }) => {
    const { chosen } = await theInstances({ ...given, example: "reyns rerun demo one" });
    const confs = new Map(
      chosen.map((instance) => [args.given(given.conf) ?? instance.conf, [] as typeof chosen]),
    );
    for (const instance of chosen)
      confs.get(args.given(given.conf) ?? instance.conf)?.push(instance);
    const others = chosen.filter(({ conf }) => given.conf !== undefined && conf !== given.conf);
    if (others.length > 0) await confirmOtherConf(others, given.conf ?? "", given.yes ?? false);
    for (const [conf, instances] of confs) {
      const project = await callersProject(conf);
      await runInstances({
        project,
        selections: instances.map(({ service, instance }) => ({
          ...selectionOf(given),
          service,
          instance,
          group: undefined,
        })),
        timeout: args.wholeNumber(given.timeout, "timeout"),
        parallel: given.parallel ?? false,
        json: given.json ?? false,
        yes: given.yes ?? false,
        again: true,
      });
    }
  },
});

async function confirmOtherConf(
  instances: readonly ObservedInstance[],
  conf: string,
  yes: boolean,
): Promise<void> {
  const hosts = instances.map((instance) => `${instance.host} ("${instance.conf ?? "default"}")`);
  const question = `Run ${hosts.join(", ")} with the conf "${conf}" instead of the one used before?`;
  if (yes || (await confirmed({ question, otherwise: undefined, hint: "add yes=True", yes })))
    return;
  throw new ReynsError("INTERRUPTED", "cancelled; nothing was changed");
}
