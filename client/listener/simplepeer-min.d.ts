/** The build that simple-peer ships for browsers: it needs no shims of Node's modules. */
declare module 'simple-peer/simplepeer.min.js' {
  import type { SimplePeer, SimplePeerOptions } from './simple-peer-link.ts';

  const construct: new (options: SimplePeerOptions) => SimplePeer;
  export default construct;
}
