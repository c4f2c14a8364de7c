import { ReynsError } from "../../errors.ts";

/** One end of a copy: a path of this machine, a path in an instance, or a tar on a standard stream. */
export type CopyAddress =
  | { readonly kind: "local"; readonly path: string }
  | {
      readonly kind: "instance";
      readonly service: string;
      readonly instance: string | undefined;
      readonly path: string;
    }
  | { readonly kind: "stream" };

/**
 * Parses one end of a copy. What begins with a dot or a slash is always a path of this machine, as with docker cp.
 *
 * @example
 * parseCopyAddress("web/one:/etc/hosts") // { kind: "instance", service: "web", instance: "one", path: "/etc/hosts" }
 * parseCopyAddress("./a:b") // { kind: "local", path: "./a:b" }
 */
export function parseCopyAddress(text: string): CopyAddress {
  if (text === "-") return { kind: "stream" };
  const [, service, instance, path] = /^([^./:][^/:]*)(?:\/([^/:]+))?:([^]*)$/.exec(text) ?? [];
  if (service === undefined || path === undefined) return { kind: "local", path: text };
  if (path === "")
    throw new ReynsError("INVALID_VALUE", `"${text}" has no path`, {
      hint: `for example: ${text}/etc/hostname`,
    });
  return { kind: "instance", service, instance, path };
}
