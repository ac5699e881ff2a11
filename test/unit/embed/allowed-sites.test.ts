import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { allowedSites, SITE_PATTERN } from '../../../server/embed/allowed-sites.ts';
import { MORE_SITES, SiteListeners, SITES_MAX } from '../../../server/embed/site-listeners.ts';
import { mountId } from '../../../shared/units.ts';

const OWN = 'https://radio.example';
const told = (site: string): string => `/tracker?site=${encodeURIComponent(site)}`;

function request(origin: string | undefined, url = '/tracker'): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.url = url;
  message.headers = { host: 'radio.example', ...(origin === undefined ? {} : { origin }) };
  return message;
}

describe('allowed sites', () => {
  const listed = allowedSites(['https://blog.example', 'https://*.friends.example', 'http://localhost:3000']);
  const admits = (origin: string | undefined): boolean => listed.admits(request(origin), OWN);

  it('lets every site play where none is listed', () => {
    expect(allowedSites(null).admits(request('https://anybody.example'), OWN)).toBe(true);
    expect(allowedSites(null).frameAncestors).toBe("'self' *");
  });

  it('lets the listed sites play, by scheme, name and port', () => {
    expect(admits('https://blog.example')).toBe(true);
    expect(admits('http://localhost:3000')).toBe(true);
    expect(admits('http://blog.example')).toBe(false);
    expect(admits('https://blog.example:8443')).toBe(false);
    expect(admits('https://evil-blog.example')).toBe(false);
    expect(admits('https://blog.example.evil.example')).toBe(false);
  });

  it('takes a star for one name or several, and not for none, as frame-ancestors does', () => {
    expect(admits('https://a.friends.example')).toBe(true);
    expect(admits('https://a.b.friends.example')).toBe(true);
    expect(admits('https://friends.example')).toBe(false);
    expect(admits('https://evilfriends.example')).toBe(false);
  });

  it('lets the station itself and whoever is no page play, and no page that hides where it is', () => {
    expect(admits(OWN)).toBe(true);
    expect(admits('http://radio.example')).toBe(true);
    expect(admits(undefined)).toBe(true);
    expect(admits('null')).toBe(false);
  });

  it('says the same to browsers about frames', () => {
    expect(listed.frameAncestors).toBe(
      "'self' https://blog.example https://*.friends.example http://localhost:3000",
    );
  });

  it('takes as a pattern what frame-ancestors takes, and nothing that could end it', () => {
    for (const good of ['https://a.example', 'http://localhost:8080', 'https://*.a.example:444'])
      expect(good).toMatch(SITE_PATTERN);
    for (const bad of ['a.example', 'https://a.example/', 'https://a.example; x', '*', 'https://*', "'self'"])
      expect(bad).not.toMatch(SITE_PATTERN);
  });
});

describe('the site of a listener', () => {
  const everywhere = allowedSites(null);
  const siteOf = (origin: string | undefined, url?: string): string =>
    everywhere.siteOf(request(origin, url), OWN);

  it('is the page’s origin; our own page is ours; a player without a page is none', () => {
    expect(siteOf('https://blog.example')).toBe('https://blog.example');
    expect(siteOf(OWN)).toBe('own');
    expect(siteOf(undefined)).toBe('none');
  });

  it('is what our own frame says, sandboxed or not, and never what another page says', () => {
    expect(siteOf(OWN, told('https://blog.example'))).toBe('https://blog.example');
    expect(siteOf('null', told('https://blog.example/page?x=1'))).toBe('https://blog.example');
    expect(siteOf('https://blog.example', told('https://other.example'))).toBe('https://blog.example');
    expect(siteOf(OWN, told('javascript:alert(1)'))).toBe('own');
  });

  it('names nobody’s inner network', () => {
    for (const inner of ['http://10.0.0.7', 'http://intranet', 'https://wiki.corp', 'http://[::1]:8080'])
      expect(siteOf(inner)).toBe('none');
    const listed = allowedSites(['https://wiki.corp']);
    expect(listed.siteOf(request('https://wiki.corp'), OWN)).toBe('https://wiki.corp');
  });
});

describe('listeners by site', () => {
  const mount = mountId('0123456789abcdef');

  it('are counted in and out, the most listened site first', () => {
    const listeners = new SiteListeners();
    const names = ['a', 'b', 'b'].map((site) => listeners.join(mount, site));
    expect(listeners.counts(mount)).toEqual([
      { site: 'b', listeners: 2 },
      { site: 'a', listeners: 1 },
    ]);
    for (const name of names) listeners.leave(mount, name);
    expect(listeners.counts(mount)).toEqual([]);
  });

  it('cannot be made to fill the memory with invented sites', () => {
    const listeners = new SiteListeners();
    for (let number = 0; number < 10 * SITES_MAX; number++)
      listeners.join(mount, `https://${number}.example`);
    const counts = listeners.counts(mount);
    expect(counts).toHaveLength(SITES_MAX + 1);
    expect(counts[0]).toEqual({ site: MORE_SITES, listeners: 9 * SITES_MAX });
  });
});
