import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { instanceJson } from "../../../ui/views/instances.ts";
import { printJson } from "../../../ui/output/print.ts";
import { runArgs, selectionOf } from "../../args/run.ts";
import { withProjectLock } from "../../shared/with-project-lock.ts";
import { runInstances } from "./run-instances.ts";
import { loadProject } from "../../shared/context.ts";

export const examples: Examples = [
  ["reyns run all", "everything that reyns.ts defines"],
  ["reyns run web one", "one of them"],
  ["reyns run web", "one more, with a name at random"],
  ["reyns run group=node2 conf=prod", "the share of this machine"],
  ["MODE=test reyns run web one", "with a variable for once"],
  ["reyns run:web,instance=two,publish_ports=True", "the older form"],
];

export const command = defineCommand({
  meta: {
    name: "run",
    description:
      "Runs one instance of a service, or all of a conf, and returns when each is ready. What runs already is left as it is.",
  },
  args: runArgs,
  run: async ({ args: given }) => {
    const selection = selectionOf(given);
    const project = await loadProject(args.given(given.conf));
    const call = {
      project,
      selections: [selection],
      timeout: args.seconds(given.timeout),
      parallel: given.parallel ?? false,
      allowPublic: given.allowPublic ?? false,
      json: given.json ?? false,
      yes: given.yes ?? false,
      recreate: false,
    };
    const { folder } = project;
    const { status, instances } = await withProjectLock(
      { folder, wait: args.seconds(given.wait, "wait"), jobs: args.jobsOf(given.jobs) },
      (change) => runInstances(call, change),
    );
    if (given.json) await printJson(instances.map(instanceJson));
    return status;
  },
});
