import { useEditorContext, useExecutionContext } from '@graphiql/react';
import { useEffect, useMemo, useRef, useState } from 'react';

/** The side panel of ready operations: a click opens one in a tab of its own, with its variables. */
export function examplesPlugin(examples, hint) {
  return {
    title: 'Operations',
    icon: OperationsIcon,
    content: () => <Examples examples={examples} hint={hint} />,
  };
}

function Examples({ examples, hint }) {
  const [filter, setFilter] = useState('');
  const open = useOpenExample();
  const groups = useMemo(() => groupExamples(examples, filter), [examples, filter]);
  return (
    <section className="examples" aria-label="Operations">
      <h2 className="panel-heading">Operations</h2>
      {hint && <p className="faint">{hint}</p>}
      {examples.length === 0 && <p>The server offers no ready operations.</p>}
      {examples.length > 8 && (
        <input
          aria-label="Filter operations"
          className="examples-filter"
          placeholder="Filter"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {groups.map(([group, members]) => (
        <div key={group}>
          {group && <h3 className="panel-group">{group}</h3>}
          <ul className="examples-list">
            {members.map((example) => (
              <li key={example.path}>
                <button type="button" className="example" onClick={() => open(example)}>
                  <span className="example-name">{example.name}</span>
                  {example.kind !== 'query' && <span className="example-kind">{example.kind}</span>}
                  {example.description && <span className="example-description">{example.description}</span>}
                  {example.problem && <span className="example-problem">{example.problem}</span>}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function groupExamples(examples, filter) {
  const wanted = filter.trim().toLowerCase();
  const groups = new Map();
  for (const example of examples) {
    if (wanted && !`${example.name} ${example.description}`.toLowerCase().includes(wanted)) continue;
    groups.set(example.group, [...(groups.get(example.group) ?? []), example]);
  }
  return [...groups];
}

/**
 * Opens an example: in the tab that already shows it, else in the current tab if nothing is written there,
 * else in a new one. A new tab can only be filled once GraphiQL has switched to it, hence the waiting example.
 */
function useOpenExample() {
  const { tabs, activeTabIndex, addTab, changeTab, queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const { stop } = useExecutionContext({ nonNull: true });
  const waiting = useRef(null);
  const activeTabId = tabs[activeTabIndex].id;

  function fill(example) {
    queryEditor.setValue(example.query);
    variableEditor.setValue(example.variables ?? '');
  }

  useEffect(() => {
    if (!waiting.current) return;
    fill(waiting.current);
    waiting.current = null;
    // Only a switch of tabs is waited for.
  }, [activeTabId]);

  return function open(example) {
    const already = tabs.findIndex((tab) => tab.query === example.query);
    if (already === activeTabIndex) return;
    stop(); // or what still runs would go on writing its results into the tab that comes
    if (already >= 0) {
      changeTab(already);
    } else if (isBlank(queryEditor.getValue())) {
      fill(example);
    } else {
      waiting.current = example;
      addTab();
    }
  };
}

function isBlank(query) {
  return query.split('\n').every((line) => !line.trim() || line.trim().startsWith('#'));
}

function OperationsIcon(props) {
  return (
    <svg width="1em" height="1em" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" {...props}>
      <rect x="1.7" y="2.2" width="12.6" height="11.6" rx="1.6" />
      <path d="M4.4 5.6h.9M7 5.6h4.8M4.4 8h.9M7 8h4.8M4.4 10.4h.9M7 10.4h4.8" strokeLinecap="round" />
    </svg>
  );
}
