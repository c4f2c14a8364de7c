import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";

/** An entry of a tar, with its content as it comes. */
export interface StreamedEntry {
  readonly header: Header;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Reads a tar of any size, entry by entry. The rest of an entry that the caller does not read is passed over.
 *
 * @throws the error of `bytes`; Error for what is no tar, or breaks off
 */
export async function* readTarEntries(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamedEntry> {
  const reader = extract();
  const source = Readable.from(bytes, { objectMode: false });
  const failed = new AbortController();
  source.on("error", (error) => reader.destroy(error)).pipe(reader);
  for (const stream of [source, reader]) stream.on("error", (error) => failed.abort(error));
  try {
    for await (const entry of reader) {
      let isRead = false;
      const content = async function* (): AsyncGenerator<Uint8Array> {
        isRead = true;
        yield* entry as unknown as AsyncIterable<Uint8Array>;
      };
      yield { header: entry.header, content: content() };
      if (!isRead) entry.resume();
    }
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    source.destroy();
  }
}
