import { ReynsError } from "../errors.ts";

/** How far a download is, in bytes; `total` when the server says it. */
export type OnBytes = (done: number, total: number | undefined) => void;

/** A server that sends nothing for as long is given up. */
const patience = 30_000;

/**
 * What is at a URL.
 *
 * @throws ReynsError DOWNLOAD_FAILED when it is not there, cannot be reached, or stops
 */
export async function download(url: string, onBytes: OnBytes = () => {}): Promise<Uint8Array> {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort();
  let timer = setTimeout(giveUp, patience);
  try {
    const response = await fetch(url, { signal: controller.signal });
    checkAnswer(response, url);
    const total = Number(response.headers.get("content-length")) || undefined;
    const chunks: Uint8Array[] = [];
    let done = 0;
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, patience);
      chunks.push(chunk);
      done += chunk.length;
      onBytes(done, total);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof ReynsError) throw error;
    const why = controller.signal.aborted ? `no answer for ${patience / 1000} s` : messageOf(error);
    throw failure(`cannot get ${url}: ${why}`, "is the network there? Nothing was changed", error);
  } finally {
    clearTimeout(timer);
  }
}

function checkAnswer(response: Response, url: string): void {
  if (url.startsWith("https:") && !response.url.startsWith("https:"))
    throw failure(`${url} leads to ${response.url}, which is not safe`, "nothing was changed");
  if (response.ok) return;
  const hint =
    response.status === 404
      ? "is there a release of that version, and for this machine? Nothing was changed"
      : "try again later; nothing was changed";
  throw failure(`cannot get ${url}: the server answers ${response.status}`, hint);
}

function failure(message: string, hint: string, cause?: unknown): ReynsError {
  return new ReynsError("DOWNLOAD_FAILED", message, { hint, cause });
}

/** Bun's own sentences for these speak to whoever wrote the call. */
const reasons: ReadonlyMap<unknown, string> = new Map([
  ["ConnectionRefused", "nobody listens there"],
  ["FailedToOpenSocket", "its name or address leads nowhere"],
  ["ConnectionClosed", "the connection was cut"],
  ["ECONNRESET", "the connection was cut"],
]);

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return reasons.get("code" in error ? error.code : undefined) ?? error.message;
}
