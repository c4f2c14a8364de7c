import { expect, test } from "bun:test";
import { previousNameOf } from "../../src/model/resource-names.ts";
import { isOfReplacement } from "../../src/runtime/sessions/log-end.ts";

const now = 1_700_000_000;
const made = { name: "shop-web-one", state: "created", createdAt: now };

test.each([
  ["was made when nothing ran any more", made, true],
  ["was made just before that", { ...made, createdAt: now - 2 }, true],
  ["was made long before, and never started", { ...made, createdAt: now - 60 }, false],
  ["has ended", { ...made, state: "exited" }, false],
  [
    "has made way for another one",
    { ...made, name: previousNameOf(made.name), state: "exited" },
    true,
  ],
])("a container that %s: it belongs to a replacement, which logs wait for: %p", (_, given, is) => {
  expect(isOfReplacement(given, now * 1000)).toBe(is);
});
