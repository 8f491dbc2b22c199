import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** It is all that the page shows: its title is the page's heading. */
  page?: boolean;
}

/** What stands where there is nothing yet: what this is, and what to do next. */
export function Empty({ title, children, action, page = false }: Props) {
  return (
    <Box textAlign="center" color="inherit" padding={{ vertical: 'm' }}>
      <SpaceBetween size="xs">
        {page ? <Box variant="h1">{title}</Box> : <b>{title}</b>}
        {children && <Box color="text-body-secondary">{children}</Box>}
        {action}
      </SpaceBetween>
    </Box>
  );
}
