import { dirname, resolve } from "node:path";
import { composeFields, mergeServices } from "./file-fields.ts";
import { isRemote, loadDocuments, type FileContext, type Loading } from "./load-file.ts";
import {
  entriesOf,
  mapLike,
  textOf,
  withEntry,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";
import { acceptedHint } from "../../lib/suggest.ts";

/** The services of a file, in which `extends` without a file looks. */
interface ServiceScope {
  readonly services: ReadonlyMap<string, SourceNode>;
  readonly context: FileContext;
  /** Undefined for the file that is read itself. */
  readonly file: string | undefined;
}

/** A service of a scope. */
interface ServiceLink {
  readonly scope: ServiceScope;
  readonly name: string;
}

interface Extending {
  readonly loading: Loading;
  /** By the path of the file. */
  readonly scopes: Map<string, ServiceScope>;
  readonly done: Map<SourceNode, SourceNode>;
}

/** Merges what services extend into them. */
export function extendServices(
  document: SourceMap,
  context: FileContext,
  loading: Loading,
): SourceMap {
  const services = document.entries.get("services");
  if (services?.kind !== "map") return document;
  const scope: ServiceScope = { services: services.entries, context, file: undefined };
  const extending: Extending = { loading, scopes: new Map(), done: new Map() };
  const entries = [...services.entries].map(
    ([name, service]) => [name, extendService({ scope, name }, [], extending) ?? service] as const,
  );
  return withEntry(document, "services", mapLike(services, entries));
}

function extendService(
  link: ServiceLink,
  before: readonly ServiceLink[],
  extending: Extending,
): SourceNode | undefined {
  const service = link.scope.services.get(link.name);
  const reference = entriesOf(service).get("extends");
  if (service?.kind !== "map" || reference?.kind !== "map") return service;
  const known = extending.done.get(service);
  if (known) return known;
  const [name, file] = [textOf(reference, "service") ?? "", textOf(reference, "file")];
  const scope = file === undefined ? link.scope : scopeOf(file, link.scope, reference, extending);
  const own = mapLike(
    service,
    [...service.entries].filter(([key]) => key !== "extends"),
  );
  const base = scope && findBase({ scope, name }, [...before, link], reference, extending);
  const extended = base ? mergeServices(base, own) : own;
  extending.done.set(service, extended);
  return extended;
}

function scopeOf(
  file: string,
  from: ServiceScope,
  reference: SourceNode,
  { loading, scopes }: Extending,
): ServiceScope | undefined {
  if (isRemote(file)) {
    loading.report.error(reference.at, `extends: ${file} is not a file here`, "download it");
    return undefined;
  }
  const path = resolve(from.context.folder, file);
  const known = scopes.get(path);
  if (known) return known;
  const context = { ...from.context, folder: dirname(path) };
  const documents = loadDocuments(path, context, loading, reference.at);
  const merged = documents.reduce<SourceNode>(composeFields.merge, mapLike(reference, []));
  const services = entriesOf(entriesOf(merged).get("services"));
  const scope = { services, context, file: path };
  scopes.set(path, scope);
  return scope;
}

function findBase(
  link: ServiceLink,
  chain: readonly ServiceLink[],
  { at }: SourceNode,
  extending: Extending,
): SourceNode | undefined {
  const { scope, name } = link;
  const { report } = extending.loading;
  if (chain.some((other) => other.scope === scope && other.name === name)) {
    const names = [...chain.map((other) => other.name), name].join(" -> ");
    report.error(at, `services extend each other in a circle: ${names}`);
    return undefined;
  }
  if (scope.services.has(name)) return extendService(link, chain, extending);
  const where = scope.file === undefined ? "" : ` in ${scope.file}`;
  const hint = acceptedHint(name, scope.services.keys());
  report.error(at, `extends: there is no service "${name}"${where}`, hint);
  return undefined;
}
