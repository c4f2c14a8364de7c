import { ReynsError } from "../../../errors.ts";
import type { ServiceOptions } from "../../../api/options.ts";
import type { ComposeFile, ComposeService } from "../compose-file.ts";
import type { ComposePath, ComposeProject } from "../compose-project.ts";

/** Some of the options that a service becomes. */
export type MappedOptions = Partial<ServiceOptions>;

/** A service that is being mapped. */
export interface ServiceContext {
  readonly file: ComposeFile;
  readonly name: string;
  readonly service: ComposeService;
  /** Relative to the project's folder where it is in it. */
  readonly pathOf: (absolute: string) => string;
  readonly refusals: Refusals;
  readonly entries: EntryPaths;
}

/** Where the entries of an option's list are in the service: not all of the file's lists keep length and order. */
export type EntryPaths = Map<string, readonly ComposePath[]>;

/** What an entry of a list becomes. */
export interface MappedEntry<Value> {
  readonly path: ComposePath;
  readonly value: Value;
}

/** The list that an option gets, such as "volumes" or "build.cacheFrom"; notes where its entries are. */
export function toList<Value>(
  option: string,
  mapped: readonly MappedEntry<Value>[],
  { entries }: ServiceContext,
): Value[] {
  entries.set(
    option,
    mapped.map(({ path }) => path),
  );
  return mapped.map(({ value }) => value);
}

/** A field that cannot be honoured. */
interface Refusal {
  /** As `allow=` names it: "cpu_count", "build.ssh". */
  readonly field: string;
  readonly path: ComposePath;
  /** Why, as a whole message. */
  readonly message: string;
  /** What to do instead; `allow=` is added. */
  readonly hint?: string | undefined;
}

/** Collects the fields that cannot be honoured: mistakes, unless the caller leaves them out knowingly. */
export interface Refusals {
  readonly errors: ReynsError[];
  /** The fields that are left out. */
  readonly omitted: string[];
  readonly add: (refusal: Refusal) => void;
}

/** @param allowed fields to leave out, as `allow=` names them */
export function collectRefusals(
  project: Pick<ComposeProject, "placeOf">,
  allowed: ReadonlySet<string>,
): Refusals {
  const errors: ReynsError[] = [];
  const omitted: string[] = [];
  const seen = new Set<string>();
  const add = ({ field, path, message, hint }: Refusal): void => {
    // Services that share a part of the file have it from one place.
    const at = project.placeOf(path);
    const key = JSON.stringify([field, at]);
    if (seen.has(key)) return;
    seen.add(key);
    if (allowed.has(field)) {
      omitted.push(`${message}: left out`);
      return;
    }
    const leaveOut = `allow=${field} leaves it out`;
    errors.push(
      new ReynsError("INVALID_PROJECT", message, {
        hint: hint === undefined ? `remove it, or ${leaveOut}` : `${hint}; or ${leaveOut}`,
        at,
      }),
    );
  };
  return { errors, omitted, add };
}

/** Refuses a field of a service. */
export function refuse(
  { name, refusals }: ServiceContext,
  path: ComposePath,
  hint?: string,
  field = path.filter((part) => typeof part === "string").join("."),
): void {
  const message = `${field} of ${name} is not supported`;
  refusals.add({ field, path: ["services", name, ...path], message, hint });
}
