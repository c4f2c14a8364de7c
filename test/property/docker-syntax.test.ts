import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import * as v from "valibot";
import { serviceSchema } from "../../src/api/schema.ts";
import {
  parseBytes,
  commandArgs,
  parseSeconds,
  parseUlimit,
} from "../../src/model/docker-syntax.ts";
import { parsePorts } from "../../src/model/port-syntax.ts";
import { parseVolume } from "../../src/model/volume-syntax.ts";
import { readExtraArgs } from "../../src/plan/describe/docker-run-args.ts";
import { cases } from "../support/random.ts";
import { damagedText, hostileText, refusedOr } from "./support/hostile.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(120_000);

const at = { file: "/nowhere/reyns.ts", line: 1, column: 1 };

test("ports, sizes, times, limits: a number within its bounds, or nothing", () => {
  const good = ["127.0.0.1:8080:80/udp", "8080:80", "80", "1m30s", "500ms", "2g", "nofile=1:2"];
  fc.assert(
    fc.property(fc.oneof(hostileText, damagedText(good)), (text) => {
      for (const { container, host = 1 } of parsePorts(text) ?? []) {
        expect(container > 0 && container < 65_536).toBe(true);
        expect(host >= 0 && host < 65_536).toBe(true);
      }
      for (const number of [parseBytes(text), parseSeconds(text)])
        expect(number === undefined || (number >= 0 && Number.isFinite(number))).toBe(true);
      parseUlimit(text);
      refusedOr(() => commandArgs(text));
      refusedOr(() => readExtraArgs(text, at));
      refusedOr(() => readExtraArgs(`--publish ${text} --env ${text}`, at));
    }),
    { numRuns: cases(1000) },
  );
});

test("a mount in any short form that Docker has is read in its parts", () => {
  const part = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,8}$/);
  const bind = part.map((name) => ({
    type: "bind" as const,
    source: `./${name}`,
    own: "rslave",
  }));
  const volume = part.map((name) => ({ type: "volume" as const, source: name, own: "nocopy" }));
  const options = fc.record({
    mode: fc.constantFrom("ro", "rw", undefined),
    selinux: fc.constantFrom("z", "Z", undefined),
    ignored: fc.constantFrom("cached", "delegated", "consistent", undefined),
    hasOwn: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.oneof(bind, volume),
      part,
      options,
      ({ type, source, own }, path, { mode, selinux, ignored, hasOwn }) => {
        const words = [ignored, mode, hasOwn ? own : undefined, selinux].filter(Boolean);
        const text = [source, `/${path}`, ...(words.length > 0 ? [words.join(",")] : [])].join(":");
        expect(parseVolume(text) as object).toEqual({
          type,
          source,
          target: `/${path}`,
          readOnly: mode === "ro",
          ...(selinux && { selinux }),
          ...(hasOwn && (type === "bind" ? { propagation: own } : { noCopy: true })),
        });
        const parsed = v.parse(serviceSchema, { volumes: [text, `/${path}`] }).volumes;
        expect(parsed).toEqual([
          text,
          { type: "volume", source: "", target: `/${path}`, readOnly: false },
        ]);
      },
    ),
  );
});
