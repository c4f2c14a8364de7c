package Reyns::Registration;
# Registers one instance in the zone, renews its lease and deregisters it. docs/dns.md describes the protocol.
use strict;
use warnings;
use Reyns::Lease qw(format_lease parse_lease renewed new_id is_same_place pointer_name reverse_zone);
use Reyns::Message qw(absent equal add remove remove_all encode_name address_data);

# Parameters: server, zone, ttl, host, service, instance, policy, node, is_shared (others may use the same address).
sub new {
    my ($class, %of) = @_;
    my $self = bless {%of}, $class;
    $self->{"${_}_name"} = "$of{$_}.$of{zone}" for qw(host service);
    $self->{lease_name}      = "$of{host}._lease.$of{zone}";
    $self->{generation_name} = "$of{service}._generation.$of{zone}";
    return $self;
}

# Registers the instance or renews its lease. Returns false if another instance has taken its name. Dies if the DNS
# fails.
sub turn {
    my ($self, $address) = @_;
    $self->move_to($address);
    return 1 if $self->{stands} && $self->renew;
    my $there = $self->standing_lease;
    if ($there && is_same_place($there, { %$self, address => $address })) {
        $self->{lease} = $there;
        return $self->renew;
    }
    # A new instance takes the name over; one that had it before waits.
    return 0 if $there && $self->{lease};
    $self->register($address);
    return 1;
}

sub move_to {
    my ($self, $address) = @_;
    return if !$self->{lease} || $self->{lease}{address} eq $address;
    $self->deregister;
    @{ $self->{lease} }{qw(address data)} = ($address);
    return;
}

# The hot path: hundreds of instances do this all day.
sub renew {
    my ($self) = @_;
    my ($lease, $name) = @$self{qw(lease lease_name)};
    my $data = $lease->{data} // format_lease($lease);
    # A lease that was taken over may have any number; one with 16 digits is no lease.
    my $seq  = $lease->{seq} < 1e14 ? $lease->{seq} + 1 : 1;
    my $next = renewed($data, $seq);
    my $held = $self->{server}->change($self->{zone}, [equal($name, TXT => $data)], $self->says($next));
    @$lease{qw(seq data)} = ($seq, $next) if $held;
    return $self->{stands} = $held;
}

# The lease currently in the zone; undef if there is none, or if it is invalid.
sub standing_lease {
    my ($self) = @_;
    my @data = $self->{server}->ask($self->{lease_name}, 'TXT');
    return @data == 1 ? parse_lease($data[0]) : undef;
}

sub register {
    my ($self, $address) = @_;
    for (1 .. 20) {
        my @read  = $self->{server}->ask($self->{generation_name}, 'TXT');
        my $lease = $self->new_lease($address, highest(@read));
        $self->{server}->change($self->{zone}, $self->still(@read), $self->arrival($lease, highest(@read))) or next;
        @$self{qw(lease stands)} = ($lease, 1);
        return $self->point($address);
    }
    die "too many instances of $self->{service} register at the same time\n";
}

sub new_lease {
    my ($self, $address, $read) = @_;
    my $now = $self->{server}->clock;
    my $new = $self->{policy} eq 'APPEND' ? $read : $read + 1 > $now ? $read + 1 : $now;
    return {
        (map { $_ => $self->{$_} } qw(service instance policy node)),
        v          => 1,
        id         => new_id(),
        seq        => 1,
        address    => $address,
        generation => $self->{lease} ? $self->{lease}{generation} : $new,
        since      => $now,
    };
}

# Prerequisite: the generation has not changed since it was read.
sub still {
    my ($self, @read) = @_;
    return [absent($self->{generation_name}, 'TXT')] unless @read;
    return [map { equal($self->{generation_name}, TXT => $_) } @read];
}

sub arrival {
    my ($self, $lease, $read) = @_;
    my ($generation, $data) = ($lease->{generation}, address_data($lease->{address}));
    my @changes = (
        @{ $self->says(format_lease($lease)) },
        remove_all($self->{host_name}, 'A'),
        $self->a($self->{host_name}, $data),
    );
    push @changes,
        remove_all($self->{generation_name}, 'TXT'),
        add($self->{generation_name}, TXT => $self->{ttl}, pack 'C/a', $generation),
        remove_all($self->{service_name}, 'A')
        if $generation > $read;
    push @changes, $self->a($self->{service_name}, $data) if $generation >= $read;
    return \@changes;
}

sub says {
    my ($self, $data) = @_;
    return [
        remove_all($self->{lease_name}, 'TXT'),
        add($self->{lease_name}, TXT => $self->{ttl}, $data),
    ];
}

sub a { my ($self, $name, $data) = @_; return add($name, A => $self->{ttl}, $data) }

# Sets the PTR record; the reaper keeps it correct.
sub point {
    my ($self, $address) = @_;
    my $zone = reverse_zone($address) or return;
    my $name = pointer_name($address);
    my @changes = (remove_all($name, 'PTR'), add($name, PTR => $self->{ttl}, encode_name($self->{host_name})));
    return $self->{server}->change($zone, [], \@changes);
}

# Deregisters the instance, if it is registered at its address.
sub deregister {
    my ($self) = @_;
    my $mine = $self->{lease} or return;
    $self->{stands} = 0;
    for (1 .. 3) {
        last if $self->{server}->change(
            $self->{zone},
            [equal($self->{lease_name}, TXT => format_lease($mine))],
            $self->departure($mine),
        );
        # The answer to an earlier renewal may have been lost.
        my $there = $self->standing_lease;
        return unless $there && is_same_place($there, $mine);
        $mine = $there;
    }
    return $self->point_nowhere($mine->{address});
}

sub departure {
    my ($self, $mine) = @_;
    my $data    = address_data($mine->{address});
    my @changes = (remove_all($self->{lease_name}, 'TXT'), remove($self->{host_name}, A => $data));
    push @changes, remove($self->{service_name}, A => $data) unless $self->another_has($mine);
    return \@changes;
}

# Whether another instance of the service uses the same address, as instances that share their machine's address do. If
# this cannot be determined, the address stays and the reaper corrects it.
sub another_has {
    my ($self, $mine) = @_;
    return 0 unless $self->{is_shared};
    my $records = eval { $self->{server}->transfer($self->{zone}) } or return 1;
    for my $record (@$records) {
        next unless $record->{type} eq 'TXT' && $record->{name} =~ /\._lease\.\Q$self->{zone}\E\z/;
        next if $record->{name} eq $self->{lease_name};
        my $lease = parse_lease($record->{data}) or next;
        return 1 unless grep { $lease->{$_} ne $mine->{$_} } qw(service address generation);
    }
    return 0;
}

sub point_nowhere {
    my ($self, $address) = @_;
    my $zone = reverse_zone($address) or return;
    my $name = pointer_name($address);
    my $own  = encode_name($self->{host_name});
    return $self->{server}->change($zone, [equal($name, PTR => $own)], [remove($name, PTR => $own)]);
}

# The highest number among the strings, or 0. One more than a number of 15 digits would be no generation.
sub highest {
    my $highest = 0;
    for my $data (@_) {
        my $text = unpack('C/a', $data) // '';
        $highest = $text if $text =~ /\A\d{1,14}\z/a && $text > $highest;
    }
    return $highest;
}

1;
