import type { Engine } from "./engine.ts";
import { translateError } from "./errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { protocolError } from "./http-error.ts";

/** Bytes. A list of ten thousand containers has some 30 MB. */
const longestAnswer = 100_000_000;

/** @throws a protocol error for a body that is too long */
export async function readText(response: Response): Promise<string> {
  const { body, headers } = response;
  const length = Number(headers.get("Content-Length") ?? Infinity);
  const isPlain = !headers.has("Content-Encoding");
  if (!body || (isPlain && length <= longestAnswer)) return response.text();
  return (await readBytes(body as ReadableStream<Uint8Array>)).toString();
}

/** @throws a protocol error for a body that is too long */
export async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > longestAnswer)
      throw protocolError(`its answer has more than ${longestAnswer / 1e6} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws a protocol error for what is not JSON, or nested so deeply that it cannot be parsed */
export function parseJsonAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw protocolError("its answer is not JSON", cause);
  }
}

/**
 * Takes what is needed from an answer.
 *
 * @throws ReynsError NO_ENGINE when the answer is not of the form that `read` expects
 */
export function readAnswer<Answer, Value>(
  engine: Engine,
  answer: Answer,
  read: (answer: Answer) => Value,
): Value {
  try {
    return read(answer);
  } catch (cause) {
    throw translateError(engine, protocolError("its answer is none of Docker's API", cause));
  }
}

/** @throws TypeError, for use in `readAnswer` */
export function requireString(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError("not a string");
}

/** @throws TypeError, for use in `readAnswer` */
export function requireNumber(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError("not a number");
}

/** @throws TypeError, for use in `readAnswer` */
export function requireObject<Value>(value: Value): Value {
  if (isRecord(value)) return value;
  throw new TypeError("not an object");
}
