import type { ReactElement } from 'react';
import { useText } from '../i18n/index.ts';
import type { DeskProblem } from './coding-desk.ts';

/** The server's sentence, under a word in the reader's language where there is one. */
export function Told({ problem }: { readonly problem: DeskProblem }): ReactElement {
  const t = useText();
  const word = t.coding.problems[problem.code ?? ''] ?? t.coding.errors[problem.code ?? ''];
  return (
    <p className="codes-problem" data-testid="problem">
      {word ? <b>{word}</b> : null}
      {problem.message ? <span>{problem.message}</span> : null}
    </p>
  );
}
