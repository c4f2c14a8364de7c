import { ReynsError } from "../../../errors.ts";

/**
 * @param shown the URL in messages
 * @throws ReynsError TASK_FAILED where nothing answers
 */
export async function request(url: URL, options: RequestInit, shown = url.href): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ECONNREFUSED" ? "connection refused" : message;
    throw new ReynsError("TASK_FAILED", `${shown} does not answer: ${reason}`, { cause: error });
  }
}
