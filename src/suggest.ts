import { closest, distance } from "fastest-levenshtein";

/** The accepted word nearest to `word`, when it is near enough to be what was meant. */
function nearest(word: string, accepted: Iterable<string>): string | undefined {
  const candidates = [...accepted];
  if (candidates.length === 0) return undefined;
  const best = closest(word.toLowerCase(), candidates);
  const changes = distance(word.toLowerCase(), best.toLowerCase());
  // As many changes as there are letters: the two have nothing in common.
  const isNear = changes <= Math.max(2, best.length / 3) && changes < best.length;
  return isNear ? best : undefined;
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
