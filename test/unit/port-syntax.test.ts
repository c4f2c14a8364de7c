import { describe, expect, test } from "bun:test";
import { parsePorts, type ParsedPort } from "../../src/model/port-syntax.ts";

const port = (given: Partial<ParsedPort>): ParsedPort => ({
  container: 80,
  host: undefined,
  protocol: "tcp",
  ip: "",
  ...given,
});

describe("ports in Docker's form", () => {
  const rows: [string, ParsedPort[]][] = [
    ["80", [port({})]],
    ["8080:80", [port({ host: 8080 })]],
    ["8080:80/udp", [port({ host: 8080, protocol: "udp" })]],
    ["8080:80/sctp", [port({ host: 8080, protocol: "sctp" })]],
    ["127.0.0.1:8080:80", [port({ host: 8080, ip: "127.0.0.1" })]],
    ["[::1]:8080:80", [port({ host: 8080, ip: "::1" })]],
    ["[fd00::7]:8080:80/udp", [port({ host: 8080, ip: "fd00::7", protocol: "udp" })]],
    ["0:80", [port({ host: 0 })]],
    ["127.0.0.1::80", [port({ host: 0, ip: "127.0.0.1" })]],
    ["[::1]::80", [port({ host: 0, ip: "::1" })]],
    ["8000-8001:80-81", [port({ host: 8000 }), port({ container: 81, host: 8001 })]],
    ["80-81", [port({}), port({ container: 81 })]],
    ["8000-8002:80", [port({ host: 0, within: "8000-8002" })]],
    [
      "[::1]:8000-8001:80/udp",
      [port({ host: 0, within: "8000-8001", ip: "::1", protocol: "udp" })],
    ],
    ["8000-8000:80", [port({ host: 8000 })]],
    ["0:80-81/udp", [80, 81].map((container) => port({ container, host: 0, protocol: "udp" }))],
  ];
  test.each(rows)("%s", (text, parsed) => {
    expect(parsePorts(text)).toEqual(parsed);
  });

  const wrong = [
    "",
    "x",
    "0",
    "65536",
    "80:0",
    "8000-8002:80-81",
    "8002-8000:80",
    "80-79",
    "0-2:80-82",
    "::1:80:80",
  ];
  const wrongToo = [
    "[::1]",
    "[127.0.0.1]x:80:80",
    "1.2.3:80:80",
    "[:::]:80:80",
    "80/icmp",
    "1:2:3:4",
  ];
  test.each([...wrong, ...wrongToo])("%j is none", (text) => {
    expect(parsePorts(text)).toBeUndefined();
  });
});
