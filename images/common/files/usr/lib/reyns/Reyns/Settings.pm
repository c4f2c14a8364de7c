package Reyns::Settings;
# What the environment says of the DNS. A value that cannot be is named, and the standard one taken.
use strict;
use warnings;
use Exporter 'import';
use Reyns::Lease 'is_label';

our @EXPORT_OK = qw(seconds_of zone_name ttl key_file say_line);

sub key_file { return '/etc/reyns/keys/tsig.key' }

# A line for people, in the container's output.
sub say_line { my ($line) = @_; print STDERR "reyns: $line\n"; return }

sub seconds_of {
    my ($name, $standard) = @_;
    my $text = $ENV{$name} // '';
    return $standard if $text eq '';
    return $text if $text =~ /\A(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})\z/a && $text > 0;
    say_line("$name is no number of seconds: '$text'; it is $standard instead");
    return $standard;
}

sub ttl {
    my $text = $ENV{DNS_TTL} // '';
    return $text =~ /\A\d{1,9}\z/a ? $text : 5;
}

sub zone_name {
    my $zone = lc($ENV{DNS_ZONE} || 'local.zone');
    $zone =~ s/\.\z//;
    return $zone unless grep { !is_label($_) } split /\./, $zone, -1;
    say_line("DNS_ZONE is no name of a zone: '$zone'; it is local.zone instead");
    return 'local.zone';
}

1;
