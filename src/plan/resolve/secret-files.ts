import { copiedFilePart, type ContainerFile } from "../../model/container-files.ts";
import { environmentPart } from "../../model/labels.ts";
import type { SecretDefinition } from "../../model/project.ts";
import { givenValue, type EnvironmentSources, type ResolvedEnvironment } from "./environment.ts";

/** Finds the values of an instance's secrets; those of variables come from where the variables of `env` come from. */
export function resolveSecrets(
  secrets: readonly SecretDefinition[],
  host: string,
  sources: Omit<EnvironmentSources, "links">,
): { readonly files: readonly ContainerFile[]; readonly missing: ResolvedEnvironment["missing"] } {
  const resolved = secrets.map(({ source, name, ...file }) => {
    if ("content" in source) return { ...file, content: source.content, secret: name };
    const { variable, value } = source;
    const text =
      givenValue(variable, value, sources)[0] ?? ("text" in value ? value.text : undefined);
    if (text !== undefined)
      return { ...file, content: Buffer.from(text).toString("base64"), secret: name };
    const description = "description" in value ? value.description : undefined;
    return { name: variable, secret: true, description, hosts: [host] } as const;
  });
  return {
    files: resolved.flatMap((one) => ("path" in one ? one : [])),
    missing: resolved.flatMap((one) => ("path" in one ? [] : one)),
  };
}

/** The parts of a definition that variables are. */
export function partsOfVariables(
  names: readonly string[],
  secrets: readonly SecretDefinition[] = [],
): string[] {
  const files = secrets.filter(
    ({ source }) => "variable" in source && names.includes(source.variable),
  );
  return [
    ...names.map(environmentPart),
    ...files.map(({ path, name }) => copiedFilePart({ path, secret: name })),
  ];
}
