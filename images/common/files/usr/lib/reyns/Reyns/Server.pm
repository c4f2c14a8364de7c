package Reyns::Server;
# A client for one DNS server: queries, updates and transfers, all signed. Failures die with a readable message.
use strict;
use warnings;
use Errno qw(EINTR);
use Reyns::Message;
use Reyns::Tsig;
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant { PORT => 53, LARGEST => 65_535 };

# Parameters: address, key, patience (timeout in seconds).
sub new {
    my ($class, %of) = @_;
    # The offset corrects a clock that differs from the DNS's; TSIG tolerates 300 s. Tests set a wrong one.
    my $self = bless { patience => 0.5, offset => $ENV{REYNS_CLOCK_OFFSET} || 0, %of }, $class;
    $self->{peer} = pack_sockaddr_in(PORT, Reyns::Message::address_data($of{address}));
    return $self;
}

sub seconds { return clock_gettime(CLOCK_MONOTONIC) }

# Seconds since 1970, by the clock of the DNS once its offset is known.
sub clock { my ($self) = @_; return int(time + $self->{offset}) }

# Aborts the current wait for an answer. For signal handlers.
sub hurry { my ($self) = @_; $self->{hurried} = 1; return }
sub take_time { my ($self) = @_; $self->{hurried} = 0; return }

# The local address of this container on its route to the DNS; undef if there is no route.
sub local_address {
    my ($self) = @_;
    $self->{udp} //= $self->connected(SOCK_DGRAM) or return undef;
    my (undef, $address) = unpack_sockaddr_in(getsockname $self->{udp});
    return Reyns::Message::address_text($address);
}

# The data of all records with this name and type.
sub ask {
    my ($self, $name, $type) = @_;
    my $answer = $self->exchange(sub { Reyns::Message::query($_[0], $name, $type) });
    die "it answers $answer->{rcode}\n" unless $answer->{rcode} =~ /^(?:NOERROR|NXDOMAIN)$/;
    return map { $_->{data} } grep { $_->{type} eq $type && $_->{name} eq $name } @{ $answer->{answers} };
}

# Updates a zone. True on success, false if a prerequisite failed.
sub change {
    my ($self, $zone, $prerequisites, $changes) = @_;
    my $answer = $self->exchange(sub { Reyns::Message::update($_[0], $zone, $prerequisites, $changes) });
    return 1 if $answer->{rcode} eq 'NOERROR';
    return 0 if $answer->{rcode} =~ /^(?:NXRRSET|YXRRSET|NXDOMAIN|YXDOMAIN)$/;
    die "it answers $answer->{rcode} to an update of $zone\n";
}

# All records of a zone (AXFR, RFC 5936), starting with its SOA.
sub transfer {
    my ($self, $zone) = @_;
    return $self->with_right_clock(sub { $self->transfer_once($zone) });
}

sub transfer_once {
    my ($self, $zone) = @_;
    my ($query, $mac) = $self->signed(Reyns::Message::query(new_id(), $zone, 'AXFR'));
    my $socket = $self->connected(SOCK_STREAM) or die "it does not answer\n";
    send_message($socket, $query);
    my $chain   = { mac => $mac };
    my $until   = seconds() + 5;
    my @records;
    while (@records < 2 || $records[-1]{type} ne 'SOA') {
        my $answer = Reyns::Tsig::check($self->receive_message($socket, $until), $self->{key}, $chain);
        die "it answers $answer->{rcode} to a transfer of $zone\n" unless $answer->{rcode} eq 'NOERROR';
        push @records, @{ $answer->{answers} };
        die "the transfer of $zone does not start with an SOA record\n" unless @records && $records[0]{type} eq 'SOA';
    }
    die "the transfer of $zone is not signed\n" if $chain->{unsigned};
    pop @records;
    return \@records;
}

# Sends a message and returns the answer; over UDP, or over TCP if it is too large.
sub exchange {
    my ($self, $compose) = @_;
    return $self->with_right_clock(sub { $self->exchange_once($compose->(new_id())) });
}

sub exchange_once {
    my ($self, $message) = @_;
    my ($query, $mac) = $self->signed($message);
    my $answer = length $query > 4096 ? undef : $self->check($self->ask_by_udp($query), $mac);
    return $answer if $answer && !$answer->{truncated};
    my $socket = $self->connected(SOCK_STREAM) or die "it does not answer\n";
    send_message($socket, $query);
    return $self->check($self->receive_message($socket, seconds() + $self->{patience}), $mac);
}

# A BADTIME answer contains the server's time. Adjust the offset to it and retry.
sub with_right_clock {
    my ($self, $do) = @_;
    for my $attempt (1, 2) {
        my $result = eval { $do->() };
        return $result if defined $result;
        die $@ unless ref $@;
        die "its clock is not stable\n" if $attempt == 2;
        $self->{offset} = $@->{server_time} - time;
    }
}

sub signed { my ($self, $message) = @_; return Reyns::Tsig::sign($message, $self->{key}, $self->clock) }

sub check {
    my ($self, $bytes, $mac) = @_;
    return Reyns::Tsig::check($bytes, $self->{key}, { mac => $mac });
}

# Keeps the socket as long as it gets answers. After a failure, opens a new one: this container's address, or the
# container behind a published port, may have changed.
sub ask_by_udp {
    my ($self, $query) = @_;
    my $socket = delete $self->{udp} // $self->connected(SOCK_DGRAM) // die "it does not answer\n";
    my $until = seconds() + $self->{patience};
    send $socket, $query, 0;
    while (1) {
        my $bytes = $self->receive($socket, LARGEST, $until);
        # Skip late answers, and packets that are not from the DNS.
        next if substr($bytes, 0, 2) ne substr $query, 0, 2;
        $self->{udp} = $socket;
        return $bytes;
    }
}

# Over TCP, each message is preceded by its length (RFC 1035, 4.2.2).
sub send_message { my ($socket, $message) = @_; return syswrite $socket, pack 'n/a', $message }

sub receive_message {
    my ($self, $socket, $until) = @_;
    my $length = unpack 'n', $self->receive_all($socket, 2, $until);
    return $self->receive_all($socket, $length, $until);
}

sub receive_all {
    my ($self, $socket, $length, $until) = @_;
    my $bytes = '';
    $bytes .= $self->receive($socket, $length - length $bytes, $until) while length $bytes < $length;
    return $bytes;
}

# Waits for data and returns at most this many bytes.
sub receive {
    my ($self, $socket, $length, $until) = @_;
    while (!$self->{hurried} && seconds() < $until) {
        my $sender = recv $socket, my $bytes, $length, 0;
        return $bytes if defined $sender && $bytes ne '';
        last unless !defined $sender && $! == EINTR;
    }
    die "it does not answer\n";
}

# A connected socket; undef without a route, or without a TCP listener. The timeouts also apply to connect (socket(7)).
sub connected {
    my ($self, $kind) = @_;
    socket my $socket, AF_INET, $kind, 0 or die "cannot open a socket: $!\n";
    my $limit = pack 'l! l!', int $self->{patience}, ($self->{patience} - int $self->{patience}) * 1e6;
    setsockopt $socket, SOL_SOCKET, $_, $limit for SO_RCVTIMEO, SO_SNDTIMEO;
    return connect($socket, $self->{peer}) ? $socket : undef;
}

sub new_id { return int rand 65_536 }

1;
