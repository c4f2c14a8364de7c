import { throwAll } from "../../errors.ts";
import type { MissingVariable } from "../../plan/resolve/environment.ts";

/**
 * Reports values that cannot be asked for, each at its key in the definition.
 *
 * @throws ReynsError MISSING_VARIABLE, where any is missing
 */
export async function requireNoMissing(missing: readonly MissingVariable[]): Promise<void> {
  if (missing.length === 0) return;
  const [{ createLocator }, { missingVariableErrors }] = await Promise.all([
    import("../../project/script/locate-options.ts"),
    import("../../ui/prompts/missing-variables.ts"),
  ]);
  const locate = createLocator();
  throwAll(
    missingVariableErrors(missing.map((variable) => ({ ...variable, at: locate(variable.at) }))),
  );
}
