import { defineCommand } from "citty";
import * as args from "../cli/args.ts";
import { runArgs, selectionOf } from "../cli/run-args.ts";
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
