import { isUtf8 } from "node:buffer";
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { inside, invalidProject, ReynsError, type Place } from "../errors.ts";
import { parseDotenv } from "../lib/dotenv.ts";
import { readRegularFile } from "../lib/read-regular-file.ts";

/** An env file as the definition names it, relative to the project's folder. */
export interface NamedEnvFile {
  readonly path: string;
  /** False: it may be missing. */
  readonly required: boolean;
}

export interface EnvFiles {
  readonly env: Readonly<Record<string, string>>;
  readonly errors: readonly ReynsError[];
  readonly warnings: readonly string[];
}

/**
 * Reads the variables of env files as Docker Compose does; later files win. Errors carry the place of an invalid line,
 * but not its text, which may be a secret.
 *
 * @param folder the project's
 * @param caller environment that bare names and `${NAME}` take their values from
 * @param own variables that the definition gives itself, whatever the files say
 */
export function readEnvFiles(
  files: readonly NamedEnvFile[],
  folder: string,
  at: Place,
  caller: Readonly<Record<string, string | undefined>> = process.env,
  own: Readonly<Record<string, unknown>> = {},
): EnvFiles {
  const lookup = (name: string): string | undefined =>
    Object.hasOwn(caller, name) ? caller[name] : undefined;
  let env: ReadonlyMap<string, string> = new Map();
  const errors: ReynsError[] = [];
  const warnings: string[] = [];
  for (const [index, { path, required }] of files.entries()) {
    const file = resolve(folder, path);
    if (!required && !existsSync(file)) continue;
    const text = readText(file, inside(at, "envFile", index), path);
    if (typeof text !== "string") {
      errors.push(text);
      continue;
    }
    const parsed = parseDotenv(text, lookup, env);
    env = parsed.variables;
    errors.push(
      ...parsed.errors.map(({ line, message, hint }) =>
        invalidProject(message, hint, { file, line }),
      ),
    );
    const fileName = basename(file);
    const unset = parsed.unset.filter(({ name }) => !Object.hasOwn(own, name));
    warnings.push(...unset.map((one) => unsetWarning(`${fileName}:${one.line}`, one)));
  }
  return { env: Object.fromEntries(env), errors, warnings };
}

function unsetWarning(place: string, { name }: { readonly name: string }): string {
  return `${place}: the value of ${name} contains a variable that is not set, which is left empty; write $$ for a dollar sign, or \${NAME:-} where it may be empty`;
}

/** Reads a file; UTF-16 and other encodings would give wrong values silently. */
function readText(file: string, at: Place, name: string): string | ReynsError {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(file);
  } catch (cause) {
    const hint = `envFile is relative to the project's folder: ${file}`;
    const message = `cannot read the env file ${name}`;
    return new ReynsError("INVALID_PROJECT", message, { hint, at, cause });
  }
  if (isUtf8(bytes)) return bytes.toString().replace(/^\uFEFF/, "");
  const lines = bytes.toString("latin1").split("\n");
  const line = lines.findIndex((text) => !isUtf8(Buffer.from(text, "latin1"))) + 1;
  const hint = "save the file as UTF-8";
  return invalidProject("the text is not UTF-8", hint, { file, line });
}
