/** The shipped boards: every JSON file of `viz/dashboards`, checked against the board declaration. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BoardDeclaration, boardSchema } from '../viz/schema/index.ts';

const SHIPPED = fileURLToPath(new URL('../viz/dashboards/', import.meta.url));

/**
 * Loads the boards by id.
 *
 * @param onInvalid - Told of a file that is no board; the others load all the same.
 */
export function loadBoards(
  onInvalid: (file: string, reason: string) => void,
  folder: string = SHIPPED,
): ReadonlyMap<string, BoardDeclaration> {
  const boards = new Map<string, BoardDeclaration>();
  if (!existsSync(folder)) return boards;
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  for (const file of files.sort()) {
    try {
      const board = boardSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      boards.set(board.id, board);
    } catch (error) {
      onInvalid(file, error instanceof Error ? error.message : String(error));
    }
  }
  return boards;
}
