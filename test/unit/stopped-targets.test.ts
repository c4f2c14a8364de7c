// A link to what does not run: the error names the command that starts it, and the variable as the other way.
import { expect, test } from "bun:test";
import type { InstanceDefinition, Target } from "../../src/model/project.ts";
import { missingVariableErrors } from "../../src/ui/prompts/missing-variables.ts";
import { plan, projectOf } from "./support/planning.ts";

type Given = Partial<InstanceDefinition> & { readonly service: string };

function errorsOf(target: Target, others: readonly Given[], own: Partial<InstanceDefinition> = {}) {
  const links = [{ name: "db", target }];
  const project = projectOf([{ service: "web", image: "a", links, ...own }, ...others]);
  const { conf } = project;
  const prod = {
    ...project,
    conf: { ...conf, name: own.instance === "prod" ? "prod" : conf.name },
  };
  const { missing } = plan(prod, { service: "web" });
  return missingVariableErrors(missing).map(({ message, hint }) => ({ message, hint }));
}

const db = { service: "db", instance: null };
const defined = { service: "db", image: "a" };

test("of a defined service that does not run, the command to start it comes first", () => {
  expect(errorsOf(db, [defined])).toEqual([
    {
      message: "db does not run: reyns run db",
      hint: expect.stringMatching(
        /^linked by web-one\nif it runs on another machine, set DB_SERVICE_IP to its address in the environment \(DB_SERVICE_IP=… reyns …\), in host.conf /,
      ),
    },
  ]);
});

test.each([
  ["an instance", { service: "db", instance: "two" }, {}, "db-two does not run: reyns run db two"],
  ["a pattern", { host: "db-t*" }, {}, "db-t* does not run: reyns run db two"],
  ["another conf", db, { instance: "prod" }, "db does not run: reyns run db conf=prod"],
])("the command names %s", (_, target, own, message) => {
  const others = [defined, { ...defined, instance: "two" }];
  expect(errorsOf(target, others, own).map((error) => error.message)).toEqual([message]);
});

test.each<[string, readonly Given[]]>([
  ["is not defined", []],
  ["is another machine's", [{ ...defined, group: "node2" }]],
])("only the variable is named where the target %s", (_, others) => {
  const [error] = errorsOf(db, others);
  expect(error?.message).toBe(
    "missing value: DB_SERVICE_IP (the address of db, which does not run here), required by web-one",
  );
  expect(error?.hint).toStartWith("set it in the environment (DB_SERVICE_IP=… reyns …)");
});
