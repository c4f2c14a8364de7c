import { type Output, until } from "../../engine/support/images-container.ts";
import { call, type Call } from "./reyns.ts";

/** `reyns dns watch=true`, from when it watches. */
export async function watch(folder: string): Promise<Call> {
  const watching = await call(folder, "dns watch=true");
  await says(watching, "watching");
  return watching;
}

export async function says(watching: Call, text: string): Promise<void> {
  await until(`"${text}"`, async () => watching.written().includes(text));
}

/** As the terminal ends it. */
export function end(watching: Call): Promise<Output> {
  watching.interrupt();
  return watching.output;
}
