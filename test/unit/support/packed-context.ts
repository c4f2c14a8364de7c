// What is packed of a folder for a build.
import { extract, type Header } from "tar-stream";
import { packFolder } from "../../../src/runtime/build/context.ts";

export async function bytesOf(folder: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await packFolder(folder)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export type Entries = Map<string, Header & { content: string }>;

export async function entriesOf(folder: string): Promise<Entries> {
  return unpack(await packFolder(folder));
}

/** Name -> header and content, in the order of the archive. */
export async function unpack(stream: AsyncIterable<unknown>): Promise<Entries> {
  const entries: Entries = new Map();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const unpacked = extract();
  unpacked.end(Buffer.concat(chunks));
  for await (const entry of unpacked) {
    const content: Buffer[] = [];
    for await (const chunk of entry) content.push(chunk as Buffer);
    const { name, type } = entry.header;
    entries.set(type === "directory" ? `${name}/` : name, {
      ...entry.header,
      content: Buffer.concat(content).toString(),
    });
  }
  return entries;
}
