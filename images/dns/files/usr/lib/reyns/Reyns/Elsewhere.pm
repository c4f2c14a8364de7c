package Reyns::Elsewhere;
# The leases of the other secondary DNS of the project, while the first one does not answer here.
use strict;
use warnings;
use Reyns::Lease 'is_same_place';
use Reyns::Reaper;
use Reyns::Server;

# All DNS of a project are instances of this service.
use constant SERVICE => 'reyns-dns';
# Seconds until one that has not answered is asked again.
use constant AWAY => 5;

# Parameters: key, first (the address of the first DNS), and those of a reaper but its server.
sub new {
    my ($class, %of) = @_;
    my %given = map { $_ => delete $of{$_} } qw(key first);
    return bless { %given, same => \%of, views => {}, silent => {}, queue => [] }, $class;
}

sub forget { my ($self) = @_; @$self{qw(views silent queue)} = ({}, {}, []); return }

# Looks at one of the others, so that those that do not answer take no time from the rest. A lease that has been renewed
# there has been renewed here.
sub look {
    my ($self, $here) = @_;
    my $now = Reyns::Server::seconds();
    $self->{queue} = [$self->addresses($here)] unless @{ $self->{queue} };
    my $address = shift @{ $self->{queue} } // return;
    return if $now < ($self->{silent}{$address} // 0);
    my $view = $self->{views}{$address} //= $self->new_view($address, $here);
    $view->{new_since} = $now;
    return $self->{silent}{$address} = $now + AWAY unless eval { $view->see($here->{zone}); 1 };
    return renew($here->{terms}, $view->{terms});
}

# A lease that is the same there has not been renewed since.
sub new_view {
    my ($self, $address, $here) = @_;
    my $server = Reyns::Server->new(address => $address, key => $self->{key});
    my $view = Reyns::Reaper->new(server => $server, %{ $self->{same} });
    $view->{terms} = { map { $_ => { %{ $here->{terms}{$_} } } } keys %{ $here->{terms} } };
    return $view;
}

sub addresses {
    my ($self, $here) = @_;
    my %is_own = map { $_ => 1 } $self->{first}, $here->{own} // ();
    my @servers = grep { $_->{service} eq SERVICE } map { $_->{lease} // () } values %{ $here->{terms} };
    return grep { !$is_own{$_} } map { $_->{address} } @servers;
}

sub renew {
    my ($here, $there) = @_;
    for my $name (grep { $here->{$_}{lease} && $there->{$_}{lease} } grep { $there->{$_} } keys %$here) {
        my ($mine, $other) = ($here->{$name}, $there->{$name});
        next unless is_same_place($mine->{lease}, $other->{lease});
        $mine->{since} = $other->{since} if $other->{since} > $mine->{since};
    }
    return;
}

1;
