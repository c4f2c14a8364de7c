import { closest, distance } from "fastest-levenshtein";

/** The accepted word nearest to `word`, when it is near enough to be what was meant. */
export function nearest(word: string, accepted: Iterable<string>): string | undefined {
  // The lengths alone are so many changes: without those that cannot be near, a word of any length costs nothing.
  const candidates = [...accepted].filter(
    ({ length }) => Math.abs(length - word.length) <= tolerance(length),
  );
  if (candidates.length === 0) return undefined;
  const best = closest(word.toLowerCase(), candidates);
  const changes = distance(word.toLowerCase(), best.toLowerCase());
  // As many changes as there are letters: the two have nothing in common.
  const isNear = changes <= tolerance(best.length) && changes < best.length;
  return isNear ? best : undefined;
}

/** Changes that a word may be away from one of this length. */
function tolerance(length: number): number {
  return Math.max(2, length / 3);
}

/** A hint that suggests the nearest accepted word, when one is near enough. */
export function didYouMean(word: string, accepted: Iterable<string>): string | undefined {
  const best = nearest(word, accepted);
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** A hint that suggests the nearest accepted word and lists what is accepted. */
export function acceptedHint(word: string, accepted: Iterable<string>): string {
  const words = [...accepted];
  if (words.length === 0) return "there are none";
  const list = `accepted: ${words.join(", ")}`;
  return [didYouMean(word, words), list].filter((part) => part !== undefined).join(" ");
}
