import { expect, test } from "bun:test";
import { toStartError } from "../../src/runtime/instances/start-errors.ts";
import { ReynsError } from "../../src/errors.ts";

const layers =
  "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";

test.each([
  [
    `${layers}exec: "nosuch": executable file not found in $PATH: unknown`,
    'exec: "nosuch": executable file not found in $PATH',
    "correct the command",
  ],
  [
    "driver failed programming external connectivity on endpoint web-one (63): Error starting userland proxy: error while calling PortManager.AddPort(): cannot expose privileged port 81, you can add 'net.ipv4.ip_unprivileged_port_start=81' to /etc/sysctl.conf (currently 1024), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= 1024): listen tcp4 0.0.0.0:81: bind: permission denied",
    "this Engine's user may not open port 81",
    "publish a port from 1024 on, or allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=81",
  ],
  ...[
    "Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
    "failed to set up container networking: driver failed programming external connectivity on endpoint web-one (02): failed to bind host port for 127.0.0.1:8080:10.0.0.2:7/tcp: address already in use",
    "failed to bind host port for [::1]:8080:[fd00::2]:7/tcp: address already in use",
    "failed to bind host port 0.0.0.0:8080/tcp: address already in use",
  ].map((said): [string, string, string] => [
    said,
    "port 8080/tcp is in use on this host",
    "stop what uses it, or publish another port of the host",
  ]),
  [
    "network 36014793c007ba79b45be70d47b6c1d4 not found",
    "its network does not exist any more",
    "reyns run all makes it again",
  ],
  ...[
    "image was found but does not match the specified platform: wanted linux/s390x, actual: linux/amd64",
    "image with reference web:1 was found but its platform (linux/amd64) does not match the specified platform (linux/s390x)",
  ].map((said): [string, string, string] => [
    said,
    "its image is for linux/amd64, not for linux/s390x",
    "reyns pull SERVICE gets the other one",
  ]),
  [
    "image with reference web:1 was found but does not provide the specified platform (linux/s390x)",
    "its image is not for linux/s390x",
    "reyns pull SERVICE gets the other one",
  ],
  ...[
    'Error response: cannot overwrite directory "/opt" with non-directory',
    'Error response: cannot overwrite directory "opt" with non-directory',
    'copier: put: error creating "/opt": copier: put: error creating file at "/opt": open /opt: file exists',
  ].map((said): [string, string, string] => [
    said,
    "/opt is a folder in its image, and a file in its definition",
    "correct the path in files",
  ]),
  [
    "container create: container-init binary not found on the host: stat /usr/libexec/podman/catatonit",
    "container create: container-init binary not found on the host: stat /usr/libexec/podman/catatonit",
    "init needs a program that Podman's machine lacks",
  ],
  ["No command specified", "No command specified", "its image has no CMD"],
  ["something else", "something else", undefined],
])("a start error contains the Engine's reason without its layers: %s", (said, reason, hint) => {
  const refused = new ReynsError("ENGINE_REFUSED", `the Docker Engine refused: ${said}`);
  const error = toStartError("web-one", refused) as ReynsError;
  expect(error.message).toBe(`web-one: cannot start: ${reason}`);
  expect(error.hint?.slice(0, hint?.length)).toBe(hint);
});
