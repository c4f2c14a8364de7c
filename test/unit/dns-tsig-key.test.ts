import { describe, expect, test } from "bun:test";
import { createTsigKey, formatTsigKey, parseTsigKey } from "../../src/dns/tsig/key.ts";

const secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

test("a new key is random, 32 bytes long, and read back as it was written", () => {
  const key = createTsigKey();
  expect(key).toMatchObject({ name: "reyns", algorithm: "hmac-sha256" });
  expect(key.secret).toHaveLength(32);
  expect(createTsigKey().secret).not.toEqual(key.secret);
  expect(parseTsigKey(formatTsigKey(key), "tsig.key")).toEqual(key);
});

test("a name that cannot be one is refused", () => {
  expect(() => createTsigKey("a b")).toThrow(expect.objectContaining({ code: "INVALID_VALUE" }));
});

describe("files in the forms that BIND reads", () => {
  const files: [string, string][] = [
    [
      "as tsig-keygen writes it",
      `key "reyns" {\n\talgorithm hmac-sha256;\n\tsecret "${secret}";\n};\n`,
    ],
    ["on one line, no quotes", `key reyns{secret ${secret};algorithm HMAC-SHA256;};`],
    [
      "quoted algorithm, Windows lines",
      `key "Reyns." {\r\nalgorithm "hmac-sha256";\r\nsecret "${secret}";\r\n}`,
    ],
    [
      "comments",
      `# a\n// b\n/* c\n{ */ key "reyns" { algorithm hmac-sha256; /* d */ secret "${secret}"; }; // e`,
    ],
  ];
  test.each(files)("%s", (_, text) => {
    const expected = {
      name: "reyns",
      algorithm: "hmac-sha256",
      secret: Uint8Array.from({ length: 32 }, (_, i) => i),
    };
    expect(parseTsigKey(text, "tsig.key")).toEqual(expected as ReturnType<typeof createTsigKey>);
  });
});

describe("what is wrong with a file is said at its line", () => {
  const whole = `algorithm hmac-sha256; secret "${secret}";`;
  const files: [string, number, string][] = [
    ["", 1, '"key" is missing'],
    ["\n\nzone x;", 3, '"key" is missing'],
    ["key", 1, "a key name is missing"],
    ["key {", 1, "a key name is missing"],
    [`key "" {${whole}};`, 1, "the name is empty"],
    [`key "a..b" {${whole}};`, 1, "not a domain name"],
    [`key a\n${whole}`, 2, '"{" is missing'],
    [`key a {\n${whole}\n`, 3, '"}" is missing'],
    [`key a {\nalgorithm hmac-sha256;\n};`, 3, '"secret" is missing'],
    [`key a {\nsecret "${secret}";\n};`, 3, '"algorithm" is missing'],
    [`key a {\nalgorithm;\n};`, 2, 'the value of "algorithm" is missing'],
    [`key a {\nalgorithm hmac-md5;\nsecret "${secret}"; };`, 2, "hmac-md5"],
    [`key a { algorithm hmac-sha256\nsecret "${secret}"; };`, 2, '";" is missing'],
    [`key a {\n${whole}\nsecret x; };`, 3, 'duplicate statement "secret"'],
    [`key a {\n${whole}\nport 53; };`, 3, 'unknown statement "port"'],
    [`key a { algorithm hmac-sha256;\n secret "no base64!"; };`, 2, "not base64"],
    [`key a { algorithm hmac-sha256;\n secret ""; };`, 2, "shorter than 16 bytes"],
    [
      `key a { algorithm hmac-sha256;\n secret "AAECAwQFBgcICQoLDA0O"; };`,
      2,
      "shorter than 16 bytes",
    ],
    [`key a { algorithm hmac-sha256;\n secret "${secret}; };`, 2, "quotation mark"],
    [`key a {${whole}};\nkey b {${whole}};`, 2, "more than one key"],
    [`/* no end\n\nkey a {${whole}};`, 1, '"key" is missing'],
  ];
  test.each(files)("%j, line %d", (text, line, reason) => {
    const details = { code: "KEYS_UNUSABLE", at: { file: "tsig.key", line } };
    const error = thrownBy(() => parseTsigKey(text, "tsig.key"));
    expect(error).toMatchObject({ ...details, message: expect.stringContaining(reason) });
    expect(error).not.toMatchObject({ message: expect.stringContaining(secret.slice(0, 8)) });
  });

  function thrownBy(act: () => unknown): unknown {
    try {
      return act();
    } catch (error) {
      return error;
    }
  }
});
