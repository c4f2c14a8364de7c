import { statSync } from "node:fs";
import type { Lookup } from "../../lib/interpolate.ts";
import { unreadableReason } from "../../lib/read-regular-file.ts";
import { readDotenvFile, readRawEnvFile } from "./dotenv-files.ts";
import type { ComposeReport } from "./report.ts";
import {
  entriesOf,
  impliedText,
  isNull,
  itemsOf,
  mapLike,
  textOf,
  withEntry,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";

/** Adds the variables and labels of a service's files; what the service says itself wins. */
export function withFileValues(
  service: SourceMap,
  lookup: Lookup,
  report: ComposeReport,
): SourceMap {
  const own = entriesOf(service.entries.get("environment"));
  const variables = new Map<string, SourceNode>();
  const inService: Lookup = (name) => {
    const value = own.get(name);
    return value?.kind === "scalar" && !isNull(value) ? value.text : undefined;
  };
  for (const file of itemsOf(service.entries.get("env_file")))
    addVariables(variables, file, (name) => lookup(name) ?? inService(name), report);
  const labels = new Map<string, SourceNode>();
  for (const file of itemsOf(service.entries.get("label_file")))
    if (file.kind === "scalar") addValues(labels, file, file.text, textLookup(labels), report);
  const all = addUnder(service, "environment", variables);
  return addUnder(all, "labels", labels);
}

function addVariables(
  variables: Map<string, SourceNode>,
  node: SourceNode,
  lookup: Lookup,
  report: ComposeReport,
): void {
  const path = textOf(node, "path") ?? "";
  if (isMissing(path)) {
    if (textOf(node, "required") === "false") return;
    const hint = "correct its path, or let it be missing: { path: FILE, required: false }";
    return report.error(node.at, `cannot read the file ${path}: ${missing}`, hint);
  }
  const isRaw = textOf(node, "format") === "raw";
  addValues(variables, node, path, lookup, report, isRaw);
}

const missing = "there is no such file";

/** Not of a file in a folder that this user may not enter: left out, its values would be silently lost. */
function isMissing(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    return unreadableReason(error) === missing;
  }
}

function addValues(
  values: Map<string, SourceNode>,
  node: SourceNode,
  file: string,
  lookup: Lookup,
  report: ComposeReport,
  isRaw = false,
): void {
  const read = isRaw
    ? readRawEnvFile(file, lookup, report, node.at)
    : readDotenvFile(file, (name) => lookup(name) ?? textLookup(values)(name), report, node.at);
  for (const [name, { text, line, template }] of read) {
    const source = { kind: "envFile", file, template } as const;
    values.set(name, { ...impliedText({ ...node, at: { file, line } }, text), source });
  }
}

function textLookup(values: ReadonlyMap<string, SourceNode>): Lookup {
  return (name) => {
    const value = values.get(name);
    return value?.kind === "scalar" ? value.text : undefined;
  };
}

function addUnder(
  service: SourceMap,
  key: string,
  values: ReadonlyMap<string, SourceNode>,
): SourceMap {
  if (values.size === 0) return service;
  const own = service.entries.get(key) ?? mapLike(service, []);
  return withEntry(service, key, mapLike(own, [...values, ...entriesOf(own)]));
}
