/**
 * Awaits promises and calls functions, at any depth of plain objects and lists. The output of a `$` command becomes its
 * text. Cycles are left as they are.
 */
export async function resolveDeep(
  value: unknown,
  ancestors: readonly unknown[] = [],
): Promise<unknown> {
  const resolved: unknown =
    typeof value === "function" ? await (value as () => unknown)() : await value;
  if (resolved === null || typeof resolved !== "object" || ancestors.includes(resolved))
    return resolved;
  if (isOutput(resolved)) return resolved.stdout.trimEnd();
  const path = [...ancestors, resolved];
  if (Array.isArray(resolved))
    return Promise.all(resolved.map((inner) => resolveDeep(inner, path)));
  if (Object.getPrototypeOf(resolved) !== Object.prototype) return resolved;
  const entries = await Promise.all(
    Object.entries(resolved).map(
      async ([key, inner]) => [key, await resolveDeep(inner, path)] as const,
    ),
  );
  return Object.fromEntries(entries);
}

/** Recognizes zx's `ProcessOutput`, which extends `Error` even if the command succeeded. */
function isOutput(value: object): value is { readonly stdout: string } {
  return value instanceof Error && "stdout" in value && typeof value.stdout === "string";
}
