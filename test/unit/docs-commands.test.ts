// Every command of the README and of docs/ is one that the executable takes; test/binary/docs-commands.test.ts plays them.
import { expect, test } from "bun:test";
import { blocksOf, inlineIn, pages, typedIn } from "./support/doc-lines.ts";
import { callsIn, mistakeIn } from "./support/shell-lines.ts";

/** How calls are written, not one: `reyns run [SERVICE] [INSTANCE] [key=value ...]`. */
const grammar = /^reyns [\w ]*\[/;

test.each([...pages])("%s", async (page) => {
  const lines = [...blocksOf(page, "").flatMap(typedIn), ...inlineIn(page)];
  const mistakes: string[] = [];
  for (const line of lines.filter((one) => !grammar.test(one)))
    for (const call of callsIn(line)) {
      const mistake = await mistakeIn(call);
      // `reyns create` alone in a sentence only names the command.
      if (call.length === 1 && mistake?.startsWith("missing argument")) continue;
      if (mistake !== undefined) mistakes.push(`${line}: ${mistake}`);
    }
  expect(mistakes).toEqual([]);
});

test("commands are found in blocks and in the text", () => {
  expect(blocksOf("README.md", "").flatMap(typedIn)).toContain("reyns build all");
  expect(inlineIn("README.md")).toContain("reyns shell db -- psql -U postgres");
});
