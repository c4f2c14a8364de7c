import { posix } from "node:path";
import { inside, invalidProject, ReynsError, type Place } from "../errors.ts";
import { filePathMistake, secretsFolder } from "../model/container-files.ts";
import type { SecretDefinition } from "../model/project.ts";
import type { SecretRequest } from "./file-schemas.ts";
import { readContent } from "./read-files.ts";

/** Compose's: the process of the container may have any user. */
const standardMode = 0o444;

/**
 * Reads the secrets that an instance gets, apart from those that are supplied at run time.
 *
 * @param requests name -> what the secret consists of
 * @param folder the project's
 * @param at the call that defines the instance
 */
export async function readSecrets(
  requests: Readonly<Record<string, SecretRequest>>,
  folder: string,
  at: Place,
): Promise<{
  readonly secrets: readonly SecretDefinition[];
  readonly errors: readonly ReynsError[];
}> {
  const results = await Promise.all(
    Object.entries(requests).map(([name, request]) =>
      readSecret(name, request, folder, inside(at, "secrets", name)),
    ),
  );
  return {
    secrets: results.flatMap((result) => (result instanceof ReynsError ? [] : [result])),
    errors: results.filter((result) => result instanceof ReynsError),
  };
}

async function readSecret(
  name: string,
  request: SecretRequest,
  folder: string,
  at: Place,
): Promise<SecretDefinition | ReynsError> {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) {
    const hint = "use letters, digits, _, . and -, the first no . or -";
    return invalidProject(`invalid name of a secret "${name}"`, hint, at);
  }
  // One that is supplied at run time has none of them.
  const { target = name, mode = standardMode, uid = 0, gid = 0 } = request as SecretFields;
  const path = posix.join(target.startsWith("/") ? "" : secretsFolder, target);
  const isAsWritten = path === target || path === `${secretsFolder}/${target}`;
  const mistake = filePathMistake(isAsWritten ? path : target);
  if (mistake)
    return invalidProject(mistake.message, mistake.hint, inside(at, ...(at.path ?? []), "target"));
  const source = await sourceOf(name, request, folder, at);
  return source instanceof ReynsError ? source : { name, path, mode, uid, gid, source };
}

interface SecretFields extends Partial<Pick<SecretDefinition, "mode" | "uid" | "gid">> {
  readonly target?: string;
}

async function sourceOf(
  name: string,
  request: SecretRequest,
  folder: string,
  at: Place,
): Promise<SecretDefinition["source"] | ReynsError> {
  const secret = { kind: "required", secret: true, description: undefined } as const;
  if ("environment" in request) return { variable: request.environment, value: secret };
  if ("value" in request) {
    const { value } = request;
    return {
      variable: name,
      value: value.kind === "required" ? { ...value, secret: true } : value,
    };
  }
  const place = inside(at, ...(at.path ?? []), "file");
  const content = await readContent(request, folder, place);
  return content instanceof ReynsError ? content : { content: content.content.toString("base64") };
}
