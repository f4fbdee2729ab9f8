// A process that judges the tokens of its standard input, one a line, from what is built.
import { createInterface } from 'node:readline';
import { createValidator } from '../../dist/index.js';

const [issuer] = process.argv.slice(2);
const validator = createValidator({
  legacy: { issuer, audience: 'https://legacy.example.com' },
  target: { issuer, audience: 'https://target.example.com' },
  clients: [],
});
for await (const token of createInterface({ input: process.stdin })) {
  const { outcome, reason } = await validator.judge(token).catch(({ code }) => ({ outcome: 'failed', reason: code }));
  process.stdout.write(`${JSON.stringify({ outcome, reason })}\n`);
}
