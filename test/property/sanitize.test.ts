import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import {
  sanitizeForTerminal,
  sanitizeLine,
  sanitizeLogLine,
} from "../../src/ui/output/sanitize.ts";
import { cases } from "../support/random.ts";
import { hostileText } from "./support/hostile.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(120_000);

/** Everything that a terminal obeys instead of showing, except newline and tab. */
const controls = /(?![\n\t])[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
/** Colours. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const colours = /\u001B\[[\d;:]*m/g;

/** Words, controls, and whole and broken escape sequences, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      hostileText,
      fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(
        "\u001B[31m",
        "\u001B[0m",
        "\u001B[38;5;1m",
        "\u001B[2J",
        "\u001B[1;1H",
        "\u001B]0;title\u0007",
        "\u001B]8;;http://example.com\u001B\\link\u001B]8;;\u001B\\",
        "\u001B]52;c;AAAA",
        "\u001BP+q\u001B\\",
        "\u001B",
        "\u009B31m",
        "\u202Egnp.exe",
        "\u2066x\u2069",
        "\u200F",
        "\r",
        "\n",
        "\t",
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

test("a sanitized text has no control character except newline and tab, and stays the same when sanitized again", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = sanitizeForTerminal(text);
      expect(shown).not.toMatch(controls);
      expect(sanitizeForTerminal(shown)).toBe(shown);
    }),
    { numRuns: cases(3000) },
  );
});

test("a sanitized line has no newline either", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(sanitizeLine(text)).not.toMatch(/[\p{Cc}]/u);
    }),
    { numRuns: cases(1000) },
  );
});

test("a log line keeps its colours, ends them, and has no other control character", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = sanitizeLogLine(text);
      expect(shown.replace(colours, "")).not.toMatch(controls);
      const found = shown.match(colours) ?? [];
      if (found.length > 0) expect(shown).toEndWith("\u001B[0m");
    }),
    { numRuns: cases(3000) },
  );
  expect(sanitizeLogLine("\u001B[32mok\u001B[39m \u001B[2Jdone")).toBe(
    "\u001B[32mok\u001B[39m done\u001B[0m",
  );
});

test("a text without control characters is not changed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
      expect(sanitizeForTerminal(text)).toBe(text);
      expect(sanitizeForTerminal(text, () => "all")).toBe(text);
    }),
  );
});
