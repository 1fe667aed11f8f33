export { ConfigError, Problem } from './problem';
export { resolveConfig, ResolvedConfig, withAccount } from './resolve';
export * from './types';
