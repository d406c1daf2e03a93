/** A file in, the same file with codes out: one line a format. */
import { codeCsv } from './code-csv.ts';
import { codeGeojson } from './code-geojson.ts';
import { CodingError } from './coding-error.ts';
import type { FileFormat, FileSummary, FileTask, OnProgress } from './file-task.ts';

/** Endings of file names, and the format they stand for. */
const ENDINGS: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  txt: 'csv',
  tsv: 'csv',
  geojson: 'geojson',
  json: 'geojson',
  xlsx: 'xlsx',
};

/** Format of a file by its name. @throws {CodingError} `format-unknown`. */
export function formatOf(name: string): FileFormat {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const format = ENDINGS[ending];
  if (format !== undefined) return format;
  const hint = ending === 'xls' || ending === 'et' ? ': save it as .xlsx' : '';
  throw new CodingError(
    'format-unknown',
    `The file "${name.slice(0, 80)}" must end in ${Object.keys(ENDINGS)
      .map((one) => `.${one}`)
      .join(', ')}${hint}`,
  );
}

/**
 * Codes or decodes the file at `input` into a new one at `output`.
 *
 * @throws {CodingError} `columns-unclear`, `file-invalid`, `too-large`; what `onProgress` throws.
 */
export async function codeFile(
  input: string,
  output: string,
  task: FileTask,
  onProgress: OnProgress = () => undefined,
): Promise<FileSummary> {
  if (task.format === 'csv') return codeCsv(input, output, task, onProgress);
  if (task.format === 'geojson') return codeGeojson(input, output, task, onProgress);
  // Loaded here: the others start without the readers of workbooks.
  const { codeXlsx } = await import('./code-xlsx.ts');
  return codeXlsx(input, output, task, onProgress);
}
