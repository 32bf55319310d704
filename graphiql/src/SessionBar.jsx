import { useEffect, useState, useSyncExternalStore } from 'react';
import { now } from './session.js';

/** The strip above the editor: what this page is, and who the requests are sent as. */
export function SessionBar({ config, session }) {
  const state = useSyncExternalStore(session.subscribe, session.getState);
  const [problem, setProblem] = useState(null);
  const offersPeople = config.tokenUrl && config.people.length > 0;
  return (
    <header className="session-bar">
      <strong className="session-title">{config.title}</strong>
      <span className="session-spacer" />
      {problem && (
        <span className="session-problem" role="alert">
          {problem}
        </span>
      )}
      {state ? (
        <SignedIn state={state} onSignOut={() => session.signOut()} />
      ) : (
        <>
          {offersPeople && <SignInAs people={config.people} session={session} onProblem={setProblem} />}
          <PasteToken
            placeholder={offersPeople ? 'or paste an access token' : 'Paste an access token'}
            session={session}
            onProblem={setProblem}
          />
        </>
      )}
    </header>
  );
}

function SignedIn({ state, onSignOut }) {
  return (
    <>
      <span className="session-who" title="Sent as the Authorization header of every request">
        {state.label ? `Signed in as ${state.label}` : 'Using a pasted access token'}
      </span>
      {/* A token that renews itself needs no watching. */}
      {state.expiresAt && !state.refreshToken && <Remaining until={state.expiresAt} />}
      <button type="button" className="session-button" onClick={onSignOut}>
        {state.label ? 'Sign out' : 'Remove token'}
      </button>
    </>
  );
}

function SignInAs({ people, session, onProblem }) {
  const [busy, setBusy] = useState(false);
  async function signIn(event) {
    const person = people[Number(event.target.value)];
    setBusy(true);
    onProblem(null);
    try {
      await session.signIn(person);
    } catch (error) {
      onProblem(`Signing in as ${person.label} failed: ${error.message}`);
      setBusy(false);
    }
  }
  return (
    <select aria-label="Sign in as" className="session-input" value="" disabled={busy} onChange={signIn}>
      <option value="" disabled>
        {busy ? 'Signing in …' : 'Sign in as …'}
      </option>
      {people.map((person, index) => (
        <option key={person.label} value={index}>
          {person.label}
        </option>
      ))}
    </select>
  );
}

function PasteToken({ placeholder, session, onProblem }) {
  const [text, setText] = useState('');
  function submit(event) {
    event.preventDefault();
    onProblem(null);
    session.usePastedToken(text);
  }
  return (
    <form className="session-form" onSubmit={submit}>
      <input
        aria-label="Access token"
        className="session-input session-token"
        type="password"
        placeholder={placeholder}
        autoComplete="off"
        spellCheck="false"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="session-button" disabled={!text.trim()}>
        Use
      </button>
    </form>
  );
}

function Remaining({ until }) {
  const [seconds, setSeconds] = useState(until - now());
  useEffect(() => {
    setSeconds(until - now());
    const timer = setInterval(() => setSeconds(until - now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  if (seconds <= 0) return <span className="session-problem">expired</span>;
  const minutes = Math.floor(seconds / 60);
  return (
    <span className="session-remaining">
      ends in {minutes}:{String(seconds % 60).padStart(2, '0')}
    </span>
  );
}
