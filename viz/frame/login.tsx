import { type FormEvent, type ReactElement, useState } from 'react';
import { ApiError, postJson } from '../engine/api-client.ts';
import { useText } from '../i18n/index.ts';

/** The page of those without a session; a wall seat comes by a link and never sees it. */
export function Login({
  onDone,
  onLanguage,
}: {
  readonly onDone: () => void;
  readonly onLanguage: () => void;
}): ReactElement {
  const t = useText();
  const [state, setState] = useState<'idle' | 'busy' | 'wrong' | 'unreachable'>('idle');
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setState('busy');
    try {
      await postJson('api/v1/login', { user: form.get('user'), password: form.get('password') });
      onDone();
    } catch (error) {
      const known = error instanceof ApiError && error.code !== 'unreachable' && error.code !== 'server';
      setState(known ? 'wrong' : 'unreachable');
    }
  };
  return (
    <main className="login">
      <form className="login-card" onSubmit={submit}>
        <h1>
          Jingwei <span lang="zh">经纬</span>
        </h1>
        <p className="login-title">{t.login.title}</p>
        <label>
          {t.login.user}
          <input name="user" autoComplete="username" required autoCapitalize="none" spellCheck={false} />
        </label>
        <label>
          {t.login.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button type="submit" className="primary" disabled={state === 'busy'}>
          {state === 'busy' ? t.login.busy : t.login.submit}
        </button>
        <p className="login-note" role="alert">
          {state === 'wrong' ? t.login.wrong : state === 'unreachable' ? t.login.unreachable : ''}
        </p>
        <p className="login-hint">{t.login.hint}</p>
        <button type="button" className="quiet" onClick={onLanguage}>
          {t.otherLanguage}
        </button>
      </form>
    </main>
  );
}
