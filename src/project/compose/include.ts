import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { composeFields } from "./file-fields.ts";
import { isRemote, type FileContext, type Loading } from "./load-file.ts";
import { withDotenvFiles, type Variables } from "./dotenv-files.ts";
import {
  entriesOf,
  itemsOf,
  mapLike,
  textOf,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";

/** Loads files that are merged into one, with all that they include. */
export type LoadFiles = (
  paths: readonly string[],
  context: FileContext,
  loading: Loading,
  from: SourceNode,
  including: readonly string[],
) => SourceMap;

/** Adds what a document includes. What it says itself wins. */
export function importIncludes(
  document: SourceMap,
  context: FileContext,
  loading: Loading,
  including: readonly string[],
  loadFiles: LoadFiles,
): SourceMap {
  const includes = itemsOf(document.entries.get("include"));
  const own = mapLike(
    document,
    [...document.entries].filter(([key]) => key !== "include"),
  );
  return includes.reduce<SourceMap>((all, entry) => {
    const paths = itemsOf(entriesOf(entry).get("path"));
    const imported = loadInclude(entry, paths, context, loading, including, loadFiles);
    if (imported === undefined) return all;
    const merged = composeFields.merge(imported, all);
    return merged.kind === "map" ? merged : all;
  }, own);
}

function loadInclude(
  entry: SourceNode,
  paths: readonly SourceNode[],
  context: FileContext,
  loading: Loading,
  including: readonly string[],
  loadFiles: LoadFiles,
): SourceMap | undefined {
  const { folder } = context;
  const texts = paths.flatMap((path) => (path.kind === "scalar" ? [path.text] : []));
  const remote = texts.find(isRemote);
  if (remote !== undefined) {
    loading.report.error(
      entry.at,
      `include: ${remote} is not a file here`,
      "download it, and include the copy",
    );
    return undefined;
  }
  const files = texts.map((text) => resolve(folder, text));
  const [main] = files;
  if (main === undefined) return undefined;
  if (including.includes(main)) {
    const names = [...including.slice(including.indexOf(main)), main].join(" -> ");
    loading.report.error(entry.at, `files include each other in a circle: ${names}`);
    return undefined;
  }
  const directory = textOf(entry, "project_directory");
  const base = directory === undefined ? dirname(main) : resolve(folder, directory);
  const inner = { folder: base, ...variablesIn(entry, base, context, loading) };
  const loaded = loadFiles(files, inner, loading, entry, including);
  const imported = [...loaded.entries].filter(([key]) => importable.has(key));
  return mapLike(loaded, imported);
}

const importable = new Set(["services", "volumes", "networks", "secrets", "configs", "models"]);

/** Variables of an included file: those of the project, then those of its own env files. */
function variablesIn(
  entry: SourceNode,
  base: string,
  { folder, ...before }: FileContext,
  { report }: Loading,
): Variables {
  const given = itemsOf(entriesOf(entry).get("env_file"));
  const named = given.flatMap((file) =>
    file.kind === "scalar" ? [resolve(folder, file.text)] : [],
  );
  const standard = join(base, ".env");
  const hasStandard = given.length === 0 && existsSync(standard) && statSync(standard).isFile();
  const files = hasStandard ? [standard] : named.filter((file) => file !== "/dev/null");
  return withDotenvFiles(before, files, report, entry.at);
}
