package Reyns::Settings;
# DNS settings from the environment. An invalid value is reported and replaced by the default.
use strict;
use warnings;
use Exporter 'import';
use Reyns::Lease 'is_label';

our @EXPORT_OK = qw(seconds_of zone_name ttl key_file say_line);

sub key_file { return '/etc/reyns/keys/tsig.key' }

# Prints a message to the container's output.
sub say_line { my ($line) = @_; print STDERR "reyns: $line\n"; return }

sub seconds_of {
    my ($name, $standard) = @_;
    my $text = $ENV{$name} // '';
    return $standard if $text eq '';
    return $text if $text =~ /\A(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})\z/a && $text > 0;
    say_line("$name is not a number of seconds: '$text'; using $standard");
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
    say_line("DNS_ZONE is not a valid zone name: '$zone'; using local.zone");
    return 'local.zone';
}

1;
