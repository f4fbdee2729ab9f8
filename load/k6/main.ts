import { parseArgs } from 'node:util';
import { loadLab } from './load-lab.ts';

const USAGE = `npm run load -- [--seconds 20] [--rate 200]
Runs k6 against the lab's sidecars with tokens of both audiences. Exits with 0 when every threshold held.
`;

function wholeNumber(text: string, max: number): number | undefined {
  const number = Number(text);
  return Number.isInteger(number) && number >= 2 && number <= max ? number : undefined;
}

// On Node 20 the AWS SDK warns that its releases of 2027 will not support it. The README says so already.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '20' },
      rate: { type: 'string', default: '200' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const seconds = wholeNumber(values.seconds, 600);
  const rate = wholeNumber(values.rate, 5000);
  if (seconds === undefined || rate === undefined) {
    process.stderr.write(`--seconds must be a whole number from 2 to 600, --rate one from 2 to 5000\n${USAGE}`);
    return 2;
  }
  process.stdout.write(
    `k6: ${rate} requests/s for ${seconds}s, half legacy, half target tokens, through two sidecars\n`,
  );
  const { code, output } = await loadLab({ seconds, rate });
  process.stdout.write(`${output}\n`);
  return code === -1 ? 3 : code;
}

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n${USAGE}`);
  return 2;
});
