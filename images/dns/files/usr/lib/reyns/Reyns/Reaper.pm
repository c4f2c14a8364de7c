package Reyns::Reaper;
# Checks the zones, removes expired leases and corrects records that do not match the remaining ones.
use strict;
use warnings;
use Reyns::Corrections qw(index_records correct_names correct_pointers);
use Reyns::Lease qw(parse_lease reverse_zone is_label);
use Reyns::Message 'equal';
use Reyns::Server;

# Attempts to update the zone as a whole; after that, each name is updated separately.
use constant ATTEMPTS => 3;
# Corrections per message, and messages per check; the rest waits for the next check.
use constant { BATCH => 200, ROUNDS => 20 };

# Parameters: server, zone, ttl, term (seconds until an unrenewed lease expires), interval (seconds between two checks),
# own (the address of the DNS, or undef).
sub new {
    my ($class, %of) = @_;
    return bless { %of, terms => {}, zones => {}, reverse => {}, settled => {}, looked_at => undef, was_away => 1 }, $class;
}

# One check. Dies with a message if the DNS does not answer; no lease expires because of that.
sub look {
    my ($self) = @_;
    my $now = Reyns::Server::seconds();
    my $before = $self->{looked_at} // $now;
    my $was_away = $self->{was_away} || $now - $before > $self->longest_pause;
    $self->{looked_at} = $now;
    # A change may have happened right after the last check.
    $self->{new_since} = $was_away ? $now : $before;
    $self->{was_away} = 1;
    # A zone that was lost and recreated may have the same serial.
    $self->{zones} = {} if $was_away;
    # Instances remove their names first, then their PTR record. Read the reverse zones first, so that an instance that
    # leaves meanwhile does not get its PTR record back.
    $self->see($_) for grep { $_ ne $self->{zone} } keys %{ $self->{zones} };
    $self->see($self->{zone});
    $self->renew_all_terms if $was_away;
    $self->settle($self->{zone}, sub { $self->wrong_names });
    for my $origin ($self->reverse_zones) {
        # A reverse zone that is new here would be read after the names, with the same problem: read the names again.
        $self->see($_) for $self->{zones}{$origin} ? () : ($origin, $self->{zone});
        $self->settle($origin, sub { $self->wrong_pointers($origin) });
    }
    return $self->{was_away} = 0;
}

# Seconds until the next check: earlier than usual if a lease may expire before.
sub pause {
    my ($self) = @_;
    my $next = $self->{looked_at} + $self->{interval};
    my $now  = Reyns::Server::seconds();
    for my $end (map { $_->{since} + $self->{term} } values %{ $self->{terms} }) {
        $next = $end if $end < $next && $end > $now;
    }
    return $next > $now ? $next - $now + 0.01 : 0.01;
}

# The longest gap between two checks that does not renew all terms: on a busy machine, leases still have to expire.
sub longest_pause {
    my ($self) = @_;
    return $self->{interval} + ($self->{term} > 4 ? $self->{term} / 4 : 1);
}

# Reads the zone if it has changed, and returns true then.
sub see {
    my ($self, $origin) = @_;
    my ($soa) = $self->{server}->ask($origin, 'SOA');
    die "$origin is not served\n" unless defined $soa;
    return 0 if ($self->{zones}{$origin}{soa} // '') eq $soa;
    my $records = $self->{server}->transfer($origin);
    my @lasting = grep { $_->{type} ne 'SOA' && $_->{name} !~ /\._lease\./ } @$records;
    $self->{zones}{$origin} = {
        soa   => $records->[0]{data},
        names => index_records($records),
        facts => join("\n", map { "$_->{name} $_->{type} $_->{ttl} $_->{data}" } @lasting),
    };
    $self->note_leases if $origin eq $self->{zone};
    return 1;
}

# A lease gets a new term when its text changes.
sub note_leases {
    my ($self) = @_;
    my ($names, $before, %terms) = ($self->{zones}{ $self->{zone} }{names}, $self->{terms});
    for my $name (grep { /\._lease\.\Q$self->{zone}\E\z/ && $names->{$_}{TXT} } keys %$names) {
        my $text = join "\0", sort @{ $names->{$name}{TXT} };
        my $term = $before->{$name};
        $terms{$name} = $term && $term->{text} eq $text ? $term : $self->new_term($name, $text);
    }
    $self->{terms} = \%terms;
    return;
}

sub new_term {
    my ($self, $name, $text) = @_;
    my ($host) = $name =~ /\A([^.]+)\._lease\./;
    my $lease = defined $host && is_label($host) ? parse_lease($text) : undef;
    $lease->{host} = $host if $lease;
    return { text => $text, since => $self->{new_since}, lease => $lease };
}

sub renew_all_terms {
    my ($self) = @_;
    $_->{since} = Reyns::Server::seconds() for values %{ $self->{terms} };
    return;
}

# Applies corrections until there are none. Each update first requires the zone to be exactly the one that was read, so
# it cannot undo a newer change. If the zone keeps changing, each name is corrected separately.
sub settle {
    my ($self, $origin, $wrong) = @_;
    my $failures = 0;
    for (1 .. ROUNDS) {
        my $facts = $self->facts($origin);
        return if $facts eq ($self->{settled}{$origin} // '');
        my @corrections = $wrong->();
        return $self->{settled}{$origin} = $facts unless @corrections;
        return $self->correct_each($origin, @corrections) if $failures == ATTEMPTS;
        splice @corrections, BATCH if @corrections > BATCH;
        my $seen = equal($origin, SOA => $self->{zones}{$origin}{soa});
        $self->{server}->change($origin, [$seen], [map { @{ $_->{changes} } } @corrections]) or $failures++;
        $self->see($origin);
        $self->see($self->{zone}) if $origin ne $self->{zone};
    }
    return;
}

# The input of a zone's corrections: if it is unchanged, there is nothing to correct. Renewals do not affect it.
sub facts {
    my ($self, $origin) = @_;
    my @leases = map { join ' ', @$_{qw(host service address generation)} } @{ $self->living };
    my @zones = map { $self->{zones}{$_}{facts} } $self->{zone}, $origin;
    return join "\0", $self->{own} // '', @zones, sort(@leases), sort $self->expired;
}

sub correct_each {
    my ($self, $origin, @corrections) = @_;
    $self->{server}->change($origin, @$_{qw(prerequisites changes)}) for @corrections;
    return;
}

# Leases last renewed before this time have expired. Measured from the start of the check, so that a pause during the
# check expires no lease.
sub oldest { my ($self) = @_; return $self->{looked_at} - $self->{term} }

# The names of leases that were not renewed within their term.
sub expired {
    my ($self) = @_;
    my ($terms, $oldest) = ($self->{terms}, $self->oldest);
    return grep { $terms->{$_}{since} < $oldest } keys %$terms;
}

sub living {
    my ($self) = @_;
    my $oldest = $self->oldest;
    return [map { $_->{lease} && $_->{since} >= $oldest ? $_->{lease} : () } values %{ $self->{terms} }];
}

sub wrong_names {
    my ($self) = @_;
    my $terms = $self->{terms};
    my %expired = map { $_ => $terms->{$_}{lease} && $terms->{$_}{lease}{host} } $self->expired;
    return correct_names(
        zone    => $self->{zones}{ $self->{zone} }{names},
        origin  => $self->{zone},
        ttl     => $self->{ttl},
        leases  => $self->living,
        expired => \%expired,
        own     => $self->{own},
    );
}

sub wrong_pointers {
    my ($self, $origin) = @_;
    return correct_pointers(
        zone         => $self->{zones}{$origin}{names},
        origin       => $origin,
        ttl          => $self->{ttl},
        leases       => $self->living,
        names        => $self->{zones}{ $self->{zone} }{names},
        names_origin => $self->{zone},
    );
}

# The reverse zones in which an instance has had an address since this process started.
sub reverse_zones {
    my ($self) = @_;
    my @addresses = ((map { $_->{address} } @{ $self->living }), $self->{own} // ());
    $self->{reverse}{$_} = 1 for grep { defined } map { reverse_zone($_) } @addresses;
    return sort keys %{ $self->{reverse} };
}

1;
