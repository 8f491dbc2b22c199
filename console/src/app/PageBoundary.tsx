import { Component, type ReactNode } from 'react';
import { ProblemAlert } from '../components/Problem';

/** Shows an error of a page in the page's place, so that the shell stands. Give it a key that changes with the page. */
export class PageBoundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === undefined
      ? this.props.children
      : <ProblemAlert error={this.state.error} onRetry={() => location.reload()} />;
  }
}
