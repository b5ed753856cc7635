"""Asks CoreNLP's PTBTokenizer about every code point of the basic plane and prints the tables of
text/ptb_characters.cpp. Usage: ptb_characters.py CLASSPATH, with the jar (or classes) of CoreNLP 3.4.1."""
import subprocess
import sys

# Line ends, and the characters that the C++ code names itself.
OWN = set(range(0x80)) | set(range(0x80, 0xA1)) | {0xAD, 0x2028, 0x2029, 0xFEFF} | set(range(0xD800, 0xE000))
CODES = [c for c in range(0x10000) if c not in OWN]


def tokens(lines):
    out = subprocess.run(["java", "-Dfile.encoding=UTF-8", "-cp", sys.argv[1],
                          "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines"],
                         input="\n".join(lines) + "\n", encoding="utf-8", stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=True).stdout.split("\n")
    assert len(out) == len(lines) + 1
    return [line.split(" ") for line in out[:-1]]


def ranges(codes):
    found = []
    for c in codes:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return found


def show(name, codes):
    print("//", name)
    print(", ".join("{0x%X, 0x%X}" % tuple(r) for r in ranges(codes)) + ",")


asked = dict(zip(CODES, zip(tokens([chr(c) for c in CODES]), tokens(["." + chr(c) + " x" for c in CODES]),
                            tokens(["1" + chr(c) + "1" for c in CODES]), tokens(["b" + chr(c) + "b" for c in CODES]))))
digits = [c for c in CODES if asked[c][1] == ["." + chr(c), "x"]]
letters = [c for c in CODES if c not in set(digits) and len(asked[c][2]) == 1 and len(asked[c][3]) == 1
           and asked[c][2] == ["1" + chr(c) + "1"]
           and not 0x2010 <= c <= 0x2011 and c not in (0x58A, 0x66B, 0x66C, 0x2044)]
marks = [c for c in CODES if c not in set(digits + letters) and asked[c][3] == ["b" + chr(c) + "b"]
         and not 0x2010 <= c <= 0x2019 and c not in (0x58A, 0x201B)]
signs = [c for c in CODES if c not in set(digits + letters + marks) and asked[c][0] == [chr(c)]]
show("letters", letters)
show("marks", marks)
show("digits", digits)
show("signs", signs)
