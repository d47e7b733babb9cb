#!/bin/sh
# perl: hashes, regular expressions, sort, strings that grow, fork.
. "$(dirname "$0")/run"
need perl perl

cat >"$dir/churn.pl" <<'PERL'
use strict;
use warnings;
use Digest::SHA qw(sha1_hex);

my $x = 1;
sub rnd { $x = ($x * 1103515245 + 12345) % 2147483648; return ($x >> 8) % $_[0]; }

my %words;
for my $i (1 .. 60000) {
    my $word = join '', map { chr 97 + rnd(26) } 1 .. 1 + rnd(12);
    $words{$word} .= "$i,";
    delete $words{substr $word, 1} if length $word > 1;
}
my $list = join "\n", map { "$_=$words{$_}" } sort keys %words;
print scalar(keys %words), " words, ", sha1_hex($list), "\n";

(my $swapped = $list) =~ s/(\w+)=([\d,]+)/$2:$1/g;
print "swapped ", sha1_hex($swapped), "\n";

my @rows = map { [map { rnd(1000) } 1 .. rnd(50)] } 1 .. 4000;
@rows = sort { @$a <=> @$b || "@$a" cmp "@$b" } @rows;
print "rows ", sha1_hex(join '|', map { "@$_" } @rows), "\n";

my $long = '';
$long .= 'x' x rnd(5000) for 1 .. 2000;
print "long ", length $long, "\n";

for my $child (1 .. 8) {
    my $pid = open my $pipe, '-|' // die "fork: $!";
    if (!$pid) {
        my %own = map { $_ => 'v' x rnd(300) } 1 .. 3000;
        print sha1_hex(join ',', map { $own{$_} } sort keys %own), "\n";
        exit 0;
    }
    print "child $child ", <$pipe>;
    close $pipe or die "child: $?";
}
PERL
same "perl: hashes, regular expressions, forks" perl perl "$dir/churn.pl"
