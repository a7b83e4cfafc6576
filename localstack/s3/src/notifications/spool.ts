// Notifications on disk, from before their change is visible until their target took them. A file is first named
// `.prepared`; once the change is visible it is renamed to `.json`. A crash in between leaves a prepared file, and
// the state of the key tells whether the change happened.
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, unlinkIfPresent, writeFileDurably } from '../storage/durable.ts';
import { hasFields, readJsonFile } from '../storage/json-file.ts';
import type { NotificationMessage } from './target.ts';

/** One notification for one target. */
export interface SpoolEntry {
  /** The file's name without its ending; entries sort by it in the order of their changes. */
  readonly id: string;
  readonly arn: string;
  readonly sequencer: string;
  readonly message: NotificationMessage;
}

export class Spool {
  readonly #directory: string;
  readonly #temporaryDirectory: string;

  constructor(directory: string, temporaryDirectory: string) {
    this.#directory = directory;
    this.#temporaryDirectory = temporaryDirectory;
  }

  async prepare(entry: SpoolEntry): Promise<void> {
    await writeFileDurably(this.#path(entry.id, 'prepared'), JSON.stringify(entry), this.#temporaryDirectory);
  }

  async commit(entry: SpoolEntry): Promise<void> {
    await rename(this.#path(entry.id, 'prepared'), this.#path(entry.id, 'json'));
    await syncDirectory(this.#directory);
  }

  async discardPrepared(entry: SpoolEntry): Promise<void> {
    await unlinkIfPresent(this.#path(entry.id, 'prepared'));
  }

  async remove(entry: SpoolEntry): Promise<void> {
    await unlinkIfPresent(this.#path(entry.id, 'json'));
  }

  /**
   * All entries in order, at the start of a server.
   * @param happened - whether the change of a prepared entry is visible
   */
  async load(happened: (entry: SpoolEntry) => boolean): Promise<SpoolEntry[]> {
    const entries: SpoolEntry[] = [];
    for (const file of (await readdir(this.#directory)).sort()) {
      const entry = await readJsonFile(join(this.#directory, file), isSpoolEntry);
      if (file.endsWith('.prepared')) {
        if (!happened(entry)) {
          await this.discardPrepared(entry);
          continue;
        }
        await this.commit(entry);
      }
      entries.push(entry);
    }
    return entries;
  }

  #path(id: string, ending: 'prepared' | 'json'): string {
    return join(this.#directory, `${id}.${ending}`);
  }
}

function isSpoolEntry(value: unknown): value is SpoolEntry {
  if (!hasFields(value, ['id', 'arn', 'sequencer']) || !('message' in value)) return false;
  return hasFields(value.message, ['bucket', 'key']) && 'body' in value.message;
}
