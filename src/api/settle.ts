/**
 * Awaits promises and calls functions, at any depth of plain objects and lists; what a command of `$` has written is its
 * text. What holds itself is left.
 */
export async function settle(value: unknown, holders: readonly unknown[] = []): Promise<unknown> {
  const settled: unknown =
    typeof value === "function" ? await (value as () => unknown)() : await value;
  if (settled === null || typeof settled !== "object" || holders.includes(settled)) return settled;
  if (isOutput(settled)) return settled.stdout.trimEnd();
  const inside = [...holders, settled];
  if (Array.isArray(settled)) return Promise.all(settled.map((inner) => settle(inner, inside)));
  if (Object.getPrototypeOf(settled) !== Object.prototype) return settled;
  const entries = await Promise.all(
    Object.entries(settled).map(
      async ([key, inner]) => [key, await settle(inner, inside)] as const,
    ),
  );
  return Object.fromEntries(entries);
}

/** Of zx, whose `ProcessOutput` is an `Error` that may be none. */
function isOutput(value: object): value is { readonly stdout: string } {
  return value instanceof Error && "stdout" in value && typeof value.stdout === "string";
}
