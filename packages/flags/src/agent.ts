export { type AgentSourceOptions, createAgentSource } from './agent-source.ts';
export type { PolledFlagSource } from './polled-source.ts';
