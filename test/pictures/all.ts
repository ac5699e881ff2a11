/** The README's pictures, each from the running program: `npm run pictures`. One after the other, as each wants the machine. */
await import('./page.ts');
await import('./widget.ts');
