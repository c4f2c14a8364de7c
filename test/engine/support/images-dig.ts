import type { Container } from "./images-container.ts";

/** The answer's data, a line per record; empty when there is none. */
export async function dig(container: Container, ...question: string[]): Promise<string> {
  const words = ["dig", "+short", "+time=5", "+tries=1", "@127.0.0.1"];
  const { stdout } = await container.exec(...words, ...question);
  return stdout.startsWith(";") ? "" : stdout.trim();
}

/** Sends one change from inside a DNS; resolves to "accepted" or to what nsupdate says. */
export async function update(
  container: Container,
  change: string,
  ...flags: string[]
): Promise<string> {
  const script = `printf 'server 127.0.0.1\\nupdate ${change}\\nsend\\n' | nsupdate ${flags.join(" ")} 2>&1`;
  const { status, stdout } = await container.exec("bash", "-c", script);
  return status === 0 ? "accepted" : stdout.trim();
}
