import type { TextRange } from "./source-node.ts";

interface ShortMount {
  /** Missing for an anonymous volume. */
  readonly sourceAt: TextRange | undefined;
  readonly targetAt: TextRange;
  readonly isReadOnly: boolean;
  readonly noCopy: boolean;
  readonly propagation: string | undefined;
  readonly selinux: string | undefined;
  /** Options that Compose ignores. */
  readonly unknown: readonly string[];
}

const propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"];
const known = new Set(["ro", "rw", "nocopy", "z", "Z", ...propagations]);

/**
 * Splits the short form of a mount: "/data", "data:/data", "./site:/site:ro,z". A single letter before a colon is a
 * drive of Windows.
 *
 * @see https://docs.docker.com/reference/compose-file/services/#volumes
 */
export function splitMount(text: string): ShortMount | { readonly problem: string } {
  if (text === "") return { problem: "an empty text is no mount" };
  const sections = sectionsOf(text);
  const [first, second, third] = sections;
  if (!first || sections.some(({ start, end }) => start === end))
    return { problem: "nothing between two colons, or at an end" };
  if (sections.length > 3) return { problem: "too many colons" };
  const options = third ? text.slice(third.start, third.end).split(",") : [];
  return {
    sourceAt: second && first,
    targetAt: second ?? first,
    isReadOnly: options.findLast((option) => option === "ro" || option === "rw") === "ro",
    noCopy: options.includes("nocopy"),
    propagation: options.findLast((option) => propagations.includes(option)),
    selinux: options.findLast((option) => option.toLowerCase() === "z"),
    unknown: options.filter((option) => !known.has(option)),
  };
}

function sectionsOf(text: string): TextRange[] {
  // Compose takes a text as short as this one as a path.
  if (text.length <= 2) return [{ start: 0, end: text.length }];
  const sections: TextRange[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] !== ":") continue;
    if (/^\p{L}$/u.test(text.slice(start, index))) continue;
    sections.push({ start, end: index });
    start = index + 1;
  }
  return [...sections, { start, end: text.length }];
}
