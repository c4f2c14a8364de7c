import { expect, test } from "bun:test";
import { promptOutput } from "../../src/ui/prompts/prompts.ts";

test("prompts take 80 columns on a terminal that tells a width of 0", () => {
  const { stderr } = process;
  const { columns } = stderr;
  try {
    stderr.columns = 0;
    expect(promptOutput().columns).toBe(80);
    stderr.columns = 100;
    expect(promptOutput().columns).toBe(100);
  } finally {
    stderr.columns = columns;
  }
});
