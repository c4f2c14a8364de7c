import { isRecord } from "../lib/is-record.ts";

/** Options of `network()`. */
export interface NetworkOptions {
  /** It is there already and not the project's; Reyns neither creates nor removes it. */
  readonly external: true;
  /** Its name on the Engine. Default: the name in the definition. */
  readonly name?: string;
}

/** Points to a network that `network()` declares. */
export interface NetworkHandle {
  readonly network: string;
}

/** How an instance is in a network: its name or handle, or that with names and addresses there. */
export type NetworkInput = string | NetworkHandle | NetworkAttachmentOptions;

export interface NetworkAttachmentOptions {
  readonly network: string | NetworkHandle;
  /** More names of the instance in that network, besides SERVICE-INSTANCE and SERVICE. */
  readonly aliases?: readonly string[];
  /** Fixed IPv4 address. Default: the Engine picks one. */
  readonly ipv4?: string;
  /** Fixed IPv6 address. Default: the Engine picks one. */
  readonly ipv6?: string;
}

export function isNetworkHandle(given: unknown): given is NetworkHandle {
  return isRecord(given) && typeof given["network"] === "string";
}
