import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";

/** An answer with an error status; dockerode throws errors of the same shape. */
export interface EngineError extends Error {
  statusCode: number;
  json?: { message?: string } | Buffer;
}

/** @param text the body of the answer */
export function engineError(statusCode: number, text: string): EngineError {
  const body = parseJson(text);
  return Object.assign(new Error(text), { statusCode, json: isRecord(body) ? body : {} });
}

export function isEngineError(error: unknown): error is EngineError {
  return error instanceof Error && typeof (error as Partial<EngineError>).statusCode === "number";
}

/** What answers does not speak Docker's API. */
export const protocolCode = "ENGINE_PROTOCOL";

/** @param reason goes on after "no Docker Engine at ADDRESS:" */
export function protocolError(reason: string, cause?: unknown): Error {
  return Object.assign(new Error(reason, { cause }), { code: protocolCode });
}
