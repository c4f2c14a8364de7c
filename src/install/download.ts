import { ReynsError } from "../errors.ts";

/** Reports progress in bytes; `total` is undefined if the server does not send it. */
export type OnBytes = (done: number, total: number | undefined) => void;

/** The download fails when the server sends nothing for this long. */
const timeoutMs = 30_000;

/**
 * Downloads a URL.
 *
 * @throws ReynsError DOWNLOAD_FAILED when it does not exist, cannot be reached, or stalls
 */
export async function download(url: string, onBytes: OnBytes = () => {}): Promise<Uint8Array> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  let timer = setTimeout(abort, timeoutMs);
  try {
    const response = await fetch(url, { signal: controller.signal });
    checkResponse(response, url);
    const total = Number(response.headers.get("content-length")) || undefined;
    const chunks: Uint8Array[] = [];
    let done = 0;
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(abort, timeoutMs);
      chunks.push(chunk);
      done += chunk.length;
      onBytes(done, total);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof ReynsError) throw error;
    const reason = controller.signal.aborted
      ? `no answer for ${timeoutMs / 1000} s`
      : messageOf(error);
    const hint = "check the network connection; nothing was changed";
    throw downloadError(`cannot download ${url}: ${reason}`, hint, error);
  } finally {
    clearTimeout(timer);
  }
}

function checkResponse(response: Response, url: string): void {
  if (url.startsWith("https:") && !response.url.startsWith("https:"))
    throw downloadError(`${url} redirects to ${response.url} without TLS`, "nothing was changed");
  if (response.ok) return;
  const hint =
    response.status === 404
      ? "check that this version exists and supports this machine; nothing was changed"
      : "try again later; nothing was changed";
  throw downloadError(`cannot download ${url}: status ${response.status}`, hint);
}

function downloadError(message: string, hint: string, cause?: unknown): ReynsError {
  return new ReynsError("DOWNLOAD_FAILED", message, { hint, cause });
}

/** Bun's messages for these errors address the developer. */
const reasons: ReadonlyMap<unknown, string> = new Map([
  ["ConnectionRefused", "connection refused"],
  ["FailedToOpenSocket", "unknown host or address"],
  ["ConnectionClosed", "the connection was closed"],
  ["ECONNRESET", "the connection was closed"],
]);

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return reasons.get("code" in error ? error.code : undefined) ?? error.message;
}
