/** Stands for a value that nobody should see. */
export const mask = "********";

/** The value of a field: a list where it has several, undefined where it is not set. */
export type FieldValue = string | readonly string[] | undefined;

/** Field name, as a definition calls it -> value; variables are `env NAME`. */
export type ContainerFields = Readonly<Record<string, FieldValue>>;

/** A field with its old and its new value; null where it has none, and for a mounted file. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}
