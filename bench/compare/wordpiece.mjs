// Compares WordPiece with HF tokenizers (the native library through npm), one thread each on the same processor, rounds
// interleaved. Usage (wordpiece.sh calls it): node wordpiece.mjs BENCH-PROGRAM PLAINSIGHT DATA
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {makeTokenizer, readVocabulary, versions} from '../../tests/reference/hf.mjs';

const [program, plainsight, data] = process.argv.slice(2);
const vocabulary = join(data, 'bert-base-uncased-vocab.txt');
const rounds = 7;

// Sentences of many scripts, with the hard cases: accents composed and not, no blanks, joiners, emoji.
const sentences = [
  'Ein Hund l\u00e4uft \u00fcber die Stra\u00dfe.', 'Un enfant gar\u00e7on \u00e0 la fen\u00eatre d\u2019\u00e9t\u00e9', 'El ni\u00f1o juega en el r\u00edo', 'Ch\u00fa ch\u00f3 \u0111ang ch\u1ea1y tr\u00ean c\u1ecf',
  '\u0421\u043e\u0431\u0430\u043a\u0430 \u0431\u0435\u0436\u0438\u0442 \u043f\u043e \u0442\u0440\u0430\u0432\u0435.', '\u039f \u03c3\u03ba\u03cd\u03bb\u03bf\u03c2 \u03c4\u03c1\u03ad\u03c7\u03b5\u03b9', '\u05db\u05dc\u05d1 \u05e8\u05e5 \u05e2\u05dc \u05d4\u05d3\u05e9\u05d0', '\u0643\u0644\u0628 \u064a\u0631\u0643\u0636 \u0639\u0644\u0649 \u0627\u0644\u0639\u0634\u0628',
  '\u090f\u0915 \u0915\u0941\u0924\u094d\u0924\u093e \u0926\u094c\u0921\u093c \u0930\u0939\u093e \u0939\u0948', '\u0e2a\u0e38\u0e19\u0e31\u0e02\u0e27\u0e34\u0e48\u0e07\u0e1a\u0e19\u0e2b\u0e0d\u0e49\u0e32', '\u4e00\u53ea\u72d7\u5728\u8349\u5730\u4e0a\u8dd1', '\u72ac\u304c\u829d\u751f\u306e\u4e0a\u3092\u8d70\u308b\u30d1\u30f3',
  '\uac1c\uac00 \uc794\ub514 \uc704\ub97c \ub2ec\ub9b0\ub2e4', 'A cafe\u0301 re\u0301sume\u0301 nai\u0308ve', 'dogs \ud83d\udc36\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 \u2764\ufe0f on the beach', 'price: \u20ac5 \u2013 \u201ccheap\u201d\u2026 50\u00b0',
  'two dogs are playing in the snow', 'a girl in a pink dress'
];
function mixedUnicode(count) {
  let state = 7;
  const random = (n) => (state ^= state << 13, state ^= state >>> 17, state ^= state << 5, (state >>> 0) % n);
  return Array.from({length: count}, () => Array.from({length: 2 + random(3)}, () => sentences[random(sentences.length)]).join(' '));
}

// The captions as they are in the file: everything after the first comma.
function captions() {
  return readFileSync(join(data, 'captions.txt'), 'utf8').trimEnd().split('\n').slice(1).map((line) => line.slice(line.indexOf(',') + 1));
}

const folder = mkdtempSync(join(tmpdir(), 'wordpiece-'));
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const seconds = () => Number(process.hrtime.bigint()) / 1e9;

function ours(file) {
  const out = execFileSync(program, ['--benchmark_filter=encode_batch/1/', '--benchmark_min_time=0.3', '--benchmark_format=json'], {
    env: {...process.env, PLAINSIGHT_BENCH_VOCAB: vocabulary, PLAINSIGHT_BENCH_TEXT: file}, stdio: ['ignore', 'pipe', 'ignore']
  });
  return JSON.parse(out).benchmarks[0].real_time / 1e3;
}

async function theirs(tokenizer, lines) {
  const start = seconds();
  const encodings = await tokenizer.encodeBatch(lines, {addSpecialTokens: false});
  const time = seconds() - start;
  if (encodings.length !== lines.length) throw new Error('HF tokenizers lost lines');
  return time;
}

async function checkSameIds(tokenizer, file, lines) {
  const expected = (await tokenizer.encodeBatch(lines, {addSpecialTokens: false})).map((e) => e.getIds().join(' ') + '\n').join('');
  const got = execFileSync(plainsight, ['tokenize', '--vocab', vocabulary], {input: readFileSync(file), maxBuffer: 1 << 30}).toString();
  if (got !== expected) throw new Error('the ids differ: the comparison is void');
}

try {
  console.log(`Plainsight ${execFileSync(plainsight, ['--version']).toString().trim()}; HF tokenizers: npm @anush008/tokenizers ` +
              `${versions['@anush008/tokenizers']}, node ${process.version}; ${cpus()[0].model}; one thread each, ${rounds} rounds`);
  const tokenizer = makeTokenizer(readVocabulary(vocabulary));
  for (const [name, lines, goal] of [['captions (40,455 lines, ASCII)', captions(), 50], ['mixed Unicode (10,000 lines)', mixedUnicode(10000), 20]]) {
    const file = join(folder, 'text.txt');
    writeFileSync(file, lines.map((line) => line + '\n').join(''));
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    await checkSameIds(tokenizer, file, lines);
    const us = [], them = [];
    for (let round = 0; round < rounds; ++round) us.push(ours(file)), them.push(await theirs(tokenizer, lines));
    const ratios = us.map((time, i) => them[i] / time), rate = (times) => (bytes / median(times) / 1e6).toFixed(1);
    console.log(`${name}, identical ids: Plainsight ${rate(us)} MB/s, HF ${rate(them)} MB/s; ratio ${median(ratios).toFixed(1)} ` +
                `(${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)}), goal ${goal}${median(ratios) < goal ? ': MISSED' : ''}`);
  }
} finally {
  rmSync(folder, {recursive: true});
}
