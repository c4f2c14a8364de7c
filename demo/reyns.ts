import { conf, dns, expect, fromInterface, link, project, required, service, test } from "reyns";

project("reyns-demo");

// The default conf: a DNS and two instances of one service, which find each other by name.
const ns = dns({ instance: "main" });
const one = service("demo", { instance: "one", links: [link(ns, "dns")] });
service("demo", { instance: "two", links: [link(ns, "dns")] });

// "reyns test" runs this in a copy of the platform.
test("the instances find each other by name", async ({ exec }) => {
  const { stdout } = await exec(one, "getent hosts demo-two");
  expect(stdout).toContain("demo-two");
});

// The same on three machines, one group per machine. To try it on one machine, run the groups one after another.
//   reyns run group=master conf=default-multinode
//   reyns run group=node1 conf=default-multinode     asks for the address of the DNS
//   reyns run group=node2 conf=default-multinode
conf("default-multinode", () => {
  const here = fromInterface("eth0");
  dns({ instance: "main", instanceType: "published", group: "master", env: { SERVICE_IP: here } });
  for (const node of ["node1", "node2"]) {
    service("demo", {
      instance: `one${node}`,
      group: node,
      env: { SERVICE_IP: here, DNS_SERVICE_IP: required() },
    });
  }
});
