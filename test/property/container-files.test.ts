import { expect, setDefaultTimeout, test } from "bun:test";
import { posix } from "node:path";
import * as fc from "fast-check";
import * as v from "valibot";
import { files } from "../../src/api/file-schemas.ts";
import { fileModeText, parseFileMode } from "../../src/lib/file-mode.ts";
import { filePathMistake } from "../../src/model/container-files.ts";
import { cases } from "../support/random.ts";
import { hostileText, hostileValue } from "./support/hostile.ts";

setDefaultTimeout(120_000);

test("permissions are read as they are written, and no other text or number is some", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0o777 }), (mode) => {
      expect(parseFileMode(fileModeText(mode))).toBe(mode);
      expect(parseFileMode(`0o${mode.toString(8)}`)).toBe(mode);
    }),
    { numRuns: cases(100) },
  );
  fc.assert(
    fc.property(fc.oneof(hostileText, fc.double(), hostileValue), (given) => {
      const mode = parseFileMode(given);
      if (mode === undefined) return;
      expect(mode & 0o777).toBe(mode);
      if (typeof given === "string") expect(given).toMatch(/^0?o?[0-7]{1,3}$/);
    }),
    { numRuns: cases(100) },
  );
});

test("a path that is accepted stays below the root, under its own name", () => {
  const part = fc.oneof(
    fc.constantFrom("..", ".", "", "etc", "proc", "a b", "\0", "é"),
    hostileText,
  );
  const path = fc.array(part, { maxLength: 5 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(
      fc.oneof(
        path,
        path.map((text) => `/${text}`),
      ),
      (given) => {
        if (filePathMistake(given)) return;
        expect(posix.resolve("/", given)).toBe(given);
        expect(posix.relative("/", given)).not.toMatch(/^(?:$|\.\.(?:\/|$))|\0/);
      },
    ),
  );
});

test("any value is files, or refused without a defect", () => {
  fc.assert(
    fc.property(fc.dictionary(hostileText, hostileValue), (given) => {
      const { success, output } = v.safeParse(files, given);
      if (!success) return;
      for (const request of Object.values(output))
        expect("content" in request || "file" in request).toBe(true);
    }),
    { numRuns: cases(100) },
  );
});
