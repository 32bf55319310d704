import { useEditorContext } from '@graphiql/react';
import { parse, print } from 'graphql';
import { useState, useSyncExternalStore } from 'react';
import { formatBytes, formatMilliseconds, remarksOn, requestsOf } from './timing.js';

const STAGES = ['graph', 'paths', 'steps', 'plan', 'projection', 'code', 'cost'];

/** The side panel that shows how the last answer came about, and the stages by which an operation is planned. */
export function planPlugin(config, session, lastRun) {
  return {
    title: 'Plan',
    icon: PlanIcon,
    content: () => <PlanPanel config={config} session={session} lastRun={lastRun} />,
  };
}

function PlanPanel({ config, session, lastRun }) {
  const run = useSyncExternalStore(lastRun.subscribe, lastRun.getState);
  return (
    <section className="plan" aria-label="Plan">
      <h2 className="panel-heading">Plan</h2>
      {run ? <Run run={run} config={config} /> : <p className="faint">Run an operation to see how its answer comes about.</p>}
      {config.showsPlans && <Stages session={session} />}
    </section>
  );
}

function Run({ run, config }) {
  const { plan, traceId, operationName } = run;
  return (
    <>
      <p className="plan-summary">
        <strong>{operationName ?? 'The last operation'}</strong>
        {plan && <Figures plan={plan} />}
        {traceId && <TraceId id={traceId} logUrl={config.logUrl} />}
      </p>
      {plan ? <Drawn plan={plan} /> : run.results > 0 && <WithoutPlan showsPlans={config.showsPlans} />}
    </>
  );
}

function Figures({ plan }) {
  const requests = requestsOf(plan);
  const figures = [
    formatMilliseconds(plan.milliseconds),
    `${requests.length} ${requests.length === 1 ? 'request' : 'requests'}`,
    plan.cost !== null && `cost ${plan.cost}`,
    plan.program === 'done' ? 'by its program' : 'interpreted',
  ];
  return <span className="plan-figures">{figures.filter(Boolean).join(' · ')}</span>;
}

function TraceId({ id, logUrl }) {
  return (
    <span className="plan-trace">
      Trace id <code>{id}</code>
      {logUrl && (
        <a href={logUrl.replaceAll('{trace_id}', encodeURIComponent(id))} target="_blank" rel="noreferrer">
          log lines
        </a>
      )}
    </span>
  );
}

function WithoutPlan({ showsPlans }) {
  return (
    <p className="faint">
      {showsPlans
        ? 'No plan came with this answer: you may not see it (sign in as somebody who may), or nothing was planned.'
        : 'This router shows plans to nobody: the setting shown_plans says who may see them.'}
    </p>
  );
}

function Drawn({ plan }) {
  if (!plan.node) return <p className="faint">No subgraph had to be asked.</p>;
  return (
    <>
      <h3 className="panel-group">Waterfall</h3>
      <Waterfall plan={plan} />
      <h3 className="panel-group">Tree</h3>
      <ul className="plan-tree">
        <Branch node={plan.node} />
      </ul>
    </>
  );
}

function Waterfall({ plan }) {
  const share = (milliseconds) => `${(100 * milliseconds) / Math.max(plan.milliseconds, 0.001)}%`;
  return (
    <ol className="waterfall">
      <li className="waterfall-row">
        <span className="waterfall-name">planned</span>
        <span className="waterfall-track">
          <span className="waterfall-bar waterfall-own" style={{ width: share(plan.plannedMilliseconds) }} />
        </span>
        <span className="waterfall-said">{formatMilliseconds(plan.plannedMilliseconds)}</span>
      </li>
      {requestsOf(plan).map((request, index) => (
        <Bar key={index} request={request} share={share} />
      ))}
    </ol>
  );
}

function Bar({ request, share }) {
  const { fetch, ready, startMilliseconds: start, end, requestBytes, responseBytes } = request;
  const isBad = request.errors > 0 || request.failure !== null;
  const said = [
    formatMilliseconds(end - start),
    `${formatBytes(requestBytes)} → ${formatBytes(responseBytes)}`,
    ...remarksOn(request),
    start - ready >= 1 && `waited ${formatMilliseconds(start - ready)}`,
  ];
  return (
    <li className="waterfall-row">
      <span className="waterfall-name">
        {fetch.serviceName}
        {fetch.id !== null && <small> #{fetch.id}</small>}
      </span>
      <span className="waterfall-track">
        <span className="waterfall-wait" style={{ left: share(ready), width: share(start - ready) }} />
        <span
          className={isBad ? 'waterfall-bar waterfall-bad' : 'waterfall-bar'}
          style={{ left: share(start), width: share(end - start) }}
        />
      </span>
      <span className={isBad ? 'waterfall-said problem' : 'waterfall-said'}>{said.filter(Boolean).join(' · ')}</span>
    </li>
  );
}

function Branch({ node, name }) {
  if (!node) return null;
  const head = name ? `${name}: ` : '';
  switch (node.kind) {
    case 'Fetch':
      return <FetchLeaf fetch={node} head={head} />;
    case 'Condition':
      return (
        <li>
          {head}if ${node.condition}
          <ul>
            <Branch node={node.ifClause} />
            {node.elseClause && <Branch node={node.elseClause} name="else" />}
          </ul>
        </li>
      );
    case 'Subscription':
      return (
        <li>
          {head}Subscription
          <ul>
            <Branch node={node.primary} name="listened to" />
            <Branch node={node.rest} name="for each event" />
          </ul>
        </li>
      );
    case 'Defer':
      return (
        <li>
          {head}Defer
          <ul>
            <Branch node={node.primary.node} name="at once" />
            {node.deferred.map(({ ids, label, node: later }) => (
              <Branch key={ids.join()} node={later} name={`later (${label ?? ids.join(' and ')})`} />
            ))}
          </ul>
        </li>
      );
    default: // Sequence, Parallel
      return (
        <li>
          {head}
          {node.kind}
          <ul>
            {node.nodes.map((each, index) => (
              <Branch key={index} node={each} />
            ))}
          </ul>
        </li>
      );
  }
}

function FetchLeaf({ fetch, head }) {
  const { id, serviceName, paths, after, requests, operation } = fetch;
  return (
    <li>
      <details>
        <summary>
          {head}Fetch <strong>{serviceName}</strong>
          {id !== null && ` #${id}`}
          {after.length > 0 && ` after ${after.map((each) => `#${each}`).join(', ')}`}
          {paths.length > 0 && <span className="plan-path"> {paths.join(', ')}</span>}
          {requests.length === 0 && <span className="faint"> not asked</span>}
        </summary>
        <pre>{print(parse(operation))}</pre>
      </details>
    </li>
  );
}

/** The stages by which the operation in the editor is planned, a click each. Nothing is run for it. */
function Stages({ session }) {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const [shown, setShown] = useState(null);

  async function show(stage) {
    setShown({ stage, text: '…' });
    const text = await explain(stage, queryEditor, variableEditor, session).catch((error) => error.message);
    setShown((now) => (now.stage === stage ? { stage, text } : now));
  }

  return (
    <>
      <h3 className="panel-group">How the operation in the editor is planned</h3>
      <div className="plan-stages" role="group" aria-label="Stages">
        {STAGES.map((stage) => (
          <button
            key={stage}
            type="button"
            className="plan-stage"
            aria-pressed={shown?.stage === stage}
            onClick={() => show(stage)}
          >
            {stage}
          </button>
        ))}
      </div>
      {shown && (
        <pre className="plan-explained" aria-label={`Stage ${shown.stage}`}>
          {shown.text}
        </pre>
      )}
    </>
  );
}

async function explain(stage, queryEditor, variableEditor, session) {
  const written = variableEditor?.getValue().trim();
  const headers = { 'content-type': 'application/json' };
  const authorization = await session.authorization();
  if (authorization) headers.authorization = authorization;
  const operationName = queryEditor.operations?.length > 1 ? queryEditor.operationName : undefined;
  const body = { stage, query: queryEditor.getValue(), operationName, variables: readVariables(written) };
  const response = await fetch('/graphiql/explain', { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.text()).trimEnd();
}

function readVariables(written) {
  if (!written) return {};
  try {
    return JSON.parse(written);
  } catch (error) {
    throw new Error(`The variables are not JSON: ${error.message}`);
  }
}

function PlanIcon(props) {
  return (
    <svg width="1em" height="1em" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" {...props}>
      <path d="M1.8 3.2h5M5 6.4h6M9 9.6h5.2M5 12.8h4" strokeLinecap="round" />
    </svg>
  );
}
