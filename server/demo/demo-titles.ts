/** The parts of the demo piece: each begins at this share of the loop. */
export const DEMO_TITLES: readonly { readonly from: number; readonly title: string }[] = [
  { from: 0, title: 'Lanterns on the Quay' },
  { from: 0.25, title: 'Slow Ferry' },
  { from: 0.5, title: 'Window Seat, 23:40' },
  { from: 0.75, title: 'Before the Rain' },
];
export const DEMO_ARTIST = 'Essaim';
