import { randomBytes } from "node:crypto";
import { ReynsError } from "../../errors.ts";
import { normalizeName } from "../wire/name.ts";

/** A secret shared with the DNS server. It permits changes of the zone. */
export interface TsigKey {
  /** In lower case; both sides must use the same name. */
  readonly name: string;
  readonly algorithm: "hmac-sha256";
  readonly secret: Uint8Array;
}

/** The length of the hash, as RFC 8945 (section 8) recommends. */
const secretBytes = 32;
/** 128 bits; a shorter secret can be guessed. */
const minSecretBytes = 16;

/** Creates a random key. @throws ReynsError INVALID_VALUE if the name is not a domain name */
export function createTsigKey(name = "reyns"): TsigKey {
  const secret = new Uint8Array(randomBytes(secretBytes));
  return { name: normalizeName(name), algorithm: "hmac-sha256", secret };
}

/**
 * Formats a key as a file for BIND and `nsupdate -k`.
 *
 * @example
 * await Bun.write("tsig.key", formatTsigKey(createTsigKey()), { mode: 0o600 });
 */
export function formatTsigKey({ name, algorithm, secret }: TsigKey): string {
  const base64 = Buffer.from(secret).toString("base64");
  return `key "${name}" {\n\talgorithm ${algorithm};\n\tsecret "${base64}";\n};\n`;
}

/**
 * Parses a BIND key file with one key: statements in any order, quoted or not, with comments.
 *
 * @param file name of the file, for errors
 * @throws ReynsError KEYS_UNUSABLE with the line; the secret is never part of the message
 */
export function parseTsigKey(text: string, file: string): TsigKey {
  const reader = new KeyReader(text, file);
  reader.expect("key");
  const name = reader.word("a key name");
  const statements = reader.block();
  reader.optional(";");
  reader.expectEnd();
  return { name: parseName(name, reader), ...parseStatements(statements, reader) };
}

interface KeyFileToken {
  readonly text: string;
  readonly line: number;
  readonly kind: "word" | "punctuation" | "end";
}

const tokenPattern =
  /(?<skipped>\s+|\/\/[^\n]*|#[^\n]*|\/\*[^]*?\*\/)|"(?<quoted>[^"\n]*)"|(?<mark>[{};])|(?<bare>[^\s{};"]+)/gy;

class KeyReader {
  readonly file: string;
  private readonly tokens: KeyFileToken[];
  private position = 0;

  constructor(text: string, file: string) {
    this.file = file;
    this.tokens = this.tokenize(text);
  }

  error(reason: string, line: number): ReynsError {
    const hint = 'expected: key "reyns" { algorithm hmac-sha256; secret "BASE64"; };';
    return new ReynsError("KEYS_UNUSABLE", `unusable TSIG key: ${reason}`, {
      hint,
      at: { file: this.file, line },
    });
  }

  word(description: string): KeyFileToken {
    const token = this.next();
    if (token.kind === "word") return token;
    throw this.error(`${description} is missing`, token.line);
  }

  expect(text: string): void {
    const token = this.next();
    if (token.text !== text) throw this.error(`"${text}" is missing`, token.line);
  }

  optional(text: string): void {
    if (this.tokens[this.position]?.text === text) this.position += 1;
  }

  expectEnd(): void {
    const token = this.next();
    if (token.kind !== "end") throw this.error("the file has more than one key", token.line);
  }

  block(): Map<string, KeyFileToken> {
    const statements = new Map<string, KeyFileToken>();
    this.expect("{");
    for (let token = this.next(); token.text !== "}"; token = this.next()) {
      if (token.kind !== "word") throw this.error('"}" is missing', token.line);
      if (statements.has(token.text))
        throw this.error(`duplicate statement ${quoteIfSafe(token.text)}`, token.line);
      statements.set(token.text, this.word(`the value of ${quoteIfSafe(token.text)}`));
      this.expect(";");
    }
    return statements;
  }

  get lastLine(): number {
    return this.tokens.at(-1)?.line ?? 1;
  }

  private next(): KeyFileToken {
    const token = this.tokens[this.position] ?? { text: "", line: this.lastLine, kind: "end" };
    this.position += 1;
    return token;
  }

  private tokenize(text: string): KeyFileToken[] {
    const tokens: KeyFileToken[] = [];
    let line = 1;
    let end = 0;
    for (const match of text.matchAll(tokenPattern)) {
      const { skipped, quoted, mark, bare } = match.groups ?? {};
      if (skipped === undefined) {
        tokens.push({
          text: mark ?? quoted ?? bare ?? "",
          line,
          kind: mark ? "punctuation" : "word",
        });
      }
      line += match[0].split("\n").length - 1;
      end = match.index + match[0].length;
    }
    if (end < text.length) throw this.error("a quotation mark is not closed", line);
    return [...tokens, { text: "", line, kind: "end" }];
  }
}

/** Quotes a word of the file, unless it may be a misplaced secret. */
function quoteIfSafe(word: string): string {
  return /^[A-Za-z][A-Za-z0-9-]{0,19}$/.test(word) ? `"${word}"` : "(hidden)";
}

function parseName({ text, line }: KeyFileToken, reader: KeyReader): string {
  if (text === "") throw reader.error("the name is empty", line);
  try {
    return normalizeName(text);
  } catch {
    throw reader.error("the name is not a domain name", line);
  }
}

function parseStatements(
  statements: Map<string, KeyFileToken>,
  reader: KeyReader,
): Omit<TsigKey, "name"> {
  for (const [name, { line }] of statements) {
    if (name !== "algorithm" && name !== "secret")
      throw reader.error(`unknown statement ${quoteIfSafe(name)}`, line);
  }
  const algorithm = statements.get("algorithm");
  const secret = statements.get("secret");
  if (!algorithm) throw reader.error('"algorithm" is missing', reader.lastLine);
  if (!secret) throw reader.error('"secret" is missing', reader.lastLine);
  if (algorithm.text.toLowerCase() !== "hmac-sha256") {
    throw reader.error(
      `the algorithm ${quoteIfSafe(algorithm.text)} is not supported, only hmac-sha256`,
      algorithm.line,
    );
  }
  return { algorithm: "hmac-sha256", secret: parseSecret(secret, reader) };
}

function parseSecret({ text, line }: KeyFileToken, reader: KeyReader): Uint8Array {
  const secret = new Uint8Array(Buffer.from(text, "base64"));
  // Buffer skips invalid characters, so compare with the encoded result.
  const encoded = Buffer.from(secret).toString("base64").replaceAll("=", "");
  if (encoded !== text.replace(/={0,2}$/, "")) throw reader.error("the secret is not base64", line);
  if (secret.length < minSecretBytes) {
    throw reader.error(`the secret is shorter than ${minSecretBytes} bytes`, line);
  }
  return secret;
}
