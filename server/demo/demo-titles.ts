/** The parts of the demo piece: each begins at this share of the loop. */
export const DEMO_TITLES: readonly { readonly from: number; readonly title: string }[] = [
  { from: 0 / 4, title: 'Lanterns on the Quay' },
  { from: 1 / 4, title: 'Slow Ferry' },
  { from: 2 / 4, title: 'Window Seat, 23:40' },
  { from: 3 / 4, title: 'Before the Rain' },
];
export const DEMO_ARTIST = 'Essaim';
