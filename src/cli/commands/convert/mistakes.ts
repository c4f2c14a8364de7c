import { accessSync, constants, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ReynsError, throwAll } from "../../../errors.ts";
import type { Environment } from "../../../lib/environment.ts";
import { missingVariableIn } from "../../../lib/interpolate.ts";
import { writeFileAtomic } from "../../../lib/write-file-atomic.ts";
import type { ProjectPlace } from "../../../project/locate.ts";
import { confNames } from "../../../project/read.ts";
import { withDefinitionNotice } from "../../common/context.ts";
import { collectMistakes } from "../check.ts";

/** Values that a project is read with only to convert it. */
export type AssumedValues = Readonly<Record<string, string>>;

/**
 * Checks what is to be converted. Variables of a Compose file that need a value, as `${NAME:?message}` does, are given one,
 * as `reyns.ts` asks for theirs: a number, which may stand for a port as well.
 *
 * @throws ReynsErrors with what `check` reports, where there is more than such a value missing
 */
export async function assumeValues(place: ProjectPlace, env: Environment): Promise<AssumedValues> {
  const confs = await confNames(place);
  const mistakes = await collectMistakes(place, confs, env);
  const assumed: Record<string, string> = {};
  for (let rest = mistakes; rest.length > 0;) {
    const names = missingNames(rest).filter((name) => !Object.hasOwn(assumed, name));
    if (names.length === 0) throwAll(mistakes);
    for (const name of names) assumed[name] = String(firstValue + Object.keys(assumed).length);
    rest = await collectMistakes(place, confs, { ...env, ...assumed });
  }
  return assumed;
}

/** A port that few files name. */
const firstValue = 61_001;

function missingNames(mistakes: readonly ReynsError[]): string[] {
  return mistakes.flatMap(({ message }) => missingVariableIn(message) ?? []);
}

/**
 * Rejects values that were assumed and shape the text, in whatever form: there is no way to write where they come from.
 *
 * @param textWith what the project is converted to with other values
 * @throws ReynsErrors with what `check` reports of the variables
 */
export async function requireValues(
  assumed: AssumedValues,
  textWith: (values: AssumedValues) => Promise<string>,
  place: ProjectPlace,
  env: Environment,
): Promise<void> {
  if (Object.keys(assumed).length === 0) return;
  const text = await textWith(assumed);
  const others = Object.entries(assumed).map(([name, value]) => [name, `${Number(value) + 1000}`]);
  if ((await textWith(Object.fromEntries(others))) === text) return;
  const names = new Set<string>();
  for (const [name = "", value = ""] of others)
    if ((await textWith({ ...assumed, [name]: value })) !== text) names.add(name);
  const mistakes = await collectMistakes(place, await confNames(place), env);
  throwAll(mistakes.filter(({ message }) => names.has(missingVariableIn(message) ?? "")));
}

/**
 * Checks a `reyns.ts` before it replaces anything: from a file beside it, as its paths begin in its folder. A folder that
 * nothing can be written to is left alone.
 *
 * @throws ReynsErrors with what `check` would report; the file system's error
 */
export async function checkConverted(
  place: ProjectPlace,
  text: string,
  env: Environment,
  assumed: AssumedValues,
): Promise<void> {
  if (!isWritable(place.folder)) return;
  const script = join(place.folder, `.reyns-convert-${process.pid}.ts`);
  const written = { ...place, script, compose: undefined, dockerOps: false };
  const added = Object.keys(assumed).filter((name) => process.env[name] === undefined);
  try {
    writeFileAtomic(script, text);
    // The file reads its variables itself.
    for (const name of added) process.env[name] = assumed[name];
    const confs = await withDefinitionNotice(confNames(written));
    const mistakes = await collectMistakes(written, confs, { ...env, ...assumed });
    throwAll(mistakes.map((mistake) => inText(mistake, script)));
  } finally {
    for (const name of added) delete process.env[name];
    rmSync(script, { force: true });
  }
}

/** The file is gone when the mistake is reported: its line is shown with it. */
function inText(mistake: ReynsError, script: string): ReynsError {
  const { code, message, hint, at } = mistake;
  if (at?.file !== script) return mistake;
  const line = readFileSync(script, "utf8").split("\n")[(at.line ?? 0) - 1];
  const place = at.line === undefined ? "" : ` in line ${at.line}`;
  return new ReynsError(code, `the converted reyns.ts would have a mistake${place}: ${message}`, {
    hint: [hint, "nothing is written; please report this"].filter(Boolean).join("\n"),
    output: line === undefined ? [] : [line.trim()],
  });
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
