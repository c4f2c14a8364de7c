#!/usr/bin/perl
# Feeds the programs of the images random and damaged messages, leases, zones, lists and settings.
# Usage: perl -I images/common/files/usr/lib/reyns -I images/dns/files/usr/lib/reyns images.pl SEED ROUNDS
# Prints each fault with the round that it came up in, and how much was accepted; exits with status 1 if there are faults.
use strict;
use warnings;
use File::Temp 'tempdir';
use Reyns::Agent;
use Reyns::Corrections qw(index_records correct_names correct_pointers);
use Reyns::Keeper;
use Reyns::Lease qw(format_lease parse_lease renewed);
use Reyns::Message qw(query update add absent equal remove remove_all decode encode_name address_data);
use Reyns::Reaper;
use Reyns::Registration;
use Reyns::Settings qw(seconds_of zone_name ttl);
use Reyns::Tsig qw(read_key sign check);

my ($seed, $rounds) = @ARGV;
srand $seed;
my $folder = tempdir(CLEANUP => 1);
my ($round, %accepted, @faults) = (0);
my $key = { name => encode_name('reyns'), secret => 'x' x 32 };
# Messages about settings and lists are expected.
open STDERR, '>', '/dev/null' or die;

# Each once.
my %seen;
sub fault { push @faults, "round $round: $_[0]" =~ s/[^\x20-\x7e]/?/gr if !$seen{ $_[0] =~ s/\d+//gr }++; return }

# The result of work that may die with a message of its own. A warning, or an error of Perl's, is a defect.
sub attempt {
    my ($name, $work) = @_;
    local $SIG{__WARN__} = sub { fault("$name warns: $_[0]") };
    local $SIG{ALRM}     = sub { die "it takes more than 20 s at all\n" };
    alarm 20;
    my $result = eval { $work->() };
    alarm 0;
    my $error = $@;
    fault("$name: $error") if !ref $error && $error =~ / at \S+ line \d+|at all/;
    $accepted{$name}++ if defined $result;
    return $result;
}

sub any { return $_[rand @_] }
sub bytes { return join '', map { chr rand 256 } 1 .. rand shift }

sub text {
    return any(
        bytes(40), '', '0', '-1', '1e999', 'a' x 64, 'a' x 63, 'web', 'web-one', '*', '..', '.', "a\nb", "\0", "\e[2J",
        '10.0.0.1', '999.1.1.1', '999999999999999', '1000000000000000', '$(id)', '`id`', 'dns', '_lease', 'local.zone',
    );
}

# A text that was good, with parts changed, cut out, repeated or replaced.
sub damaged {
    my ($good) = @_;
    for (1 .. 1 + rand 4) {
        my $at = int rand 1 + length $good;
        my $length = any(0, 1, 2, int rand 40);
        substr($good, $at, $length) = any('', bytes(4), chr rand 256, text(), substr $good, $at, $length + 1);
    }
    return $good;
}

my @labels = qw(web db a web-one db-two one dns _lease _generation * local zone);
sub name { return join '.', map { any(@labels, 'x' x (1 + rand 62)) } 1 .. 1 + rand 4 }
sub address { return join '.', any(10, 172, 192, 8), any(0, 16, 168), map { int rand 3 } 1, 2 }
sub number { return any(0, 1, 2, 1_700_000_000, 99_999_999_999_999, 999_999_999_999_999) }

sub lease {
    return {
        v => 1, id => sprintf('%016x', rand 2**32), seq => number(), service => any(qw(web db)),
        instance => any(qw(one two)), address => address(), policy => any(qw(REPLACE APPEND)),
        generation => number(), node => any('', 'laptop', 'a b', '~' x 200), since => number(),
    };
}

sub data_of {
    my ($type) = @_;
    return address_data(address()) if $type eq 'A';
    return any(encode_name(name()), encode_name('web-one.local.zone')) if $type eq 'PTR';
    return any(bytes(30), '', pack('C/a', number()), format_lease(lease()), damaged(format_lease(lease())));
}

sub record {
    my $name = any(name(), any(qw(web-one web web-one._lease web._generation dns)) . '.local.zone');
    my $type = any(qw(A TXT PTR));
    return add($name, $type, any(0, 5, 2**31 - 1), data_of($type));
}

sub message {
    my ($id, $name) = (int rand 65_536, name());
    my @all = map { record() } 1 .. rand 5;
    my $answer = pack('n6', $id, 0x8400 | rand 16, 1, scalar @all, 0, 0) . encode_name($name) . pack('n2', 16, 1);
    return any(query($id, $name, 'TXT'), update($id, 'local.zone', [absent($name, 'A')], \@all), join '', $answer, @all);
}

# Names that point at other names, and numbers of records that are not there.
sub pointers {
    my $header = pack 'n6', 1, 0x8400, map { any(0, 1, 2, 65_535) } 1 .. 4;
    return $header . join '', map { any(pack('n', 0xc000 | rand 300), bytes(5), "\1a", "\0\0\1\0\1\0\0\0\5\0\4abcd") } 1 .. rand 200;
}

my %checks = (
    decode => sub { decode(any(bytes(300), damaged(message()), message(), pointers())) },

    # A damaged answer must not pass for signed.
    check => sub {
        my ($request, $mac) = sign(query(7, 'web.local.zone', 'A'), $key, 1_700_000_000);
        my $chain = { mac => $mac, any(1, 0) ? (begun => 1) : () };
        my ($answer) = sign(any(message(), message() . bytes(80)), $key, 1_700_000_000);
        my $decoded = check(any(damaged($answer), $answer, message(), bytes(200)), $key, { %$chain });
        fault('an answer passes that signs no request') if !$chain->{begun};
        return $decoded;
    },

    read_key => sub {
        my $path = "$folder/key";
        spill($path, damaged(qq(key "reyns" {\n  algorithm hmac-sha256;\n  secret "c2VjcmV0c2VjcmV0";\n};\n)));
        return read_key($path);
    },

    # What is a lease is the same one when it is written.
    lease => sub {
        my $data  = any(format_lease(lease()), damaged(format_lease(lease())), bytes(60));
        my $lease = parse_lease($data) or return undef;
        my $again = parse_lease(format_lease($lease)) or fault('a lease is none when it is written');
        fault('a lease is another one when it is written') if join("\0", %{$again}{sort keys %$again}) ne join("\0", %{$lease}{sort keys %$lease});
        return $lease;
    },

    settings => sub {
        local @ENV{qw(DNS_TTL DNS_ZONE DNS_RENEW)} = map { s/\0//gr } text(), text(), text();
        ttl() =~ /\A\d{1,9}\z/ or fault('not a TTL');
        seconds_of(DNS_RENEW => 6) > 0 or fault('not a number of seconds');
        return zone_name();
    },

    agent => sub {
        local @ENV{qw(SERVICE INSTANCE HOST_HOSTNAME DNS_UPDATE_POLICY)} = map { s/\0//gr } map { text() } 1 .. 4;
        my %of = Reyns::Agent::identity();
        parse_lease(format_lease({ %{ lease() }, map { $_ => $of{$_} } qw(service instance policy node) }))
            or fault("the agent's own lease is none");
        return 1;
    },

    keeper => sub {
        my $line = 'web-one web one 10.0.0.1 REPLACE 10.0.0.2 local.zone 10.0.0.1 laptop';
        spill("$folder/leases", join "\n", map { any($line, damaged($line), bytes(40)) } 1 .. rand 4);
        my $keeper = Reyns::Keeper->new(list => "$folder/leases", key => $key, ttl => 5);
        $keeper->read_list;
        return 1 if %{ $keeper->{instances} };
        return undef;
    },

    # Whatever the DNS answers, a registration ends, and all that it writes is valid.
    registration => sub {
        my $server = Fuzz::Server->new;
        my $registration = Reyns::Registration->new(
            server => $server, zone => 'local.zone', ttl => 5, host => 'web-one', service => 'web', instance => 'one',
            policy => any(qw(REPLACE APPEND)), node => '', is_shared => any(0, 1),
        );
        $registration->turn(any('10.0.0.1', '10.0.0.2')) for 1 .. 3;
        $registration->deregister;
        my $lease = $registration->{lease} or return undef;
        delete $lease->{data};
        parse_lease(format_lease($lease)) or fault('a registration writes a lease that is none: ' . format_lease($lease));
        return 1;
    },

    # What has been corrected needs no correction.
    corrections => sub {
        my $zone = index_records([map { decode_one($_) } map { record() } 1 .. rand 12]);
        my %leases = map { $_->{host} => $_ } map { { %$_, host => "$_->{service}-$_->{instance}" } } map { lease() } 1 .. rand 4;
        my @leases = @leases{ sort keys %leases };
        my %expired = map { $_ => any(undef, 'web-one') } grep { /_lease/ && $zone->{$_}{TXT} && rand > 0.5 } keys %$zone;
        my %of = (zone => $zone, origin => 'local.zone', ttl => 5, leases => \@leases, own => any(undef, '10.0.0.9'));
        apply($zone, correct_names(%of, expired => \%expired)) for 1, 2;
        fault('the names are never right') if correct_names(%of, expired => {});
        my $reverse = index_records([map { decode_one($_) } map { record() } 1 .. rand 6]);
        my %to = (zone => $reverse, origin => '10.in-addr.arpa', ttl => 5, leases => \@leases, names => $zone, names_origin => 'local.zone');
        apply($reverse, correct_pointers(%to));
        fault('the pointers are never right') if correct_pointers(%to);
        return 1;
    },

    reaper => sub {
        my $reaper = Reyns::Reaper->new(
            server => Fuzz::Server->new, zone => 'local.zone', ttl => 5, term => any(0, 13), interval => 2,
            own => any(undef, '10.0.0.9'),
        );
        $reaper->look for 1 .. 3;
        $reaper->pause > 0 or fault('the reaper does not pause');
        return 1;
    },
);

# Data that ends up in a zone, of one record.
sub decode_one {
    my ($record) = @_;
    return decode(pack('n6', 1, 0, 0, 1, 0, 0) . $record)->{answers}[0];
}

# Does what BIND would do with the changes.
sub apply {
    my ($zone, @corrections) = @_;
    for my $change (map { @{ $_->{changes} } } @corrections) {
        my ($name, $at) = Reyns::Message::read_name($change, 0, {});
        my ($code, $class, $ttl, $data) = unpack "x$at n n N n/a", $change;
        my $type = { 1 => 'A', 12 => 'PTR', 16 => 'TXT' }->{$code};
        my $there = $zone->{$name}{$type} // [];
        my @rest = $class == 255 ? () : grep { $_ ne $data } @$there;
        push @rest, $data if $class == 1;
        $zone->{$name}{"ttl $type"} = $ttl if $class == 1;
        $zone->{$name}{$type} = \@rest;
        delete $zone->{$name}{$type} unless @rest;
        delete $zone->{$name} unless grep { !/^ttl/ } keys %{ $zone->{$name} };
    }
    return;
}

sub spill {
    my ($path, $text) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print {$file} $text;
    return close $file;
}

# Answers as it likes, in the form that Reyns::Server gives.
package Fuzz::Server {
    sub new { return bless { address => '10.0.0.2' }, shift }
    sub clock { return main::any(0, 1_700_000_000) }
    sub change { main::any(0, 1, 1, 1) }
    sub ask { my ($self, $name, $type) = @_; return $type eq 'SOA' ? main::any('a', 'b', ()) : map { main::data_of($type) } 1 .. main::any(0, 1, 1, 2) }

    sub transfer {
        my ($self, $zone) = @_;
        my $soa = { name => $zone, type => 'SOA', ttl => 5, data => main::bytes(20) };
        return [$soa, map { main::decode_one(main::record()) } 1 .. rand 8];
    }
}

for my $number (1 .. $rounds) {
    $round = $number;
    attempt($_, $checks{$_}) for sort keys %checks;
    last if @faults > 20;
}
print "$_\n" for @faults;
print join(' ', map { "$_=" . ($accepted{$_} // 0) } sort keys %checks), "\n";
exit(@faults ? 1 : 0);
