// The ONNX Runtime side of vgg16_frameworks.py: node vgg16_ort.mjs MODULES MODEL BATCH THREADS; a run for each line on stdin.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
const [modules, model, batch, threads] = process.argv.slice(2);
const require = createRequire(modules + '/');
const ort = require('onnxruntime-node');
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: Number(threads), interOpNumThreads: 1, graphOptimizationLevel: 'all',
  extra: { session: { intra_op: { allow_spinning: '1' } } },
});
const data = new Float32Array(Number(batch) * 3 * 224 * 224);
for (let i = 0; i < data.length; ++i) data[i] = ((i * 7919) % 4001) / 1000 - 2;
const input = { [session.inputNames[0]]: new ort.Tensor('float32', data, [Number(batch), 3, 224, 224]) };
console.log(require('onnxruntime-node/package.json').version);
for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  await session.run(input);
  console.log((performance.now() - start).toFixed(4));
}
