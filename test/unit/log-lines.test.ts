import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { createLogReader, type LogLine } from "../../src/docker/streams/log-lines.ts";
import { cases } from "../support/random.ts";

const time = (second: number): string =>
  `2026-01-31T12:00:0${second}.${String(second).padStart(9, "0")}Z`;

/** An entry as the Engine sends it: a header, a timestamp, the text. */
function frame(output: 1 | 2, at: string, text: string | Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(`${at} `), Buffer.from(text)]);
  const header = Buffer.from([output, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function read(chunks: readonly Buffer[]): LogLine[] {
  const lines: LogLine[] = [];
  const reader = createLogReader((line) => lines.push(line));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return lines;
}

const log = Buffer.concat([
  frame(1, time(1), "first\n"),
  frame(2, time(2), "an error\n"),
  frame(1, time(3), "a".repeat(16_384)),
  frame(1, time(4), `${"b".repeat(10)}\n`),
  frame(1, time(5), "no end of line"),
]);
const lines: LogLine[] = [
  { text: "first", time: time(1) },
  { text: "an error", time: time(2) },
  { text: "a".repeat(16_384) + "b".repeat(10), time: time(3) },
  { text: "no end of line", time: time(5) },
];

test("lines have the time of their first entry, and long ones are put together", () => {
  expect(read([log])).toEqual(lines);
});

test("a line that its program has ended with CR and LF has its return, one from a terminal has none", () => {
  const framed = Buffer.concat([frame(1, time(1), "a\rb\r\n"), frame(1, time(2), "c\r")]);
  expect(read([framed])).toEqual([
    { text: "a\rb", time: time(1), endsWithReturn: true },
    { text: "c", time: time(2), endsWithReturn: true },
  ]);
  expect(read([Buffer.from(`${time(1)} a\rb\r\n`)])).toEqual([{ text: "a\rb", time: time(1) }]);
});

test("a line that is no UTF-8 has its bytes as well, also where an entry ends inside of a character", () => {
  const latin1 = Buffer.from("gr\u00FCn", "latin1");
  const [begin, end] = [Buffer.from("\uFEFFgr\u00FC"), Buffer.from([0xe2, 0x82])];
  const entries = [
    frame(1, time(1), Buffer.concat([latin1, Buffer.from("\r\n")])),
    frame(1, time(2), begin.subarray(0, 6)),
    frame(1, time(3), Buffer.concat([begin.subarray(6), Buffer.from("n\n")])),
    frame(1, time(4), end),
  ];
  const expected = [
    { text: "gr\uFFFDn", bytes: latin1, time: time(1), endsWithReturn: true },
    { text: "\uFEFFgr\u00FCn", time: time(2) },
    { text: "\uFFFD", bytes: end, time: time(4) },
  ];
  const whole = Buffer.concat(entries);
  for (const chunks of [[whole], [...whole].map((byte) => Buffer.from([byte]))])
    expect(read(chunks) as unknown[]).toEqual(expected);
});

test("chunks may end anywhere, inside of headers and timestamps too", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(log.length), { maxLength: 30 }), (cuts) => {
      const ends = [...new Set([0, ...cuts, log.length])].toSorted((a, b) => a - b);
      const chunks = ends.slice(1).map((end, index) => log.subarray(ends[index], end));
      expect(read(chunks)).toEqual(lines);
    }),
    { numRuns: cases(200) },
  );
});

test("the lines of a service's tasks have their task, and their long ones do not mix", () => {
  const details = (task: string): string =>
    `com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=${task}`;
  const entries = Buffer.concat([
    frame(1, time(1), `${details("t1")} ${"a".repeat(16_384)}`),
    frame(1, time(2), `${details("t2")} b c\n`),
    frame(2, time(3), `${details("t1")} an error\n`),
    frame(1, time(4), `${details("t1")} end\n`),
    frame(1, time(5), `${details("t2")} \n`),
  ]);
  const expected = [
    [
      { text: "b c", time: time(2) },
      { output: "stdout", task: "t2" },
    ],
    [
      { text: "an error", time: time(3) },
      { output: "stderr", task: "t1" },
    ],
    [
      { text: `${"a".repeat(16_384)}end`, time: time(1) },
      { output: "stdout", task: "t1" },
    ],
    [
      { text: "", time: time(5) },
      { output: "stdout", task: "t2" },
    ],
  ];
  for (const chunks of [[entries], [...entries].map((byte) => Buffer.from([byte]))]) {
    const found: unknown[] = [];
    const reader = createLogReader((...line) => found.push(line), { hasDetails: true });
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
    expect(found).toEqual(expected);
  }
  const found: unknown[] = [];
  const reader = createLogReader((...line) => found.push(line), { hasDetails: true });
  reader.push(Buffer.from(`${time(1)} ${details("t1")} of a terminal\r\n`));
  reader.end();
  expect(found).toEqual([
    [
      { text: "of a terminal", time: time(1) },
      { output: "stdout", task: "t1" },
    ],
  ]);
});

test("with a terminal, where nothing frames the output, the timestamps stand in the lines", () => {
  const text = `${time(1)} one\r\n${time(2)} two\r\n`;
  expect(read([Buffer.from(text.slice(0, 40)), Buffer.from(text.slice(40))])).toEqual([
    { text: "one", time: time(1) },
    { text: "two", time: time(2) },
  ]);
});

test("a time in whole seconds, as Podman's, costs no short line", () => {
  const at = "2026-01-31T12:00:01Z";
  const entries = ["1\n", "\n", "a longer line than any timestamp\n", "end\n"];
  const whole = Buffer.concat(entries.map((text) => frame(1, at, text)));
  const expected = entries.map((text) => ({ text: text.trimEnd(), time: at }));
  expect(read([whole])).toEqual(expected);
  expect(read([...whole].map((byte) => Buffer.from([byte])))).toEqual(expected);
});
