import type { ListenerPort, ListenerRequest } from '../playback/listener-port.ts';
import type { PageData } from './page-data.ts';

/** Makes the page's listener; its code comes in its own file, fetched while the page is idle, needed at the click. */
export async function openPageListener(data: PageData, request: ListenerRequest): Promise<ListenerPort> {
  const [{ createListener }, { browserEnvironment }] = await loadListener();
  const { station, settings } = data;
  return createListener({
    station,
    mount: request.mount,
    publicKey: station.publicKey,
    participation: 'relay',
    uploadCapKbps: request.uploadCapKbps,
    onFlow: request.onFlow,
    peersAllowed: request.peersAllowed,
    playoutDelayMs: settings.playoutDelayMs,
    sink: request.sink,
    environment: browserEnvironment,
  });
}

export const loadListener = () =>
  Promise.all([import('../listener/listener.ts'), import('../listener/browser-environment.ts')]);
