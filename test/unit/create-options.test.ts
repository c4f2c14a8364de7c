import { describe, expect, test } from "bun:test";
import { createOptions } from "../../src/docker/containers/create-options.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";

/** What the Engine is asked for when an instance is created. */
function requestFor(definition: Partial<InstanceDefinition>, privileged = false) {
  const project = projectOf([{ service: "web", ...definition }], {
    services: [{ name: "web", privileged, ports: [{ container: 53, host: 53, protocol: "udp" }] }],
  });
  return createOptions(startOf(plan(project).steps, "web-one").spec);
}

describe("privileged, up to the request", () => {
  const rows: [Partial<InstanceDefinition>, boolean, boolean][] = [
    [{}, false, false],
    [{}, true, true],
    [{ privileged: true }, false, true],
    [{ privileged: false }, true, false],
    [{ extraArgs: "--privileged" }, false, true],
  ];
  test.each(rows)("%j, annotated: %p", (definition, annotated, expected) => {
    expect(requestFor(definition, annotated).HostConfig?.Privileged).toBe(expected);
  });
});

test("ports, the host's network, a terminal", () => {
  expect(requestFor({ properties: { publishPorts: true }, publishSshOn: 2222 })).toMatchObject({
    ExposedPorts: { "53/udp": {}, "22/tcp": {} },
    HostConfig: {
      PortBindings: {
        "53/udp": [{ HostIp: "", HostPort: "53" }],
        "22/tcp": [{ HostIp: "", HostPort: "2222" }],
      },
    },
  });
  const ofHost = requestFor({ properties: { publishPorts: true, nethost: true } });
  expect(ofHost.HostConfig).toMatchObject({ NetworkMode: "host", PortBindings: {} });
  expect(ofHost).not.toHaveProperty("NetworkingConfig");
  expect(requestFor({ properties: { interactive: true } })).toMatchObject({
    Tty: true,
    OpenStdin: true,
    Cmd: ["bash"],
    HostConfig: { AutoRemove: true },
  });
  expect(requestFor({})).toMatchObject({ Tty: false, HostConfig: { AutoRemove: false } });
});

test("devices, limits and restarts in the Engine's words", () => {
  const extraArgs =
    "--device /dev/a --device /dev/b:/dev/c:r --ulimit nofile=1:2 --restart on-failure:3 --restart always -u 7";
  expect(requestFor({ extraArgs })).toMatchObject({
    User: "7",
    HostConfig: {
      Devices: [
        { PathOnHost: "/dev/a", PathInContainer: "/dev/a", CgroupPermissions: "rwm" },
        { PathOnHost: "/dev/b", PathInContainer: "/dev/c", CgroupPermissions: "r" },
      ],
      Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
      RestartPolicy: { Name: "always" },
    },
  });
});

describe("options of mounts", () => {
  test("SELinux labels need the API's older form, for binds only", () => {
    const { HostConfig } = requestFor({ volumes: ["./a:/a:ro,z", "./b:/b", "pool:/c:Z"] });
    expect(HostConfig?.Binds).toEqual(["/home/me/shop/a:/a:ro,z"]);
    const targets = HostConfig?.Mounts?.map(({ Target }) => Target);
    expect(targets).toEqual(expect.arrayContaining(["/b", "/c"]));
    expect(targets).not.toContain("/a");
  });

  test("propagation and nocopy are the Engine's own", () => {
    const { HostConfig } = requestFor({ volumes: ["/mnt:/mnt:rslave", "pool:/c:nocopy"] });
    expect(HostConfig).not.toHaveProperty("Binds");
    expect(HostConfig?.Mounts).toContainEqual(
      expect.objectContaining({ Target: "/mnt", BindOptions: { Propagation: "rslave" } }),
    );
    expect(HostConfig?.Mounts).toContainEqual(
      expect.objectContaining({
        Target: "/c",
        VolumeOptions: expect.objectContaining({ NoCopy: true }),
      }),
    );
  });
});
