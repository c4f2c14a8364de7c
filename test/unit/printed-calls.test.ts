import { expect, test } from "bun:test";
import { commandsWithoutCall } from "../property/support/printed-calls.ts";

test("each command has a call whose output the property tests look at", () => {
  expect(commandsWithoutCall()).toEqual([]);
});
