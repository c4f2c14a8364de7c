// Texts that name other instances: whatever is written in their form means the same in parts, and nothing else is taken.
import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { safeParse } from "valibot";
import { networkMode } from "../../src/api/network-schemas.ts";
import { volumesFrom } from "../../src/api/volume-schemas.ts";
import { cases } from "../support/random.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(120_000);

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const container = fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,30}$/);

test("volumesFrom: a text means what its parts say", () => {
  fc.assert(
    fc.property(name, fc.constantFrom("", ":ro", ":rw"), (service, mode) => {
      const { output } = safeParse(volumesFrom, [`${service}${mode}`]);
      const readOnly = mode === ":ro";
      expect(output).toEqual([{ target: { service, instance: null }, readOnly }]);
      const parts = mode === "" ? { from: service } : { from: service, readOnly };
      expect(safeParse(volumesFrom, [parts]).output).toEqual(output);
    }),
  );
});

test("networkMode: a text means what its parts say", () => {
  fc.assert(
    fc.property(name, container, (service, other) => {
      const target = { service, instance: null };
      const shared = { kind: "instance", target };
      expect(safeParse(networkMode, `service:${service}`).output).toEqual(shared);
      expect(safeParse(networkMode, target).output).toEqual(shared);
      expect(safeParse(networkMode, `container:${other}`).output).toEqual({
        kind: "container",
        name: other,
      });
    }),
  );
});

const nearly = fc
  .tuple(fc.constantFrom("service:", "container:", "", "host", "none"), name, fc.string())
  .map(([kind, own, more]) => kind + own + more);

test("whatever is accepted names something, and each refusal says what is accepted", () => {
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ maxLength: 30 }), fc.anything()), (given) => {
      const mode = safeParse(networkMode, given);
      if (mode.success && typeof mode.output === "object" && mode.output.kind === "container")
        expect(mode.output.name).toMatch(/^[\w.-]+$/);
      if (!mode.success) expect(mode.issues[0].message).toContain("container:NAME");
      const from = safeParse(volumesFrom, [given]);
      if (from.success) expect(from.output[0]?.target.service).not.toMatch(/[:*]|^$/);
      else expect(from.issues.length).toBeGreaterThan(0);
    }),
    { numRuns: cases(3000) },
  );
});
