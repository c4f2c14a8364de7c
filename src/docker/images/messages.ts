import { parseJsonAnswer } from "../client/answers.ts";
import { ReynsError } from "../../errors.ts";
import { createLineSplitter } from "../../lib/line-splitter.ts";

/** A message of the Engine during a pull, an import or a build. */
export interface ProgressMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly progress?: string;
  /** Bytes of a layer. */
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  /** The type of `aux`; only from BuildKit. */
  readonly id?: string;
  readonly aux?: string | { readonly ID?: string };
}

/**
 * Reads all messages of a stream. The Engine answers 200 and reports errors inside the stream.
 *
 * @throws ReynsError ENGINE_REFUSED
 */
export async function readMessages(
  stream: AsyncIterable<Uint8Array | string>,
  onMessage: (message: ProgressMessage) => void,
): Promise<void> {
  const lines = createLineSplitter((line) => {
    if (line.trim() === "") return;
    const message = parseJsonAnswer(line) as ProgressMessage;
    if (message.error !== undefined) throw new ReynsError("ENGINE_REFUSED", message.error);
    onMessage(message);
  });
  for await (const chunk of stream) lines.push(chunk);
  lines.end();
}
