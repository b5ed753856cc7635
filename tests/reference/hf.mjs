// HF tokenizers for the reference scripts and the comparison benchmark: the native (Rust) library through npm, and
// HF's own JavaScript port for transformers' decode. Installed on first use into a cache folder outside the project.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';

export const versions = {'@anush008/tokenizers': '0.6.0', '@huggingface/tokenizers': '0.2.0'};

const cache = process.env.PLAINSIGHT_NPM_CACHE ?? join(homedir(), '.cache', 'plainsight', 'npm');
const installed = Object.entries(versions).every(([name, version]) => {
  const file = join(cache, 'node_modules', name, 'package.json');
  return existsSync(file) && JSON.parse(readFileSync(file)).version === version;
});
if (!installed) {
  mkdirSync(cache, {recursive: true});
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', cache, ...packages], {stdio: ['ignore', 2, 2]});
}
export const native = createRequire(join(cache, 'x.js'))('@anush008/tokenizers');
const port = await import(join(cache, 'node_modules/@huggingface/tokenizers/dist/tokenizers.mjs'));

export const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '<SOS>', '<EOS>'];

export function readVocabulary(path) {
  const pieces = readFileSync(path, 'utf8').split('\n');
  if (pieces.at(-1) === '') pieces.pop();
  return pieces;
}

// BertTokenizerFast of bert-base-uncased with <SOS> and <EOS> as additional special tokens.
export function makeTokenizer(pieces) {
  const vocabulary = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const model = native.WordPiece.init(
      vocabulary, {unkToken: '[UNK]', continuingSubwordPrefix: '##', maxInputCharsPerWord: 100});
  const tokenizer = new native.Tokenizer(model);
  tokenizer.setNormalizer(native.bertNormalizer({}));
  tokenizer.setPreTokenizer(native.bertPreTokenizer());
  tokenizer.setDecoder(native.wordPieceDecoder('##', true));
  tokenizer.addSpecialTokens(specialTokens);
  return tokenizer;
}

// transformers' clean_up_tokenization, which AutoTokenizer applies after the decoder. Taken from HF's own port.
export function makeDecode(pieces) {
  const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const added = specialTokens.map((content) => ({
                                    id: vocab[content] ?? pieces.length + (content === '<EOS>' ? 1 : 0),
                                    content,
                                    special: true,
                                    normalized: false,
                                    lstrip: false,
                                    rstrip: false,
                                    single_word: false
                                  }));
  const tokenizer = new port.Tokenizer(
      {
        added_tokens: added,
        normalizer: {type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true},
        pre_tokenizer: {type: 'BertPreTokenizer'},
        post_processor: null,
        decoder: {type: 'WordPiece', prefix: '##', cleanup: true},
        model: {type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab}
      },
      {clean_up_tokenization_spaces: true});
  return (ids) => ids.length === 0 ? '' : tokenizer.decode(ids, {skip_special_tokens: true});
}

// 32-bit FNV-1a, as tests/support/text_golden.h has it.
export function fnv1a(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

// One hash for each thousand lines: small, and a difference is found within a thousand.
export function blockHashes(lines) {
  const hashes = [];
  for (let i = 0; i < lines.length; i += 1000)
    hashes.push(fnv1a(Buffer.from(lines.slice(i, i + 1000).map((line) => line + '\n').join(''))));
  return hashes.join(' ');
}
