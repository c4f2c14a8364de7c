import { expect, test } from "bun:test";
import { parseAddresses } from "../../src/docker/client/ssh-tunnel.ts";

test("a machine has other addresses than those that ip prints", () => {
  const line =
    "addresses 1: lo inet 127.0.0.1/8 scope host lo\\ valid_lft forever preferred_lft forever " +
    "2: eth0 inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0\\ valid_lft forever " +
    "2: eth0 inet6 fe80::1c2f/64 scope link\\ valid_lft forever 5: tun0 inet 10.8.0.6 peer 10.8.0.5/32 scope global tun0";
  expect(parseAddresses(line)).toEqual([
    { name: "lo", address: "127.0.0.1" },
    { name: "eth0", address: "10.0.0.11" },
    { name: "eth0", address: "fe80::1c2f" },
    { name: "tun0", address: "10.8.0.6" },
  ]);
  expect(parseAddresses("addresses ")).toEqual([]);
});
