import {
  conf,
  dns,
  expect,
  fromInterface,
  link,
  project,
  ready,
  required,
  service,
  test,
} from "reyns";

project("my-project");

// The client finds the web service by name, on one machine or on several.
const TARGET = "http://web-one:8080";

// The default conf, for development: everything on one machine.
const ns = dns();
const web = service("web", {
  instance: "one",
  links: [link(ns, "dns")],
  ready: ready.http(8080),
});
const client = service("client", {
  instance: "one",
  links: [link(ns, "dns")],
  after: [web],
  env: { TARGET },
  ready: ready.log("says:"), // a line in its output
});

// "reyns test" runs this in a copy of the platform.
test("the client finds the web service by name", async ({ logs }) => {
  expect(await logs(client)).toContain("http://web-one:8080 says: Hello from web-one");
});

// The same on three machines, one group per machine:
//   reyns run group=master conf=nodes
//   reyns run group=node1 conf=nodes      asks for the address of the DNS: the first machine
//   reyns run group=node2 conf=nodes
conf("nodes", () => {
  const SERVICE_IP = fromInterface("eth0"); // the address at which others reach this machine
  const DNS_SERVICE_IP = required({ description: "address of the machine with the DNS" });

  dns({ instanceType: "published", group: "master", env: { SERVICE_IP } });
  service("web", {
    instance: "one",
    instanceType: "published",
    group: "node1",
    env: { SERVICE_IP, DNS_SERVICE_IP },
    ready: ready.http(8080),
  });
  service("client", {
    instance: "one",
    group: "node2",
    env: { SERVICE_IP, DNS_SERVICE_IP, TARGET },
  });
});
