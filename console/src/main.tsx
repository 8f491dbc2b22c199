import '@cloudscape-design/global-styles/index.css';
import './main.css';
import './components/look.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { applyStoredMode } from './app/appearance';
import { pageAt } from './app/routes';
import { fetchServerConfig, startSession } from './aws/session';
import { base } from './components/follow';
import { ProblemAlert } from './components/Problem';

applyStoredMode();
const root = createRoot(document.getElementById('app')!);

const { pathname, search } = location;
pageAt({ pathname: pathname.slice(base.length) || '/', search }).handle?.load().catch(() => undefined); // beside the question below

fetchServerConfig().then(
  (config) => {
    startSession(config);
    root.render(<StrictMode><App /></StrictMode>);
  },
  (error: unknown) => root.render(<ProblemAlert error={error} onRetry={() => location.reload()} />),
);
