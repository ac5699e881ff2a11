import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StationPage } from '../../shared/station/page.ts';
import { errorText } from '../error.ts';
import { readLogo } from '../page/logo.ts';
import type { Logo } from '../page/logo.ts';
import { ConfigError } from './config-error.ts';
import type { PageField } from './page-schema.ts';

/**
 * What a station's page shows, with the logo read.
 * @param field the field's name in messages.
 * @throws ConfigError if there is no logo where one is said to be.
 */
export function stationPage(
  { accent, logo: file, lead, about, website, fediverse, contact }: PageField,
  field: string,
  baseFolder: string,
): { readonly page: StationPage; readonly logo: Logo | null } {
  const logo = file === null ? null : logoFrom(resolve(baseFolder, file), `${field}.logo`);
  return {
    logo,
    page: {
      accent,
      logo: logo === null ? null : { file: logo.file, size: logo.size },
      lead,
      about,
      links: { website: website ?? '', fediverse: fediverse ?? '', contact: contact ?? '' },
    },
  };
}

function logoFrom(path: string, field: string): Logo {
  try {
    return readLogo(readFileSync(path));
  } catch (error) {
    throw new ConfigError(`Cannot use ${path} as ${field}: ${errorText(error)}`, { cause: error });
  }
}
