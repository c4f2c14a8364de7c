package Reyns::Follower;
# Keeps the zones of a secondary DNS equal to those of the first one. While that does not answer, instances renew their
# leases here, and the reaper works here.
use strict;
use warnings;
use Reyns::Corrections 'changes_of';
use Reyns::Elsewhere;
use Reyns::Lease 'is_same_place';
use Reyns::Reaper;
use Reyns::Server;
use Reyns::Settings 'say_line';

# Seconds between two looks at the first DNS, unless reading it takes more than a twentieth of them.
use constant { PACE => 0.2, SHARE => 20, LONGEST => 2 };
# Seconds between two looks at a reverse zone, and at zones here, which only somebody else has changed.
use constant RARELY => 1;
# Seconds for which a first DNS that answers again may lack names that are alive here. An agent needs a second to notice
# it, and half a second more for each other DNS that is silent.
use constant GRACE => 6;
# Bytes of changes in one message; the largest message has 65535.
use constant BATCH => 30_000;
# Exists once the zones have been copied; a run waits for it.
use constant MARK => '/run/named/copied';

# As for the agents: then, and only then, they renew their leases here.
my $away = qr/does not answer|SERVFAIL/;

# Parameters: first (a server), reaper (that of the zones here).
sub new {
    my ($class, %of) = @_;
    my %same = map { $_ => $of{reaper}{$_} } qw(zone ttl term interval);
    my $view = Reyns::Reaper->new(server => $of{first}, %same);
    my $elsewhere = Reyns::Elsewhere->new(key => $of{first}{key}, first => $of{first}{address}, %same);
    my %nothing = (due => {}, problem => '', reported => '');
    return bless { %of, %nothing, view => $view, elsewhere => $elsewhere, pace => PACE }, $class;
}

# One look. Dies with a message if the DNS here does not answer.
sub look {
    my ($self) = @_;
    my $began = Reyns::Server::seconds();
    @$self{qw(is_here has_answered)} = (0, 0);
    my $problem = eval { $self->attend($began); 1 } ? '' : $@;
    # The first one is not to blame for that.
    die $problem if $self->{is_here} && $problem ne '';
    my $is_silent = $problem ne '' && $self->is_silent($problem);
    $self->{answers_since} = undef if $problem ne '';
    $self->report($problem, $is_silent, $began);
    if ($is_silent) { $self->manage }
    elsif ($problem ne '' || $self->{is_alone}) { $self->hold }
    my $cost = SHARE * (Reyns::Server::seconds() - $began);
    $self->{pace} = $self->{is_alone} || $cost < PACE ? PACE : $cost < LONGEST ? $cost : LONGEST;
    return;
}

# Seconds until the next look.
sub pause { my ($self) = @_; return $self->{pace} }

# Whether instances cannot renew their leases at the first DNS. They need UDP only, and one packet may be lost.
sub is_silent {
    my ($self, $problem) = @_;
    return 0 if $problem !~ $away || $self->{has_answered};
    return 1 if $self->{is_alone};
    return !eval { $self->greet; 1 } && $@ =~ $away;
}

sub greet { my ($self) = @_; return $self->{first}->ask($self->{view}{zone}, 'SOA') }

sub attend {
    my ($self, $now) = @_;
    return $self->follow($now) unless $self->{is_alone};
    $self->greet;
    $self->{has_answered} = 1;
    # Seen anew: a zone that was lost and recreated may have the same serial.
    @{ $self->{view} }{qw(zones terms looked_at)} = ({}, {}, undef) unless defined $self->{answers_since};
    $self->{due} = {};
    $self->{answers_since} //= $now;
    return unless $self->is_whole($now) || $now - $self->{answers_since} >= GRACE;
    return $self->follow($now);
}

# Whether the first DNS has all names that are alive here: one without data fills up.
sub is_whole {
    my ($self, $now) = @_;
    my ($view, $here) = @$self{qw(view reaper)};
    $_->{new_since} = $now for $view, $here;
    $view->see($view->{zone});
    $self->{is_here} = 1;
    $here->see($here->{zone});
    $self->{is_here} = 0;
    my %there = map { $_->{lease} ? ($_->{lease}{host} => $_->{lease}) : () } values %{ $view->{terms} };
    for my $term (grep { $_->{lease} && $_->{since} >= $now - $here->{term} } values %{ $here->{terms} }) {
        my $there = $there{ $term->{lease}{host} };
        return 0 unless $there && is_same_place($there, $term->{lease});
    }
    return 1;
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
    # BIND's start removes it.
    -e MARK or open my $mark, '>', MARK;
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

# Reaps here while instances renew their leases here. The terms go on from the last renewals that the first DNS has shown.
sub manage {
    my ($self) = @_;
    my ($view, $here) = @$self{qw(view reaper)};
    if ($self->{is_following}) {
        $here->{terms} = { map { $_ => { %{ $view->{terms}{$_} } } } keys %{ $view->{terms} } };
        @$here{qw(looked_at was_away)} = (Reyns::Server::seconds(), 0);
    }
    $self->{elsewhere}->forget unless $self->{is_alone};
    @$self{qw(is_following is_alone)} = (0, 1);
    # An instance that another DNS sees alive may reach the first one, which this machine does not.
    $self->{elsewhere}->look($here);
    return if Reyns::Server::seconds() < ($self->{reap_at} // 0);
    $here->look;
    $self->{reap_at} = Reyns::Server::seconds() + $here->pause;
    return;
}

# The zone stays as it is while instances renew their leases at a first DNS that cannot be copied, or not yet. Nobody has
# seen these renewals: afterwards, every lease gets a full new term.
sub hold {
    my ($self) = @_;
    $self->{is_following} = 0;
    $self->{reaper}{was_away} = 1;
    return;
}

# A first DNS that is restarted is not worth a message.
sub report {
    my ($self, $problem, $is_silent, $now) = @_;
    my $text = described($problem, $is_silent);
    my $first = "the first DNS at $self->{first}{address}";
    @$self{qw(problem problem_since)} = ($text, $now) if $text ne $self->{problem};
    return if $text eq $self->{reported} || $text ne '' && $now - $self->{problem_since} < $self->{reaper}{interval};
    $self->{reported} = $text;
    return say_line($text eq '' ? "$first answers again" : "$first: $text");
}

sub described {
    my ($problem, $is_silent) = @_;
    chomp $problem;
    return "$problem; instances renew their leases here meanwhile" if $is_silent;
    return $problem unless $problem =~ /does not answer/;
    return 'it answers over UDP, but not on TCP port 53, so its zone cannot be copied; '
        . 'allow this port from machine to machine';
}

1;
