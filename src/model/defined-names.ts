/** The names that a conf defines, which is all that tells an instance whose definition is gone. */
export interface DefinedNames {
  readonly project: string;
  readonly conf: string;
  /** Host names of its instances; one without a name of its own has none. */
  readonly hosts: readonly string[];
  /** Services that instances of any name may be started from. */
  readonly services: readonly string[];
}
