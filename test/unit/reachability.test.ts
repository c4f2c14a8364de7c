import { expect, test } from "bun:test";
import type { Engine } from "../../src/docker/client/engine.ts";
import { isReachableFromHost } from "../../src/runtime/host/reachability.ts";

const here = "127.0.0.2";
/** TEST-NET-3 of RFC 5737: no host has it. */
const elsewhere = "203.0.113.7";
const rootless = { SecurityOptions: ["name=seccomp,profile=default", "name=rootless"] };
const podman = { SecurityOptions: ["name=seccomp,profile=default"], Rootless: true };
const ordinary = { SecurityOptions: ["name=seccomp,profile=default"] };

const cases: readonly [string, object, boolean, string, boolean][] = [
  ["an Engine of this machine", ordinary, true, here, true],
  [
    "a network that this host does not have, such as one in a virtual machine",
    ordinary,
    true,
    elsewhere,
    false,
  ],
  ["a rootless Engine with a subnet that this host has, too", rootless, true, here, false],
  ["rootless Podman", podman, true, here, false],
  ["Podman as root", { ...podman, Rootless: false }, true, here, true],
  ["an Engine on another machine", ordinary, false, here, false],
];

test.each(cases)(
  "addresses of %s are reachable, or not",
  async (_, info, local, address, expected) => {
    const patience = { milliseconds: 1000, ping: () => Promise.resolve() };
    const engine = { local, patience, send: async () => Response.json(info) };
    expect(await isReachableFromHost(engine as Partial<Engine> as Engine, address)).toBe(expected);
  },
);
