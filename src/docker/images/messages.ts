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
  let rest = "";
  const take = (line: string): void => {
    if (line.trim() === "") return;
    const message = JSON.parse(line) as ProgressMessage;
    if (message.error !== undefined) throw new ReynsError("ENGINE_REFUSED", message.error);
    onMessage(message);
  };
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (
      rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))
    ).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  }
  take(rest);
}
