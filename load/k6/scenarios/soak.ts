// As steady, for long: main.ts watches the memory of the sidecars and the API meanwhile.
export { handleSummary, legacy, options, target } from './steady.ts';
