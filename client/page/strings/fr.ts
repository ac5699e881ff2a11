import type { Strings } from './strings.ts';

/** French spacing: a no-break space (U+00A0) before « : » and inside quotes, a narrow one (U+202F) before « ; ! ? %». */
export const fr: Strings = {
  language: 'fr',
  listen: 'Écouter',
  stop: 'Arrêter',
  volume: 'Volume',
  quality: 'Qualité',
  status: {
    idle: 'Radio en direct',
    connecting: 'Connexion…',
    playing: 'En direct',
    buffering: 'Un instant, le son revient…',
    silent: 'La station est muette pour le moment. Elle reprendra toute seule.',
    offline: 'Pas de réseau. Le son reviendra tout seul.',
    blocked: 'Votre navigateur attend un clic\u00a0: appuyez encore une fois.',
    unsupported: 'Ce navigateur ne sait pas lire cette station.',
  },
  relay: 'Faire passer le son',
  relayHint:
    'Votre navigateur fait passer le son à quelques autres auditeurs, qui voient alors son adresse réseau.',
  justListenHint: 'Vous écoutez seulement\u00a0: rien n’est transmis, personne ne voit votre adresse.',
  fromStation: 'Le son vient directement de la station',
  fromListeners: (share, peerCount) =>
    `${percent.format(share)} du son vient ${peerCount === 1 ? 'd’un autre auditeur' : `de ${peerCount} autres auditeurs`}`,
  relayingTo: (peerCount) => `vous le faites passer à\u00a0${peerCount === 1 ? 'un' : peerCount}`,
  sentence: (clauses) => `${clauses.join(', et ')}.`,
  brokenPage: 'Cette page ne s’est pas bien chargée. Rechargez-la, s’il vous plaît.',
};

const percent = new Intl.NumberFormat('fr', { style: 'percent', maximumFractionDigits: 0 });
