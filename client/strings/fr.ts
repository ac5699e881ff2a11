import { numbersOf } from './numbers.ts';
import type { Strings } from './strings.ts';

const numbers = numbersOf('fr');

/** French spacing: a no-break space (U+00A0) before « : » and inside quotes, a narrow one (U+202F) before « ; ! ? %». */
export const fr: Strings = {
  language: 'fr',
  languageName: 'Français',
  player: {
    listen: 'Écouter',
    listenAndRelay: 'Écouter et relayer',
    justListen: 'Écouter seulement',
    pause: 'Pause',
    resume: 'Reprendre',
    stop: 'Arrêter',
    backToLive: 'Revenir au direct',
    behindLive: (seconds) => `${numbers.duration(seconds)} de retard`,
    volume: 'Volume',
    mute: 'Couper le son',
    unmute: 'Remettre le son',
    quality: 'Qualité',
    qualityAutomatic: 'Automatique',
    qualityOf: (codec, bitrateKbps) => `${codec} ${numbers.whole(bitrateKbps)}\u00a0kbit/s`,
  },
  status: {
    idle: 'Radio en direct',
    connecting: 'Connexion…',
    playing: 'En direct',
    paused: 'En pause',
    buffering: 'Un instant, le son revient…',
    silent: 'La station n’émet pas pour le moment. Elle reprendra toute seule.',
    unreachable: 'La station ne répond pas. Le son reviendra tout seul.',
    offline: 'Pas de réseau. Le son reviendra tout seul.',
    blocked: 'Votre navigateur attend un clic\u00a0: appuyez encore une fois.',
    unsupported: 'Ce navigateur ne sait pas lire cette station.',
  },
  relaying: {
    relay: 'Relayer le son',
    shares:
      'Relayer, c’est faire passer le son à quelques auditeurs, avec un peu de votre débit montant\u00a0; ils voient votre adresse réseau.',
    more: 'En savoir plus',
    justListening: 'Vous écoutez seulement\u00a0: rien n’est transmis, personne ne voit votre adresse.',
    restsOnCellular: 'Vous êtes sur un réseau mobile\u00a0: rien n’est transmis.',
    restsForDataSaver: 'Votre navigateur économise les données\u00a0: rien n’est transmis.',
    restsAtCeiling: 'Le plafond du mois est atteint\u00a0: rien n’est transmis.',
  },
  swarm: {
    drawing: 'D’où vient le son, et où il va',
    you: 'vous',
    station: 'la station',
    fromStation: 'Le son vient directement de la station',
    fromListeners: (share, peerCount) =>
      `${numbers.percent(share)} du son vient ${peerCount === 1 ? 'd’un autre auditeur' : `de ${numbers.whole(peerCount)} autres auditeurs`}`,
    relayingTo: (peerCount) =>
      `vous le faites passer à\u00a0${peerCount === 1 ? 'un' : numbers.whole(peerCount)}`,
    sentence: (clauses) => `${clauses.join(', et ')}.`,
  },
  settings: {
    title: 'Réglages',
    close: 'Fermer',
    uploadCap: 'Transmettre au plus',
    uploadCapOf: (kbps) =>
      kbps < 1000 ? `${numbers.whole(kbps)}\u00a0kbit/s` : `${numbers.short(kbps / 1000)}\u00a0Mbit/s`,
    monthlyCeiling: 'Chaque mois, au plus',
    noCeiling: 'Sans plafond',
    amount: (bytes) => numbers.amount(bytes, ['Mo', 'Go']),
    relayedThisMonth: (bytes) => `${numbers.amount(bytes, ['Mo', 'Go'])} transmis ce mois-ci`,
    thanks: 'Merci aux relais',
    relayGives: (bytes, listeners) =>
      `${numbers.amount(bytes, ['Mo', 'Go'])} ce mois-ci${listeners === 0 ? '' : numbers.count(listeners, { one: ', #\u00a0auditeur en ce moment', other: ', #\u00a0auditeurs en ce moment' })}`,
    relayOnCellular: 'Aussi sur les réseaux mobiles',
    language: 'Langue',
  },
  extras: {
    history: 'Titres passés',
    historyEmpty: 'Les titres que vous entendez s’inscriront ici.',
    time: (at) => numbers.time(at),
    sleep: 'Minuterie',
    sleepOff: 'Aucune',
    sleepAfter: (minutes) => numbers.count(minutes, { one: '#\u00a0minute', other: '#\u00a0minutes' }),
    sleepLeft: (minutes) =>
      numbers.count(minutes, { one: 'Arrêt dans #\u00a0minute', other: 'Arrêt dans #\u00a0minutes' }),
    share: 'Partager',
    linkCopied: 'Lien copié',
    linkNotCopied: 'Copiez cette adresse\u00a0:',
  },
  widget: {
    sharesBriefly:
      'Relayer prend un peu de débit montant\u00a0; quelques auditeurs voient votre adresse réseau.',
    playHere: 'Écouter ici',
    elsewhere: 'Le son passe déjà dans un autre onglet.',
    keyless: 'Ce lecteur n’a pas de clé. Il faut recopier son code auprès de la station.',
    untrusted: 'Ce son ne porte pas la signature de la station\u00a0: il n’est pas diffusé.',
    refused: 'La station ne propose pas son lecteur sur ce site.',
    unknown: 'Cette station n’existe pas ici.',
  },
  page: {
    broken: 'Cette page ne s’est pas bien chargée. Rechargez-la, s’il vous plaît.',
  },
};
