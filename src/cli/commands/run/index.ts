import { defineCommand } from "citty";
import type { Examples } from "../../help/help.ts";
import { instanceToJson } from "../../../ui/views/instances.ts";
import { printJson } from "../../../ui/output/print.ts";
import { runArgs, parseSelection } from "../../args/run.ts";
import { lockOptions, withProjectLock } from "../../shared/with-project-lock.ts";
import { runSettings } from "./options.ts";
import { runInstances } from "./run-instances.ts";
import { loadProject } from "../../shared/context.ts";

export const examples: Examples = [
  ["reyns run all", "everything that reyns.ts defines"],
  ["reyns run web one", "one instance"],
  ["reyns run web", "another instance, with a random name"],
  ["reyns run group=node2 conf=prod", "this machine's share of a conf"],
  ["MODE=test reyns run web one", "with a variable for this run"],
  ["reyns run:web,instance=two,publish_ports=True", "the older form"],
];

export const command = defineCommand({
  meta: {
    name: "run",
    description:
      "Runs one instance of a service, or all instances of a conf, and returns when each is ready. Leaves instances alone that run already.",
  },
  args: runArgs,
  run: async ({ args: parsed }) => {
    const selections = [parseSelection(parsed)];
    const project = await loadProject(parsed.conf);
    const options = { ...runSettings(parsed), project, selections, recreate: false };
    const { status, instances } = await withProjectLock(
      lockOptions(project.folder, parsed),
      (locked) => runInstances(options, locked),
    );
    if (parsed.json) printJson(instances.map(instanceToJson));
    return status;
  },
});
