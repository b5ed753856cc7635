"""Words by CoreNLP's PTBTokenizer, without pycocoevalcap's list of punctuation. Writes into OUT
ptb_torture.tsv: texts and their words (bytes that are no printable ASCII as \\xNN);
ptb_captions.txt: hashes of the words of captions.txt, a thousand captions a line.
Usage: ptb_golden.py CLASSPATH captions.txt OUT, with the jar (or classes) of CoreNLP 3.4.1."""
import csv
import pathlib
import random
import subprocess
import sys

PUNCTUATION = ["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"]

TEXTS = """
It's raining; they don't, can't and won't stop!
They're here, I'm not, we've left, she'll go, he'd say
THEY'LL GO, IT'S, DON'T, Isn't, ain't, mustn’t, don‘t, don`t
A dog's toy and two dogs' toys, the dog’s bone
's 're n't it 's do n't 'S x'sy 'rex
He cannot go, Cannot, gonna stay, gotta, wanna, gimme, lemme, 'tis, 'Twas
"Hello" said 'the man' “quoted” ‘single’ „low” «French» ‹one› ``latex'' `x'
"A" "$5" "é" '' '''' "" “” ’’ ‘‘ “‘x’”
A brown-haired girl in a t-shirt -- and a 20-year-old --- x ---- y ----- z - q
mid-1990s non-U.S. anti-war pro-life pro- anti- co-ed A-B-C 3.5-inch x-u.s.-y Canada-U.S u.s.-u.k
Black-- white - gray—em–dash―bar ‐x‑y
Mr. Smith at 5 a.m. on St. John in the U.S., vs. the U.K. etc.
Dr., Mrs. Ms. Prof. Sgt. Jr. Inc. Corp. Co. Ltd., Ave. Blvd. No. 5 no. Nos. 3 fig. 2 fig. x pp. 10
Plan B. The dog. Vitamin C. However it is. I. A man. x. y. U.S. The end. I.
Mass. mass. Ark. ark. Miss. miss. Wash. wash. Mfg. MFG. Pty. Ltd. PTY. Ltd. co. ltd a.k.a. Ph.D. Ed.D. e.g. i.e.
Jan. 5, Sept. 6. Mon. Tues. Sat. Sun. May. Dec. The etc. The end etc.
Number 1,000 and 3.5 at 10:30, 1/2 of $5, 50% -4 +5 .5 :30 ,5 1,2,3 3. 4
1 1/2 cups, 1-1/2, 12345/6, 1\\/2, 1⁄2, 3/4/5, 1/2/2003, 24-12-1999, 1/2/3
½ ¼ ¾ ⅓ ⅔ ⅛ ² x² H₂O ⁻¹ 10⁵ m²
$5 US$5 C$ $ £5 5¢ €5 ¥5 ₠ ¤ ฿ ￥ # #5
(800) 555-1234 (800)555-1234 555-1234 800-555-1234 +44 20 555 1234 555.123.4567 5551234
AT&T at&t A+B A&B&C AT&amp;T R&D r&d S&P-500 S&Ls Q & A I&AMP; x
his/her and/or/not a/b/c/d t-shirt/jeans w/ / \\ x\\/y n/a
Five o'clock, rock 'n' roll, rock'n'roll, 'em 'til 'till 'cause '90s '99 '99x ma'am c'mon y'all Y'know jack-o'-lantern
O'Brien O’Neil D'Angelo l'amour d'or c'est Cap'n ol' somethin' Dunkin' nor'easter s'mores li'l nat'l cont'd e'er ev'ry
A bird's-eye-view, the bull's-eye, children's, James', James's
A dog (brown) [small] {tiny} <big> << x >> -LRB- -rsb- (a)
Wow... playing...wow .. . . . ... .... ..... ...... …x . . . . .
Hey! Hey!! What?! ??? ¡Hola! ¿Qué? ! ? !. x!y x?y x.y x. y
:) :-) ;-) :( :P :D =) >:( :o) :'( 8) :)x :-/ (^_^) ^_^ x_x (-.-) (^-^) -_- ;P
http://www.example.org/a_b?c=d&e=f. www.example.com, example.com/x example.org. https://x.y/z) a.uk x.net/
ftp://x.y mailto:me@example.com me@example.com, <me@example.com> a.b+c@d-e.co.uk. @ @@ a@ @b
@name @_x1 #topic #2 #a1 # ## @1 c++ C# f# C++11
a.txt image.jpg, x.tar.gz. report.pdf? 1.mp3 a.c y.html x.foo
<p>text</p> <br/> <img src='a b.jpg' alt="x y" /> <!-- a comment --> <a < b >c <?xml?> </b > <1>
&amp; &lt; &gt; &quot; &apos; &nbsp;x &mdash; &ndash; &#38; &eacute;t&eacute; &HT; &foo; & it&apos;s &lt;b&gt;
50% 5° ©2020 ® ™ § ± × ÷ = + * ** *** \\* \\*\\* | ~ ^ _ __ a_b ° • † ‰ → ★ ♥ ☃
café naïve Ünïcödé CAFÉ e\u0301 ﬁx ß ǅ Σίσυφος ΟΔΟΣ Привет Мир İstanbul ſo K
中文句子。 日本語、テスト ひらがな 한국어 文 漢字！？ ｆｕｌｌ （全） ・ 。、
हिन्दी ไทย עברית، العربية؟ ٣٫٥ १२ தமிழ் বাংলা
😀 dog 👍🏽 x😀y 👨‍👩‍👧 🇩🇪 http://😀.com a\u200db a\u200bb\ufeffc
so\u00adft \u00ad x\u00a0y x\u3000y x\u2009y\tz\u2003 \u200e \u0000x\u0001y\u007fz \u0080 \u0091x\u0092 \u0093x\u0094 \u0096
A man , a woman ; a dog : x . A cat ! And ?
Two people -- one in red - walk .
A T.V. , an S.U.V. and a p.m. b.b.q. u. v
man's. woman's, dog's! he's-she's its' it's' 'it's'
A man in a blue #12 jersey ( number 7 ) vs. red ; score : 10-5 , 3-2.
"" ' ` . , - ( )

...
""".split("\n")[1:-1]

PARTS = """dog A I it's don't can't 's n't ' ’ ‘ `` " ” « &amp; &lt; &apos; &eacute; & AT&T + S&P-500 c++ - -- _ . .. ...
, ; : ! ?! ( ) [ } < > = * / \\ | ~ % $ US$ # @ @x #y 0 12 555 1234 1,000 3.5 10:30 1/2 ½ ² £ € 1/2/2003 (800) Mr. etc. Inc.
co. Pty. Ltd Jan. No. fig. u.s. U.S. a.m. Ph.D. I. The However Canada-U.S non-U.S. Mass. Ark. txt .c html www. http:// x.y/z
com .org a@b.c <p> <a src='x' /> --> :) ;P (^_^) x_x t-shirt 20-year-old his/her anti- o'clock O'Brien l' ma'am 'n' '90s '99
y'all gonna cannot 'tis café ß 中文 。 ا ٣ 😀 \u00ad \u00a0 \t … – — ° ★ \u0301 ¿""".split()


def random_texts(count):
    r = random.Random(341)
    for _ in range(count):
        text = ""
        for _ in range(r.randint(1, 8)):
            text += r.choice(PARTS) + (r.choice(["  ", ". ", ",", "-", "'", "/", "."] + 6 * [" "]) if r.random() < .5 else "")
        yield text


def tokenize(texts):
    # A line "x" after each text: what follows on the next line must not matter.
    lines = "\n".join(t + "\nx" for t in texts) + "\n"
    out = subprocess.run(["java", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", sys.argv[1],
                          "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"],
                         input=lines.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    out = out.stdout.decode().split("\n")
    assert out[1::2] == ["x"] * len(texts), "a text is more than one line"
    return [" ".join(w for w in line.rstrip().split(" ") if w not in PUNCTUATION) for line in out[:-1:2]]


def escaped(text):
    return "".join(chr(b) if 32 <= b < 127 and b != 92 else "\\x%02x" % b for b in text.encode())


def fnv1a(data):
    h = 0x811C9DC5
    for b in data:
        h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
    return h


out = pathlib.Path(sys.argv[3])
texts = TEXTS + list(random_texts(1500))
with (out / "ptb_torture.tsv").open("w") as f:
    for text, words in zip(texts, tokenize(texts)):
        f.write(escaped(text) + "\t" + escaped(words) + "\n")

with open(sys.argv[2], newline="") as f:
    captions = [row[1].replace("\n", " ") for row in csv.reader(f)][1:]
lines = tokenize(captions)
with (out / "ptb_captions.txt").open("w") as f:
    for first in range(0, len(lines), 1000):
        block = "".join(line + "\n" for line in lines[first:first + 1000])
        f.write("%d %08x\n" % (first, fnv1a(block.encode())))
