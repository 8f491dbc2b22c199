import CloudscapeLink, { type LinkProps } from '@cloudscape-design/components/link';
import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import { base, useFollow } from './follow';

/** A link to a page of the console; to is a path below /console. */
export function Link({ to, ...rest }: Omit<LinkProps, 'href' | 'onFollow'> & { to: string }) {
  return <CloudscapeLink {...rest} href={base + to} onFollow={useFollow()} />;
}

/** A button that leads to a page of the console. */
export function LinkButton({ to, ...rest }: Omit<ButtonProps, 'href' | 'onFollow'> & { to: string }) {
  return <Button {...rest} href={base + to} onFollow={useFollow()} />;
}
