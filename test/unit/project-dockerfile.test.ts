import { describe, expect, test } from "bun:test";
import { readDockerfile } from "../../src/project/services/dockerfile.ts";

describe("base images, that of the last stage last", () => {
  const cases: [string, string[]][] = [
    ["FROM reyns/reyns-base", ["reyns/reyns-base"]],
    ["from a AS b\r\nRUN x\r\n", ["a"]],
    ["FROM --platform=linux/amd64 a@sha256:abc", ["a@sha256:abc"]],
    ["FROM a AS build\nFROM b\nCOPY --from=build /x /x", ["a", "b"]],
    ["FROM a AS x\nFROM b AS y\nFROM x", ["b", "a"]],
    ["FROM a AS x\nFROM x AS y\nFROM y", ["a"]],
    ["FROM a AS Build\nFROM build", ["a"]],
    ["FROM a\nFROM a", ["a"]],
    ["FROM scratch", []],
    ["FROM a AS x\nFROM scratch", ["a"]],
    ["ARG V=1\nARG N=base\nFROM ${N}:$V", ["base:1"]],
    ["ARG V\nFROM img:${V:-3}", ["img:3"]],
    ["ARG V=\nFROM img:${V:-3}", ["img:3"]],
    ["ARG V=2\nFROM img:${V:-3}", ["img:2"]],
    ["ARG B\nFROM $B", []],
    ["# FROM no\nFROM a # comment", ["a"]],
    ["# syntax=docker/dockerfile:1\n\n\nFROM a", ["a"]],
    ["\uFEFFFROM a", ["a"]],
    ["FROM", []],
    ["", []],
    ["RUN <<E\nFROM no\nE\n", []],
    ["\0\u{1F600}", []],
  ];
  test.each(cases)("%j", (text, parents) => {
    const facts = readDockerfile(text, "Dockerfile");
    expect([...facts.parents]).toEqual(parents);
    expect(facts.errors).toEqual([]);
  });
});

describe("annotations", () => {
  const tcp = (container: number, host = container) => ({ container, host, protocol: "tcp" });
  const right: [string, object[]][] = [
    ["# reyns: expose 80", [tcp(80)]],
    ["#reyns: expose 80/tcp", [tcp(80)]],
    ["  #   reyns:expose   80  as  8080  ", [tcp(80, 8080)]],
    ["# reyns: expose 53/udp\r\n# reyns: expose 53", [{ ...tcp(53), protocol: "udp" }, tcp(53)]],
    ["# reyns: expose 65535/udp as 1", [{ container: 65_535, host: 1, protocol: "udp" }]],
    ["# about reyns: expose 80", []],
    ["RUN echo # reyns: expose 80", []],
  ];
  test.each(right)("%j", (text, ports) => {
    const facts = readDockerfile(`FROM a\n${text}`, "Dockerfile");
    expect(facts.ports as object[]).toEqual(ports);
    expect(facts).toMatchObject({ privileged: false, errors: [] });
  });

  test("set privileged; build arguments are listed", () => {
    const text = "ARG A\n# reyns: privileged\nFROM a\nARG BUILDING_UID=1\nARG B";
    expect(readDockerfile(text, "x")).toMatchObject({ privileged: true, ports: [] });
    expect([...readDockerfile(text, "x").buildArguments]).toEqual(["A", "BUILDING_UID", "B"]);
  });

  const wrong = [
    "expose",
    "expose x",
    "expose 80/TCP",
    "expose 80 as",
    "expose 80 81",
    "expose -1",
    "expose 0",
    "expose 65536",
    "expose 80 as 65536",
    "expose 99999999999999999999",
    "exposed 80",
    "privileged now",
    "",
  ];
  test.each(wrong)("%j is rejected at its line", (words) => {
    const { errors, ports } = readDockerfile(`FROM a\n\n# reyns: ${words}`, "Dockerfile");
    expect(ports).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      code: "INVALID_PROJECT",
      at: { file: "Dockerfile", line: 3 },
    });
    expect(errors[0]?.hint).toMatch(/expose PORT as PORT|1 to 65535/);
  });
});

describe("repeatable images", () => {
  test.each([
    "FROM a\nRUN echo $HOME\nCOPY . /\n",
    "FROM a AS one\nFROM b\nCOPY --from=one /x /y\nCOPY --from=0 /x /y\n",
    "FROM a AS one\nFROM one\nRUN --mount=type=bind,from=ONE,target=/x ls\n",
    "FROM a\nADD files.tar /\n",
  ])("%j is one", (text) => {
    expect(readDockerfile(text, "x").repeatable).toBe(true);
  });

  test.each([
    "ARG BASE=a\nFROM $BASE\n",
    "# syntax=docker/dockerfile:1\nFROM a\n",
    "FROM a\nADD https://example.com/x /x\n",
    "FROM a\nADD git@example.com:x.git /x\n",
    "FROM a\nARG URL\nADD $URL /x\n",
    "FROM a\nCOPY --from=b /x /y\n",
    "FROM a\nRUN --mount=type=bind,from=b,target=/x ls\n",
  ])("%j is none", (text) => {
    expect(readDockerfile(text, "x").repeatable).toBe(false);
  });
});
