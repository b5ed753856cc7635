// Asks HF's BertNormalizer and BertPreTokenizer about every code point c in the text "x" c "y": the words, code points
// in hexadecimal. Writes golden/bert_characters.txt: a hash for each 4,096 code points; with --list, every line.
// Comparing these lines showed where utf8proc differs from the reference (text/bert_character_versions.cpp).
import {writeFileSync} from 'node:fs';
import {fnv1a, native} from './hf.mjs';

const normalizer = native.bertNormalizer({}), words = native.bertPreTokenizer();
const hex = (text) => [...text].map((c) => c.codePointAt(0).toString(16)).join('.');
const golden = [];
for (let first = 0; first < 0x110000; first += 4096) {
  let block = '';
  for (let c = first; c < first + 4096; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    const text = normalizer.normalizeString('x' + String.fromCodePoint(c) + 'y');
    block += c.toString(16) + ' ' + words.preTokenizeString(text).map(([word]) => hex(word)).join(' ') + '\n';
  }
  if (process.argv[2] === '--list') process.stdout.write(block);
  golden.push(first.toString(16) + ' ' + fnv1a(Buffer.from(block)) + '\n');
}
if (process.argv[2] !== '--list') writeFileSync(new URL('../golden/bert_characters.txt', import.meta.url), golden.join(''));
