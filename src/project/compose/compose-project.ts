import type { Place } from "../../errors.ts";
import type { ComposeFile } from "./compose-file.ts";

/** What `readCompose` reads. */
export interface ComposeProject {
  readonly file: ComposeFile;
  /** The project directory, to which the paths of the first file are relative. */
  readonly folder: string;
  /** Absolute paths of all compose files read, the main one first. */
  readonly files: readonly string[];
  /** Names of the services that run without further words: those without a profile, and with one that COMPOSE_PROFILES has. */
  readonly enabled: ReadonlySet<string>;
  /** What Compose warns of as well, and what has no effect. */
  readonly warnings: readonly ComposeWarning[];
  /**
   * The place of a key, of an entry of a list, or of the nearest enclosing one.
   *
   * @example
   * placeOf(["services", "web", "ports", 0])
   */
  placeOf(path: ComposePath): Place;
  /** The same, or the line of the env file that the whole value comes from. */
  placeOfValue(path: ComposePath): Place;
  /** Where a value comes from; undefined for one that stands in a file as it is. */
  sourceOf(path: ComposePath): ValueSource | undefined;
}

export type ComposePath = readonly (string | number)[];

export interface ComposeWarning {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly at: Place;
}

export type ValueSource =
  /** A text with variables, as it was when they were replaced. */
  | { readonly kind: "template"; readonly parts: readonly TextPart[] }
  /** A bare name: the caller's variable, or that of `.env`. */
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "envFile"; readonly file: string; readonly template?: string | undefined };

/** A piece of a value; `variable` is what it was made of. */
export interface TextPart {
  readonly text: string;
  readonly variable?: ComposeVariable;
  /** The line of an env file that gives the variable this value. */
  readonly setAt?: Place;
}

/** `${NAME:-word}` */
export interface ComposeVariable {
  readonly name: string;
  /** "" for a plain `$NAME` or `${NAME}`. */
  readonly operator: string;
  /** Default, message or other value, with variables of its own as they stand. */
  readonly word: string;
}
