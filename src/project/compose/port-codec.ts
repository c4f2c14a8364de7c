import { isIP } from "node:net";
import { reportValue, type Codec, type ReadContext } from "./codec.ts";
import { list } from "./collection-codecs.ts";
import { object } from "./object-codec.ts";
import { integer, text, textLike, textOrNumber } from "./scalar-codecs.ts";
import { splitPort } from "./short-port.ts";
import {
  impliedText,
  listLike,
  mapLike,
  pieceOf,
  scalarLike,
  textOf,
  withDefaults,
  type SourceNode,
  type SourceScalar,
  type TextRange,
} from "./source-node.ts";

const longPort = object(
  {
    name: text,
    mode: text,
    host_ip: textLike("an address", (ip) => (isIP(ip) > 0 ? ip : undefined)),
    target: integer,
    published: textOrNumber,
    protocol: text,
    app_protocol: text,
  },
  { required: ["target"] },
);

/** An entry of `ports`; a list of them for a range. */
const port: Codec = {
  ...longPort,
  expects: "a port, a text or a mapping",
  read(node, context) {
    if (node.kind === "scalar" && (node.type === "string" || node.type === "integer"))
      return readShort(node, context);
    const read = longPort.read(node, context);
    return read?.kind === "map" ? withDefaults(read, defaults) : read;
  },
};

const defaults = { protocol: "tcp", mode: "ingress" };

export const ports = list(port, {
  expand: (item) => (item.kind === "list" ? item.items : [item]),
  keyOf(item) {
    const host = textOf(item, "host_ip") ?? "0.0.0.0";
    const published = textOf(item, "published") ?? "";
    const protocol = textOf(item, "protocol") ?? "tcp";
    return `${host}:${published}:${textOf(item, "target") ?? ""}/${protocol}`;
  },
});

function readShort(node: SourceScalar, { report, name }: ReadContext): SourceNode | undefined {
  const split = splitPort(node.text);
  if ("problem" in split) {
    reportValue(
      node,
      report,
      `${name}: ${split.problem}`,
      'write "HOST:CONTAINER" or "ADDRESS:HOST:CONTAINER", with "/udp" behind it for UDP',
    );
    return undefined;
  }
  const { bindings, address, addressAt, publishedAt, targetAt, protocol } = split;
  // A number of a range is no longer what a variable gave.
  const piece = (at: TextRange, value: string): SourceScalar =>
    bindings.length === 1 ? { ...pieceOf(node, at), text: value } : impliedText(node, value);
  const entries = bindings.map(({ published, target }) =>
    mapLike(node, [
      ...(address === undefined ? [] : [["host_ip", piece(addressAt, address)] as const]),
      ...(published === undefined ? [] : [["published", piece(publishedAt, published)] as const]),
      ["target", scalarLike(piece(targetAt, String(target)), String(target), "integer")] as const,
      ["protocol", impliedText(node, protocol)] as const,
      ["mode", impliedText(node, "ingress")] as const,
    ]),
  );
  return entries.length === 1 ? entries[0] : listLike(node, entries);
}
