import type { BuilderStrings } from './builder-strings.ts';

export const builderFr: BuilderStrings = {
  title: 'Un lecteur pour votre site',
  lead: 'Choisissez son allure, copiez le code, collez-le là où doit être le lecteur.',
  station: 'La station',
  look: 'Allure',
  themes: { auto: 'Comme la page', light: 'Claire', dark: 'Sombre' },
  size: 'Taille',
  sizes: { full: 'Entier', compact: 'Une ligne' },
  language: 'Langue',
  languageAutomatic: 'Celle du navigateur de l’auditeur',
  relay: 'Relais',
  relays: { ask: 'Demander à chaque auditeur', off: 'Jamais' },
  kind: 'Forme',
  kinds: { element: 'Élément', frame: 'Cadre' },
  kindHints: {
    element:
      'Prend la largeur de votre page, qui peut changer son style. Pour les sites où l’on écrit du HTML.',
    frame: 'Une page à part dans la vôtre. Pour les blogs et les sites qui n’acceptent rien d’autre.',
  },
  preview: 'Aperçu',
  code: 'Code à copier',
  copy: 'Copier',
  copied: 'Copié',
  policy: 'Si votre site a une politique de sécurité du contenu, elle doit autoriser ceci\u00a0:',
  key: 'Le code contient la clé publique de la station\u00a0: rien n’est jamais diffusé qu’elle n’ait signé.',
  link: 'Sur Mastodon et dans les blogs, l’adresse de la page de la station suffit\u00a0: elle devient un lecteur toute seule.',
  noScript: 'Cette page a besoin de JavaScript pour composer le code.',
};
