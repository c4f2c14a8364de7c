import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, type Output } from "../test/engine/support/images-container.ts";
import { type Node, startNodes } from "../test/binary/support/nodes.ts";
import { createProject } from "../test/binary/support/project.ts";

const names = ["node1", "node2", "node3"] as const;
type NodeName = (typeof names)[number];
const port = 2375;

/** Answers one request after the other; after SIGTERM for `DRAIN` seconds more, as names may lead to it for a moment. */
const server = String.raw`use IO::Socket::INET;
exit 1 if $ENV{BROKEN};
my $end;
$SIG{TERM} = sub { $end //= time + ($ENV{DRAIN} // 0); exit 0 unless $ENV{DRAIN} };
my $socket = IO::Socket::INET->new(LocalPort => 8080, Listen => 128, ReuseAddr => 1) or die;
my $wait = "";
vec($wait, fileno($socket), 1) = 1;
until (defined $end && time > $end) {
  next unless select(my $ready = $wait, undef, undef, 0.1) > 0;
  my $client = $socket->accept or next;
  while (defined(my $line = <$client>)) { last if $line =~ /^\r?$/ }
  print $client "HTTP/1.0 200 OK\r\n\r\n$ENV{VERSION}\n";
}
`;

/** Sends requests one after the other, each to the first address that the name leads to, and keeps count in a file. */
const client = String.raw`use IO::Socket::INET;
my ($all, $failed) = (0, 0);
while (1) {
  my $socket = IO::Socket::INET->new(PeerAddr => "api", PeerPort => 8080, Timeout => 2);
  my $reason = $socket ? "" : "no connection: $@";
  if ($socket) {
    local $SIG{ALRM} = sub { die };
    my $answer = eval { alarm 3; print $socket "GET / HTTP/1.0\r\n\r\n"; my $text = <$socket>; alarm 0; $text };
    $reason = "no answer" unless ($answer // "") =~ / 200 /;
  }
  $all++;
  if ($reason) {
    $failed++;
    open my $log, ">>", "/tmp/failures" or die;
    print $log "$reason\n";
    close $log;
  }
  open my $file, ">", "/tmp/count.new" or die;
  print $file "$all $failed\n";
  close $file;
  rename "/tmp/count.new", "/tmp/count";
  select undef, undef, undef, 0.01;
}
`;

const supervise = (path: string): string => `[program:bench]\ncommand=perl ${path}\n`;

/** How the service is defined. */
export interface WebVersion {
  readonly version: number;
  readonly order: "start-first" | "stop-first";
  readonly isBroken?: boolean;
  /** Without a health check, names lead to a task as soon as its container runs. */
  readonly isChecked?: boolean;
  /** Seconds in which a task answers after it has been asked to end. */
  readonly drain?: number;
}

function definitionOf(
  { version, order, isBroken = false, isChecked = true, drain = 3 }: WebVersion,
  socket: string,
): string {
  const env = { VERSION: String(version), DRAIN: String(drain), ...(isBroken && { BROKEN: "1" }) };
  const test = `perl -MIO::Socket::INET -e 'IO::Socket::INET->new("127.0.0.1:8080") or exit 1'`;
  const healthcheck = { test, interval: "1s", timeout: "5s", retries: 3, startPeriod: "5s" };
  const files = { "/srv.pl": server, "/etc/supervisor/conf.d/bench.conf": supervise("/srv.pl") };
  const asking = { "/ask.pl": client, "/etc/supervisor/conf.d/bench.conf": supervise("/ask.pl") };
  const swarm = { replicas: 3, order, delay: "1s", monitor: "3s" };
  const api = { env, files, swarm, ...(isChecked && { healthcheck }) };
  return `import { dns, group, network, node, service } from "reyns";
node("node1", "unix://${socket}", { address: "192.168.77.1" });
node("node2", "tcp://192.168.77.2:${port}");
node("node3", "tcp://192.168.77.3:${port}");
network("overlay");
const image = "reyns/reyns-base";
group("node1", () => {
  dns();
  service("load", { image, after: ["api"], files: ${JSON.stringify(asking)} });
});
service("api", { image, ...${JSON.stringify(api)} });
`;
}

/** Three machines in a swarm, of which all are managers, and a client on the first. */
export interface SwarmStage extends AsyncDisposable {
  readonly nodes: Readonly<Record<NodeName, Node>>;
  define(version: WebVersion): Promise<void>;
  /** Calls Reyns on the first machine, whatever comes of it. */
  call(line: string): Promise<Output>;
  /** Requests so far, and those that failed. */
  count(): Promise<{ readonly all: number; readonly failed: number }>;
  /** Why requests have failed so far. */
  failures(): Promise<string>;
  /** How many tasks run on some machines, and are healthy. */
  healthyTasks(where: readonly NodeName[]): Promise<number>;
  /** How many of the names of tasks lead to one that answers. */
  answeringNames(): Promise<number>;
}

/** Needs root, and what `startNodes` needs. */
export async function createSwarmStage(): Promise<SwarmStage> {
  await using stack = new AsyncDisposableStack();
  const project = stack.use(await createProject({ "reyns.ts": "" }));
  await project.must("init");
  const { node: nodes } = stack.use(
    await startNodes(names, {
      images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
      project: project.folder,
      engineFlags: (address) => ["--host", `tcp://${address}:${port}`],
    }),
  );
  const { node1 } = nodes;
  const host = node1.env["DOCKER_HOST"] ?? "";
  const file = join(node1.folder, "reyns.ts");
  let isChecked = true;
  const docker = (node: Node, ...words: readonly string[]): Promise<string> =>
    must("docker", "--host", node.env["DOCKER_HOST"] ?? "", ...words);
  const inLoad = async (...command: readonly string[]): Promise<string> => {
    const id = await docker(node1, "ps", "--quiet", "--filter", "label=io.reyns.service=load");
    return (await docker(node1, "exec", id.trim(), ...command)).trim();
  };
  const held = stack.move();
  return {
    nodes,
    define: async (version) => {
      isChecked = version.isChecked ?? true;
      await writeFile(file, definitionOf(version, host.replace("unix://", "")));
    },
    call: (line) => node1.reyns(line),
    count: async () => {
      const [all = 0, failed = 0] = (await inLoad("cat", "/tmp/count")).split(" ").map(Number);
      return { all, failed };
    },
    failures: () => inLoad("sh", "-c", "sort /tmp/failures 2> /dev/null | uniq -c"),
    healthyTasks: async (where) => {
      const filters = ["label=io.reyns.role=task", ...(isChecked ? ["health=healthy"] : [])];
      const words = ["ps", "--quiet", ...filters.flatMap((filter) => ["--filter", filter])];
      const lists = where.map((name) => docker(nodes[name], ...words));
      return (await Promise.all(lists)).join("\n").split("\n").filter(Boolean).length;
    },
    answeringNames: async () => {
      const ask = `print scalar grep { IO::Socket::INET->new(PeerAddr => "api-one-$_", PeerPort => 8080, Timeout => 1) } 1 .. 3`;
      return Number(await inLoad("perl", "-MIO::Socket::INET", "-e", ask));
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
