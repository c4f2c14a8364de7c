import { expect } from "bun:test";

/** Looks through the raw layers, deleted files included. Programs name the header of a key, but no key follows it. */
export async function findSecrets(image: string): Promise<string[]> {
  const save = Bun.spawn(["docker", "save", image], { stdout: "pipe" });
  const secret = /PRIVATE KEY-----\r?\n[A-Za-z0-9+/=]{32}|secret\s+"[A-Za-z0-9+/]{22,}={0,2}"/g;
  const found: string[] = [];
  let tail = "";
  for await (const chunk of save.stdout) {
    const text = tail + Buffer.from(chunk).toString("latin1");
    found.push(...(text.match(secret) ?? []));
    tail = text.slice(-128);
  }
  expect(await save.exited).toBe(0);
  return found;
}
