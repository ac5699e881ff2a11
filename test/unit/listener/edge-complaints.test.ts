import { expect, test } from 'vitest';
import { EdgeComplaints } from '../../../client/listener/edge-complaints.ts';

function setUp() {
  const sent: string[] = [];
  const complaints = new EdgeComplaints((message) => sent.push(JSON.stringify(message)));
  return { complaints, sent };
}
const OF_A = '{"type":"edgeComplaint","address":"https://a","reason":"late"}';

test('complaints wait for a tracker, and for proof that our key is right', () => {
  const { complaints, sent } = setUp();
  complaints.add('https://a', 'late');
  complaints.welcomedBy('wss://t/tracker');
  expect(sent).toEqual([]);
  complaints.heardGenuine();
  complaints.heardGenuine();
  expect(sent).toEqual([OF_A]);
});

test('each tracker hears each complaint once: the first may be the relay that is complained of', () => {
  const { complaints, sent } = setUp();
  complaints.heardGenuine();
  complaints.welcomedBy('wss://a/tracker');
  complaints.add('https://a', 'late');
  complaints.trackerLost();
  complaints.welcomedBy('wss://a/tracker');
  expect(sent).toEqual([OF_A]);
  complaints.trackerLost();
  complaints.welcomedBy('wss://b/tracker');
  expect(sent).toEqual([OF_A, OF_A]);
});
