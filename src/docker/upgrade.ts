import { refusal } from "./refusal.ts";
import type { Reach } from "./reach.ts";

/** A connection on which no HTTP is spoken any more, and what comes on it has a reader. */
export interface Upgraded {
  /** Resolves when nothing more comes, for whatever reason. */
  readonly ended: Promise<void>;
  readonly close: () => void;
}

/** What becomes of the bytes, and of a connection on which no answer is waited for any longer. */
export interface Reading {
  readonly onBytes: (bytes: Buffer) => void;
  readonly signal?: AbortSignal;
}

/**
 * Sends a request after which its connection is a stream of bytes: what `fetch` has no way to ask for.
 *
 * @throws what says that the Engine refuses; the socket's own error, `ECONNRESET` where it ends before the answer
 * @see https://docs.docker.com/reference/api/engine/ (attach to a container: hijacking)
 */
export async function upgrade(
  to: Reach,
  path: string,
  { onBytes, signal }: Reading,
): Promise<Upgraded> {
  const answered = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const take = headReader(answered, onBytes);
  const head = `POST ${path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
  const socket = await connect(to, {
    binaryType: "buffer",
    open: (opened) => void opened.write(head),
    data: (_, bytes) => take(bytes),
    error: (_, error) => answered.reject(error),
    close: () => {
      answered.reject(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
      ended.resolve();
    },
  });
  const close = (): void => socket.terminate();
  signal?.addEventListener("abort", close, { once: true });
  await answered.promise.catch((error: unknown) => {
    close();
    throw error;
  });
  return { ended: ended.promise, close };
}

function connect(to: Reach, socket: Bun.SocketHandler<undefined>): Promise<Bun.Socket> {
  if ("socketPath" in to) return Bun.connect({ unix: to.socketPath, socket });
  const { host: hostname, port, certificates: tls } = to;
  return Bun.connect({ hostname, port, socket, ...(tls && { tls }) });
}

/** Reads the head of an answer, and the body of a refusal; what comes after a head that agrees is passed on. */
function headReader(
  answered: PromiseWithResolvers<void>,
  onBytes: (bytes: Buffer) => void,
): (bytes: Buffer) => void {
  let head: Buffer | undefined = Buffer.alloc(0);
  return (bytes) => {
    if (head === undefined) return onBytes(bytes);
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const text = head.toString("latin1", 0, end);
    const rest = head.subarray(end + 4);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]);
    if (status !== 101 && status !== 200) {
      const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
      if (rest.length >= length) answered.reject(refusal(status, rest.toString()));
      return;
    }
    head = undefined;
    answered.resolve();
    if (rest.length > 0) onBytes(rest);
  };
}
