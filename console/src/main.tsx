import '@cloudscape-design/global-styles/index.css';
import './main.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { applyStoredMode } from './app/appearance';
import { fetchServerConfig, startSession } from './aws/session';
import { ProblemAlert } from './components/Problem';

applyStoredMode();
const root = createRoot(document.getElementById('app')!);

fetchServerConfig().then(
  (config) => {
    startSession(config);
    root.render(<StrictMode><App /></StrictMode>);
  },
  (error: unknown) => root.render(<ProblemAlert error={error} onRetry={() => location.reload()} />),
);
