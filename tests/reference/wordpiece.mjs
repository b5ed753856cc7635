// Makes texts that tokenizers get wrong, with the ids and texts of HF tokenizers. Writes to tests/golden:
//   wordpiece_vocab.txt     a small vocabulary: nearly every code point that normalisation leaves in these texts, as a
//                           first piece and as a ## piece, so that the ids show the normalised words
//   wordpiece_torture.tsv   text, ids, decoded by the library, decoded as AutoTokenizer does; \xNN for other bytes
//   wordpiece_data.txt      with DATA: hashes of the ids and decoded texts of all captions, raw and cleaned, and of
//                           every code point between neighbours, with BERT's own vocabulary
// Usage: node wordpiece.mjs [DATA/bert-base-uncased-vocab.txt OUT-OF-clean_captions.py]
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {blockHashes, makeDecode, makeTokenizer, native, readVocabulary, versions} from './hf.mjs';

const golden = (name) => new URL('../golden/' + name, import.meta.url);
const bytes = (...parts) => Buffer.concat(parts.map((part) => typeof part === 'string' ? Buffer.from(part) : Buffer.from([part])));

// xorshift: the same texts every time.
let state = 42;
const random = (n) => {
  state ^= state << 13, state ^= state >>> 17, state ^= state << 5;
  return (state >>> 0) % n;
};
const pick = (list) => list[random(list.length)];
const range = (a, b) => Array.from({length: b - a + 1}, (_, i) => String.fromCodePoint(a + i));

function handWritten() {
  const texts = [
    '', ' ', '   ', '\t\n\r ', 'a', ' a ', 'two dogs are playing...wow', 'A dog\'s t-shirt, don\'t (really)!',
    'rock \'n\' roll it\'s they\'re we\'ve i\'m do not', 'caf\u00e9 NA\u00cfVE \u00dcn\u00efc\u00f6d\u00e9',
    'cafe\u0301 NAI\u0308VE', '<SOS> a dog . <EOS>', '<SOS><EOS>', '<sos> x <SOS>dog<EOS>', '<<SOS>>', '<SOS', 'SOS>',
    '[CLS][SEP] [MASK]', '[mask][PAD]x[UNK]', '[[CLS]]', '\u00e9<SOS>\u0301', '<SO\u0301S>', '<SOS>\u0301x', '[CLS]\u0338',
    'x\u3000y\u00a0z\u2028w\u2029v\u1680u\u2003t\u202fs\u205fr', 'a\u00adb\u200dc\u0000d\ufffde\ufefff\u2060g\u180eh',
    '\u4f60\u597d dog \u72d7dog\u72d7', '\u{2b820} \u{2b920} \u3007 \u{20000}x\u{2f800}y \uf900z', '\uac00\ub098\ub2e4 \ud55c\uae00',
    '\u0130stanbul \u039f\u0394\u039f\u03a3 \u03a3 stra\u00dfe \ufb01x \u01c5 \u212a\u212b\u2126', '\ud83d\ude00 smiling\ud83d\ude00',
    '\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\uddeb\ud83c\uddf7 \u2764\ufe0f 1\ufe0f\u20e3 \ud83d\udc4d\ud83c\udffd',
    'e\u0301 \u0345 a\u20dd \u0301 \u0301a', '\u20ac5 ~ 50% x^2 `q` | $3.50 \u00a35 \u00b0 \u00b1 \u00b7 \u00bf \u00a7',
    '\u226e \u2260 \u226f a\u226eb', '\u037e \u0387 \u1fef \u1fee', '\u2018a\u2019 \u201cb\u201d \u2014 \u2013 \u2026',
    'x\u302e\u{1d165}y', 'x\u{1d165}\u302ey', 'x\u302e\u0301\u{1d165}y', 'x\u302e \u{1d165}y', '\u302e\u{1d165}', '.\u302e\u{1d165}',
    'x\u302e\u200d\u{1d165}y', 'x\u{1d160}\u{1d15e}\u{1d172}\u{1d165}\u302f', 'x\u302e\u0903\u{1d165}', 'x\u302e\u093f\u{1d165}',
    '\u0958\u0959 \u0915\u093c \u0928\u0940 \u0dda \u0f73', '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35', '\u0627\u0644\u0633\u064e\u0644\u0627\u0645',
    '\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd', '\u041f\u0440\u0438\u0432\u0435\u0442 \u0419\u0439\u0401\u0451', '\u1ec6\u1ebf \u01d5 \u0344 \u1fc1',
    '\u304c\u30d0 \u304b\u3099', '\ue000\uf8ff a\ue000b', '\u0378x \u{e0041}y \u{10ffff}z', 'a\u0085b\u000bc\u000cd\u001ce\u007ff'
  ];
  // Lengths around the limit of 100 characters and the blocks of 8 and 16, plain, accented, decomposed, interrupted.
  for (const n of [1, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 99, 100, 101, 102, 200, 500])
    for (const unit of ['a', 'Z', '\u00e9', 'e\u0301', '\uac00', 'a\u200d', 'b\u0001', '\u{1d160}', '\u0966'])
      texts.push(unit.repeat(n), 'x ' + unit.repeat(n) + '.');
  return texts.map((text) => Buffer.from(text));
}

function invalidUtf8() {
  const sequences = [
    [0x80], [0xbf], [0xc0, 0xaf], [0xc1, 0xbf], [0xc2], [0xc2, 0x41], [0xe0, 0x80, 0x80], [0xe2, 0x82], [0xe2, 0x82, 0x41], [0xed, 0xa0, 0x80],
    [0xed, 0xb0, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0xf0, 0x9f], [0xf0], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff],
    [0xfe, 0xfe], [0xf0, 0x9f, 0x41, 0x98, 0x80], [0xe2, 0xe2, 0x82, 0xac], [0xc3, 0xc3, 0xa9]
  ];
  const texts = [];
  for (const sequence of sequences)
    texts.push(bytes('a', ...sequence, 'b'), bytes(...sequence), bytes('x ', ...sequence, ' y'), bytes('<SO', ...sequence, 'S>'), bytes('\u00e9', ...sequence));
  return texts;
}

function randomTexts(count) {
  const pools = [
    range(0x00, 0x7f), range(0x20, 0x7e), range(0x61, 0x7a), range(0x61, 0x7a), range(0x80, 0x24f), range(0x300, 0x36f), range(0x370, 0x52f),
    range(0x590, 0x6ff), range(0x900, 0xdff), range(0x1e00, 0x1fff), range(0x2000, 0x2bff), range(0x3000, 0x30ff), range(0xac00, 0xac40),
    range(0x4e00, 0x4e40), range(0xf900, 0xfa6d), range(0x1d15e, 0x1d172), range(0x1f600, 0x1f640), ['\u200d', '\ufe0f', '\u00ad', '\u0000'],
    [' ', '  ', '.', ',', '-', '\'', '\n'], specialPieces(), ['\u302e', '\u302f', '\u0301', '\u0323', '\u{1d165}', '\u08d4', '\u1ac0', '\u{1e000}']
  ];
  return Array.from({length: count}, () => {
    const chosen = Array.from({length: 1 + random(4)}, () => pick(pools));
    return Buffer.from(Array.from({length: random(24)}, () => pick(pick(chosen))).join(''));
  });
}
function specialPieces() { return ['<SOS>', '<EOS>', '[CLS]', '[PAD]', '<', '[', 'S', 'dog']; }

function smallVocabulary(texts) {
  const normalizer = native.bertNormalizer({});
  const seen = new Set();
  for (const text of texts)
    for (const c of normalizer.normalizeString(text.toString('utf8'))) seen.add(c);
  for (const special of [' ', '\n', '\r']) seen.delete(special);
  const letters = [...seen].sort().filter((c) => c.codePointAt(0) % 19 !== 3 || c.codePointAt(0) < 0x80);
  const longer = ['dog', '##dog', 'two', 'dogs', 'aaaaaaaa', '##aaaa', 'aaaaaaaaaaaaaaaa', '\u00e9\u00e9', '##ee', 'ee', '##\u1100\u1161', 'n\'t', '##b\u0301'];
  return ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...new Set([...letters, ...letters.map((c) => '##' + c), ...longer])];
}

const escape = (buffer) =>
    [...buffer].map((b) => b >= 0x20 && b < 0x7f && b !== 0x5c ? String.fromCharCode(b) : '\\x' + b.toString(16).padStart(2, '0')).join('');

async function encodeAll(tokenizer, texts) {
  const all = [];
  for (let i = 0; i < texts.length; i += 10000)
    for (const e of await tokenizer.encodeBatch(texts.slice(i, i + 10000), {addSpecialTokens: false})) all.push(e.getIds());
  return all;
}

async function writeTorture() {
  const texts = [...handWritten(), ...range(0, 0x17f).map((c) => Buffer.from('x' + c + 'Y ' + c)), ...invalidUtf8(), ...randomTexts(1200)];
  const pieces = smallVocabulary(texts);
  writeFileSync(golden('wordpiece_vocab.txt'), pieces.join('\n') + '\n');
  const tokenizer = makeTokenizer(pieces), decode = makeDecode(pieces);
  const ids = await encodeAll(tokenizer, texts.map((text) => text.toString('utf8')));
  const decoded = await tokenizer.decodeBatch(ids, true);
  writeFileSync(golden('wordpiece_torture.tsv'), texts.map((text, i) =>
      [escape(text), ids[i].join(' '), escape(Buffer.from(decoded[i])), escape(Buffer.from(decode(ids[i])))].join('\t') + '\n').join(''));
}

async function writeData(vocabulary, captions) {
  const pieces = readVocabulary(vocabulary), tokenizer = makeTokenizer(pieces), decode = makeDecode(pieces);
  const sets = {};
  for (const name of ['cleaned_csv', 'cleaned_notebook', 'raw_csv'])
    sets[name] = readFileSync(join(captions, name + '.txt'), 'utf8').trimEnd().split('\n');
  sets.code_points = [];
  for (let c = 0; c < 0x110000; ++c)
    if (c < 0xd800 || c >= 0xe000) sets.code_points.push('a' + String.fromCodePoint(c) + 'b ' + String.fromCodePoint(c) + ' the');
  let out = '# name, what: FNV-1a of each thousand lines\n';
  for (const [name, texts] of Object.entries(sets)) {
    const ids = await encodeAll(tokenizer, texts);
    const decoded = await tokenizer.decodeBatch(ids, true);
    out += `${name} texts ${blockHashes(texts)}\n${name} ids ${blockHashes(ids.map((x) => x.join(' ')))}\n`;
    out += `${name} library ${blockHashes(decoded)}\n${name} decoded ${blockHashes(ids.map(decode))}\n`;
  }
  writeFileSync(golden('wordpiece_data.txt'), out);
}

await writeTorture();
if (process.argv.length > 3) await writeData(process.argv[2], process.argv[3]);
console.error('made with', versions);
