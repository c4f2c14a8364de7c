import type { RootCertificate } from "./root-certificate.ts";

/** A root certificate under the name that it has in every store. */
export interface NamedRoot extends Pick<RootCertificate, "pem" | "fingerprint"> {
  /** `reyns-shop-1a2b3c4d`: the project, and the beginning of the fingerprint. */
  readonly name: string;
  /** Path of a file with the certificate. */
  readonly file: string;
}

export type StoreKind = "system" | "nss";

/** The kinds of stores that a call is about. */
export interface StoreChoice {
  readonly system: boolean;
  readonly browsers: boolean;
}

export function isChosen(kind: StoreKind, { system, browsers }: StoreChoice): boolean {
  return kind === "system" ? system : browsers;
}

export type Presence = "absent" | "partly" | "trusted";

/** The words of a command, the program's path first. */
export type Argv = readonly string[];

/** Where programs of this machine look for the authorities that they trust. */
export interface TrustStore {
  readonly kind: StoreKind;
  /** A folder or a file. */
  readonly place: string;
  /** Whose it is, for people: "the system", "Firefox". */
  readonly owner: string;
  readonly presence: (root: NamedRoot) => Promise<Presence>;
  /** What puts a root certificate in, or takes it out again. */
  readonly commandsToAdd: (root: NamedRoot) => readonly Argv[];
  readonly commandsToRemove: (root: NamedRoot) => readonly Argv[];
}
