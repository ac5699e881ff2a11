/** The world failed: a source could not be reached or is not what it should be. Tried again, with back-off. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

const SECRET_PARAMETER = /^(?:pass|password|pwd|token|key|apikey|api_key|secret|auth)$/iu;

/** A URL without its secrets, for logs, errors and the status page. */
export function redactUrl(address: string): string {
  if (!URL.canParse(address)) return '(not a URL)';
  const url = new URL(address);
  if (url.username !== '') url.username = '***';
  if (url.password !== '') url.password = '***';
  for (const name of url.searchParams.keys())
    if (SECRET_PARAMETER.test(name)) url.searchParams.set(name, '***');
  return url.href;
}
