/** Leaves out the keys without a value. */
export function withoutUndefined<Given extends object>(given: {
  readonly [Key in keyof Given]: Given[Key] | undefined;
}): Given {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given;
}
