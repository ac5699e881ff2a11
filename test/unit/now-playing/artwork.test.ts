import { expect, test } from 'vitest';
import { Artwork } from '../../../server/now-playing/artwork.ts';
import { silentLog } from '../../../server/log.ts';

const ADDRESS = 'http://azuracast.example/art.jpg';

function answering(make: () => Response): { readonly artwork: Artwork; readonly asked: string[] } {
  const asked: string[] = [];
  const artwork = new Artwork(silentLog(), async (url) => {
    asked.push(url instanceof Request ? url.url : url.toString());
    return make();
  });
  return { artwork, asked };
}

const picture = (contentType: string, length = 4): Response =>
  new Response(new Uint8Array(length), { headers: { 'content-type': contentType } });

test('artwork is fetched once, however many want it', async () => {
  const { artwork, asked } = answering(() => picture('image/jpeg; charset=binary'));
  const all = await Promise.all([1, 2, 3].map(() => artwork.get(ADDRESS)));
  expect(all.map((each) => each?.contentType)).toEqual(['image/jpeg', 'image/jpeg', 'image/jpeg']);
  expect(asked).toEqual([ADDRESS]);
});

test.each([
  ['a page', () => picture('text/html')],
  ['a picture that may hold a script', () => picture('image/svg+xml')],
  ['more than 2 MB', () => picture('image/png', 2_097_153)],
  ['a refusal', () => new Response('', { status: 404, headers: { 'content-type': 'image/png' } })],
])('%s is no artwork, and is asked for again by the next', async (_, make) => {
  const { artwork, asked } = answering(make);
  expect(await artwork.get(ADDRESS)).toBeNull();
  expect(await artwork.get(ADDRESS)).toBeNull();
  expect(asked).toHaveLength(2);
});

test('only the newest few pictures are kept', async () => {
  const { artwork, asked } = answering(() => picture('image/png'));
  for (let number = 0; number < 17; number++) await artwork.get(`${ADDRESS}?${number}`);
  await artwork.get(`${ADDRESS}?16`);
  expect(asked).toHaveLength(17);
  await artwork.get(`${ADDRESS}?0`);
  expect(asked).toHaveLength(18);
});
