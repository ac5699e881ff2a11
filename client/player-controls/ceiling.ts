/** A month's ceiling until the listener says otherwise: about two weeks of an hour a day at three copies. */
export const CEILING_DEFAULT_BYTES = 20e9;
