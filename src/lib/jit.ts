/**
 * Lets JavaScriptCore compile as usual from here on: for what runs so long that this pays. The executable starts with a
 * policy by which only what has run some hundred thousand times is compiled (`scripts/build.ts`), because a command calls
 * most of its functions a few hundred times and is over.
 *
 * @see https://bun.com/docs/bundler/executables#jit-policy
 */
export function compileAsUsual(): void {
  Bun.unsafe.setJITPolicy(1);
}
