import { withCallersValues } from "./caller-values.ts";
import { extendServices } from "./extends.ts";
import { composeFields } from "./file-fields.ts";
import { importIncludes } from "./include.ts";
import { loadDocuments, type FileContext, type Loading } from "./load-file.ts";
import {
  withDefaults,
  withEntry,
  withServices,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";

/** Loads files, what they include and what their services extend, each merged over those before it. */
export function loadFiles(
  paths: readonly string[],
  context: FileContext,
  loading: Loading,
  from: SourceNode | undefined,
  including: readonly string[],
): SourceMap {
  const at = from?.at ?? { file: paths[0] ?? "" };
  const empty: SourceMap = { kind: "map", entries: new Map(), at };
  const loaded = paths.reduce<SourceMap>((all, path) => {
    const stack = [...including, path];
    return loadDocuments(path, context, loading, from?.at).reduce<SourceMap>((merged, document) => {
      const whole = importIncludes(document, context, loading, stack, loadFiles);
      const extended = extendServices(whole, context, loading);
      const next = composeFields.merge(merged, extended);
      return next.kind === "map" ? next : merged;
    }, all);
  }, empty);
  // As in Compose, the env files of an include count for lists alone.
  const which = from === undefined ? "all" : "listed";
  return withServices(loaded, (service) => withDefaultsOf(service, context, which));
}

/** Bare names of variables take the caller's values, and the context of a build is the folder unless it says otherwise. */
function withDefaultsOf(
  service: SourceMap,
  { folder, lookup }: FileContext,
  which: "all" | "listed",
): SourceMap {
  const { entries } = service;
  const [build, environment] = [entries.get("build"), entries.get("environment")];
  const built =
    build?.kind === "map"
      ? withEntry(service, "build", withDefaults(build, { context: folder }))
      : service;
  return environment === undefined
    ? built
    : withEntry(built, "environment", withCallersValues(environment, lookup, which));
}
