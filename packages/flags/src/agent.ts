export { type AgentSourceOptions, createAgentSource } from './agent/agent-source.ts';
export type { PolledFlagSource } from './polling/polled-source.ts';
