import TextFilter, { type TextFilterProps } from '@cloudscape-design/components/text-filter';

interface Props extends TextFilterProps {
  /** What is searched: "API keys". */
  what: string;
  /** How many match. */
  count: number;
}

/** The search above a list. */
export function Search({ what, count, ...props }: Props) {
  return <TextFilter {...props} filteringAriaLabel={`Find ${what}`} filteringPlaceholder={`Find ${what}`} countText={`${count} ${count === 1 ? 'match' : 'matches'}`} />;
}
