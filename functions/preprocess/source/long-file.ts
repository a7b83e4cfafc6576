import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import type { Download } from './download.ts';
import { formatOfKey } from './format.ts';
import { FORMATS } from './formats.ts';
import { howToRead, placeOf } from './parse-sources.ts';

/** What long files of several series call their columns in the tools of Nixtla. */
const LONG = { group: 'unique_id', time: 'ds', target: 'y' } as const;

type Roles = Pick<PreprocessSettings, 'GROUP_COLUMN' | 'INDEX_COLUMN' | 'TARGET_COLUMNS'>;

/**
 * The roles that the names of a file's columns give them, where its settings give none: of `unique_id`, `ds` and `y` the series, the
 * time and the target; undefined where it does not have all three. @throws DataError as the format's columns
 */
export async function rolesByName(
  source: Download,
  settings: PreprocessSettings,
): Promise<Roles | undefined> {
  if (settings.GROUP_COLUMN !== '') return undefined;
  const file = { file: source.file, place: placeOf(source), ...howToRead(settings) };
  const names = await FORMATS[formatOfKey(source.key)].columns(file);
  if (!Object.values(LONG).every((name) => names.includes(name))) return undefined;
  const { INDEX_COLUMN, TARGET_COLUMNS } = settings;
  return {
    GROUP_COLUMN: LONG.group,
    INDEX_COLUMN: INDEX_COLUMN || LONG.time,
    TARGET_COLUMNS: TARGET_COLUMNS.length === 0 ? [LONG.target] : TARGET_COLUMNS,
  };
}
