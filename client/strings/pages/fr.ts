import { numbersOf } from '../numbers.ts';
import type { PageTexts } from './page-texts.ts';

const numbers = numbersOf('fr');
const amount = (bytes: number): string => numbers.amount(bytes, ['Mo', 'Go']);

/** Spaces as in `../fr.ts`. */
export const pageTextsFr: PageTexts = {
  languageName: 'Français',
  station: {
    about: 'À propos',
    website: 'Site',
    fediverse: 'Fédivers',
    contact: 'Écrire',
    close: 'Fermer',
    plainStream:
      'Cette page a besoin de JavaScript. Sans lui, le son est ici, pour ce navigateur ou tout autre lecteur\u00a0:',
  },
  builder: { needsScripts: 'Cette page a besoin de JavaScript pour composer le code.' },
  relaying: {
    title: 'Relayer, en clair',
    lead: (station) =>
      `${station} est portée par celles et ceux qui l’écoutent\u00a0: chacun fait passer le son à quelques autres, et une petite radio peut ainsi être entendue de beaucoup de monde. Voici ce que cela vous prend, ce que cela montre de vous, et comment dire non.`,
    figures: ({ hourBytes, hourMaxBytes, monthMaxBytes }) => [
      { amount: amount(hourBytes), label: 'de débit montant par heure, d’habitude' },
      { amount: amount(hourMaxBytes), label: 'par heure, au grand maximum' },
      { amount: amount(monthMaxBytes), label: 'par mois, au plus' },
    ],
    sections: ({ bitrateKbps, hourBytes, capKbps }) => [
      {
        title: 'Ce que vous partagez',
        paragraphs: [
          'Le son de cette radio, et rien d’autre. Ce que vous venez d’entendre repart vers quelques autres auditeurs tant que vous écoutez, et s’arrête quand vous arrêtez.',
          `Un peu de votre débit montant. À ${numbers.whole(bitrateKbps)}\u00a0kbit/s, tout faire passer à un auditeur prend ${amount(hourBytes)} par heure\u202f; en moyenne, chacun transmet autant qu’il reçoit. Ce n’est jamais plus de ${numbers.whole(capKbps)}\u00a0kbit/s. Les réglages permettent de baisser cette limite, comme le plafond du mois.`,
          'Votre adresse réseau (adresse IP). Les auditeurs avec qui vous échangez du son peuvent la voir, comme dans un appel vidéo. Elle indique à peu près votre région et votre fournisseur d’accès\u202f; elle ne dit ni votre nom, ni votre rue.',
        ],
      },
      {
        title: 'Ce que vous ne partagez pas',
        paragraphs: [
          'Ni votre nom, ni vos fichiers, ni votre micro, ni votre caméra, ni ce que vous faites d’autre sur le web. Il n’y a ni compte, ni cookie. Vos choix restent dans ce navigateur.',
          'Tant qu’il n’y a presque personne, la station sert tout le monde elle-même, et l’adresse de personne n’est montrée à quiconque.',
        ],
      },
      {
        title: 'Pourquoi on peut s’y fier',
        paragraphs: [
          'Chaque quart de seconde de son porte la signature de la station. Votre navigateur la vérifie avant que vous l’entendiez, et avant de le transmettre. Personne en chemin ne peut donc changer le son, ni vous faire transmettre autre chose. Qui essaie une seule fois est écarté pour de bon.',
        ],
      },
      {
        title: 'Comment dire non',
        paragraphs: [
          'Choisissez «\u00a0Écouter seulement\u00a0». Aucun lien n’est alors jamais ouvert avec d’autres auditeurs\u202f; seuls les serveurs de la station et ses relais publics, qui vous envoient le son, voient votre adresse. Le son est le même. Vous pouvez changer d’avis à tout moment, même pendant l’écoute\u00a0: l’effet est immédiat, et le son continue.',
        ],
      },
      {
        title: 'Sur un téléphone, ou avec un VPN',
        paragraphs: [
          'Sur un réseau mobile, rien n’est transmis, sauf si vous le demandez dans les réglages\u202f; quand votre navigateur économise les données, rien ne l’est du tout. Vous pouvez tout de même recevoir le son d’autres auditeurs, qui voient alors votre adresse. Beaucoup de navigateurs ne disent pas sur quel réseau ils sont\u00a0: si votre forfait est limité, choisissez «\u00a0Écouter seulement\u00a0».',
          'Avec un VPN, les autres auditeurs voient en général l’adresse du VPN. Certains VPN laissent de tels liens directs passer à côté, avec votre propre adresse\u00a0: si cela compte pour vous, vérifiez le vôtre, ou écoutez seulement.',
        ],
      },
    ],
    back: (station) => `Écouter ${station}`,
  },
};
