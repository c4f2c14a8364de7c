package Reyns::Corrections;
# Computes the corrections that make a zone match its leases. Pure: does not contact a DNS.
#
# A zone is { name => { type => [data, …], 'ttl type' => seconds } } with full names; a live lease is
# { %lease, host => 'demo-one' }.
# A correction is { prerequisites => […], changes => […] }, to be applied atomically.
use strict;
use warnings;
use Exporter 'import';
use Reyns::Lease qw(pointer_name reverse_zone);
use Reyns::Message qw(absent equal add remove remove_all encode_name address_data);

our @EXPORT_OK = qw(index_records correct_names correct_pointers changes_of);

sub index_records {
    my ($records) = @_;
    my %zone;
    for my $record (@$records) {
        my $there = $zone{ $record->{name} } //= {};
        push @{ $there->{ $record->{type} } }, $record->{data};
        $there->{"ttl $record->{type}"} = $record->{ttl};
    }
    return \%zone;
}

# Parameters: zone, origin (its name), ttl, leases (live ones), expired (names of leases -> host, or undef if the record
# is not a lease), own (the address of the DNS; optional).
sub correct_names {
    my (%of) = @_;
    my ($zone, $origin, $ttl) = @of{qw(zone origin ttl)};
    my @expired = map { expire($zone, $origin, $_, $of{expired}{$_}) } sort keys %{ $of{expired} };
    my @wrong = map { correct_sets($zone, $ttl, @$_) } wanted_names(%of);
    return (@expired, @wrong, map { correct_sets($zone, $ttl, [$_, A => []], [$_, TXT => []]) } wildcards($zone));
}

# They would answer for instances that are gone.
sub wildcards { my ($zone) = @_; return sort grep { /\A\*/ } keys %$zone }

# A list per correction: the [name, type, [data, …]] that must be consistent with each other.
sub wanted_names {
    my (%of) = @_;
    my ($origin, $services) = ($of{origin}, by_service($of{leases}));
    # A host name takes precedence over a service with the same name.
    my %hosts = map { ("$_->{host}.$origin" => [address_data($_->{address})]) } @{ $of{leases} };
    my @wanted = map { ([[$_, A => $hosts{$_}]], [[$_, TXT => []]]) } sort keys %hosts;
    my %is_taken = map { $_ => 1 } keys %hosts;
    for my $service (known_services($of{zone}, $origin, $services)) {
        my ($generation, @latest) = latest(@{ $services->{$service} // [] });
        my @sets = ["$service._generation.$origin", TXT => @latest ? [pack 'C/a', $generation] : []];
        # The generation marks the addresses as Reyns's: remove both together or neither.
        my $is_own = !$is_taken{"$service.$origin"}++;
        push @sets, ["$service.$origin", A => [unique(map { address_data($_->{address}) } @latest)]] if $is_own;
        push @wanted, \@sets;
        push @wanted, [["$service.$origin", TXT => []]] if $is_own && @latest;
    }
    push @wanted, [["dns.$origin", A => [address_data($of{own})]]] if defined $of{own} && !$is_taken{"dns.$origin"};
    return @wanted;
}

sub by_service {
    my ($leases) = @_;
    my %services;
    push @{ $services{ $_->{service} } }, $_ for @$leases;
    return \%services;
}

# Services with leases, and services whose last lease is gone.
sub known_services {
    my ($zone, $origin, $services) = @_;
    my @before = map { /\A([a-z0-9-]+)\._generation\.\Q$origin\E\z/ && $zone->{$_}{TXT} ? $1 : () } keys %$zone;
    return sort { $a cmp $b } unique(@before, keys %$services);
}

# The highest generation and its leases.
sub latest {
    my $highest = 0;
    $_->{generation} > $highest and $highest = $_->{generation} for @_;
    return ($highest, grep { $_->{generation} == $highest } @_);
}

# Removes the lease and the host's address, unless the lease has changed since.
sub expire {
    my ($zone, $origin, $name, $host) = @_;
    my @changes = remove_all($name, 'TXT');
    push @changes, remove_all("$host.$origin", 'A') if defined $host;
    return { prerequisites => [still($zone, $name, 'TXT')], changes => \@changes };
}

sub correct_sets {
    my ($zone, $ttl, @sets) = @_;
    my @changes = map { changes_of($zone, $ttl, @$_) } @sets;
    return unless @changes;
    return { prerequisites => [map { still($zone, $_->[0], $_->[1]) } @sets], changes => \@changes };
}

sub changes_of {
    my ($zone, $ttl, $name, $type, $wanted) = @_;
    my @there     = @{ $zone->{$name}{$type} // [] };
    my %is_there  = map { $_ => 1 } @there;
    my %is_wanted = map { $_ => 1 } @$wanted;
    # A new TTL comes with a record that is added again.
    my $has_ttl = ($zone->{$name}{"ttl $type"} // $ttl) == $ttl;
    return (
        (map { remove($name, $type => $_) } grep { !$is_wanted{$_} } @there),
        map { add($name, $type => $ttl, $_) } grep { !$has_ttl || !$is_there{$_} } @$wanted,
    );
}

# Prerequisite: these records have not changed since.
sub still {
    my ($zone, $name, $type) = @_;
    my $there = $zone->{$name}{$type} or return absent($name, $type);
    return map { equal($name, $type => $_) } @$there;
}

# Parameters: zone (the reverse zone), origin (its name), ttl, leases, names (the forward zone), names_origin.
sub correct_pointers {
    my (%of) = @_;
    my %hosts;
    for my $lease (@{ $of{leases} }) {
        next unless (reverse_zone($lease->{address}) // '') eq $of{origin};
        push @{ $hosts{ pointer_name($lease->{address}) } }, encode_name("$lease->{host}.$of{names_origin}");
    }
    my ($zone, %wanted) = ($of{zone});
    for my $name (grep { $zone->{$_}{PTR} || $hosts{$_} } keys %{ { %$zone, %hosts } }) {
        my $there = $zone->{$name}{PTR};
        $wanted{$name} =
            $hosts{$name} ? pointer($there, $hosts{$name}) : $name =~ /\A\*/ ? [] : kept($there, %of);
    }
    # A name that was added by hand keeps its TTL.
    my $ttl_of = sub { $hosts{ $_[0] } ? $of{ttl} : $zone->{ $_[0] }{'ttl PTR'} };
    return map { correct_sets($zone, $ttl_of->($_), [$_, PTR => $wanted{$_}]) } sort keys %wanted;
}

# One name per address. Several hosts may share the address: keep the current name if it is one of them.
sub pointer {
    my ($there, $hosts) = @_;
    my %is_host = map { $_ => 1 } @$hosts;
    my ($right) = grep { $is_host{$_} } @{ $there // [] };
    return [$right // (sort @$hosts)[0]];
}

# For an address without a lease, keep names in other zones and names that were added by hand.
sub kept {
    my ($there, %of) = @_;
    my %is_leased = map { encode_name("$_->{host}.$of{names_origin}") => 1 } @{ $of{leases} };
    return [grep { !$is_leased{$_} && leads_somewhere($_, %of) } @$there];
}

sub leads_somewhere {
    my ($data, %of) = @_;
    my $name = lc join '.', unpack '(C/a)*', $data;
    $name =~ s/\.\z//;
    return $name !~ /\.\Q$of{names_origin}\E\z/ || exists $of{names}{$name}{A};
}

sub unique { my %seen; return grep { !$seen{$_}++ } @_ }

1;
