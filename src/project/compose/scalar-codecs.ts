import { didYouMean } from "../../lib/suggest.ts";
import {
  reportValue,
  reportWrong,
  replaceUnlessNull,
  shown,
  type Codec,
  type ReadContext,
} from "./codec.ts";
import { formatDuration, parseByteSize, parseDuration } from "./quantities.ts";
import { scalarLike, type ScalarType, type SourceNode, type SourceScalar } from "./source-node.ts";

interface ScalarCodec {
  readonly expects: string;
  /** Types in YAML. A text is converted in any case: it may come from a variable. */
  readonly types: readonly ScalarType[];
  readonly type: ScalarType;
  /** The canonical text; undefined if it is none. */
  readonly convert?: (text: string, node: SourceScalar, context: ReadContext) => string | undefined;
  /** The text that is the same as no value. */
  readonly zero?: string | undefined;
  readonly words?: readonly string[];
}

function scalarCodec({ expects, types, type, convert, zero, words = [] }: ScalarCodec): Codec {
  return {
    expects,
    read(node, context) {
      if (node.kind !== "scalar" || !types.includes(node.type))
        return reportWrong(node, context, expects);
      const text = convert ? convert(node.text, node, context) : node.text;
      if (text !== undefined) return scalarLike(node, text, type);
      const hint = node.source === undefined ? didYouMean(node.text, words) : undefined;
      const message = `${context.name} has to be ${expects}, not ${shown(node)}`;
      reportValue(node, context.report, message, hint);
      return undefined;
    },
    merge: replaceUnlessNull,
    finish: (node) => (node.kind === "scalar" && node.text === zero ? undefined : node),
  };
}

/** A text; an empty one is the same as none. */
export const text = textLike("a text");

export function textLike(
  expects: string,
  convert?: (text: string, node: SourceScalar, context: ReadContext) => string | undefined,
): Codec {
  return scalarCodec({
    expects,
    types: ["string"],
    type: "string",
    zero: "",
    ...(convert === undefined ? {} : { convert }),
  });
}

export function oneOf(...words: readonly string[]): Codec {
  const expects = `one of the texts ${words.join(", ")}`;
  return scalarCodec({
    expects,
    types: ["string"],
    type: "string",
    convert: (word) => (words.includes(word) ? word : undefined),
    zero: "",
    words,
  });
}

/** A text that may be written as a number. */
export const textOrNumber = scalarCodec({
  expects: "a text or a number",
  types: ["string", "integer", "float"],
  type: "string",
  zero: "",
});

const yaml1Booleans: Readonly<Record<string, string>> = {
  ...{ true: "true", y: "true", yes: "true", on: "true" },
  ...{ false: "false", n: "false", no: "false", off: "false" },
};

function convertFlag(
  word: string,
  { at }: SourceNode,
  { report, name }: ReadContext,
): string | undefined {
  const lower = word.toLowerCase();
  const value = Object.hasOwn(yaml1Booleans, lower) ? yaml1Booleans[lower] : undefined;
  if (value !== undefined && lower !== value)
    report.warn(at, `${name} is a boolean: "${word}" counts as ${value}`, `write ${value}`);
  return value;
}

/** A boolean that is false when it is missing. */
export const flag = scalarCodec({
  expects: "a boolean",
  types: ["boolean", "string"],
  type: "boolean",
  convert: convertFlag,
  zero: "false",
});

/** A boolean that may be missing: neither true nor false. */
export const optionalFlag: Codec = { ...flag, finish: (node) => node };

function wholeNumber(zero?: string, sign = /^[-+]?/): Codec {
  const pattern = new RegExp(`${sign.source}\\d{1,15}$`);
  return scalarCodec({
    expects: "a whole number",
    types: ["integer", "float", "string"],
    type: "integer",
    convert: (digits) => (pattern.test(digits) ? String(Number(digits)) : undefined),
    zero,
  });
}

/** A whole number that is 0 when it is missing. */
export const integer = wholeNumber("0");
export const optionalInteger = wholeNumber();
/** Not negative. */
export const optionalCount = wholeNumber(undefined, /^\+?/);

export const float = scalarCodec({
  expects: "a number",
  types: ["integer", "float", "string"],
  type: "float",
  convert: (digits) =>
    /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(digits) ? String(Number(digits)) : undefined,
  zero: "0",
});

/** A size, as a decimal number of bytes in a text. */
export const bytes = scalarCodec({
  expects: 'a size such as "512m"',
  types: ["integer", "float", "string"],
  type: "string",
  convert: (size) => parseByteSize(size)?.toString(),
  zero: "0",
});

function durationLike(zero?: string): Codec {
  return scalarCodec({
    expects: 'a duration with its unit, such as "1m30s"',
    types: ["string"],
    type: "string",
    convert(duration) {
      const parsed = parseDuration(duration);
      return parsed === undefined ? undefined : formatDuration(parsed);
    },
    zero,
  });
}

export const optionalDuration = durationLike();
export const duration = durationLike("0s");

/** The mode of a file, as an octal number. */
export const fileMode = scalarCodec({
  expects: 'an octal mode such as "0440"',
  types: ["integer", "string"],
  type: "string",
  convert(digits, { type }) {
    const value = type === "integer" ? Number(digits) : octal(digits);
    return value === undefined ? undefined : `0${value.toString(8)}`;
  },
});

function octal(digits: string): number | undefined {
  return /^[0-7]{1,6}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
