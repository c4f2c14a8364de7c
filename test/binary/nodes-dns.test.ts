import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, run, until } from "../engine/support/images-container.ts";
import { containerOn, define, enginePort, on, startMachines } from "./support/machines.ts";
import { type Node, type Nodes, whyNoNodes } from "./support/nodes.ts";

setDefaultTimeout(120_000);

const reason = await whyNoNodes();

/** Where the third machine answers for the names of the world outside. */
const outside = "192.168.77.53";
const lease = 6;

const definition = `import { dns, group, node, service } from "reyns";
node("first", "tcp://192.168.77.1:${enginePort}");
node("second", "unix://SOCKET", { address: "192.168.77.2" });
node("third", "tcp://192.168.77.3:${enginePort}");
const plain = { image: "reyns/reyns-base" };
group("first", () => {
  dns({ lease: ${lease}, renew: 1.5 });
  service("app", plain);
});
group("second", () => service("client", plain));
group("third", () => {
  service("web", plain);
  service("mortal", { ...plain, restart: "no" });
});
`;

/** Says 192.0.2.80 (RFC 5737) to whatever it is asked. */
const forwarder = `use IO::Socket::INET; $| = 1;
my $socket = IO::Socket::INET->new(LocalAddr => '${outside}', LocalPort => 53, Proto => 'udp') or die $!;
print "listens\\n";
while (1) {
  defined $socket->recv(my $query, 4096) or next;
  my ($name) = substr($query, 12) =~ /^((?:[^\\0][^\\0]*)\\0....)/s or next;
  my $is_address = unpack('n', substr $name, -4) == 1;
  my $answer = $is_address ? pack 'n3 N n C4', 0xc00c, 1, 1, 0, 4, 192, 0, 2, 80 : '';
  $socket->send(pack('n6', unpack('n', $query), 0x8180, 1, $is_address ? 1 : 0, 0, 0) . $name . $answer);
}`;

describe.skipIf(reason !== undefined)(
  `the DNS of several machines${reason ? `: ${reason}` : ""}`,
  () => {
    let nodes: Nodes<"first" | "second" | "third">;
    let first: Node;
    let second: Node;
    let third: Node;
    let server: Bun.Subprocess;
    let client: string;

    beforeAll(async () => {
      nodes = await startMachines(["first", "second", "third"], {
        isOnTcp: true,
        flags: ["--dns", outside],
      });
      ({ first, second, third } = nodes.node);
      await must(...third.inside, "ip", "address", "add", `${outside}/24`, "dev", "eth0");
      const words = [...third.inside, "perl", "-e", forwarder];
      server = Bun.spawn(words, { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
      await define(second, definition);
    }, 300_000);

    afterAll(async () => {
      server?.kill();
      await nodes?.[Symbol.asyncDispose]();
    }, 60_000);

    /** What a name leads to on the second machine; empty when to nothing. */
    async function lookUp(name: string): Promise<string> {
      const words = ["exec", client, "getent", "ahostsv4", name];
      const { stdout } = await run(["docker", "--host", second.env["DOCKER_HOST"] ?? "", ...words]);
      return stdout.split(" ")[0] ?? "";
    }

    async function leadsTo(name: string, address: string): Promise<void> {
      const isRight = async (): Promise<boolean> => (await lookUp(name)) === address;
      await until(`${name} -> "${address}"`, isRight, 60);
    }

    /** For longer than the lease of whatever has not been renewed. A busy machine may lose an answer. */
    async function outlasts(name: string, address: string): Promise<void> {
      const end = performance.now() + lease * 1000;
      const answers = new Set<string>();
      while (performance.now() < end) {
        answers.add(await lookUp(name));
        await Bun.sleep(200);
      }
      answers.delete("");
      expect([...answers]).toEqual([address]);
      await leadsTo(name, address);
    }

    /** No packets go from the second machine's containers to the first machine meanwhile. */
    async function withFirstBlocked(
      what: readonly string[],
      work: () => Promise<void>,
    ): Promise<void> {
      const rule = ["DOCKER-USER", "--destination", first.address, ...what, "--jump", "DROP"];
      const change = (how: string): Promise<string> =>
        must(...second.inside, "iptables", "--wait", how, ...rule);
      await change("--insert");
      try {
        await work();
      } finally {
        await change("--delete");
      }
    }

    async function reports(problem: string): Promise<void> {
      const id = await containerOn(second, "reyns-dns");
      const logs = async (): Promise<string> => on(second, "logs", "--since", "30s", id);
      await until(`the log to say "${problem}"`, async () => (await logs()).includes(problem), 60);
    }

    /** Instances ask for the addresses of the others every 5 s: some renewals of an instance take longer. */
    async function areKnown(): Promise<boolean> {
      const question = ["dig", "+short", "@127.0.0.1", "TXT", "web-one._lease.local.zone"];
      const record = await on(second, "exec", await containerOn(second, "reyns-dns"), ...question);
      return Number(/"seq=(\d+)"/.exec(record)?.[1] ?? 0) > 6;
    }

    test("a run starts a secondary DNS on each further machine, with no question", async () => {
      const { status, stderr } = await second.reyns("run all");
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
      client = await containerOn(second, "client");
      expect(await second.must("ps reyns-dns")).toMatch(/^reyns-dns +second +second +running /m);
      expect(await second.must("plan")).toBe("Nothing to do: 7 unchanged");
      await leadsTo("web-one", third.address);
      await leadsTo("app-one", first.address);
      await leadsTo("mortal", third.address);
      await leadsTo("outside.example", "192.0.2.80");
    });

    test("names resolve while the machine of the first DNS is cut off, but for those of the dead", async () => {
      await until("the others to be known", areKnown, 60);
      await first.setLink("down");
      await on(third, "kill", await containerOn(third, "mortal"));
      await leadsTo("outside.example", "192.0.2.80");
      await leadsTo("app-one", "");
      await leadsTo("mortal", "");
      await outlasts("web-one.local.zone", third.address);
      await leadsTo("outside.example", "192.0.2.80");
      const { stdout, stderr } = await second.reyns("dns web-one");
      expect(stderr).toContain("the DNS at 192.168.77.1 does not answer: reyns-dns-");
      expect(stderr).toContain(", a secondary DNS, answers in its place");
      expect(stdout).toStartWith(`web-one: ${third.address}\n`);
      const again = await second.reyns("rerun mortal partial=true");
      expect(again.stderr).toContain("third: mortal-one ready");
      await leadsTo("mortal", third.address);
    });

    test("all names are back when the machine is", async () => {
      await first.setLink("up");
      await leadsTo("app-one", first.address);
      await leadsTo("web-one.local.zone", third.address);
    });

    test("names stay on a machine that cannot copy the zone, as instances renew their leases elsewhere", async () => {
      await withFirstBlocked(["--protocol", "tcp", "--dport", "53"], async () => {
        await reports("not on TCP port 53");
        await outlasts("app-one", first.address);
      });
    });

    test("names stay on the only machine that does not reach the first DNS", async () => {
      await withFirstBlocked([], async () => {
        await reports("instances renew their leases here meanwhile");
        await outlasts("web-one", third.address);
        await leadsTo("app-one", first.address);
      });
    });
  },
);
