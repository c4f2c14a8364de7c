import type { X509Certificate } from "node:crypto";
import { readDer, readDerInside, type DerElement } from "../../lib/der.ts";

/** What a certificate authority may certify, as its extension "name constraints" says (RFC 5280, 4.2.1.10). */
export interface NameConstraints {
  /** Each with all that ends in it. */
  readonly names: readonly string[];
  /** Address and mask, in hexadecimal. */
  readonly addresses: readonly string[];
}

/** Tags of DER, and those of RFC 5280. */
const tags = {
  boolean: 0x01,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  extensions: 0xa3,
  permitted: 0xa0,
  dnsName: 0x82,
  ipAddress: 0x87,
} as const;

/** The object identifier 2.5.29.30, as DER has it. */
const nameConstraints = "551d1e";

/**
 * The names and addresses to which an authority is limited.
 *
 * @returns undefined without such a limit, and for one that a client may pass over
 * @throws Error when the certificate is not as RFC 5280 has it, or has a limit of another kind
 */
export function readNameConstraints({ raw }: X509Certificate): NameConstraints | undefined {
  const found = extensionsOf(raw).filter(({ oid }) => oid === nameConstraints);
  const [extension] = found;
  if (!extension?.critical) return undefined;
  if (found.length > 1) throw new Error("it has two limits");
  const [subtrees, ...others] = readDerInside(only(readDer(extension.value)), tags.sequence);
  if (!subtrees || others.length > 0) throw new Error("it has a limit of another kind");
  const bases = readDerInside(subtrees, tags.permitted).map((subtree) =>
    only(readDerInside(subtree, tags.sequence)),
  );
  const ofKind = (kind: number): Buffer[] =>
    bases.flatMap(({ tag, content }) => (tag === kind ? [content] : []));
  return {
    names: ofKind(tags.dnsName).map((name) => name.toString("latin1")),
    addresses: ofKind(tags.ipAddress).map((address) => address.toString("hex")),
  };
}

interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

function extensionsOf(certificate: Buffer): Extension[] {
  const [toBeSigned] = readDerInside(only(readDer(certificate)), tags.sequence);
  if (!toBeSigned) throw new Error("it is empty");
  const fields = readDerInside(toBeSigned, tags.sequence);
  const extensions = fields.filter(({ tag }) => tag === tags.extensions);
  return extensions
    .flatMap((field) => readDerInside(only(readDer(field.content)), tags.sequence))
    .map((extension) => readExtension(readDerInside(extension, tags.sequence)));
}

function readExtension(parts: readonly DerElement[]): Extension {
  const [oid, ...rest] = parts;
  const value = rest.at(-1);
  if (oid?.tag !== tags.oid || value?.tag !== tags.octets) throw new Error("an extension is wrong");
  const critical = rest.some(({ tag, content }) => tag === tags.boolean && content[0] === 0xff);
  return { oid: oid.content.toString("hex"), critical, value: value.content };
}

function only(elements: readonly DerElement[]): DerElement {
  const [element, ...others] = elements;
  if (!element || others.length > 0) throw new Error("an element is missing, or one too many");
  return element;
}
