package Reyns::Tsig;
# Signs and verifies DNS messages with a shared key (RFC 8945, HMAC-SHA256 only).
use strict;
use warnings;
use Digest::SHA 'hmac_sha256';
use Exporter 'import';
use MIME::Base64 'decode_base64';
use Reyns::Message qw(decode encode_name);

our @EXPORT_OK = qw(read_key sign check);

use constant { TSIG => 250, ANY => 255, FUDGE => 300 };
use constant { BADSIG => 16, BADKEY => 17, BADTIME => 18 };

my $algorithm = encode_name('hmac-sha256');

# Reads a key in BIND's format: key "reyns" { algorithm hmac-sha256; secret "…"; };
sub read_key {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    my $text = do { local $/; <$file> };
    my ($name)   = $text =~ /^\s*key\s+"?([\w.-]+)"?\s*\{/;
    my ($secret) = $text =~ /secret\s+"([A-Za-z0-9+\/=]+)"/;
    die "$path contains no key\n" unless defined $name && defined $secret && $text =~ /algorithm\s+"?hmac-sha256"?\s*;/;
    return { name => encode_name(lc $name), secret => decode_base64($secret) };
}

# Returns the signed message, and the MAC alone, which the answer's signature covers. Time: seconds since 1970.
sub sign {
    my ($message, $key, $time) = @_;
    my $signed_at = pack_time($time) . pack 'n', FUDGE;
    my $mac       = hmac_sha256($message . variables($key, $signed_at, pack 'n n', 0, 0), $key->{secret});
    my $data      = $algorithm . $signed_at . pack('n/a', $mac) . substr($message, 0, 2) . pack 'n n', 0, 0;
    my $record    = $key->{name} . pack 'n n N n/a', TSIG, ANY, 0, $data;
    return (with_additionals($message, 1) . $record, $mac);
}

# Verifies the next message of an answer and returns it decoded. $chain starts as { mac => the request's } and is passed
# on from message to message of a transfer (RFC 8945, 5.3.1). Dies with a message, or with { server_time } if the clocks
# differ.
sub check {
    my ($bytes, $key, $chain) = @_;
    my $message = decode($bytes);
    my $record  = $message->{additionals}[-1];
    my $is_signed = $record && $record->{type} eq 'TSIG';
    # Up to 99 messages in the middle of a transfer may be unsigned.
    return pend($message, $bytes, $chain) if !$is_signed && $chain->{begun};
    die "it does not sign its answer: $message->{rcode}\n" unless $is_signed;
    my $tsig = decode_tsig($record->{data});
    die 'it rejects the key: ' . ($tsig->{error} == BADSIG ? 'BADSIG' : 'BADKEY') . "\n" if $tsig->{mac} eq '';
    my $body = pack('n', $tsig->{id}) . substr with_additionals(substr($bytes, 0, $message->{last_at}), -1), 2;
    my $seen = join '', pack('n/a', $chain->{mac}), $chain->{pending} // '', $body,
        $chain->{begun} ? $tsig->{signed_at} : variables($key, $tsig->{signed_at}, $tsig->{rest});
    die "its answer has a wrong signature\n" unless hmac_sha256($seen, $key->{secret}) eq $tsig->{mac};
    die { server_time => unpack_time($tsig->{other}) } if $tsig->{error} == BADTIME;
    %$chain = (mac => $tsig->{mac}, begun => 1);
    return $message;
}

sub pend {
    my ($message, $bytes, $chain) = @_;
    $chain->{pending} .= $bytes;
    die "it does not sign its transfer\n" if ++$chain->{unsigned} > 99;
    return $message;
}

# The fields of the TSIG record that its signature covers (RFC 8945, 4.3.3).
sub variables {
    my ($key, $signed_at, $rest) = @_;
    return join '', $key->{name}, pack('n N', ANY, 0), $algorithm, $signed_at, $rest;
}

sub decode_tsig {
    my ($data) = @_;
    die "its answer is not signed with HMAC-SHA256\n" unless index(lc $data, $algorithm) == 0;
    my ($signed_at, $mac, $id, $rest) = unpack 'x' . length($algorithm) . ' a8 n/a n a*', $data;
    my ($error, $other) = unpack 'n n/a', $rest // '';
    die "a signature is truncated\n" unless defined $other;
    return { signed_at => $signed_at, mac => $mac, id => $id, rest => $rest, error => $error, other => $other };
}

sub with_additionals {
    my ($message, $more) = @_;
    substr($message, 10, 2) = pack 'n', $more + unpack 'x10 n', $message;
    return $message;
}

# 48 bits.
sub pack_time { my ($time) = @_; return pack 'n N', int($time / 2**32), $time % 2**32 }

sub unpack_time {
    my ($bytes) = @_;
    die "a signature has no time\n" unless length $bytes == 6;
    my ($high, $low) = unpack 'n N', $bytes;
    return $high * 2**32 + $low;
}

1;
