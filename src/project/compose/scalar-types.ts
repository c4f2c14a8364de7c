import type { ScalarType } from "./source-node.ts";

export interface ResolvedScalar {
  readonly type: ScalarType;
  readonly text: string;
}

const words: Readonly<Record<string, ResolvedScalar>> = Object.fromEntries(
  [
    { type: "null", text: "", spellings: ["", "~", "null", "Null", "NULL"] },
    { type: "boolean", text: "true", spellings: ["true", "True", "TRUE"] },
    { type: "boolean", text: "false", spellings: ["false", "False", "FALSE"] },
    { type: "float", text: "NaN", spellings: [".nan", ".NaN", ".NAN"] },
    { type: "float", text: "+Inf", spellings: [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"] },
    { type: "float", text: "-Inf", spellings: ["-.inf", "-.Inf", "-.INF"] },
  ].flatMap(({ type, text, spellings }) =>
    spellings.map((spelling) => [spelling, { type: type as ScalarType, text }]),
  ),
);

/**
 * The type of a plain scalar by the rules of Compose's YAML reader: `yes` and `12:30` are texts, `010` is octal, `1_000` a
 * number.
 */
export function resolvePlain(plain: string): ResolvedScalar {
  const word = Object.hasOwn(words, plain) ? words[plain] : undefined;
  if (word) return word;
  if (!/^[-+.\d]/.test(plain)) return { type: "string", text: plain };
  if (isDate(plain)) return { type: "date", text: plain };
  const digits = plain.startsWith(".") ? plain : plain.replaceAll("_", "");
  const integer = parseInteger(digits);
  if (integer !== undefined) return { type: "integer", text: String(integer) };
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(digits))
    return { type: "string", text: plain };
  const value = Number(digits);
  // Beyond the range of a number, it is a text.
  return Number.isFinite(value)
    ? { type: "float", text: formatFloat(value) }
    : { type: "string", text: plain };
}

function isDate(plain: string): boolean {
  const time = /[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?/;
  const pattern = new RegExp(`^(\\d{4})-(\\d{1,2})-(\\d{1,2})(?:${time.source})?$`);
  const [, year, month, day] = (pattern.exec(plain) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const largest = 2n ** 64n - 1n;
const smallest = -(2n ** 63n);

function parseInteger(text: string): bigint | undefined {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const octal = /^0([0-7]+)$/.exec(digits)?.[1];
  const isKnown = /^(0x[\da-f]+|0b[01]+|0o[0-7]+|0|[1-9]\d*)$/i.test(digits);
  if (octal === undefined && !isKnown) return undefined;
  const size = BigInt(octal === undefined ? digits : `0o${octal}`);
  const value = sign === "-" ? -size : size;
  return value > largest || value < smallest ? undefined : value;
}

/** A number as Go prints it: with an exponent below 1e-4 and from 1e6 on, of two digits at least. */
function formatFloat(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (Object.is(value, -0)) return "-0";
  if (power >= -4 && power < 6) return String(value);
  const sign = power < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}
