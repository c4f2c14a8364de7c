import { expect, test } from "bun:test";
import { createLineBuffer } from "../../src/lib/line-buffer.ts";
import { watchOutput } from "../../src/runtime/instances/output-watch.ts";

const lines = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `line ${index}`);

test("a line buffer returns a copy of the last lines", () => {
  const kept = createLineBuffer(3);
  expect(kept.all()).toEqual([]);
  for (const line of lines(5)) kept.add(line);
  expect(kept.all()).toEqual(["line 2", "line 3", "line 4"]);
  kept.all().push("not mine");
  expect(kept.all()).toHaveLength(3);
});

test("a watch keeps the last twenty lines of an output", () => {
  const watch = watchOutput();
  for (const line of lines(1000)) watch.add(line);
  expect(watch.recent()).toEqual(lines(1000).slice(-20));
});

test("several callers can wait for a line, before and after it arrives", async () => {
  const watch = watchOutput();
  const seen: string[] = [];
  const waiting = ["first", "second"].map((name) =>
    watch.waitForLine(/^ready \d+$/).then(() => seen.push(name)),
  );
  const never = watch.waitForLine(/never/).then(() => seen.push("never"));
  watch.add("not ready 7 yet");
  await Promise.resolve();
  expect(seen).toEqual([]);
  watch.add("ready 7");
  await Promise.all(waiting);
  for (const line of lines(100)) watch.add(line);
  await watch.waitForLine(/^ready 7$/);
  expect(seen).toEqual(["first", "second"]);
  watch.add("never");
  await never;
});
