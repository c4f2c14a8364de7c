/** A value that matches others than itself, within `toEqual` and the like. */
export interface AsymmetricMatcher {
  readonly asymmetricMatch: (actual: unknown) => boolean;
}

type Constructor = abstract new (...args: never[]) => unknown;

/** Checks of a value; each throws an error that shows what was expected and what came. */
export interface Matchers<Returned> {
  /** Passes when the check fails. */
  readonly not: Matchers<Returned>;
  /** The same value: `Object.is`. */
  toBe(expected: unknown): Returned;
  /** The same content; keys whose value is undefined do not count. */
  toEqual(expected: unknown): Returned;
  /** The same content, undefined keys and types included. */
  toStrictEqual(expected: unknown): Returned;
  /** Has at least this content. */
  toMatchObject(expected: object): Returned;
  /** A string that contains this one, or matches it. */
  toMatch(expected: string | RegExp): Returned;
  /** A list with this item, or a string with this part. */
  toContain(expected: unknown): Returned;
  /** A list with an item of the same content. */
  toContainEqual(expected: unknown): Returned;
  toHaveLength(expected: number): Returned;
  /** Has a property at a path such as `"orders[0].id"`, with this value if one is given. */
  toHaveProperty(path: string | readonly (string | number)[], expected?: unknown): Returned;
  toBeOneOf(expected: readonly unknown[]): Returned;
  toBeDefined(): Returned;
  toBeUndefined(): Returned;
  toBeNull(): Returned;
  toBeTruthy(): Returned;
  toBeFalsy(): Returned;
  toBeNaN(): Returned;
  toBeTrue(): Returned;
  toBeFalse(): Returned;
  /** An empty string, list, map or object. */
  toBeEmpty(): Returned;
  toBeInstanceOf(expected: Constructor): Returned;
  toBeGreaterThan(expected: number | bigint): Returned;
  toBeGreaterThanOrEqual(expected: number | bigint): Returned;
  toBeLessThan(expected: number | bigint): Returned;
  toBeLessThanOrEqual(expected: number | bigint): Returned;
  /** Equal to so many digits after the point. Default: 2. */
  toBeCloseTo(expected: number, digits?: number): Returned;
  toStartWith(expected: string): Returned;
  toEndWith(expected: string): Returned;
  /** A function that throws: an error whose message contains or matches this, or of this class. */
  toThrow(expected?: string | RegExp | Error | Constructor): Returned;
}

/** What `expect()` returns. */
export interface Expectation extends Matchers<void> {
  /** Checks what a promise resolves to; fails if it rejects. */
  readonly resolves: Matchers<Promise<void>>;
  /** Checks what a promise, or an async function, rejects with; fails if it resolves. */
  readonly rejects: Matchers<Promise<void>>;
}

/** The function `expect`, that of bun:test. */
export interface Expect {
  /** @param message stands above the difference when a check fails */
  (actual: unknown, message?: string): Expectation;
  /** Any value of a type: `expect.any(String)`. */
  any(type: Constructor | ((value?: never) => unknown)): AsymmetricMatcher;
  /** Any value but null and undefined. */
  anything(): AsymmetricMatcher;
  stringContaining(part: string): AsymmetricMatcher;
  stringMatching(pattern: string | RegExp): AsymmetricMatcher;
  objectContaining(part: object): AsymmetricMatcher;
  arrayContaining(part: readonly unknown[]): AsymmetricMatcher;
  closeTo(expected: number, digits?: number): AsymmetricMatcher;
  /** Fails: this line is not to be reached. */
  unreachable(message?: string): never;
}

type Native = (actual: unknown, message?: string) => Matchers<void>;

/** Bun's own, which works outside of `bun test` as well. Loaded by the first check: most files have none. */
function native(): Native & Expect {
  return (process.getBuiltinModule("bun:test") as { expect: Native & Expect }).expect;
}

/**
 * Checks a value, as in bun:test and Jest.
 *
 * @see https://bun.com/docs/test/writing-tests#matchers
 * @example
 * expect(response.status).toBe(200);
 * expect(await response.json()).toMatchObject({ orders: [{ id: 1 }] });
 * await expect(fetch("web", "/slow")).rejects.toThrow("timed out");
 */
export const expect: Expect = Object.assign(
  (actual: unknown, message?: string): Expectation =>
    Object.defineProperties(native()(actual, message), {
      resolves: { get: () => settling("resolves", actual, message) },
      rejects: { get: () => settling("rejects", actual, message) },
    }) as Expectation,
  {
    any: (type: Constructor) => native().any(type),
    anything: () => native().anything(),
    stringContaining: (part: string) => native().stringContaining(part),
    stringMatching: (pattern: string | RegExp) => native().stringMatching(pattern),
    objectContaining: (part: object) => native().objectContaining(part),
    arrayContaining: (part: readonly unknown[]) => native().arrayContaining(part),
    closeTo: (expected: number, digits?: number) => native().closeTo(expected, digits),
    unreachable: (message?: string) => native().unreachable(message),
  },
);

type Settling = "resolves" | "rejects";
type SettledCheck = (...given: unknown[]) => Promise<void>;

/** Bun's own `resolves` and `rejects` wait within the call: nothing else would go on, deadlines included. */
function settling(
  how: Settling,
  actual: unknown,
  message: string | undefined,
  isNot = false,
): Matchers<Promise<void>> {
  const get = (_: object, name: string): unknown => {
    if (name === "not") return settling(how, actual, message, !isNot);
    const check: SettledCheck = async (...given) => {
      // The stack of the error below begins after the wait.
      const caller = new Error("caller").stack ?? "";
      const settled = await settle(how, actual);
      try {
        const value = name === "toThrow" ? throwerOf(how, settled) : settled;
        const matchers = native()(value, message);
        const checks = (isNot ? matchers.not : matchers) as unknown as Record<string, SettledCheck>;
        void checks[name]?.(...given);
      } catch (error) {
        throw withCaller(error, caller);
      }
    };
    return check;
  };
  return new Proxy({}, { get }) as Matchers<Promise<void>>;
}

async function settle(how: Settling, actual: unknown): Promise<unknown> {
  const caller = new Error("caller").stack ?? "";
  const promise = typeof actual === "function" ? (actual as () => unknown)() : actual;
  const [outcome] = await Promise.allSettled([promise]);
  if (how === "resolves" && outcome.status === "fulfilled") return outcome.value;
  if (how === "rejects" && outcome.status === "rejected") return outcome.reason;
  const [came, value] =
    outcome.status === "rejected"
      ? ["it rejected with", outcome.reason]
      : ["it resolved to", outcome.value];
  const text = value instanceof Error ? value.message : Bun.inspect(value);
  const wanted = how === "resolves" ? "resolves" : "rejects";
  throw withCaller(new Error(`expected a promise that ${wanted}; ${came} ${text}`), caller);
}

/** A function for `toThrow`, as in Jest: a promise that resolves throws nothing, unless to an error or to a function that does. */
function throwerOf(how: Settling, settled: unknown): unknown {
  if (how === "resolves" && typeof settled === "function") return settled;
  return () => {
    if (how === "rejects" || settled instanceof Error) throw settled;
  };
}

function withCaller(error: unknown, caller: string): unknown {
  if (error instanceof Error) error.stack = `${error.message}\n${caller}`;
  return error;
}
