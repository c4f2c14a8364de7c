package Reyns::Message;
# Encodes and decodes DNS messages (RFC 1035, section 4) and updates (RFC 2136). Names are in lower case, without the
# final dot.
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(query update absent equal add remove remove_all decode encode_name address_data address_text);

use constant { IN => 1, NONE => 254, ANY => 255 };
use constant { SOA => 6, OPCODE_UPDATE => 5 << 11 };

my %code_of = (A => 1, SOA => SOA, PTR => 12, TXT => 16, TSIG => 250, AXFR => 252);
my %type_of = reverse %code_of;
my @rcodes  = qw(NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE);

# How many names, which may be compressed, the data of a type starts with.
my %names_in = (PTR => 1, SOA => 2);

# Cache: the same few names are encoded again and again.
my %encoded;

sub encode_name {
    my ($name) = @_;
    %encoded = () if keys %encoded > 10_000;
    return $encoded{$name} //= join('', map { pack 'C/a', $_ } split /\./, $name) . "\0";
}

sub encode_record {
    my ($name, $type, $class, $ttl, $data) = @_;
    return encode_name($name) . pack 'n n N n/a', $code_of{$type}, $class, $ttl, $data;
}

# Prerequisites (RFC 2136, 2.4). Repeat "equal" for each record of the set.
sub absent { my ($name, $type) = @_; return encode_record($name, $type, NONE, 0, '') }
sub equal { my ($name, $type, $data) = @_; return encode_record($name, $type, IN, 0, $data) }

# Changes (RFC 2136, 2.5).
sub add { my ($name, $type, $ttl, $data) = @_; return encode_record($name, $type, IN, $ttl, $data) }
sub remove { my ($name, $type, $data) = @_; return encode_record($name, $type, NONE, 0, $data) }
sub remove_all { my ($name, $type) = @_; return encode_record($name, $type, ANY, 0, '') }

sub query {
    my ($id, $name, $type) = @_;
    return pack('n6', $id, 0, 1, 0, 0, 0) . encode_name($name) . pack 'n2', $code_of{$type}, IN;
}

sub update {
    my ($id, $zone, $prerequisites, $changes) = @_;
    my $header = pack 'n6', $id, OPCODE_UPDATE, 1, scalar @$prerequisites, scalar @$changes, 0;
    return join '', $header, encode_name($zone), pack('n2', SOA, IN), @$prerequisites, @$changes;
}

# Decodes a message: { id, rcode, truncated, answers, additionals, last_at }, where last_at is the offset of the last
# record. Dies if the bytes are not a message.
sub decode {
    my ($bytes) = @_;
    die "not a DNS message\n" if length $bytes < 12;
    my ($id, $flags, $questions, @counts) = unpack 'n6', $bytes;
    my ($at, %names) = (12);
    for (1 .. $questions) {
        (undef, $at) = read_name($bytes, $at, \%names);
        $at += 4;
    }
    my ($last_at, @sections) = ($at);
    for my $count (@counts) {
        my @records;
        for (1 .. $count) {
            $last_at = $at;
            (my $record, $at) = read_record($bytes, $at, \%names);
            push @records, $record;
        }
        push @sections, \@records;
    }
    return {
        id          => $id,
        rcode       => $rcodes[$flags & 15] // 'RCODE' . ($flags & 15),
        truncated   => $flags & 0x200,
        answers     => $sections[0],
        additionals => $sections[2],
        last_at     => $last_at,
    };
}

sub read_record {
    my ($bytes, $at, $names) = @_;
    (my $name, $at) = read_name($bytes, $at, $names);
    die "a record is truncated\n" if length $bytes < $at + 10;
    my ($code, undef, $ttl, $length) = unpack "x$at n n N n", $bytes;
    my ($from, $end) = ($at + 10, $at + 10 + $length);
    die "a record is truncated\n" if length $bytes < $end;
    my $type = $type_of{$code} // "TYPE$code";
    my $data = $names_in{$type} ? whole_data($bytes, $from, $end, $type, $names) : substr $bytes, $from, $length;
    return ({ name => $name, type => $type, ttl => $ttl, data => $data }, $end);
}

# The data with its names decompressed, for comparison and for sending it again.
sub whole_data {
    my ($bytes, $at, $end, $type, $names) = @_;
    my $data = '';
    for (1 .. $names_in{$type}) {
        (my $name, $at) = read_name($bytes, $at, $names);
        $data .= encode_name($name);
    }
    die "a record's data exceeds its length\n" if $at > $end;
    return $data . substr $bytes, $at, $end - $at;
}

# Decodes a name and returns it with the offset after it; $names caches names by offset. Bytes that never occur in
# Reyns's names are escaped as \DDD, so that they match none.
sub read_name {
    my ($bytes, $at, $names) = @_;
    my ($start, $size, $after, @labels) = ($at, length $bytes);
    while (1) {
        die "a name is truncated\n" if $at >= $size;
        my $length = ord substr $bytes, $at, 1;
        last if $length == 0;
        if ($length >= 0xc0) {
            die "a name is truncated\n" if $at + 2 > $size;
            my $target = unpack("x$at n", $bytes) & 0x3fff;
            $after //= $at + 2;
            # Pointers must point backwards, which rules out loops.
            die "a name points to itself\n" if $target >= $at || @labels > 127;
            $at = $target;
            next unless defined(my $rest = $names->{$target});
            push @labels, $rest if $rest ne '';
            last;
        }
        die "a name is truncated\n" if $length > 63 || $at + 1 + $length > $size || @labels > 127;
        push @labels, readable(substr $bytes, $at + 1, $length);
        $at += 1 + $length;
    }
    return ($names->{$start} = join('.', @labels), $after // $at + 1);
}

sub readable {
    my $label = lc shift;
    $label =~ s/([^a-z0-9_*-])/sprintf '\\%03d', ord $1/ge;
    return $label;
}

sub address_data { my ($text) = @_; return pack 'C4', split /\./, $text }
sub address_text { my ($data) = @_; return join '.', unpack 'C4', $data }

1;
