/** `backup` and `restore`: named, and honest about not being there. */
import { type Command, say } from './command.ts';

export const backup = notYet('backup', 'stop the server and copy the data folder as a whole');
export const restore = notYet('restore', 'stop the server and put the copied data folder back');

/** Exit code 2, so that no script takes it for done. */
function notYet(name: string, instead: string): Command {
  return {
    name,
    summary: `Not in this version: ${instead}`,
    help: `Usage: jingwei ${name}\n\nNot in this version. Until then: ${instead}.`,
    options: {},
    async run() {
      say(`"${name}" is not in this version: ${instead}`);
      return 2;
    },
  };
}
