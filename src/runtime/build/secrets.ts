import { readFile, stat } from "node:fs/promises";
import { inside, messageOf, ReynsError, throwAll } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import type { BuildSecret } from "../../model/build.ts";
import type { BuildImage } from "../../model/build-image.ts";

/** Bytes. BuildKit refuses a larger secret. */
const largestSecret = 500 * 1024;

/**
 * The secrets of a build by their ids, from the caller's environment and from files.
 *
 * @throws ReynsError MISSING_VARIABLE, FILE_REFUSED, for each that is not there
 */
export async function readBuildSecrets(
  { image, secrets = {}, at }: BuildImage,
  env: Environment,
): Promise<Map<string, Uint8Array>> {
  const errors: ReynsError[] = [];
  const values = new Map<string, Uint8Array>();
  for (const [id, secret] of Object.entries(secrets)) {
    const value = await readSecret(secret, env);
    if (typeof value !== "string") {
      values.set(id, value);
      continue;
    }
    const message = `the secret ${id} of ${image} is missing: ${value}`;
    const code = "env" in secret ? "MISSING_VARIABLE" : "FILE_REFUSED";
    const place = at && inside(at, "build", "secrets", id);
    errors.push(new ReynsError(code, message, { hint: hintFor(secret), at: place }));
  }
  throwAll(errors);
  return values;
}

function hintFor(secret: BuildSecret): string {
  return "env" in secret
    ? `set it in the environment of this call: ${secret.env}=… reyns build …`
    : "put the file there, with at most 500 KiB, readable for this user";
}

/** The value, or the reason why there is none. */
async function readSecret(secret: BuildSecret, env: Environment): Promise<Uint8Array | string> {
  if ("env" in secret) {
    const value = env[secret.env];
    return value === undefined ? `${secret.env} is not set` : new TextEncoder().encode(value);
  }
  const path = secret.file;
  try {
    if ((await stat(path)).size > largestSecret) return `${path} is larger than 500 KiB`;
    return await readFile(path);
  } catch (error) {
    return messageOf(error);
  }
}
