import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "./support/images-container.ts";
import { quick, startZone, type Zone } from "./support/images-zone.ts";

setDefaultTimeout(240_000);

let zone: Zone;

// Nothing else changes the zone: the names of these tests have no agent.
beforeAll(async () => {
  zone = await startZone({ ...quick, DNS_LEASE: "60", DNS_REAP: "60" });
}, 300_000);

afterAll(() => zone?.[Symbol.asyncDispose]());

/** Records every message that it signs; `replay` sends one again, as it was, and prints the answer's code. */
const prelude = String.raw`
use lib '/usr/lib/reyns';
use Reyns::Registration; use Reyns::Server; use Reyns::Tsig 'read_key'; use Socket;
my $server = Reyns::Server->new(address => '127.0.0.1', key => read_key('/etc/reyns/keys/tsig.key'));
my @sent;
{ no warnings 'redefine'; my $sign = \&Reyns::Tsig::sign;
  *Reyns::Tsig::sign = sub { my @signed = $sign->(@_); push @sent, $signed[0]; return @signed } }
sub replay { my ($bytes) = @_;
  socket my $socket, AF_INET, SOCK_DGRAM, 0; connect $socket, pack_sockaddr_in(53, inet_aton('127.0.0.1'));
  send $socket, $bytes, 0; recv $socket, my $answer, 65535, 0; return 15 & unpack 'x2 n', $answer }
sub registration { my ($instance) = @_;
  return Reyns::Registration->new(server => $server, zone => 'local.zone', ttl => 5, host => "web-$instance",
    service => 'web', instance => $instance, policy => 'REPLACE', node => '', is_shared => 0) }
sub address { join ' ', map { join '.', unpack 'C4', $_ } $server->ask($_[0] . '.local.zone', 'A') }
sub updates { grep { (unpack('x2 n', $_) >> 11 & 15) == 5 } @sent }
`;

const perl = (script: string): Promise<string> =>
  must("docker", "exec", zone.dns.id, "perl", "-e", prelude + script);

/** Answers of a DNS (RFC 2136, RFC 8945). */
const codes = { refusedByPrerequisite: "8", refusedByTime: "9" };

describe("a signed update that somebody recorded and sends again", () => {
  test("does not renew a lease that has been renewed since", async () => {
    const output = await perl(String.raw`
my $web = registration('one'); $web->turn('10.3.3.1'); @sent = ();
$web->turn('10.3.3.1'); my ($renewal) = updates();
$web->turn('10.3.3.1'); my ($before) = $server->ask('web-one._lease.local.zone', 'TXT');
print replay($renewal), ' '; my ($after) = $server->ask('web-one._lease.local.zone', 'TXT');
print $before eq $after ? 'same' : 'changed';`);
    expect(output).toBe(`${codes.refusedByPrerequisite} same`);
  });

  test("does not take back a service that another instance has taken over", async () => {
    const output = await perl(String.raw`
@sent = (); registration('two')->turn('10.3.3.2'); my ($arrival) = updates();
registration('three')->turn('10.3.3.3');
print replay($arrival), ' ', address('web');`);
    expect(output).toBe(`${codes.refusedByPrerequisite} 10.3.3.3`);
  });

  test("is refused once it is more than five minutes old", async () => {
    const output = await perl(String.raw`
$server->{offset} = -400;
my ($old) = $server->signed(Reyns::Message::update(7, 'local.zone', [], [Reyns::Message::add('late.local.zone', A => 5, "\12\3\3\4")]));
$server->{offset} = 0;
print replay($old), ' ', address('late');`);
    expect(output).toBe(codes.refusedByTime);
  });
});

test("an instance is not registered by the messages of one that has gone", async () => {
  const output = await perl(String.raw`
@sent = (); my $gone = registration('gone'); $gone->turn('10.3.3.9'); my ($arrival) = updates();
$gone->deregister; print replay($arrival), ' ', address('web-gone');`);
  expect(output).toBe(codes.refusedByPrerequisite);
  await until("no address", async () => (await zone.resolve("web-gone")) === "");
});
