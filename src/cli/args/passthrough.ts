import type { ArgsDef } from "citty";
import { ReynsError, throwAll } from "../../errors.ts";
import { camelCase, keyNames } from "./parse.ts";
import type { Key, Word, Words } from "./tokenize.ts";

/**
 * Takes the keys out of a call that a command does not know itself: `do migrate to=12`. A key is spelt as whoever reads
 * it knows it, and its value is a text; a bare `--key` is "true".
 *
 * @throws ReynsErrors INVALID_VALUE for a key that is given twice, EXTRA_WORD
 */
export function withoutFreeKeys(
  { words, ...rest }: Words,
  accepted: ArgsDef,
): [Words, Record<string, string>] {
  const names = keyNames(Object.entries(accepted));
  const isOwn = (word: string): boolean => names.has(camelCase(word));
  const own: Word[] = [];
  const free: Key[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const [word, next] = [words[index], words[index + 1]];
    if (word === undefined) break;
    if (!("key" in word) || isOwn(word.key)) own.push(word);
    else if (word.value === undefined && next && "text" in next) {
      free.push({ key: word.key, value: next.text });
      index += 1;
    } else free.push({ key: word.key, value: word.value ?? "true" });
  }
  const places = Object.values(accepted).filter(({ type }) => type === "positional").length;
  const texts = own.flatMap((word) => ("text" in word && !isOwn(word.text) ? word.text : []));
  throwAll([...texts.slice(places).map(extraWord), ...givenTwice(free)]);
  return [
    { words: own, ...rest },
    Object.fromEntries(free.map(({ key, value = "" }) => [key, value])),
  ];
}

function extraWord(text: string): ReynsError {
  const hint = `what it is given is key=value, for example ${text}=true`;
  return new ReynsError("EXTRA_WORD", `one word too many: "${text}"`, { hint });
}

function givenTwice(keys: readonly Key[]): ReynsError[] {
  const repeated = keys.filter(
    ({ key }, index) => keys.findIndex((one) => one.key === key) < index,
  );
  return repeated.map(({ key }) => new ReynsError("INVALID_VALUE", `${key} is given twice`));
}
