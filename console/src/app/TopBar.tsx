import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { chooseRegion, signOut } from '../aws/session';
import { useSession } from '../aws/useSession';
import { base, useFollow } from '../components/follow';
import { useMode } from './appearance';
import { regions } from './regions';

function regionMenu(region: string): TopNavigationProps.MenuDropdownUtility {
  const known = regions.some((r) => r.id === region) ? regions : [{ id: region, name: region }, ...regions];
  return {
    type: 'menu-dropdown',
    text: region,
    title: 'Region',
    ariaLabel: `Region ${region}`,
    items: known.map(({ id, name }) => ({ id, text: `${name} ${id === name ? '' : id}` })),
    onItemClick: (e) => chooseRegion(e.detail.id),
  };
}

function accountMenu(account: string | undefined, version: string, canSignOut: boolean): TopNavigationProps.MenuDropdownUtility {
  const items = [{ id: 'version', text: `Tollbook ${version}`, disabled: true }];
  if (canSignOut) {
    items.push({ id: 'sign-out', text: 'Sign out', disabled: false });
  }
  return {
    type: 'menu-dropdown',
    iconName: 'user-profile',
    text: account ?? 'Account',
    title: 'Account',
    ariaLabel: account ? `Account ${account}` : 'Account',
    items,
    onItemClick: (e) => e.detail.id === 'sign-out' && signOut(),
  };
}

/** The bar over every page: home, light or dark, region, account. */
export function TopBar() {
  const { config, region, identity } = useSession();
  const { dark, toggle } = useMode();
  const follow = useFollow();
  return (
    <TopNavigation
      identity={{
        href: `${base}/`,
        title: 'Tollbook',
        logo: { src: `${base}/icon.svg`, alt: 'Tollbook logo' },
        onFollow: (e) => follow({ detail: { href: `${base}/` }, preventDefault: () => e.preventDefault() }),
      }}
      utilities={[
        { type: 'button', text: dark ? 'Light mode' : 'Dark mode', onClick: toggle },
        regionMenu(region),
        accountMenu(identity?.account, config.version, config.auth === 'sigv4'),
      ]}
    />
  );
}
