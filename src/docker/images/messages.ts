import { createLineSplitter } from "../../lib/line-splitter.ts";
import { ReynsError } from "../../errors.ts";

/** What the Engine says while it pulls, imports or builds. */
export interface ProgressMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly progress?: string;
  readonly error?: string;
  /** What `aux` is; only BuildKit says it. */
  readonly id?: string;
  readonly aux?: string | { readonly ID?: string };
}

/** The Engine answers 200 and reports failures inside the stream: look at every message. */
export async function readMessages(
  stream: NodeJS.ReadableStream,
  onMessage: (message: ProgressMessage) => void,
): Promise<void> {
  const lines = createLineSplitter((line) => {
    if (line.trim() === "") return;
    const message = JSON.parse(line) as ProgressMessage;
    if (message.error !== undefined) throw new ReynsError("ENGINE_REFUSED", message.error);
    onMessage(message);
  });
  for await (const chunk of stream) lines.push(chunk);
  lines.end();
}
