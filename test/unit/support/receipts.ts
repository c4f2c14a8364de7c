import type { TestReceipt } from "../../../src/model/receipt.ts";

const digest = (letter: string): string => letter.repeat(32);
const id = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** A receipt of two instances. */
export function sampleReceipt(given: Partial<TestReceipt> = {}): TestReceipt {
  const image = (name: string, letter: string): TestReceipt["images"][number] => ({
    name,
    id: id(letter),
    content: id(letter),
    digests: [],
    inputs: null,
  });
  const instance = (service: string, letter: string): TestReceipt["instances"][number] => ({
    host: `${service}-one`,
    service,
    instance: "one",
    group: null,
    image: id(letter),
    definition: { command: digest("1"), "env MODE": digest("2") },
    free: ["addresses"],
  });
  return {
    schema: 1,
    project: "shop",
    conf: "default",
    group: null,
    testedAt: "2026-01-31T12:00:00.000Z",
    commit: "0123456789abcdef0123456789abcdef01234567",
    clean: true,
    reyns: "0.1.0",
    engine: { version: "29.0.0", api: "1.52" },
    images: [image("shop/web:latest", "a"), image("postgres:17", "b")],
    instances: [instance("web", "a"), instance("db", "b")],
    shared: { policy: digest("3") },
    files: { "./site/index.html": { digest: digest("4"), mode: "0644" } },
    tests: [{ name: "it answers", milliseconds: 12 }],
    ...given,
  };
}
