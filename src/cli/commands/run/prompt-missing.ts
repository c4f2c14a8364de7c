import type { Engine } from "../../../runtime/connect.ts";
import { hostInterfaces } from "../../../runtime/host/interfaces.ts";
import type { MissingVariable } from "../../../plan/resolve/environment.ts";
import { askVariables } from "../../../ui/prompts/ask-variables.ts";
import { askToSaveAnswers } from "../../../ui/prompts/missing-variables.ts";
import { canPrompt } from "../../../ui/prompts/prompts.ts";
import { requireNoMissing } from "../../common/missing-values.ts";

interface PromptedValues {
  readonly values: Readonly<Record<string, string>>;
  /** Those to save for this host. */
  readonly saved: Readonly<Record<string, string>>;
}

/**
 * Prompts for the values that a run needs.
 *
 * @throws ReynsErrors with every missing value, where nobody can be asked
 */
export async function promptForMissing(
  missing: readonly MissingVariable[],
  yes: boolean,
  { local }: Engine,
): Promise<PromptedValues> {
  if (!canPrompt(yes)) await requireNoMissing(missing);
  const values = await askVariables(missing, local ? hostInterfaces() : {});
  const saved = (await askToSaveAnswers(missing, yes)) ? values : {};
  return { values, saved };
}
