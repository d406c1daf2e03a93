/** A file in, the same file with codes out: one line a format. */
import { codeCsv } from './code-csv.ts';
import { codeGeojson } from './code-geojson.ts';
import { CodingError } from './coding-error.ts';
import type { FileFormat, FileSummary, FileTask, OnProgress } from './file-task.ts';
import { heightReferenceText } from './height-column.ts';

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
 * @throws {CodingError} `columns-unclear`, `height-undeclared`, `file-invalid`, `too-large`; what `onProgress` throws.
 */
export async function codeFile(
  input: string,
  output: string,
  task: FileTask,
  onProgress: OnProgress = () => undefined,
): Promise<FileSummary> {
  const summary = await coderOf(task.format)(input, output, task, onProgress);
  const heightReference = task.direction === 'encode' ? heightReferenceText(task.plan) : undefined;
  return heightReference === undefined ? summary : { ...summary, heightReference };
}

type FileCoder = typeof codeCsv;

function coderOf(format: FileFormat): FileCoder {
  if (format === 'csv') return codeCsv;
  if (format === 'geojson') return codeGeojson;
  // Loaded when it is wanted: the others start without the readers of workbooks.
  return async (...given) => (await import('./code-xlsx.ts')).codeXlsx(...given);
}
