import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { outputOf } from "./support/terminal.ts";

describe("printing sanitizes", () => {
  const hostile = String.raw`"\u001B[2J\u001B]0;t\u0007\u001B[31mred \u202Eend\u0085"`;
  const printed = (
    call: string,
    env: Record<string, string> = {},
    columns?: number,
  ): Promise<string> =>
    outputOf(
      `import { print, printJson, printLogLine } from "./src/ui/output/print.ts";
       import { paint } from "./src/ui/output/style.ts"; ${call}`,
      { env, ...(columns === undefined ? {} : { columns }) },
    );

  test("a result keeps colours only where colours are shown", async () => {
    const call = `print(paint("green", "ok", "stdout") + ${hostile})`;
    expect(await printed(call)).toBe("okred \\u202eend\\x85");
    expect(await printed(call, { FORCE_COLOR: "1" })).toBe(
      "\u001B[32mok\u001B[39m\u001B[31mred \\u202eend\\x85",
    );
  });

  test("JSON keeps its values", async () => {
    const document = await printed(`printJson(${hostile})`);
    expect(document).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(JSON.parse(document)).toBe("\u001B[2J\u001B]0;t\u0007\u001B[31mred \u202Eend\u0085");
  });

  test("a line of a log keeps its colours on a terminal, and ends them", async () => {
    for (const env of [{}, { TERM: "dumb" }])
      expect(await printed(`printLogLine(${hostile}, "web | ")`, env, 80)).toBe(
        "web | \u001B[31mred \\u202eend\\x85\u001B[0m",
      );
  });

  test("a line of a log is what the program has written when it does not go to a terminal", async () => {
    expect(await printed(`printLogLine(${hostile}, "web | ")`)).toBe(
      `web | ${JSON.parse(hostile)}`,
    );
    expect(await printed(String.raw`printLogLine("\u001B[32m10%\r20%", "web | ")`)).toBe(
      "web | \u001B[32m10%\r20%",
    );
  });

  test("a line of a log that is no UTF-8 arrives byte for byte, with a prefix as without one", async () => {
    const code = `import { createLogPrinter } from "./src/cli/common/log-lines.ts";
      const line = { text: "gr?n", bytes: Buffer.from("gr\u00FCn", "latin1"), time: "" };
      for (const isNamed of [false, true])
        createLogPrinter({ hosts: ["web"], isNamed, withTime: false })({ host: "web" }, line);
      createLogPrinter({ hosts: [], isNamed: false })({ host: "web" }, { ...line, endsWithReturn: true });`;
    const cwd = join(import.meta.dir, "../..");
    const child = Bun.spawn([process.execPath, "-e", code], { cwd, stdin: "ignore" });
    expect(Buffer.from(await child.stdout.bytes()).toString("latin1")).toBe(
      "gr\u00FCn\nweb | gr\u00FCn\ngr\u00FCn\r\n",
    );
  });

  test("a carriage return in a line of a log overwrites what stands before it on a terminal, but not the name", async () => {
    const call = String.raw`printLogLine("10%\r\u001B[32m20%\u001B[2K\r\rdb | 30%\r", "web | ")`;
    expect(await printed(call, {}, 80)).toBe(
      "web | 10%\r\u001B[Kweb | \u001B[32m20%\u001B[0m\r\u001B[Kweb | db | 30%",
    );
    expect(await printed(call, { TERM: "dumb" }, 80)).toBe(
      "web | 10%\u001B[32m20%db | 30%\u001B[0m",
    );
  });
});
