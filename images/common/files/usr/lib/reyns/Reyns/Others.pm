package Reyns::Others;
# The registrations of one instance with the other DNS of its project, which take its renewals while the first one does
# not answer. docs/dns.md describes them.
use strict;
use warnings;
use Reyns::Lease 'is_address';
use Reyns::Message 'address_text';
use Reyns::Registration;
use Reyns::Server;

# All DNS of a project are instances of this service.
use constant SERVICE => 'reyns-dns';
# Seconds between two questions for their addresses.
use constant OFTEN => 5;
# Seconds until one that has not answered is asked again.
use constant AWAY => 0.5;

# The addresses of a project's DNS, for all instances that are registered from here. Undef if there is only one DNS.
sub list {
    return undef unless lc($ENV{DNS_SECONDARIES} // '') eq 'true';
    my $near = $ENV{DNS_RESOLVER} // '';
    return { near => is_address($near) ? $near : '', known => [], silent => {}, ask_at => 0 };
}

# Parameters: list, key, interval (seconds between renewals), first (the registration with the first DNS), own (the
# address of this machine, if it is known), and those of a registration.
sub new {
    my ($class, %of) = @_;
    my %given = map { $_ => delete $of{$_} } qw(list key interval first own);
    return bless { %given, registration => \%of, servers => {} }, $class;
}

# The first DNS answers: it knows the others, and has the lease.
sub rest {
    my ($self) = @_;
    $self->{servers} = {};
    return $self->ask($self->{first}{server});
}

# While the first DNS is away, one that others cannot reach for a while is not listed there, and is not forgotten here.
sub ask {
    my ($self, $server) = @_;
    my ($list, $now) = ($self->{list}, Reyns::Server::seconds());
    return if $now < $list->{ask_at};
    my $name = SERVICE . ".$self->{registration}{zone}";
    my @addresses = eval { map { address_text($_) } $server->ask($name, 'A') } or return;
    my %is_known = map { $_ => 1 } @addresses;
    push @addresses, grep { !$is_known{$_} } @{ $list->{known} } if $server != $self->{first}{server};
    @$list{qw(known ask_at)} = (\@addresses, $now + OFTEN);
    return;
}

# The DNS of this machine by its address in the project's network: the other one need not lead there from here.
sub addresses {
    my ($self) = @_;
    my ($near, $same) = ($self->{list}{near}, $self->{own} // '');
    my @others = grep { $_ ne $self->{first}{server}{address} && $_ ne $same } @{ $self->{list}{known} };
    return ($near eq '' ? () : $near, grep { $_ ne $near } @others);
}

# Registers with each of the others, or renews the lease there, where that is due. Returns how many have the lease.
sub turn {
    my ($self, $address) = @_;
    my $silent = $self->{list}{silent};
    for my $server ($self->addresses) {
        last if $self->{hurried};
        my ($now, $one) = (Reyns::Server::seconds(), $self->{servers}{$server} //= $self->enrol($server));
        next if $now < $one->{due} || $now < ($silent->{$server} // 0);
        $self->renew($one, $address);
        # All instances that are registered from here would wait for it.
        $silent->{$server} = Reyns::Server::seconds() + AWAY unless $one->{holds};
    }
    return scalar grep { $_->{holds} } values %{ $self->{servers} };
}

sub renew {
    my ($self, $one, $address) = @_;
    my $server = $self->{current} = $one->{registration}{server};
    $server->take_time;
    $one->{holds} = eval { $one->{registration}->turn($address); 1 } // 0;
    return unless $one->{holds};
    $one->{due} = Reyns::Server::seconds() + $self->{interval} * (0.9 + rand 0.2);
    return $self->ask($server);
}

# With the lease of the first DNS: another instance that has taken the name there keeps it here.
sub enrol {
    my ($self, $address) = @_;
    my $server = Reyns::Server->new(address => $address, key => $self->{key});
    my $registration = Reyns::Registration->new(%{ $self->{registration} }, server => $server);
    my $lease = $self->{first}{lease};
    $registration->{lease} = {%$lease} if $lease;
    return { registration => $registration, due => 0, holds => 0 };
}

# Aborts the current wait, and all further ones of this turn. For signal handlers.
sub hurry {
    my ($self) = @_;
    $self->{hurried} = 1;
    $self->{current}->hurry if $self->{current};
    return;
}

sub leave {
    my ($self) = @_;
    for my $one (grep { $_->{holds} } values %{ $self->{servers} }) {
        $one->{registration}{server}->take_time;
        eval { $one->{registration}->deregister };
    }
    $self->{servers} = {};
    return;
}

1;
