import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, renderPage } from '../../../server/page/page.ts';
import type { StationDescription } from '../../../shared/station/description.ts';

const STATION: StationDescription = {
  id: 'radio',
  name: 'Radio',
  description: '',
  publicKey: 'A'.repeat(43),
  mounts: [],
  edges: ['https://radio.example'],
  trackers: ['wss://radio.example/tracker'],
  iceServers: [],
};
const SETTINGS = { playoutDelayMs: 2500, uploadCapKbps: 1000, askToRelay: true, relayByDefault: true };
const HTML = '<!doctype html><html><head><title>x</title></head><body></body></html>';

describe('page', () => {
  it('carries the station and the settings, for the script to read', () => {
    expect(dataIn(renderPage(HTML, { station: STATION, settings: SETTINGS }))).toEqual({
      station: STATION,
      settings: SETTINGS,
    });
  });

  it('lets no text of a station become markup', () => {
    const name = '</script><script>alert(1)</script>&amp;$&\u2028';
    const html = renderPage(HTML, { station: { ...STATION, name }, settings: SETTINGS });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(dataIn(html)).toMatchObject({ station: { name } });
    expect(html).toContain('<title>&lt;/script&gt;');
  });

  it('takes the place of data for development', () => {
    const html = HTML.replace(
      '</head>',
      '<script type="application/json" id="essaim-station">{"old":1}</script></head>',
    );
    const rendered = renderPage(html, { station: STATION, settings: SETTINGS });
    expect(rendered).not.toContain('"old"');
    expect(rendered.match(/essaim-station/g)).toHaveLength(1);
  });

  it('may run only our own scripts, and speak only with the station’s edges and trackers', () => {
    const policy = contentSecurityPolicy(STATION);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self' https://radio.example wss://radio.example;");
    expect(policy).not.toContain('unsafe');
  });

  it('of a station that takes relays may speak with any server, over TLS only if it came over it', () => {
    const secure = contentSecurityPolicy(STATION, { relaysMayCome: true });
    expect(secure).toContain("connect-src 'self' https: https://radio.example wss: wss://radio.example;");
    expect(secure).toContain("media-src 'self' blob: https: https://radio.example;");
    expect(secure).toContain("script-src 'self';");

    const plain = { ...STATION, edges: ['http://127.0.0.1:8080'], trackers: ['ws://127.0.0.1:8080/tracker'] };
    const policy = contentSecurityPolicy(plain, { relaysMayCome: true });
    expect(policy).toMatch(/connect-src 'self' https: http: http:\/\/127\.0\.0\.1:8080 wss: ws: ws:/);
  });
});

function dataIn(html: string): unknown {
  const text = /<script type="application\/json" id="essaim-station">(.*?)<\/script>/s.exec(html)?.[1];
  return JSON.parse(text ?? 'null');
}
