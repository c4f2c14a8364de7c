package Reyns::Lease;
# A lease is the TXT record that proves an instance is alive. This module formats, parses and validates it.
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(format_lease parse_lease renewed new_id is_label is_address is_same_place reverse_zone pointer_name);

my $label  = qr/(?!-)[a-z0-9-]{1,63}(?<!-)/;
my $octet  = qr/25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d/a;
my $number = qr/\d{1,15}/a;
my @forms = (
    [v          => qr/1/],
    [id         => qr/[0-9a-f]{16}/],
    [seq        => $number],
    [service    => $label],
    [instance   => $label],
    [address    => qr/$octet(?:\.$octet){3}/],
    [policy     => qr/REPLACE|APPEND/],
    [generation => $number],
    [node       => qr/[\x20-\x7e]{0,200}/],
    [since      => $number],
);
my @names = map { $_->[0] } @forms;
# Compiled once, because the reaper parses many leases.
my @strings = map { qr/\A$_->[0]=($_->[1])\z/ } @forms;

sub is_label { my ($text) = @_; return $text =~ /\A$label\z/ }
sub is_address { my ($text) = @_; return $text =~ /\A$octet(?:\.$octet){3}\z/ }

# The record's data, one string per field.
sub format_lease {
    my ($lease) = @_;
    return join '', map { pack 'C/a', "$_=$lease->{$_}" } @names;
}

# The same data with another sequence number. The fields before it, "v" and "id", have a fixed length.
sub renewed {
    my ($data, $seq) = @_;
    return $data =~ s{\A(.{24}).seq=\d+}{$1 . pack 'C/a', "seq=$seq"}ser;
}

# Parses a lease from a record's data; undef if the data is not a lease.
sub parse_lease {
    my ($data) = @_;
    my @there = unpack '(C/a)*', $data;
    return undef unless @there == @names;
    my %lease;
    for my $i (0 .. $#names) {
        return undef unless $there[$i] =~ $strings[$i];
        $lease{ $names[$i] } = $1;
    }
    return \%lease;
}

sub new_id {
    open my $random, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
    read($random, my $bytes, 8) == 8 or die "/dev/urandom: $!\n";
    return unpack 'H16', $bytes;
}

# Whether two leases belong to the same instance at the same address.
sub is_same_place {
    my ($one, $other) = @_;
    return !grep { $one->{$_} ne $other->{$_} } qw(service instance address);
}

sub pointer_name { my ($address) = @_; return join('.', reverse split /\./, $address) . '.in-addr.arpa' }

# The reverse zone of a private address (RFC 1918); undef for other addresses, which have no zone here.
sub reverse_zone {
    my ($address) = @_;
    return '10.in-addr.arpa'      if $address =~ /\A10\./;
    return "$1.172.in-addr.arpa"  if $address =~ /\A172\.(1[6-9]|2\d|3[01])\./;
    return '168.192.in-addr.arpa' if $address =~ /\A192\.168\./;
    return undef;
}

1;
