/** The parts of a verb's help text. */
export interface HelpText {
  readonly usage: string;
  /** Sentences, and lists in Markdown. */
  readonly paragraphs: readonly string[];
  readonly options: readonly (readonly [option: string, text: string])[];
  readonly exitCodes: string;
  readonly examples: string;
}

const EXIT_CODES = 'Exit codes: ';
const OPTION = /^ {2}(-\S*(?: [^\s]+)*?)(?: {2,}(\S.*))?$/;

/** Reads a help text: usage, then paragraphs and options in any order, exit codes, and examples last. */
export function readHelp(help: string): HelpText {
  const blocks = help.trimEnd().split('\n\n');
  const [usage = '', ...rest] = blocks;
  const examples = rest.pop() ?? '';
  const exitCodes = rest.find((block) => block.startsWith(EXIT_CODES)) ?? '';
  const isOptions = (block: string) => OPTION.test(block.split('\n')[0] ?? '') && !/^ {2}- \S/.test(block);
  return {
    usage,
    paragraphs: rest.filter((block) => block !== exitCodes && !isOptions(block)).map(paragraph),
    options: rest.filter(isOptions).flatMap(optionsIn),
    exitCodes: exitCodes.slice(EXIT_CODES.length).replaceAll('\n', ' '),
    examples: examples.replaceAll(/^ {2}/gm, ''),
  };
}

/** Lines that begin with a dash become a list, which Markdown wants a line away from the sentence before it. */
function paragraph(block: string): string {
  return block.replaceAll(/^ {2}- (?=\S)/gm, '- ').replace(/\n(?=- )/, '\n\n');
}

function optionsIn(block: string): readonly (readonly [string, string])[] {
  const options: [string, string][] = [];
  for (const line of block.split('\n')) {
    const [, option, text = ''] = OPTION.exec(line) ?? [];
    const last = options.at(-1);
    if (option !== undefined) options.push([option, text]);
    else if (last !== undefined) last[1] = `${last[1]} ${line.trim()}`.trim();
  }
  return options;
}
