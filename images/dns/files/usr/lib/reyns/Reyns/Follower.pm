package Reyns::Follower;
# Keeps the zones of a secondary DNS equal to those of the first one. While that does not answer, instances renew their
# leases here, and the reaper works here.
use strict;
use warnings;
use Reyns::Corrections 'changes_of';
use Reyns::Reaper;
use Reyns::Server;
use Reyns::Settings 'say_line';

# Seconds between two looks at the first DNS, unless reading it takes more than a twentieth of them.
use constant { PACE => 0.2, SHARE => 20, LONGEST => 2 };
# Seconds between two looks at a reverse zone, and at zones here, which only somebody else has changed.
use constant RARELY => 1;
# Seconds for which the first DNS has to answer again before its zones count: without data, it fills up in that time.
use constant GRACE => 1.2;
# Bytes of changes in one message; the largest message has 65535.
use constant BATCH => 30_000;

# Parameters: first (a server), reaper (that of the zones here).
sub new {
    my ($class, %of) = @_;
    my %same = map { $_ => $of{reaper}{$_} } qw(zone ttl term interval);
    my $view = Reyns::Reaper->new(server => $of{first}, %same);
    return bless { %of, view => $view, due => {}, pace => PACE }, $class;
}

# One look. Dies with a message if the DNS here does not answer.
sub look {
    my ($self) = @_;
    my $began = Reyns::Server::seconds();
    $self->{is_here} = 0;
    my $problem = eval { $self->attend($began); 1 } ? '' : $@;
    # The first one is not to blame for that.
    die $problem if $self->{is_here} && $problem ne '';
    $self->{answers_since} = undef if $problem ne '';
    $self->report($problem, $began);
    $self->manage($began, $problem ne '');
    my $cost = SHARE * (Reyns::Server::seconds() - $began);
    $self->{pace} = $self->{is_alone} || $cost < PACE ? PACE : $cost < LONGEST ? $cost : LONGEST;
    return;
}

# Seconds until the next look.
sub pause { my ($self) = @_; return $self->{pace} }

sub attend {
    my ($self, $now) = @_;
    my $view = $self->{view};
    if ($self->{is_alone}) {
        $view->{server}->ask($view->{zone}, 'SOA');
        $self->{answers_since} //= $now;
        return if $now - $self->{answers_since} < GRACE;
        # Seen anew: a zone that was lost and recreated may have the same serial.
        @$view{qw(zones terms looked_at)} = ({}, {}, undef);
        $self->{due} = {};
    }
    return $self->follow($now);
}

# Copies what has changed.
sub follow {
    my ($self, $now) = @_;
    my $view = $self->{view};
    # A change may have happened right after the last look.
    $view->{new_since} = $view->{looked_at} // $now;
    $view->{looked_at} = $now;
    $view->{own} = $self->{reaper}{own};
    $self->copy($view->{zone}, $now);
    @$self{qw(is_following is_alone)} = (1, 0);
    $self->copy($_, $now) for grep { $now >= ($self->{due}{$_} // 0) } $view->reverse_zones;
    return;
}

sub copy {
    my ($self, $origin, $now) = @_;
    my ($view, $here) = @$self{qw(view reaper)};
    my $has_changed = $view->see($origin);
    return unless $has_changed || $now >= ($self->{due}{$origin} // 0);
    $self->{is_here} = 1;
    $self->{due}{$origin} = $now + RARELY;
    $here->{new_since} = $now;
    $here->see($origin);
    my $wanted = $view->{zones}{$origin}{names};
    for my $changes (batches(differences($here->{zones}{$origin}{names}, $wanted))) {
        $here->{server}->change($origin, [], $changes);
    }
    $self->{is_here} = 0;
    return;
}

# The changes that make one zone equal to another. SOA and NS are each server's own.
sub differences {
    my ($zone, $wanted) = @_;
    my @changes;
    for my $name (sort keys %{ { %$zone, %$wanted } }) {
        my $there = $wanted->{$name} // {};
        for my $type (qw(A TXT PTR)) {
            push @changes, changes_of($zone, $there->{"ttl $type"} // 0, $name, $type, $there->{$type} // []);
        }
    }
    return @changes;
}

sub batches {
    my @batches;
    my $size = BATCH;
    for my $change (@_) {
        ($size) = push(@batches, []) && 0 if $size + length $change > BATCH;
        $size += length $change;
        push @{ $batches[-1] }, $change;
    }
    return @batches;
}

# Reaps here while the first DNS does not. The terms go on from the last renewals that it has shown.
sub manage {
    my ($self, $now, $has_failed) = @_;
    my ($view, $here) = @$self{qw(view reaper)};
    return unless $has_failed || $self->{is_alone};
    if ($self->{is_following}) {
        $here->{terms} = { %{ $view->{terms} } };
        @$here{qw(looked_at was_away)} = ($now, 0);
    }
    @$self{qw(is_following is_alone)} = (0, 1);
    return if $now < ($self->{reap_at} // 0);
    $here->look;
    $self->{reap_at} = Reyns::Server::seconds() + $here->pause;
    return;
}

# A first DNS that is restarted is not worth a message.
sub report {
    my ($self, $problem, $now) = @_;
    chomp $problem;
    $self->{problem_since} = $problem eq '' ? undef : $self->{problem_since} // $now;
    my $first = "the first DNS at $self->{first}{address}";
    if ($problem eq '') {
        say_line("$first answers again") if delete $self->{is_reported};
    } elsif ($now - $self->{problem_since} >= $self->{reaper}{interval} && !$self->{is_reported}) {
        $self->{is_reported} = 1;
        my $meanwhile = $problem =~ /does not answer/ ? '; instances renew their leases here meanwhile' : '';
        say_line("$first: $problem$meanwhile");
    }
    return;
}

1;
