import * as fc from "fast-check";
import { ReynsError, ReynsErrors } from "../../../src/errors.ts";

/** What has a meaning somewhere: to shells, in paths, in zones, in JSON, to JavaScript. */
const meaningful = [
  ...["$(touch /tmp/hostile)", "`id`", "; rm -rf /", "a\nb", "\0", "../../etc/passwd", "/", "."],
  ...["a".repeat(64), "a".repeat(63), "xn--ls8h", "*", "*.*", "-", "--", "=", ",", ":", "#", "//"],
  ...["__proto__", "constructor", "toString", "null", "True", "0", "-1", "1e999", "NaN", "65536"],
  ...[
    "\u202e",
    "\ufeff",
    "\ud800",
    "💣",
    "é",
    "\u001b[31m",
    '"',
    "'",
    "\\",
    "{",
    "}",
    "[",
    "from_x",
  ],
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...meaningful),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(fc.oneof(fc.constantFrom(...meaningful), fc.string({ maxLength: 8 })), { maxLength: 6 })
    .map((parts) => parts.join("")),
);

/** Any value that JSON or a program could hold. */
export const hostileValue = fc.oneof(hostileText, fc.anything({ maxDepth: 2 }));

/** A text that was good, with parts cut out, repeated, or replaced. */
export function damagedText(good: readonly string[]): fc.Arbitrary<string> {
  const damage = fc.record({
    at: fc.nat(10_000),
    length: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(400)),
    by: fc.oneof(fc.constant(""), hostileText),
  });
  return fc
    .tuple(fc.constantFrom(...good), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([text, damages]) => {
      let damaged = text;
      for (const { at, length, by } of damages) {
        const start = at % (damaged.length + 1);
        damaged = damaged.slice(0, start) + by + damaged.slice(start + length);
      }
      return damaged;
    });
}

/** Bytes that were good, with some of them changed, cut off or added. */
export function damagedBytes(good: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(10_000), to: fc.nat(255) });
  const damage = fc.record({
    changes: fc.array(change, { maxLength: 6 }),
    cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(600)),
    tail: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.uint8Array({ maxLength: 12 })),
  });
  return fc.tuple(fc.constantFrom(...good), damage).map(([bytes, { changes, cut, tail }]) => {
    const damaged = Uint8Array.from(bytes);
    for (const { at, to } of changes) damaged[at % damaged.length] = to;
    return Uint8Array.from([...damaged.subarray(0, Math.max(0, damaged.length - cut)), ...tail]);
  });
}

/** What work gives, or undefined when it refuses as people can read it; anything else that it throws is a defect. */
export function refusedOr<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ReynsErrors || error instanceof ReynsError) return undefined;
    throw error;
  }
}
