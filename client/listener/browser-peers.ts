import SimplePeer from 'simple-peer/simplepeer.min.js';
import { simplePeerFactory } from './simple-peer-link.ts';

/** Links by the browser's own WebRTC. In a file of its own, as it is loaded only for the first link. */
export const createBrowserPeer = simplePeerFactory((options) => new SimplePeer(options));
