import { createServer } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';

/** A page of somebody else's site. */
export interface PartnerPage {
  /** What is in its body. */
  readonly body: string;
  /** Its theme. */
  readonly css?: string;
  readonly headers?: OutgoingHttpHeaders;
}

export interface PartnerSite {
  /** E.g. `http://127.0.0.2:41234`: another origin than the station's, and a secure context as all of loopback is. */
  readonly origin: string;
  /** Puts a page at a path; its style sheet stands at the path with `.css`. */
  put(path: string, page: PartnerPage): void;
  close(): Promise<void>;
}

/** A small site of its own at another address of this machine. */
export async function startPartnerSite(host = '127.0.0.2'): Promise<PartnerSite> {
  const pages = new Map<string, PartnerPage>();
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    const page = pages.get(path.replace(/\.css$/, ''));
    if (page === undefined) response.writeHead(404).end();
    else if (path.endsWith('.css'))
      response.writeHead(200, { 'content-type': 'text/css; charset=utf-8' }).end(page.css ?? '');
    else
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page.headers })
        .end(document(path, page));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('Cannot listen on a port: none was given');
  return {
    origin: `http://${host}:${bound.port}`,
    put: (path, page) => void pages.set(path, page),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const document = (path: string, { body }: PartnerPage): string =>
  `<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Le carnet</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${path}.css"></head><body>${body}</body></html>`;

/** A blog as themes make them, with a place for a player. */
export const blogBody = (player: string): string => `
<header class="site-header"><p class="site-title"><a href="/">Le carnet du quai</a></p>
<nav><a href="#">Chroniques</a><a href="#">Concerts</a><a href="#">À propos</a></nav></header>
<main class="entry">
<h1 class="entry-title">Ce soir, la radio du quartier passe par vous</h1>
<p class="entry-meta">21 novembre, par Camille</p>
<p>Ils émettent d’un local de dix mètres carrés, sans antenne et presque sans argent. Chaque personne qui écoute
peut faire passer le son à quelques autres&nbsp;: plus il y a de monde, mieux cela tient.</p>
<div class="wp-block-embed">${player}</div>
<p>Le direct commence à vingt heures. On y parlera des berges, des vergers et du dernier bal.</p>
</main>`;

/** A calm theme, for pictures. */
export const BLOG_CSS = `
body { margin: 0; background: #fff; color: #26303a; font: 1.125rem/1.7 Georgia, 'DejaVu Serif', serif; }
.site-header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.5rem 2rem; padding: 1.5rem max(1.5rem, calc(50% - 20rem)); border-bottom: 1px solid #dde3e8; }
.site-title { margin: 0; font-weight: bold; font-size: 1.25rem; }
.site-header a { color: inherit; text-decoration: none; margin-inline-end: 1.25rem; }
.entry { max-width: 40rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
.entry-title { font-size: 2.25rem; line-height: 1.2; margin: 0 0 0.5rem; }
.entry-meta { color: #66727d; margin: 0 0 1.5rem; }
.wp-block-embed { margin: 2rem 0; }
`;

/** Everything that themes, resets and plugins are known to do to what they find, and worse. */
export const HOSTILE_CSS = `
html { font-size: 62.5%; }
* { box-sizing: content-box !important; letter-spacing: 0.3em !important; text-transform: uppercase !important; }
* { color: #0a0 !important; background: #fee !important; font-family: cursive !important; font-size: 31px !important; }
* { line-height: 3 !important; text-align: right; word-spacing: 1em; font-style: italic; text-indent: 2em; }
body div, body p, body section, body span { display: inline !important; float: left !important; margin: 9px !important; }
button, input, select, .button { border: 5px dashed red !important; border-radius: 0 !important; width: 100% !important; }
svg, img, iframe { display: none !important; }
a { text-decoration: line-through !important; color: hotpink !important; }
label, p, .player, .title, .name, .actions { visibility: hidden !important; }
:focus { outline: none !important; }
`;
