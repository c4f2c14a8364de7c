import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A way to the Engine that goes wrong. */
export interface Relay extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** First lines of the requests that came: `GET /containers/json?all=true HTTP/1.1`. */
  readonly requests: readonly string[];
  /** How many of the requests that match were under way at the same time, at most. */
  atOnce(pattern: RegExp): number;
}

/** A request from its first byte to that of its answer, in milliseconds. */
interface Span {
  readonly line: string;
  readonly from: number;
  to: number;
}

/** What becomes of a request, told by its text as far as it came at once. */
export type Treatment =
  /** It passes, and so does its answer. */
  | "pass"
  /** The connection ends before the Engine hears of it. */
  | "cut before"
  /** The Engine does it; the connection ends when its answer begins. */
  | "cut after"
  /** The Engine does it; the connection ends in the middle of its answer. */
  | "cut within"
  /** Nothing more comes, on a connection that stays open. */
  | "hang"
  /** It passes after a while: milliseconds. */
  | number
  /** From now on nobody answers at all. */
  | "close";

/** Decides by the text of a request. */
export type Request = (text: string) => Treatment;

/** Treats each request, or piece of an answer, as it is told. */
export interface Rules {
  readonly request?: Request;
  /** Only "pass", "hang" and "close" make sense here. */
  readonly answer?: (text: string) => Treatment;
}

/**
 * Listens on a socket of its own and passes everything on to the Engine, as far as the rules let it.
 *
 * @example
 * await using relay = await openRelay({ request: (text) => (text.startsWith("GET /_ping") ? "hang" : "pass") });
 */
export async function openRelay(
  { request = () => "pass", answer = () => "pass" }: Rules = {},
  engineSocket = "/var/run/docker.sock",
): Promise<Relay> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-relay-"));
  const path = join(folder, "engine.sock");
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const spans: Span[] = [];
  const server = createServer((client) => {
    const engine = connect(engineSocket);
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.on("close", () => engine.destroy());
    engine.on("close", () => client.destroy());
    let onAnswer: Treatment = "pass";
    let span: Span | undefined;
    client.on("data", (bytes: Buffer) => {
      const text = bytes.toString("latin1");
      if (/^[A-Z]+ \/\S+ HTTP\/1\.1\r\n/.test(text)) {
        span = { line: text.split("\r\n")[0] ?? "", from: performance.now(), to: Infinity };
        requests.push(span.line);
        spans.push(span);
      }
      const treatment = request(text);
      onAnswer = treatment;
      if (treatment === "cut before") client.destroy();
      else if (treatment === "close") close();
      else if (typeof treatment === "number") setTimeout(() => engine.write(bytes), treatment);
      else if (treatment !== "hang") engine.write(bytes);
    });
    engine.on("data", (bytes: Buffer) => {
      if (span) span.to = Math.min(span.to, performance.now());
      const treatment = answer(bytes.toString("latin1"));
      if (treatment === "close") close();
      else if (treatment === "hang" || onAnswer === "hang") return;
      else if (onAnswer === "cut after") client.destroy();
      else if (onAnswer === "cut within") client.end(cutShort(bytes));
      else client.write(bytes);
    });
  }).listen(path);
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  await once(server, "listening");
  return {
    host: `unix://${path}`,
    requests,
    atOnce: (pattern) => {
      const own = spans.filter(({ line }) => pattern.test(line));
      const under = own.map(({ from }) => own.filter((one) => one.from <= from && from < one.to));
      return Math.max(0, ...under.map(({ length }) => length));
    },
    [Symbol.asyncDispose]: async () => {
      close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Its headers are whole and its body is not; of an answer without a body the last line is missing. */
function cutShort(bytes: Buffer): Buffer {
  const body = bytes.indexOf("\r\n\r\n") + 4;
  return bytes.subarray(0, body < bytes.length ? body + 1 : body - 2);
}

/** Gives the treatment to the first request that matches, and lets all others pass. */
export function firstOf(pattern: RegExp, treatment: Treatment): Request {
  let done = false;
  return (text) => {
    if (done || !pattern.test(text)) return "pass";
    done = true;
    return treatment;
  };
}

/** The first treatment that is not to let it pass. */
export function inTurn(all: readonly Request[]): Request {
  return (text) => all.map((one) => one(text)).find((one) => one !== "pass") ?? "pass";
}
