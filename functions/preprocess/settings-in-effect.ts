import { DATA_SETTINGS } from '../shared/settings/data.ts';
import { preprocessSettings, type PreprocessSettings } from '../shared/settings/settings.ts';
import type { Setting } from '../shared/settings/setting.ts';
import { requireLagsInReach } from './steps/history.ts';
import { requireResampleFrequency } from './steps/resampling.ts';
import { sharesInForce } from './steps/segments.ts';

/**
 * The settings as they act: one that another switches off is at its default, values that mean the same are written in one
 * way, as the table of settings says of each, and SPLIT is written out. Both the processing and config_hash go by these, so
 * that equal hashes mean equal output. @throws FltsError setting_invalid as sharesInForce, requireResampleFrequency,
 * requireLagsInReach
 */
export function settingsInEffect(settings: PreprocessSettings, hasTestFile: boolean): PreprocessSettings {
  requireResampleFrequency(settings);
  requireLagsInReach(settings);
  const rows: readonly (readonly [string, Setting])[] = Object.entries(DATA_SETTINGS);
  const values: Readonly<Record<string, unknown>> = settings;
  const acting = rows.map(([name, { when, canonical, schema }]) => {
    if (when?.holds(settings, hasTestFile) === false) return [name, schema.parse(undefined)];
    return [name, canonical === undefined ? values[name] : canonical(values[name])];
  });
  return {
    ...preprocessSettings.parse(Object.fromEntries(acting)),
    SPLIT: [...sharesInForce(settings.SPLIT, hasTestFile)],
  };
}
