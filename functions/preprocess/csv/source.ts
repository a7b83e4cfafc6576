import type { GroupReader } from '../source/groups.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { CsvHeader } from './header.ts';

/** A file whose header has been read. */
export interface OpenCsv extends SourceFile {
  readonly header: CsvHeader;
  readonly groups: GroupReader | undefined;
}
