package Reyns::Corrections;
# What a zone lacks to be what its leases say. Nothing here asks or changes a DNS.
#
# A zone is { name => { type => [data, …] } }, whole names; a living lease is { %lease, host => 'demo-one' }.
# A correction is { prerequisites => […], changes => […] }, to be carried out whole or not at all.
use strict;
use warnings;
use Exporter 'import';
use Reyns::Lease qw(pointer_name reverse_zone);
use Reyns::Message qw(absent equal add remove remove_all encode_name address_data);

our @EXPORT_OK = qw(index_records correct_names correct_pointers);

sub index_records {
    my ($records) = @_;
    my %zone;
    push @{ $zone{ $_->{name} }{ $_->{type} } }, $_->{data} for @$records;
    return \%zone;
}

# Of: zone, origin (its name), ttl, leases (those that live), expired (names of leases -> host, or undef for what is
# no lease), own (the address of the DNS; may be missing).
sub correct_names {
    my (%of) = @_;
    my $wanted = wanted_names(%of);
    return (
        (map { expire($of{zone}, $of{origin}, $_, $of{expired}{$_}) } sort keys %{ $of{expired} }),
        map { correct_set($of{zone}, $_->[0], $_->[1], $_->[2], $of{ttl}) } @$wanted,
    );
}

# [name, type, [data, …]] for every name that is ours.
sub wanted_names {
    my (%of) = @_;
    my ($origin, $services) = ($of{origin}, by_service($of{leases}));
    my %addresses = defined $of{own} ? ("dns.$origin" => [address_data($of{own})]) : ();
    my @wanted;
    for my $service (known_services($of{zone}, $origin, $services)) {
        my ($generation, @latest) = latest(@{ $services->{$service} // [] });
        push @wanted, ["$service._generation.$origin", TXT => @latest ? [pack 'C/a', $generation] : []];
        $addresses{"$service.$origin"} = [unique(map { address_data($_->{address}) } @latest)];
    }
    # A host's name is its own, even where a service is called the same.
    $addresses{"$_->{host}.$origin"} = [address_data($_->{address})] for @{ $of{leases} };
    return [@wanted, map { [$_, A => $addresses{$_}] } sort keys %addresses];
}

sub by_service {
    my ($leases) = @_;
    my %services;
    push @{ $services{ $_->{service} } }, $_ for @$leases;
    return \%services;
}

# Those with leases, and those whose last lease has gone.
sub known_services {
    my ($zone, $origin, $services) = @_;
    my @before = map { /\A([a-z0-9-]+)\._generation\.\Q$origin\E\z/ && $zone->{$_}{TXT} ? $1 : () } keys %$zone;
    return sort { $a cmp $b } unique(@before, keys %$services);
}

# The highest generation, and the leases that have it.
sub latest {
    my $highest = 0;
    $_->{generation} > $highest and $highest = $_->{generation} for @_;
    return ($highest, grep { $_->{generation} == $highest } @_);
}

# The lease, and the address of its host, unless it says otherwise by now.
sub expire {
    my ($zone, $origin, $name, $host) = @_;
    my @changes = remove_all($name, 'TXT');
    push @changes, remove_all("$host.$origin", 'A') if defined $host;
    return { prerequisites => [still($zone, $name, 'TXT')], changes => \@changes };
}

sub correct_set {
    my ($zone, $name, $type, $wanted, $ttl) = @_;
    my @there   = @{ $zone->{$name}{$type} // [] };
    my %is_there = map { $_ => 1 } @there;
    my %is_wanted = map { $_ => 1 } @$wanted;
    my @changes = (
        (map { remove($name, $type => $_) } grep { !$is_wanted{$_} } @there),
        map { add($name, $type => $ttl, $_) } grep { !$is_there{$_} } @$wanted,
    );
    return @changes ? { prerequisites => [still($zone, $name, $type)], changes => \@changes } : ();
}

# The prerequisite that nobody has changed these records since.
sub still {
    my ($zone, $name, $type) = @_;
    my $there = $zone->{$name}{$type} or return absent($name, $type);
    return map { equal($name, $type => $_) } @$there;
}

# Of: zone (the reverse one), origin (its name), ttl, leases, names (the zone of the names), names_origin.
sub correct_pointers {
    my (%of) = @_;
    my %hosts;
    for my $lease (@{ $of{leases} }) {
        next unless (reverse_zone($lease->{address}) // '') eq $of{origin};
        push @{ $hosts{ pointer_name($lease->{address}) } }, encode_name("$lease->{host}.$of{names_origin}");
    }
    my @stray = grep { !$hosts{$_} && $of{zone}{$_}{PTR} } keys %{ $of{zone} };
    return (
        (map { correct_set($of{zone}, $_, PTR => kept($of{zone}{$_}{PTR}, %of), $of{ttl}) } sort @stray),
        map { correct_set($of{zone}, $_, PTR => pointer($of{zone}{$_}{PTR}, $hosts{$_}), $of{ttl}) } sort keys %hosts,
    );
}

# One name for an address: the one that stands there if it is right, as several hosts may share the address.
sub pointer {
    my ($there, $hosts) = @_;
    my %is_host = map { $_ => 1 } @$hosts;
    my ($right) = grep { $is_host{$_} } @{ $there // [] };
    return [$right // (sort @$hosts)[0]];
}

# Of the names for an address that no lease has: those of other zones, and those that somebody gave by hand.
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
