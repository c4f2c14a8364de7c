import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { engineError } from "./http-error.ts";
import { connectionLost } from "./timeouts.ts";
import { hostHeader, type Transport } from "./transport.ts";

/** A connection that no longer carries HTTP but a stream of bytes. */
export interface Upgraded {
  /** Resolves when the stream has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly write: (bytes: Uint8Array, done: () => void) => void;
  readonly close: () => void;
  /** The connection itself, to read from where the request has no `onBytes`. */
  readonly stream: Duplex;
}

/** Receives the bytes of an upgraded connection. */
export interface StreamReader {
  readonly onBytes?: (bytes: Buffer) => void;
  /** Cancels the request while it has no answer. */
  readonly signal?: AbortSignal;
  /** What the connection is to carry. Default: `tcp`, bytes of the Engine's own. */
  readonly protocol?: string | undefined;
  /** More lines of the request's head. */
  readonly headers?: readonly string[] | undefined;
}

/**
 * Sends a POST that turns its connection into a stream of bytes, which `fetch` does not support.
 *
 * @throws EngineError when the Engine answers with an error; the socket's own error, `ECONNRESET` when it is closed
 * before the answer
 * @see https://docs.docker.com/reference/api/engine/ (attach to a container: hijacking)
 */
export async function upgrade(
  transport: Transport,
  path: string,
  { onBytes, signal, protocol = "tcp", headers = [] }: StreamReader,
): Promise<Upgraded> {
  const socket = openSocket(transport);
  const close = (): void => void socket.destroy();
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  const ended = Promise.withResolvers<void>();
  const rest: Buffer[] = [];
  const keep = (bytes: Buffer): void => void rest.push(bytes);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on("data", headReader({ resolve, reject, onBytes: onBytes ?? keep }));
      socket.on("error", reject);
      socket.on("close", () => {
        reject(connectionLost());
        ended.resolve();
      });
      const host = `Host: ${hostHeader(transport)}`;
      const head = [host, "Connection: Upgrade", `Upgrade: ${protocol}`, ...headers];
      socket.write(`POST ${path} HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n`);
    });
    if (!onBytes) leaveToReader(socket, rest);
    const write = (bytes: Uint8Array, done: () => void): void => void socket.write(bytes, done);
    return { ended: ended.promise, write, close, stream: socket };
  } catch (error) {
    close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

/** Whoever reads it next gets what came with the head, too. */
function leaveToReader(socket: Socket, rest: readonly Buffer[]): void {
  socket.removeAllListeners("data");
  socket.pause();
  if (rest.length > 0) socket.unshift(Buffer.concat(rest));
}

export function openSocket(transport: Transport): Socket {
  if ("socketPath" in transport) return connect(transport.socketPath);
  const { host, port, certificates } = transport;
  if (!certificates) return connect(port, host);
  // Rarely needed and slow to load. Verifies the certificate's host name.
  return process.getBuiltinModule("node:tls").connect({ host, port, ...certificates });
}

interface HeadHandlers {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly onBytes: (bytes: Buffer) => void;
}

/** Reads the head of the answer and the body of an error; passes on the bytes after a successful head. */
function headReader({ resolve, reject, onBytes }: HeadHandlers): (bytes: Buffer) => void {
  let received: Buffer | undefined = Buffer.alloc(0);
  return (bytes) => {
    if (received === undefined) return onBytes(bytes);
    received = Buffer.concat([received, bytes]);
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = received.toString("latin1", 0, end);
    const rest = received.subarray(end + 4);
    const [, status, reason = ""] = /^HTTP\/1\.[01] (\d{3}) ?(.*)/.exec(head) ?? [];
    if (status === undefined) return reject(malformedResponse());
    if (status !== "101" && status !== "200") {
      const length = /^content-length: *(\d+)/im.exec(head)?.[1];
      if (length === undefined) reject(engineError(Number(status), `${status} ${reason}`));
      else if (rest.length >= Number(length)) reject(engineError(Number(status), rest.toString()));
      return;
    }
    received = undefined;
    resolve();
    if (rest.length > 0) onBytes(rest);
  };
}

/** The same error as fetch throws. */
function malformedResponse(): Error {
  return Object.assign(new Error("not an HTTP response"), { code: "Malformed_HTTP_Response" });
}
