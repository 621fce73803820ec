# SPDX-License-Identifier: Apache-2.0
"""Pieces of program text without a name in them, for texts.py: what a tagger must learn to leave alone.

A line is a frame of one language in which a, b, c stand for identifiers in small letters, A, B for types, K for a constant,
n for a number and w for a plain word; @ marks these letters.
"""

PARTS = ('meta max len key name path file buf ctx str arg opt cfg env pos idx cnt num ptr val obj node list map set link ref tmp dst src fd sock conn req res resp hdr msg pkt seq crc '
         'iv nonce salt hash digest cert chain mode type kind flag mask bit word byte line col row tok lex ast expr stmt decl var fn cb handler hook emit load save read write open close '
         'init free alloc copy move swap merge diff patch sort find scan parse format print log warn error debug trace level module pkg class object instance base root parent child next '
         'prev head tail first last begin end start stop run exec spawn fork kill wait lock mutex cond once pool queue stack heap tree graph edge weight cost rank score limit quota size '
         'count total sum avg min rand seed tick clock timer zone year hour minute mark grant will chase drew rose dawn page lane frank rich dean chip ray bill art guy pat sue jack rob '
         'user host port proxy cache store table index shard cluster region tenant group role scope grant token session cookie header body query param route view model field form label '
         'widget button panel window screen frame layer scene sprite mesh shader light camera vertex texel pixel glyph font color shade tint alpha beta gamma delta theta sigma omega').split()
PREFIX = 'is un re std sub my use new old cur pre get set has n m p f g std mv w lib tz z'.split()
SUFFIX = 'len no id ptr buf str fn cb idx cnt s er ed able ing name path scr env args'.split()
SYLLABLES = 'zst npa pdb rdr elf kqu epo mmap stat isa tty lch ulaw avi sgm yy tz ast argv ioctl grep awk sed tok mut qux foo bar baz quux xyz asn pem der oid cms ocsp gmp mpz ncur rl bz lzma zl'.split()

FRAMES = {
    'py': '''if @a:|elif @a:|elif @a[:@n] == '@w':|elif isinstance(@a, @A):|for @a in @b:|for @a, @b in @c.items():|while @a and not @b:|return @a|return @A().@a(*args, **kwargs)|del @a|
@a = @b(@c)|@a = @b.@c[@n]|self.@a = @b|self.@a.@b(@c, @n)|except @A as @a:|except @A:|raise @A("@w @a @w")|import @a|from @a import @b|from @a import @A, @b as _@b|def @a(@b, @c=None):|class @A(@B):|
with @a(@b) as @c:|yield @a|lambda @a: @b|print(@a, @b)|assert @a is not None, @b|"""@A the @w of @a."""|# @a is the @w of @b|# TODO: @w @a|@a: @A = @n|if hasattr(@a, "@b"):|__all__ = ["@a", "@A", "@B"]|@a += @n|
@K = @n|global @a, @b|async def @a(@b):|await @a.@b(@c)|@a = {"@b": @c, "@w": @n}|@a[@b] = @c|try:|else:|parser.add_argument("--@a", default=@n)''',
    'c': '''#include <@a.h>|#include "@a.h"|#define @K @n|#define @a(@b) @c(@a, (@b))|#define @K(@b)\t@a(@c, (@b))|struct @a {|static int @a(const struct @b *@c, size_t @alen)|int @a = @b(@c, @n);|@A* @a,|const @A* @b);|
if (@a < @n)|if (!@a || @a->@b)|return @a;|return @a->@b ? @c : @K;|for (size_t @a = 0; @a < @b; @a++)|@a[@b] = @c;|@a->@b = @c;|switch (@a) {|case @K: return @n;|typedef struct @a @A;|enum { @K = @n, @K };|extern int @a (int @b) @K;|
free(@a);|memcpy(@a, @b, sizeof @c);|/* @A will only @w the @b. */|/* Set @K of @a bytes to @b. */| * @A: @w of @a| * @a - @w of @b|XX(@n, @K, "@w @w")|@A &operator=(const @A &@a);|namespace @a {|template <typename @A>|std::@a<@A> @b;|
#ifdef @K|#endif /* @K */|goto @a;|char *@a, *@b;|unsigned @a : @n;|}|{|mv@a(@b,@c)\tmvw@a(stdscr,(@b),(@c))|TAILQ_INSERT_TAIL(&@a, @b, @c);|
static const int @a[] = {@K, @K, @K, @K, @n};|['x'] = @K, @K, @K, @K, @K, @K,|case @K: case @K: case @K:|enum @a { @K, @K, @K, @K };|while (@a && @b[@a - 1] != '.')|@a = @a > @n ? @a : @b;|return @a < @K ? @a : @K;|(@a * @n + @b) / @c|
if (@a(@b, &@c, &@a))|struct @a @a;|struct @a @b = @a_of(@c);|return @a && !@b(@a, &@c);|default: return @a(@b, @c, @a);|@a(&@b, @K, @c + (size_t)@a * @n);''',
    'js': '''const @a = require('@b')|const { @a, @b } = require('@c')|import @a from './@b'|import { @A, @b } from '@c'|import type { @A } from "./@b";|module.exports = @A|export default @a|export class @A extends @B {|
const @a = @b.@c|let @a = @n|let @a, @b|this.@a = @b|this.#@a.push([@a, @b, ...@c])|return @a|return @a ? @b : @c|async function @a (@b, @c = []) {|@a: @b,|@a,|@A,|'@a': '@b',|static @a = '@w'|if (!@a || @a.@b === '@w') {|} else {|
@a.@b((@c, ...args) => {|for (const @a of @b) {|throw new @A(`@w ${@a}`)|@a?.@b ?? @c|// @A @w @b|// first @a the @b, then @w|/** @A a @w. */| * @param {@A} @a the @w|<@A @a={@b} />|})|}|await @a(@b)|export const @a = (@b: @A): @B => {|interface @A { @a: string; @b?: number }|
document.getElementById('@a').@b = @c|describe('@a', () => {|it('@w @a', async () => {|expect(@a.@b).toBe(@c)''',
    'go': '''package @a|func (@a *@A) @B(@b string) error {|func @A(@a int, @b []byte) (@B, error) {|if err := @a.@A(@b); err != nil {|@a, err := @b.@A(@c)|return @a, nil|defer @a.@A()|type @A struct {|\t@A @B `json:"@a"`|for @a := range @b {|
fn @a(@b: &str) -> Result<@A> {|let mut @a = @A::new(@b);|impl @A for @B {|pub struct @A {|pub @a: @A,|match @a {|@A::@B => @a,|use @a::@b::@A;|public class @A extends @B {|private final @A @a;|public @A get@B() {|return this.@a;|@Override|
val @a = @b.@c(@n)|fun @a(@b: @A): @B = @c|case class @A(@a: @B)|end|def @a(@b)|@a.each do |@b||puts @a|$@a = $@b->@c;|echo $@a;|@a := @b|var @a, @b @A|import "@a/@b"|mod @a;|unsafe { @a(@b) }''',
    'sh': '''@a=$1|if [ -z "$@a" ]; then|export @K=/@a/@b|@a --@b --@c=@n @w|cd /@a/@b && ./@c|for @a in $@b; do|done|fi|sudo @a @b|npm @a @b|usage: @a [--@b <@c>] <@a> [<@b> ...]|make @a @b|docker run @a/@b:@n|echo "$@a"|@a | @b -@c | @w|
SELECT @a, @b FROM @c WHERE @a = @n;|CREATE TABLE @a (@b integer, @c text);|ALTER TABLE @a ADD COLUMN @b;|JOIN @a ON @a.@b = @c.@b|<@a @b="@c">|</@a>|.@a { @b: @npx; }|#@a .@b > @c {|@a:|  @a: @b|  - @a|[@a]|@a = @b|@a.@b=@c|rsync -a @a/ @b:@c''',
}


def identifier(r):
    z = r.random()
    one = r.choice(PARTS)
    if z < .3:
        return one
    if z < .5:
        return one + r.choice(PARTS)
    if z < .6:
        return r.choice(PREFIX) + one
    if z < .72:
        return one + r.choice(SUFFIX)
    if z < .82:
        return one[0] + ''.join(c for c in one[1:] + r.choice(PARTS) if c not in 'aeiou')
    if z < .9:
        return r.choice(SYLLABLES) + r.choice(('', '', r.choice(SUFFIX)))
    return one + r.choice(('_', '_', '-')) + r.choice(PARTS)


def camel(r, upper):
    words = [identifier(r).split('_')[0].split('-')[0] for _ in range(r.choice((1, 1, 2, 3)))]
    text = ''.join(w.capitalize() for w in words)
    return text if upper else text[0].lower() + text[1:]


def constant(r):
    if r.random() < .25:
        return ''.join(r.choice('ABCDEFGHIKLMNOPRSTUVWXY') for _ in range(r.choice((1, 2, 2, 3))))
    return identifier(r).upper().replace('-', '_')


def line(r, frame, known, words):
    out, i = [], 0
    while i < len(frame):
        if frame[i] != '@' or i + 1 == len(frame):
            out.append(frame[i])
            i += 1
            continue
        k = frame[i + 1]
        if k in 'abc':
            out.append(known.setdefault(k, identifier(r) if r.random() < .75 else camel(r, False)))
        elif k in 'AB':
            out.append(camel(r, True) if r.random() < .85 else identifier(r).upper())
        else:
            out.append({'K': lambda: constant(r), 'n': lambda: str(r.randint(0, 4096)), 'w': lambda: r.choice(words)}.get(k, lambda: '@' + k)())
        i += 2
    return ''.join(out)


def piece(r, words):
    """three to ten lines of one language; identifiers recur, as they do in programs"""
    frames = FRAMES[r.choice(sorted(FRAMES))].replace('\n', '').split('|')
    known, out, depth = {}, [], 0
    for _ in range(r.randint(3, 10)):
        if r.random() < .4:
            known.pop(r.choice('abc'), None)
        text = line(r, r.choice(frames), known, words)
        out.append(' ' * 4 * depth + text)
        depth = min(depth + 1, 4) if text.endswith((':', '{')) else max(depth - (r.random() < .3), 0)
    return '\n'.join(out)
