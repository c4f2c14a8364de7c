// What a run of tests prints, and the report in the XML of JUnit.
import { expect, test } from "bun:test";
import type { TestResult } from "../../src/model/tests.ts";
import { formatJUnit } from "../../src/ui/views/junit.ts";
import { formatTestResult, formatTestSummary } from "../../src/ui/views/test-report.ts";

const at = { file: "/p/reyns.ts", line: 3, column: 1 };
const failure = {
  message: 'expect(received).toBe(expected)\n\nExpected: "<a>"\nReceived: "\u001B[31m&\u0000"\n',
  at,
  hint: undefined,
  output: ["printed"],
  logs: [
    { host: "web-one", lines: ["up", "]]> down \uFFFF\uD800"] },
    { host: "db-one", lines: [] },
  ],
};
const results: readonly TestResult[] = [
  { name: 'stores <orders> & "more"', at, status: "passed", milliseconds: 1234 },
  { name: "fails\nover two lines", at, status: "failed", milliseconds: 20, failure },
  { name: "later", at, status: "skipped", milliseconds: 0 },
];

/** What a strict parser says of a document: expat, which Python has. */
async function xmlErrors(text: string): Promise<string> {
  const parse = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin.buffer)";
  const child = Bun.spawn(["python3", "-c", parse], { stdin: Buffer.from(text), stderr: "pipe" });
  return child.stderr.text();
}

test("the report is XML that has every test, with its time, its line and its failure", async () => {
  const text = formatJUnit({
    project: "shop",
    folder: "/p",
    startedAt: new Date("2026-02-03T04:05:06.700Z"),
    milliseconds: 1300,
    results,
  });
  expect(await xmlErrors(text)).toBe("");
  expect(text).toContain(
    '<testsuite name="shop" timestamp="2026-02-03T04:05:06" tests="3" failures="1" errors="0" skipped="1" time="1.300">',
  );
  expect(text).toContain(
    '<testcase name="stores &lt;orders&gt; &amp; &quot;more&quot;" classname="shop" file="reyns.ts" line="3" time="1.234"/>',
  );
  expect(text).toContain('name="fails&#10;over two lines"');
  expect(text).toContain("web-one | ]]&gt; down \uFFFD\uFFFD</system-out>");
  expect(text).toMatch(/name="later"[^>]*>\s*<skipped\/>/);
});

test("a failed test is shown with its place, the difference, its output and its logs", () => {
  expect(formatTestResult(results[1]!)).toBe(`✗ fails over two lines  0.0s
  /p/reyns.ts:3:1
  expect(received).toBe(expected)

  Expected: "<a>"
  Received: "&\\x00"
  | printed
  web-one has printed, at the end:
  | up
  | ]]> down \uFFFF\uD800
  db-one has printed nothing
`);
});

test("the last line counts what has passed, failed and been skipped", () => {
  expect(formatTestSummary(results, 4250)).toBe("3 tests: 1 failed, 1 passed, 1 skipped in 4.3s");
  expect(formatTestSummary(results.slice(0, 1), 90_000)).toBe("1 test: 1 passed in 1m 30s");
});
