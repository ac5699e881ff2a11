/** What is wrong with a configuration or a command line, one line each, for a person. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
