import { expect, test } from "bun:test";
import { effectText } from "../../src/cli/commands/run/describe-join.ts";
import { distinctConfs } from "../../src/cli/commands/run/distinct-confs.ts";
import { confsJoined } from "../../src/cli/commands/run/resolve-conf.ts";
import { defineInstance } from "../../src/model/project.ts";

test.each<[string, string[], string[]]>([
  ["nothing runs", [], []],
  ["it runs alone", ["test"], []],
  ["it runs beside another one", ["prod", "test"], []],
  ["another one runs", ["prod"], ["prod"]],
])("the confs that a conf would join when %s", (_, running, joined) => {
  expect(confsJoined("test", running)).toEqual(joined);
});

/** One service a word, each from a line of its own; `web:prod` has another variable than `web`. */
function confOf(name: string, words: string): Parameters<typeof distinctConfs>[1][number] {
  const instances = words.split(" ").map((word, line) => {
    const [service = "", mode] = word.split(":");
    const env = mode === undefined ? {} : { MODE: mode };
    const at = { file: "reyns.ts", line: line + name.length };
    return defineInstance({ service, instance: "one", env: env as never, at });
  });
  return { name, instances };
}

const confs = [
  confOf("default", "web db router"),
  confOf("prod", "router web:prod db:prod more"),
  confOf("other", "aside"),
  confOf("twin", "router web db"),
];

test.each<[string, Record<string, string[]>, string | undefined, string[]]>([
  [
    "an instance that both define alike is no evidence of the former conf",
    { default: ["router-one"], prod: ["web-one", "db-one"] },
    "prod",
    ["prod"],
  ],
  [
    "nor is it where the last conf is not known",
    { default: ["router-one"], prod: ["web-one", "db-one"] },
    undefined,
    ["prod"],
  ],
  [
    "one that they define differently is",
    { default: ["db-one", "router-one"], prod: ["web-one"] },
    "prod",
    ["default", "prod"],
  ],
  [
    "one that only the other defines is",
    { prod: ["more-one", "web-one"], other: ["aside-one"], default: ["router-one"] },
    "other",
    ["prod", "other"],
  ],
  [
    "of two confs that are alike, the last one runs",
    { twin: ["router-one"], default: ["web-one"] },
    "twin",
    ["twin"],
  ],
  [
    "a conf that is no longer defined runs until its instances are gone",
    { gone: ["router-one"], default: ["web-one"] },
    "default",
    ["gone", "default"],
  ],
])("which confs run: %s", (_, started, last, expected) => {
  expect(distinctConfs(new Map(Object.entries(started)), confs, last)).toEqual(expected);
});

test("what a second conf does is told by instance, and nothing where it does nothing", () => {
  const actions = [
    { action: "create", kind: "network", name: "shop" },
    { action: "replace", kind: "instance", name: "db-one" },
    { action: "create", kind: "instance", name: "more-one" },
  ] as const;
  expect(effectText(actions, ["db-one", "web-one"])).toBe(
    "replaces db-one; adds more-one; keeps web-one",
  );
  expect(effectText(actions.slice(0, 1), ["db-one"])).toBeUndefined();
});
