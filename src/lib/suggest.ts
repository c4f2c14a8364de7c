import { closest, distance } from "fastest-levenshtein";

/** Finds the accepted word nearest to `word`, if it is similar enough to be meant. */
export function nearest(word: string, accepted: Iterable<string>): string | undefined {
  // The difference in length is a lower bound of the distance; the filter keeps long input cheap.
  const candidates = [...accepted].filter(
    ({ length }) => Math.abs(length - word.length) <= tolerance(length),
  );
  if (candidates.length === 0) return undefined;
  const anagram = candidates.find((candidate) => isAnagram(word, candidate));
  const closestOne = closest(word.toLowerCase(), candidates);
  // Two letters that changed places are one mistake, but count as two changes.
  const isTypo = distance(word.toLowerCase(), closestOne.toLowerCase()) > 1;
  const best = isTypo ? (anagram ?? closestOne) : closestOne;
  const changes = distance(word.toLowerCase(), best.toLowerCase());
  // A distance as large as the word means that nothing matches.
  // Two changes make almost any short word another one, unless its letters are only in the wrong order.
  const limit = best.length > 4 || isAnagram(word, best) ? tolerance(best.length) : 1;
  return changes <= limit && changes < best.length ? best : undefined;
}

/** The largest accepted distance to a word of this length. */
function tolerance(length: number): number {
  return Math.max(2, length / 3);
}

function isAnagram(one: string, other: string): boolean {
  const lettersOf = (word: string): string => Array.from(word.toLowerCase()).toSorted().join("");
  return lettersOf(one) === lettersOf(other);
}

/** A hint that suggests the nearest accepted word; undefined if none is similar. */
export function didYouMean(word: string, accepted: Iterable<string>): string | undefined {
  const best = nearest(word, accepted);
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** A hint that suggests the nearest accepted word and lists all of them. */
export function acceptedHint(word: string, accepted: Iterable<string>): string {
  const words = [...accepted];
  if (words.length === 0) return "there are none";
  const list = `accepted: ${words.join(", ")}`;
  return [didYouMean(word, words), list].filter((part) => part !== undefined).join(" ");
}
