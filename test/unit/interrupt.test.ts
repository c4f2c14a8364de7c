import { afterAll, expect, spyOn, test } from "bun:test";
import { listenForInterrupt } from "../../src/cli/common/interrupt.ts";

let now = performance.now();
const clock = spyOn(performance, "now").mockImplementation(() => now);
afterAll(() => clock.mockRestore());

/** A signal that is no part of the interruption before it. */
function send(signal: NodeJS.Signals): void {
  now += 60_000;
  process.emit(signal, signal);
}

test("the first signal after a lost terminal or a lost lock is not taken for the second", () => {
  const again: string[] = [];
  const { controller, stop } = listenForInterrupt((signal) => again.push(signal));
  controller.abort();
  send("SIGINT");
  expect(again).toEqual([]);
  send("SIGINT");
  expect(again).toEqual(["SIGINT"]);
  stop();
});

test("each signal after the first is passed on as what it is, so that the status can say it", () => {
  const again: string[] = [];
  const { controller, stop } = listenForInterrupt((signal) => again.push(signal));
  send("SIGTERM");
  expect([controller.signal.aborted, again]).toEqual([true, []]);
  send("SIGTERM");
  send("SIGINT");
  expect(again).toEqual(["SIGTERM", "SIGINT"]);
  stop();
});

test("a listener after the first signal takes the next one for the second", () => {
  const again: string[] = [];
  const { controller, stop } = listenForInterrupt((signal) => again.push(signal), true);
  expect(controller.signal.aborted).toBe(true);
  send("SIGINT");
  expect(again).toEqual(["SIGINT"]);
  stop();
});
