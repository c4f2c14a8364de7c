import { defineCommand } from "citty";
import * as args from "../cli/args.ts";
import type { Examples } from "../cli/help.ts";
import { instanceJson, instanceTable } from "../cli/instances.ts";
import { print, printJson, say } from "../cli/print.ts";
import { table } from "../cli/table.ts";
import { supervisedProcesses, type SupervisedProcess } from "../engine/processes.ts";
import { whileWaiting } from "../cli/waiting.ts";
import { isRunning } from "../plan/observed.ts";
import { callersInstances } from "./session.ts";

export const examples: Examples = [
  ["reyns status", "instances and their processes"],
  ["reyns status json", "the same for a script"],
  ["watch -n 2 reyns status", "again and again"],
];

export const command = defineCommand({
  meta: {
    name: "status",
    description:
      "Lists the running instances with the processes that Supervisor looks after in each.",
  },
  args: { json: args.json },
  run: async ({ args: { json } }) => {
    const { engine, instances } = await callersInstances();
    const running = instances.filter(isRunning);
    const processes = await whileWaiting(
      "asking the instances",
      Promise.all(running.map((instance) => supervisedProcesses(engine, instance))),
    );
    if (json)
      return printJson(
        running.map((instance, index) => ({
          ...instanceJson(instance),
          processes: processes[index] ?? null,
        })),
      );
    if (running.length === 0) return say("nothing is running: reyns run all");
    await print(instanceTable(running));
    for (const [index, instance] of running.entries())
      await print(`\n${instance.host}\n${processTable(processes[index])}`);
  },
});

function processTable(processes: readonly SupervisedProcess[] | undefined): string {
  if (processes === undefined) return "no Supervisor runs in it";
  return table(
    [
      { title: "PROCESS" },
      { title: "STATE", colour: (state) => (state === "RUNNING" ? "green" : "yellow") },
      { title: "DETAIL", shrinks: true },
    ],
    processes.map(({ name, state, detail }) => [name, state, detail]),
  );
}
