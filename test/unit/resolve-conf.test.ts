import { expect, test } from "bun:test";
import { confsJoined } from "../../src/cli/commands/run/resolve-conf.ts";

test.each<[string, string[], string[]]>([
  ["nothing runs", [], []],
  ["it runs alone", ["test"], []],
  ["it runs beside another one", ["prod", "test"], []],
  ["another one runs", ["prod"], ["prod"]],
])("the confs that a conf would join when %s", (_, running, joined) => {
  expect(confsJoined("test", running)).toEqual(joined);
});
