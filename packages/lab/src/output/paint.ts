const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35 } as const;
type Colour = keyof typeof CODES;

/** Colours text, or returns it unchanged. */
export type Paint = (colour: Colour, text: string) => string;

export const PLAIN: Paint = (_colour, text) => text;
export const COLOURFUL: Paint = (colour, text) => `\u001B[${CODES[colour]}m${text}\u001B[0m`;
