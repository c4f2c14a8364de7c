import type { Socket } from "node:net";
import { hostHeader, type Transport } from "./transport.ts";
import { engineError } from "./errors.ts";

/** A connection on which no HTTP is spoken any more, and what comes on it has a reader. */
export interface Upgraded {
  /** Resolves when nothing more comes, for whatever reason. */
  readonly ended: Promise<void>;
  readonly close: () => void;
}

/** What becomes of the bytes. */
export interface StreamReader {
  readonly onBytes: (bytes: Buffer) => void;
  /** Nobody waits for the answer any longer. */
  readonly signal?: AbortSignal;
}

/**
 * Sends a POST after which its connection is a stream of bytes: what `fetch` has no way to ask for.
 *
 * @throws a refusal of the Engine's; the socket's own error, `ECONNRESET` where it ends before the answer
 * @see https://docs.docker.com/reference/api/engine/ (attach to a container: hijacking)
 */
export async function upgrade(
  to: Transport,
  path: string,
  { onBytes, signal }: StreamReader,
): Promise<Upgraded> {
  const socket = connect(to);
  const close = (): void => void socket.destroy();
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  const ended = Promise.withResolvers<void>();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on("data", headReader({ resolve, reject, onBytes }));
      socket.on("error", reject);
      socket.on("close", () => {
        reject(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
        ended.resolve();
      });
      const head = [`Host: ${hostHeader(to)}`, "Connection: Upgrade", "Upgrade: tcp"];
      socket.write(`POST ${path} HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n`);
    });
    return { ended: ended.promise, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

/** Both are loaded here, as they take a while; TLS checks whose certificate it is. */
function connect(to: Transport): Socket {
  if ("socketPath" in to) return process.getBuiltinModule("node:net").connect(to.socketPath);
  const { host, port, certificates } = to;
  if (!certificates) return process.getBuiltinModule("node:net").connect(port, host);
  return process.getBuiltinModule("node:tls").connect({ host, port, ...certificates });
}

interface HeadHandlers {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly onBytes: (bytes: Buffer) => void;
}

/** Reads the head of an answer, and the body of a refusal; what comes after a head that agrees is passed on. */
function headReader({ resolve, reject, onBytes }: HeadHandlers): (bytes: Buffer) => void {
  let before: Buffer | undefined = Buffer.alloc(0);
  return (bytes) => {
    if (before === undefined) return onBytes(bytes);
    before = Buffer.concat([before, bytes]);
    const end = before.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = before.toString("latin1", 0, end);
    const rest = before.subarray(end + 4);
    const [, status, reason = ""] = /^HTTP\/1\.[01] (\d{3}) ?(.*)/.exec(head) ?? [];
    if (status === undefined) return reject(notHttp());
    if (status !== "101" && status !== "200") {
      const length = /^content-length: *(\d+)/im.exec(head)?.[1];
      if (length === undefined) reject(engineError(Number(status), `${status} ${reason}`));
      else if (rest.length >= Number(length)) reject(engineError(Number(status), rest.toString()));
      return;
    }
    before = undefined;
    resolve();
    if (rest.length > 0) onBytes(rest);
  };
}

/** As fetch has it. */
function notHttp(): Error {
  return Object.assign(new Error("no HTTP"), { code: "Malformed_HTTP_Response" });
}
